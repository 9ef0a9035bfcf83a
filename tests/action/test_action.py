"""The GitHub Action: its steps run as the runner runs them, on repositories that mean well and on others."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
import yaml

from tests.packaging.checkout import ROOT, copy_to

from .runner import run_action

POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: {name}, namespace: ml}}
spec:
  containers:
    - name: a
      image: registry.example/a:1
      resources: {{requests: {{nvidia.com/gpu: 1}}}}
"""
GOOD = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: a, namespace: ml}
data: {a: b}
"""


@pytest.fixture
def action(tmp_path: Path) -> Path:
    """The action, with karlint installed already: installing it is tested with the wheel."""
    home = tmp_path / "action"
    home.mkdir()
    (home / "action.yml").write_bytes((ROOT / "action.yml").read_bytes())
    scripts = home / ".github" / "action"
    scripts.mkdir(parents=True)
    (scripts / "lint.sh").write_bytes((ROOT / ".github" / "action" / "lint.sh").read_bytes())
    command = tmp_path / "karlint"
    command.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT / "src"} exec {sys.executable} -m karlint "$@"\n')
    (scripts / "install.sh").write_text(f'#!/bin/sh\necho "karlint={command}" >> "$GITHUB_OUTPUT"\n')
    for script in (command, *scripts.iterdir()):
        script.chmod(0o755)
    return home


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    found = tmp_path / "work space"
    found.mkdir()
    (found / ".git").mkdir()
    return found


def run(action: Path, workspace: Path, **inputs: str):  # type: ignore[no-untyped-def]
    scratch = action.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    return run_action(action, workspace, scratch, {name.replace("_", "-"): text for name, text in inputs.items()})


def test_findings_are_uploaded_annotated_and_summed_up_and_fail_the_job(action: Path, workspace: Path) -> None:
    (workspace / "pod.yaml").write_text(POD.format(name="a"))
    outcome = run(action, workspace, category="prod")
    assert (outcome.failed, outcome.code) == ("Judge", 1), outcome.log
    assert outcome.outputs["exit-code"] == "1"
    assert int(outcome.outputs["errors"]) >= 1
    (upload,) = outcome.uploads
    assert upload["category"] == "prod"
    results = json.loads(Path(upload["sarif_file"]).read_text("utf-8"))["runs"][0]["results"]
    assert "dra/request-without-limit" in {result["ruleId"] for result in results}
    assert re.search(r"^::error file=pod\.yaml,line=8,col=\d+,endColumn=\d+,title=dra/", outcome.log, re.MULTILINE)
    assert outcome.summary.startswith("## karlint: 1 error")


def test_a_clean_repository_passes(action: Path, workspace: Path) -> None:
    (workspace / "map.yaml").write_text(GOOD)
    outcome = run(action, workspace, sarif_file="out/karlint report.sarif")
    assert (outcome.failed, outcome.code) == ("", 0), outcome.log
    assert outcome.outputs == {
        "exit-code": "0",
        "sarif-file": "out/karlint report.sarif",
        "errors": "0",
        "warnings": "0",
        "notes": "0",
    }
    assert (workspace / "out" / "karlint report.sarif").is_file()


def test_inputs_are_arguments_and_never_code(action: Path, workspace: Path) -> None:
    (workspace / "pod.yaml").write_text(POD.format(name="a"))
    (workspace / "$(touch hacked)").mkdir()
    (workspace / "$(touch hacked)" / "b.yaml").write_text(GOOD)
    outcome = run(action, workspace, paths="'$(touch hacked)'", args="--quiet --jobs '1'", fail_on="warning")
    assert outcome.code == 0, outcome.log
    assert not (workspace / "hacked").exists()
    outcome = run(action, workspace, paths="pod.yaml; touch hacked", category="`touch hacked`")
    assert not (workspace / "hacked").exists()
    assert outcome.code == 2


def test_options_of_a_path_are_no_options(action: Path, workspace: Path) -> None:
    (workspace / "--exit-zero").mkdir()
    (workspace / "--exit-zero" / "pod.yaml").write_text(POD.format(name="a"))
    assert run(action, workspace, paths="--exit-zero").code == 1


@pytest.mark.parametrize(
    "inputs",
    [
        {"paths": "'not closed"},
        {"args": "--no-such-option"},
        {"kubernetes_versions": "7.1"},
        {"config": "nowhere.yaml"},
        {"sarif_file": "a\nerrors=99"},
    ],
)
def test_wrong_inputs_fail_with_two(action: Path, workspace: Path, inputs: dict[str, str]) -> None:
    (workspace / "map.yaml").write_text(GOOD)
    outcome = run(action, workspace, **inputs)
    assert (outcome.failed, outcome.code) == ("Judge", 2), outcome.log
    assert outcome.uploads == []
    assert outcome.outputs["errors"] == ""


def test_nothing_that_the_repository_holds_is_a_command(action: Path, workspace: Path) -> None:
    for number, name in enumerate(["a,b:c%25.yaml", "::error::x.yaml", "x\n::add-mask::y.yaml", "z\x1b[31m.yaml"]):
        (workspace / name).write_text(POD.format(name=f'"a{number}\\n::stop-commands::t"'))
    outcome = run(action, workspace, kubernetes_versions="1.34,1.35 1.36")
    assert outcome.code == 1, outcome.log
    commands = [line for line in outcome.log.splitlines() if re.match(r"\s*::|.*##\[", line)]
    assert len(commands) >= 4
    for line in commands:
        assert re.match(r"::(error|warning|notice) (file|title)=[^:]*::[^\x1b]*$", line), line
    assert "\x1b" not in outcome.summary


def test_annotations_and_summary_can_be_turned_off(action: Path, workspace: Path) -> None:
    (workspace / "pod.yaml").write_text(POD.format(name="a"))
    outcome = run(action, workspace, annotations="false", summary="false", upload_sarif="false")
    assert "::error" not in outcome.log
    assert "dra/request-without-limit" in outcome.log
    assert outcome.summary == ""
    assert outcome.uploads == []


def test_every_action_is_pinned_by_its_commit() -> None:
    files = [ROOT / "action.yml", *(ROOT / ".github" / "workflows").iterdir()]
    used = [
        line.split("uses:")[1].strip()
        for file in files
        for line in file.read_text("utf-8").splitlines()
        if re.match(r"\s*(- )?uses:", line)
    ]
    assert len(used) > 3
    for entry in used:
        assert re.fullmatch(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+", entry), entry


def test_no_script_of_the_action_holds_an_expression() -> None:
    spec = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    scripts = [step["run"] for step in spec["runs"]["steps"] if "run" in step]
    scripts += [file.read_text("utf-8") for file in (ROOT / ".github" / "action").iterdir()]
    assert len(scripts) == 5
    assert not any("${{" in script for script in scripts)


def test_the_action_installs_itself_once(tmp_path: Path, workspace: Path) -> None:
    checkout = copy_to(tmp_path / "checkout")
    (workspace / "map.yaml").write_text(GOOD)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    inputs = {"python": sys.executable}
    first = run_action(checkout, workspace, scratch, inputs)
    assert (first.failed, first.outputs["exit-code"]) == ("", "0"), first.log
    (kept,) = (scratch / "tools" / "karlint").iterdir()
    made = (kept / ".complete").stat().st_mtime_ns
    second = run_action(checkout, workspace, scratch, inputs)
    assert second.outputs["exit-code"] == "0", second.log
    assert (kept / ".complete").stat().st_mtime_ns == made


@pytest.mark.parametrize("version", ["1.2", "1.2.3; touch hacked", "$(touch hacked)", "--index-url=x"])
def test_a_version_is_a_release(tmp_path: Path, workspace: Path, version: str) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    outcome = run_action(ROOT, workspace, scratch, {"version": version, "python": sys.executable})
    assert (outcome.failed, outcome.code) == ("Install karlint", 2), outcome.log
    assert "must be empty, latest, or a release" in outcome.log
    assert not (workspace / "hacked").exists()
