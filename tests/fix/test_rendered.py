"""What is rendered is mended where it is written, and only where that place is exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karlint.api import lint
from karlint.fixing import run_fixes
from tests.cli.support import NO_LIMIT
from tests.conftest import ROOT, missing
from tests.fix.test_runs import settings

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

TOLERANT = NO_LIMIT.replace("requests:", "limits:").replace(
    "      containers:\n", "      tolerations:\n        - {key: nvidia.com/gpus, operator: Exists}\n      containers:\n"
)
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: train\nversion: 0.1.0\n",
    "values.yaml": "# of the nodes\ntaint: 'nvidia.com/gpus' # all of them\n",
    "templates/job.yaml": TOLERANT.replace("nvidia.com/gpus", "{{ .Values.taint }}"),
}
OVERLAY = {
    "base/job.yaml": NO_LIMIT,
    "base/kustomization.yaml": "resources: [job.yaml]\n",
    "prod/kustomization.yaml": "resources: [../base]\nnamespace: prod\n",
    "test/kustomization.yaml": "resources: [../base]\nnamespace: test\n",
}


def laid_out(root: Path, files: dict[str, str], tool: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    if not (ROOT / "tools" / "bin" / tool).is_file():
        missing(f"tools/bin/{tool}", "run `make tools`")
    monkeypatch.setenv("PATH", str(ROOT / "tools" / "bin"), prepend=":")
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def test_a_base_is_mended_for_all_its_overlays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = laid_out(tmp_path, OVERLAY, "kustomize", monkeypatch)
    assert len(lint(settings(root)).findings) == 1
    outcome = run_fixes(settings(root), unsafe=False, write=True)
    assert (outcome.report.fixed, outcome.report.findings) == (1, ())
    limit = "            limits:\n              nvidia.com/gpu: 1\n"
    assert {name: (root / name).read_text("utf-8") for name in OVERLAY} == {
        **OVERLAY,
        "base/job.yaml": NO_LIMIT + limit,
    }


def test_a_value_is_mended_in_the_values_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = laid_out(tmp_path, CHART, "helm", monkeypatch)
    outcome = run_fixes(settings(root), unsafe=False, write=True)
    assert (outcome.report.fixed, outcome.report.findings) == (1, ())
    after = CHART["values.yaml"].replace("gpus", "gpu")
    assert {name: (root / name).read_text("utf-8") for name in CHART} == {**CHART, "values.yaml": after}


def test_a_fix_that_breaks_the_rendering_does_not_hold_up_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: llm}\n"
    files = {
        **OVERLAY,
        "base/budget.yaml": budget + "spec: {minAvailable: 1, selector: {matchLabels: {app: llm}}}\n",
        "base/kustomization.yaml": "resources: [job.yaml, budget.yaml]\n",
        # Once the base says policy/v1, the patch has no target any more, and kustomize gives up.
        "prod/kustomization.yaml": "resources: [../base]\nnamespace: prod\npatches: [{path: budget.yaml}]\n",
        "prod/budget.yaml": budget + "spec: {minAvailable: 2}\n",
    }
    root = laid_out(tmp_path, files, "kustomize", monkeypatch)
    outcome = run_fixes(settings(root), unsafe=False, write=True)
    assert outcome.report.fixed == 1
    assert {finding.rule for finding in outcome.report.findings} == {"core/api-version-not-served"}
    assert [file.path for file in outcome.files] == ["base/job.yaml"]
