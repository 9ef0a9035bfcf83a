"""Runs what a container of an example runs: its command as it stands, with karlint of this checkout on the PATH."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from tests.packaging.checkout import ROOT, clean_environment

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = ROOT / "examples"
BAD_JOB = """\
apiVersion: batch/v1
kind: Job
metadata: {name: train, namespace: ml}
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: train
          image: registry.example/train:1.0.0
          resources: {requests: {nvidia.com/gpu: 1}}
"""
GOOD_JOB = BAD_JOB.replace("requests", "limits")
RULE = "dra/request-without-limit"
MESSAGE_BYTES = 2048
"""Of the end of a log that becomes a termination message (FallbackToLogsOnError)."""


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def termination_message(self) -> str:
        return (self.out + self.err)[-MESSAGE_BYTES:]


def load(path: str) -> list[dict[str, Any]]:
    """Return the documents of an example."""
    return [item for item in yaml.safe_load_all((EXAMPLES / path).read_text("utf-8")) if item]


def path_with(directory: Path, *more: Path) -> str:
    """Return a PATH on which karlint is a command; *directory* is for it."""
    directory.mkdir(exist_ok=True)
    command = directory / "karlint"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT / "src"}" exec "{sys.executable}" -m karlint "$@"\n')
    command.chmod(0o755)
    return os.pathsep.join([str(directory), *map(str, more), "/usr/local/bin", "/usr/bin", "/bin"])


def run_container(container: dict[str, Any], pod: dict[str, Any], cwd: Path, path: str) -> Ran:
    """Run command and arguments of *container* in *cwd*, which stands for its workingDir."""
    environ: dict[str, str] = {}
    for item in container.get("env", []):
        if "valueFrom" in item:
            found = re.fullmatch(r"metadata\.annotations\['(.+)'\]", item["valueFrom"]["fieldRef"]["fieldPath"])
            assert found is not None
            environ[item["name"]] = pod["metadata"]["annotations"][found[1]]
        elif item["name"] != "HOME":
            environ[item["name"]] = item["value"]
    words = [re.sub(r"\$\((\w+)\)", lambda match: environ[match[1]], word) for word in command_of(container)]
    return run(words, cwd, PATH=path, **environ)


def command_of(container: dict[str, Any]) -> list[str]:
    return [*container["command"], *container.get("args", [])]


def run(words: list[str], cwd: Path, **environ: str) -> Ran:
    done = subprocess.run(
        words, cwd=cwd, env=clean_environment(**environ), capture_output=True, text=True, check=False, timeout=120
    )
    assert "Traceback" not in done.stdout + done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)


def assert_least_privilege(spec: dict[str, Any]) -> None:
    """Assert what the restricted Pod Security Standard asks for, and a read-only root without a token."""
    assert spec["automountServiceAccountToken"] is False
    pod = spec.get("securityContext", {})
    for container in (*spec.get("initContainers", []), *spec["containers"]):
        own = container["securityContext"]
        assert own["readOnlyRootFilesystem"] is True
        assert own["allowPrivilegeEscalation"] is False
        assert own["capabilities"] == {"drop": ["ALL"]}
        assert {**pod, **own}["runAsNonRoot"] is True
        assert {**pod, **own}["runAsUser"] > 0
        assert {**pod, **own}["seccompProfile"] == {"type": "RuntimeDefault"}
        assert {mount["mountPath"] for mount in container["volumeMounts"]} >= {"/tmp"}
        assert "memory" in container["resources"]["limits"]
    for volume in spec["volumes"]:
        assert set(volume) - {"name"} <= {"emptyDir", "configMap"}
