"""``--fix`` as a whole: what is proven good is written, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from karlint.api import lint
from karlint.config import Config, Settings
from karlint.errors import EnvironmentProblem, UsageError
from karlint.fix import files
from karlint.fix.files import replace_file, sweep
from karlint.fixing import _blamed, run_fixes
from tests.cli.support import NO_LIMIT
from tests.conftest import ROOT

FIXED = NO_LIMIT + "            limits:\n              nvidia.com/gpu: 1\n"
TYPO = NO_LIMIT.replace("restartPolicy", "restartPolcy")


def settings(root: Path, **changes: Any) -> Settings:
    (root / ".git").mkdir(exist_ok=True)
    return Settings(**{"root": root, "versions": ("1.35",), "config": Config(), **changes})


def write(root: Path, **texts: str) -> None:
    for name, text in texts.items():
        (root / f"{name}.yaml").write_text(text, "utf-8", newline="")


def test_a_safe_fix_is_written_and_what_is_left_is_reported(tmp_path: Path) -> None:
    write(tmp_path, job=TYPO)
    outcome = run_fixes(settings(tmp_path), unsafe=False, write=True)
    assert outcome.report.fixed == 1
    assert [finding.rule for finding in outcome.report.findings] == ["core/schema-invalid"]
    assert (tmp_path / "job.yaml").read_text("utf-8") == FIXED.replace("restartPolicy", "restartPolcy")


def test_unsafe_fixes_are_made_when_asked_for_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, job=TYPO)
    outcome = run_fixes(settings(tmp_path), unsafe=True, write=True)
    assert (outcome.report.fixed, outcome.report.findings) == (2, ())
    assert (tmp_path / "job.yaml").read_text("utf-8") == FIXED
    assert run_fixes(settings(tmp_path), unsafe=True, write=True).files == ()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".git", "job.yaml"]


def test_nothing_is_written_for_a_diff(tmp_path: Path) -> None:
    write(tmp_path, job=NO_LIMIT)
    outcome = run_fixes(settings(tmp_path), unsafe=False, write=False)
    assert [(file.path, file.after.decode()) for file in outcome.files] == [("job.yaml", FIXED)]
    assert (tmp_path / "job.yaml").read_text("utf-8") == NO_LIMIT


def test_byte_order_mark_line_ends_and_permissions_stay(tmp_path: Path) -> None:
    write(tmp_path, job="\ufeff" + NO_LIMIT.replace("\n", "\r\n"))
    (tmp_path / "job.yaml").chmod(0o640)
    run_fixes(settings(tmp_path), unsafe=False, write=True)
    assert (tmp_path / "job.yaml").read_bytes().decode() == "\ufeff" + FIXED.replace("\n", "\r\n")
    assert (tmp_path / "job.yaml").stat().st_mode & 0o777 == 0o640


def test_what_is_suppressed_is_not_mended(tmp_path: Path) -> None:
    text = NO_LIMIT.rstrip("\n") + " # karlint: ignore[dra/request-without-limit] a webhook adds it\n"
    write(tmp_path, job=text)
    outcome = run_fixes(settings(tmp_path), unsafe=True, write=True)
    assert outcome.report.fixed == 0
    assert (tmp_path / "job.yaml").read_text("utf-8") == text


def test_a_fix_that_takes_a_suppression_away_is_to_blame(tmp_path: Path) -> None:
    write(tmp_path, job=TYPO.rstrip("\n") + " # karlint: ignore[dra/request-without-limit] a webhook adds it\n")
    before = lint(settings(tmp_path))
    write(tmp_path, job=NO_LIMIT)
    assert _blamed(before, lint(settings(tmp_path)), before.findings) == (list(before.findings), True)


def test_what_is_not_chosen_is_not_mended(tmp_path: Path) -> None:
    from msgspec.structs import replace  # noqa: PLC0415

    write(tmp_path, job=NO_LIMIT)
    outcome = run_fixes(settings(tmp_path), unsafe=True, write=True, chosen=lambda report: replace(report, findings=()))
    assert (outcome.report.fixed, outcome.files) == (0, ())


def test_a_fix_that_brings_a_finding_is_taken_back(tmp_path: Path) -> None:
    # Spelt right, the field is there: and its value is none that the API server takes.
    text = NO_LIMIT.replace("restartPolicy: Never", "restartPolicy: Never\n      hostNetwrk: maybe")
    write(tmp_path, job=text)
    outcome = run_fixes(settings(tmp_path), unsafe=True, write=True)
    after = (tmp_path / "job.yaml").read_text("utf-8")
    assert outcome.report.fixed == 1
    assert "hostNetwrk: maybe" in after
    left = [finding for finding in outcome.report.findings if finding.rule == "core/schema-invalid"]
    assert [finding.fix for finding in left] == [None]


def test_an_api_version_is_moved_only_where_the_rest_fits(tmp_path: Path) -> None:
    head = "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: llm, namespace: ml}\nspec:\n"
    write(tmp_path, same=head + "  minAvailable: 1\n  selector: {matchLabels: {app: llm}}\n")
    write(tmp_path, other=head.replace("llm", "other") + "  minPods: 1\n  selector: {matchLabels: {app: other}}\n")
    found = {finding.location.path: finding.fix is not None for finding in lint(settings(tmp_path)).findings}
    assert found == {"same.yaml": True, "other.yaml": False}
    outcome = run_fixes(settings(tmp_path), unsafe=True, write=True)
    assert [file.path for file in outcome.files] == ["same.yaml"]
    assert (tmp_path / "same.yaml").read_text("utf-8").startswith("apiVersion: policy/v1\n")


def test_a_newer_version_of_an_operator_is_safe_where_the_tree_shows_that_it_is_served(tmp_path: Path) -> None:
    flavor = "apiVersion: kueue.x-k8s.io/v1beta1\nkind: ResourceFlavor\nmetadata: {name: gpus}\nspec: {}\n"
    definition = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: resourceflavors.kueue.x-k8s.io}
spec:
  group: kueue.x-k8s.io
  scope: Cluster
  names: {kind: ResourceFlavor, plural: resourceflavors}
  versions:
"""
    for version, stored in (("v1beta1", "false"), ("v1beta2", "true")):
        schema = "schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}"
        definition += f"    - {{name: {version}, served: true, storage: {stored}, {schema}}}\n"
    write(tmp_path, flavor=flavor)
    assert run_fixes(settings(tmp_path), unsafe=False, write=False).files == ()
    assert run_fixes(settings(tmp_path), unsafe=True, write=False).files != ()
    write(tmp_path, definition=definition)
    (file,) = run_fixes(settings(tmp_path), unsafe=False, write=False).files
    assert file.after.decode() == flavor.replace("v1beta1", "v1beta2")


def test_an_alias_is_left_and_no_fix_is_offered(tmp_path: Path) -> None:
    text = NO_LIMIT.replace("requests: {nvidia.com/gpu: 1}", "requests: {nvidia.com/gpu: 1}\n").replace(
        "          resources:\n", "          resources: &r\n"
    )
    text = (
        text.rstrip("\n")
        + "\n        - name: other\n          image: registry.example/x:1.0.0\n          resources: *r\n"
    )
    write(tmp_path, job=text)
    assert all(finding.fix is None for finding in lint(settings(tmp_path)).findings)
    assert run_fixes(settings(tmp_path), unsafe=True, write=True).files == ()


def test_standard_input_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        run_fixes(settings(tmp_path, stdin=NO_LIMIT.encode(), paths=("-",)), unsafe=False, write=True)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "job.txt").write_text("old", "utf-8")
    (tmp_path / "job.yaml").symlink_to(Path("real") / "job.txt")
    replace_file(tmp_path / "job.yaml", b"new")
    assert (tmp_path / "job.yaml").is_symlink()
    assert (tmp_path / "real" / "job.txt").read_bytes() == b"new"


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, job=NO_LIMIT)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(EnvironmentProblem, match="No space left"):
        replace_file(tmp_path / "job.yaml", b"new")
    assert (tmp_path / "job.yaml").read_text("utf-8") == NO_LIMIT
    assert [path.name for path in tmp_path.iterdir()] == ["job.yaml"]


def test_only_what_dead_runs_left_is_swept_away(tmp_path: Path) -> None:
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    (tmp_path / f".karlint-fix.{int(dead.stdout)}.0a1b.tmp").touch()
    (tmp_path / f".karlint-fix.{os.getppid()}.0a1b.tmp").touch()
    (tmp_path / ".karlint-fix.tmp").touch()
    assert sweep(tmp_path) == 1
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == [f".karlint-fix.{os.getppid()}.0a1b.tmp", ".karlint-fix.tmp"]


def test_a_copy_below_the_tree_does_not_copy_itself(tmp_path: Path) -> None:
    """As where somebody works in the directory for temporary files."""
    write(tmp_path, job=NO_LIMIT)
    (tmp_path / "below").mkdir()
    write(tmp_path / "below", job=NO_LIMIT)
    files.copy_tree(tmp_path, tmp_path / "karlint-x" / "tree")
    copied = tmp_path / "karlint-x" / "tree"
    assert sorted(str(file.relative_to(copied)) for file in copied.rglob("*.yaml")) == ["below/job.yaml", "job.yaml"]
    assert not (copied / "karlint-x").exists()


@pytest.mark.parametrize(
    "example",
    [
        "access/admin-access-misplaced/examples/bad-labels",
        "access/all-devices-env/examples/bad-index",
        "device/small-shared-memory/examples/bad-torchrun",
        "gang/scheduler-of-one/examples/bad-volcano",
        "queue/label-misplaced/examples/bad-annotation",
        "quota/counts-nothing/examples/bad-limits-prefix",
        "serving/liveness-kills-load/examples/bad-short-startup-probe",
        "serving/no-readiness-probe/examples/bad-no-probe",
    ],
)
def test_what_works_today_is_not_changed_unless_asked_for(tmp_path: Path, example: str) -> None:
    text = (ROOT / "policies" / f"{example}.yaml").read_text("utf-8")
    write(tmp_path, example=text)
    rule = example.partition("/examples")[0]
    chosen = settings(tmp_path, select=(rule,))
    safe = run_fixes(chosen, unsafe=False, write=False).files
    assert [line for file in safe for line in file.after.decode().splitlines() if line not in text.splitlines()] == []
    assert run_fixes(chosen, unsafe=True, write=False).files != ()
