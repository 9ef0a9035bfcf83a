"""The container image, the GitLab component, the release workflow: what can be told without their services."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.packaging.checkout import ROOT, clean_environment

if TYPE_CHECKING:
    from pathlib import Path

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def test_the_image_is_pinned_and_runs_as_nobody_in_particular() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(bases) == 3
    assert all(re.fullmatch(r"[\w.-]+:[\w.-]+@sha256:[0-9a-f]{64}", base) for base in bases)
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["65532:65532"]
    assert DOCKERFILE.index("USER ") < DOCKERFILE.index("ENTRYPOINT")


def test_the_image_copies_what_there_is_and_what_the_context_lets_in() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    copied = [
        name for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE) for name in line.split()[:-1]
    ]
    assert len(copied) > 8
    for name in copied:
        assert (ROOT / name).exists(), name
        assert name in allowed, name


def test_the_tools_of_the_image_are_those_of_the_tests() -> None:
    pinned = (ROOT / "tools" / "go.mod").read_text("utf-8")
    packages = re.findall(r"-o /out/\w+ (\S+?)(?: |$)", DOCKERFILE, re.MULTILINE)
    assert len(packages) == 2
    assert all(f"\t{package}\n" in pinned for package in packages)


def component(inputs: dict[str, str]) -> dict[str, Any]:
    """Return the job of the GitLab component with its inputs filled in, as GitLab does: in the text."""
    header, body = (ROOT / "templates" / "karlint.yml").read_text("utf-8").split("\n---\n")
    spec = yaml.safe_load(header)["spec"]["inputs"]
    values = {name: entry.get("default", "") for name, entry in spec.items()} | inputs
    assert set(values) == set(spec)
    filled = re.sub(r"\$\[\[ inputs\.(\w+) \]\]", lambda match: values[match[1]], body)
    assert "$[[" not in filled
    job: dict[str, Any] = yaml.safe_load(filled)["karlint"]
    return job


@pytest.mark.parametrize(("paths", "code"), [("", 1), ("good other", 0), ("bad", 1), ("*", 2)])
def test_the_gitlab_job_writes_its_reports(paths: str, code: int, tmp_path: Path) -> None:
    for name in ("good", "other", "bad"):
        (tmp_path / name).mkdir()
        value = "1" if name == "bad" else '"1"'
        text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{a: {value}}}\n"
        (tmp_path / name / "map.yaml").write_text(text)
    (tmp_path / ".git").mkdir()
    job = component({"paths": paths})
    command = tmp_path / "bin" / "karlint"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT / "src"} exec {sys.executable} -m karlint "$@"\n')
    command.chmod(0o755)
    done = subprocess.run(
        ["sh", "-ec", "\n".join(job["script"])],
        cwd=tmp_path,
        env=clean_environment(PATH=f"{command.parent}:/usr/bin:/bin", KARLINT_PATHS=job["variables"]["KARLINT_PATHS"]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    written = {name for name in job["artifacts"]["paths"] if (tmp_path / name).is_file()}
    assert written == (set() if code == 2 else set(job["artifacts"]["paths"]))
    assert set(job["artifacts"]["reports"].values()) == set(job["artifacts"]["paths"])


def test_a_release_attests_and_publishes_what_was_tested() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8"))["jobs"]
    assert jobs["build"]["needs"] == "test"
    assert jobs["publish"]["needs"] == "build"
    writers = {name for name, job in jobs.items() if "write" in job["permissions"].values()}
    assert writers == {"build", "publish"}
    for job in jobs.values():
        for step in job["steps"]:
            for line in step.get("run", "").splitlines():
                shlex.split(line)
