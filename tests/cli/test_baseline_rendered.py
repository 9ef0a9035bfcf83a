"""What is new in charts and overlays, rendered by the real tools: by baseline, and since a commit."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.support import NO_LIMIT, Repository
from tests.cli.test_baseline import FILE, RULE, git
from tests.conftest import ROOT, missing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEMPLATE = NO_LIMIT.replace("nvidia.com/gpu: 1", "nvidia.com/gpu: {{ .Values.gpus }}")
SECOND = NO_LIMIT.replace("name: train\n  namespace", "name: second\n  namespace").replace("requests", "limits")
BASE = NO_LIMIT.replace("name: train\n  namespace", "name: tune\n  namespace")
PATCH = """\
apiVersion: batch/v1
kind: Job
metadata: {name: second, namespace: ml}
spec:
  template:
    spec:
      containers:
        - name: train
          resources: {requests: {amd.com/gpu: 1}}
"""
STATE = {
    "charts/llm/Chart.yaml": "apiVersion: v2\nname: llm\nversion: 1.0.0\n",
    "charts/llm/values.yaml": "gpus: 1\n",
    "charts/llm/templates/job.yaml": TEMPLATE,
    "apps/base/jobs.yaml": f"{BASE}---\n{SECOND}",
    "apps/base/kustomization.yaml": "resources: [jobs.yaml]\n",
    "apps/overlays/dev/kustomization.yaml": "resources: [../../base]\nnameSuffix: -dev\n",
    "apps/overlays/prod/kustomization.yaml": "resources: [../../base]\nnameSuffix: -prod\n",
}


@pytest.fixture
def deployed(tmp_path: Path) -> Repository:
    """A committed repository whose findings are in a baseline: one of the chart, one of the base in two overlays."""
    for name in ("helm", "kustomize"):
        if not (ROOT / "tools" / "bin" / name).is_file():
            missing(f"tools/bin/{name}", "run `make tools`")
    root = tmp_path / "deployed"
    root.mkdir()
    found = Repository(root, {"PATH": f"{ROOT / 'tools' / 'bin'}{os.pathsep}{os.environ['PATH']}"})
    (root / ".git").rmdir()
    git(found, "init", "--quiet", "-b", "main")
    for name, text in STATE.items():
        found.write(name, text)
    assert found.run("baseline").code == 0
    git(found, "add", "--all")
    git(found, "commit", "--quiet", "-m", "state")
    return found


def new_in(repository: Repository) -> list[dict[str, Any]]:
    """Return the findings that are new, which baseline and commit agree on."""
    reports = []
    for option in (["--baseline", FILE], ["--diff-base", "HEAD"]):
        ran = repository.run("check", *option, "--format", "json")
        assert ran.code in {0, 1}, ran.all
        report = json.loads(ran.out)
        reports.append(report["findings"])
        assert not report["failures"]
    assert reports[0] == reports[1]
    found: list[dict[str, Any]] = reports[0]
    return found


def test_a_baseline_tells_environments_and_resources_apart(deployed: Repository) -> None:
    entries = json.loads((deployed.root / FILE).read_text())["entries"]
    assert [(entry["resource"], entry["environments"]) for entry in entries] == [
        ("Job ml/train", {"charts/llm": 1}),
        ("Job ml/tune-dev", {"apps/overlays/dev": 1}),
        ("Job ml/tune-prod", {"apps/overlays/prod": 1}),
    ]
    assert new_in(deployed) == []


def _moved_files(root: Path) -> None:
    (root / "charts/llm/templates/job.yaml").rename(root / "charts/llm/templates/training.yaml")
    (root / "apps/base/jobs.yaml").rename(root / "apps/base/all.yaml")
    (root / "apps/base/kustomization.yaml").write_text("resources: [all.yaml]\n")


def _moved_directories(root: Path) -> None:
    (root / "charts").rename(root / "helm")
    (root / "apps" / "overlays" / "prod").rename(root / "apps" / "overlays" / "production")


def _inserted_lines(root: Path) -> None:
    (root / "charts/llm/templates/job.yaml").write_text(f"# one\n# two\n\n{TEMPLATE}")
    (root / "apps/base/jobs.yaml").write_text(f"# one\n\n\n{STATE['apps/base/jobs.yaml']}")


def _reordered_documents(root: Path) -> None:
    (root / "apps/base/jobs.yaml").write_text(f"{SECOND}---\n{BASE}")


def _renamed_values_key(root: Path) -> None:
    (root / "charts/llm/values.yaml").write_text("job: {accelerators: 2}\n")
    (root / "charts/llm/templates/job.yaml").write_text(TEMPLATE.replace(".Values.gpus", ".Values.job.accelerators"))


def _mended_in_one_overlay(root: Path) -> None:
    patch = PATCH.replace("second", "tune").replace("requests: {amd.com/gpu: 1}", "limits: {nvidia.com/gpu: 1}")
    (root / "apps/overlays/dev/patch.yaml").write_text(patch)
    with (root / "apps/overlays/dev/kustomization.yaml").open("a") as file:
        file.write("patches: [{path: patch.yaml}]\n")


def _without_overlays(root: Path) -> None:
    shutil.rmtree(root / "apps/overlays/dev")


@pytest.mark.parametrize(
    "change",
    [
        _moved_files,
        _moved_directories,
        _inserted_lines,
        _reordered_documents,
        _renamed_values_key,
        _mended_in_one_overlay,
        _without_overlays,
    ],
)
def test_what_changes_nothing_brings_nothing_new(deployed: Repository, change: Callable[[Path], None]) -> None:
    change(deployed.root)
    assert new_in(deployed) == []


def test_a_new_bad_field_in_one_of_two_overlays_is_one_finding(deployed: Repository) -> None:
    deployed.write("apps/overlays/prod/patch.yaml", PATCH)
    overlay = "apps/overlays/prod/kustomization.yaml"
    deployed.write(overlay, f"{STATE[overlay]}patches: [{{path: patch.yaml}}]\n")
    (found,) = new_in(deployed)
    assert found["rule"] == RULE
    assert found["location"]["path"] == "apps/overlays/prod/patch.yaml"
    assert found["environments"] == ["apps/overlays/prod"]
    assert found["resource"]["name"] == "second-prod"


def test_a_further_overlay_brings_its_own_finding_and_no_other(deployed: Repository) -> None:
    deployed.write("apps/overlays/canary/kustomization.yaml", "resources: [../../base]\nnameSuffix: -canary\n")
    (found,) = new_in(deployed)
    assert found["environments"] == ["apps/overlays/canary"]
    assert found["resource"]["name"] == "tune-canary"
    assert found["location"]["path"] == "apps/base/jobs.yaml"


def test_values_that_make_a_finding_bring_it_where_it_stands(deployed: Repository) -> None:
    deployed.write("charts/llm/templates/two.yaml", SECOND.replace("limits:", "{{ .Values.which }}:"))
    deployed.write("charts/llm/values.yaml", "gpus: 1\nwhich: limits\n")
    git(deployed, "add", "--all")
    git(deployed, "commit", "--quiet", "-m", "more")
    assert new_in(deployed) == []
    deployed.write("charts/llm/values.yaml", "gpus: 1\nwhich: requests\n")
    (found,) = new_in(deployed)
    assert found["rule"] == RULE
    assert found["resource"]["name"] == "second"


def test_a_part_of_the_tree_knows_what_the_baseline_knows_and_calls_nothing_mended(deployed: Repository) -> None:
    ran = deployed.run("check", "apps/overlays/dev", "--baseline", FILE)
    assert ran.code == 0, ran.out
    assert "match nothing" not in ran.out


def test_applications_are_followed_in_the_earlier_commit_too(deployed: Repository) -> None:
    git(deployed, "remote", "add", "origin", "git@example.com:team/fleet.git")
    deployed.write(
        "argocd.yaml",
        """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: llm, namespace: argocd}
spec:
  project: default
  destination: {server: https://kubernetes.default.svc, namespace: ml}
  source: {repoURL: https://example.com/team/fleet, path: charts/llm, targetRevision: main}
""",
    )
    git(deployed, "add", "--all")
    git(deployed, "commit", "--quiet", "-m", "application")
    ran = deployed.run("check", "--diff-base", "HEAD", "--format", "json", "--show-suppressed")
    report = json.loads(ran.out)
    assert report["findings"] == []
    assert any("Application" in name for item in report["suppressed"] for name in item["environments"])


def test_a_baseline_follows_what_has_moved(deployed: Repository) -> None:
    _moved_directories(deployed.root)
    assert "0 new, 0 taken out" in deployed.run("baseline", "--accept-new").out
    entries = json.loads((deployed.root / FILE).read_text())["entries"]
    assert [entry["environments"] for entry in entries] == [
        {"helm/llm": 1},
        {"apps/overlays/dev": 1},
        {"apps/overlays/production": 1},
    ]
    assert deployed.run("baseline").code == 0
    assert json.loads((deployed.root / FILE).read_text())["entries"] == entries


def test_a_baseline_of_a_part_leaves_the_rest_alone(deployed: Repository) -> None:
    before = json.loads((deployed.root / FILE).read_text())
    assert "3 entries, 0 new, 0 taken out" in deployed.run("baseline", "apps/overlays/dev").out
    assert json.loads((deployed.root / FILE).read_text()) == before
    deployed.write("apps/overlays/canary/kustomization.yaml", "resources: [../../base]\nnameSuffix: -canary\n")
    assert "1 new findings were left out" in deployed.run("baseline").out
    assert "4 entries, 1 new" in deployed.run("baseline", "apps/overlays/canary", "--accept-new").out
    assert deployed.run("check", "--baseline", FILE).code == 0
