"""Runs the steps of a composite action as GitHub does: expressions into the environment, outputs from files."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from tests.packaging.checkout import without_index

if TYPE_CHECKING:
    from pathlib import Path

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


@dataclass
class Outcome:
    """What a run of the action left behind.

    Attributes:
        failed: name of the step that failed; "" when none did.
        code: exit code of that step.
        log: what the steps printed.
        uploads: ``with`` of each step that uses another action and whose condition held.
    """

    failed: str = ""
    code: int = 0
    log: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    uploads: list[dict[str, str]] = field(default_factory=list)


def run_action(action: Path, workspace: Path, scratch: Path, inputs: dict[str, str], **environ: str) -> Outcome:
    """Run ``action.yml`` of the directory *action* in *workspace*."""
    spec = yaml.safe_load((action / "action.yml").read_text("utf-8"))
    assert set(inputs) <= set(spec["inputs"])
    values = {f"inputs.{name}": str(entry.get("default", "")) for name, entry in spec["inputs"].items()}
    values |= {f"inputs.{name}": value for name, value in inputs.items()}
    outcome = Outcome()
    summary = scratch / "summary"
    for number, step in enumerate(spec["runs"]["steps"]):
        if "if" in step and not _holds(step["if"], values):
            continue
        if "uses" in step:
            outcome.uploads.append({name: _filled(value, values) for name, value in step["with"].items()})
            continue
        assert step["shell"] == "bash"
        assert "${{" not in step["run"], "an expression in a script runs what it holds"
        outputs = scratch / f"output-{number}"
        outputs.touch()
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(scratch),
            "GITHUB_ACTION_PATH": str(action),
            "GITHUB_WORKSPACE": str(workspace),
            "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": str(outputs),
            "GITHUB_STEP_SUMMARY": str(summary),
            "RUNNER_TEMP": str(scratch),
            "RUNNER_TOOL_CACHE": str(scratch / "tools"),
            **without_index(),
            **environ,
            **{name: _filled(value, values) for name, value in step.get("env", {}).items()},
        }
        # As the runner does: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=workspace,
            env=env,
            capture_output=True,
            check=False,
            timeout=600,
        )
        outcome.log += (done.stdout + done.stderr).decode("utf-8", "replace")
        for name, value in _outputs(outputs).items():
            values[f"steps.{step.get('id', '')}.outputs.{name}"] = value
        if done.returncode:
            outcome.failed, outcome.code = step["name"], done.returncode
            break
    outcome.outputs = {name: _filled(entry["value"], values) for name, entry in spec["outputs"].items()}
    outcome.summary = summary.read_text("utf-8") if summary.exists() else ""
    return outcome


def _filled(text: Any, values: dict[str, str]) -> str:
    return _EXPRESSION.sub(lambda match: values.get(match[1], ""), str(text))


def _holds(condition: str, values: dict[str, str]) -> bool:
    match = _EXPRESSION.fullmatch(condition)
    parts = (match[1] if match else condition).split(" && ")
    return all(_compare(part, values) for part in parts)


def _compare(part: str, values: dict[str, str]) -> bool:
    match = re.fullmatch(r"(\S+) (==|!=) '([^']*)'", part)
    assert match is not None, part
    return (values.get(match[1], "") == match[3]) == (match[2] == "==")


def _outputs(file: Path) -> dict[str, str]:
    lines = file.read_text("utf-8").splitlines()
    assert all("=" in line for line in lines), lines
    return dict(line.split("=", 1) for line in lines)
