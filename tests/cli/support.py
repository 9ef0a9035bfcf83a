"""Runs the command line as people do: a process of its own, in a repository made for the test."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "src"

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.0.0
"""
# An error and nothing else: dra/request-without-limit in line 14.
NO_LIMIT = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: train
  namespace: ml
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: train
          image: registry.example/train:1.0.0
          resources:
            requests: {nvidia.com/gpu: 1}
"""
# A warning and nothing else: core/suppression-without-reason.
WARNING = DEPLOYMENT.replace("name: web\n  namespace", "name: web # karlint: ignore[dra/claim-not-found]\n  namespace")


@dataclass(frozen=True)
class Ran:
    """What a run left behind."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err

    def found(self) -> list[str]:
        """The rules of the findings that the text report shows, in order."""
        heads = [
            line.split("]")[0] for line in self.out.splitlines() if line.startswith(("error[", "warning[", "note["))
        ]
        return [head.partition("[")[2] for head in heads]


@dataclass
class Repository:
    """A Git repository to lint."""

    root: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.root / ".git").mkdir(parents=True, exist_ok=True)

    def write(self, path: str, text: str | bytes) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        return {**kept, "PYTHONPATH": str(SOURCES), "PYTHONUTF8": "1", **self.environ}

    def run(self, *args: str, stdin: str | bytes = b"", cwd: str = ".", **environ: str) -> Ran:
        """Run karlint with *args*; a traceback fails the test whatever it looks for."""
        done = subprocess.run(
            [sys.executable, "-m", "karlint", *args],
            cwd=self.root / cwd,
            env={**self.environment(), **environ},
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            timeout=60,
            check=False,
        )
        ran = Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert "Traceback" not in ran.all, ran.all
        return ran
