"""Small trees of charts and kustomizations, and a run over one with the real tools."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from karlint.api import lint
from karlint.cli.settings import Overrides, settings_for
from karlint.render import render_each
from karlint.rollout import render_tree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from karlint.deployed import Deployed
    from karlint.model.finding import Finding
    from karlint.model.report import Report
    from karlint.model.unit import Unit
    from karlint.render import Kitchen, Output

NO_LIMIT = """\
apiVersion: v1
kind: Pod
metadata:
  name: llm
spec:
  containers:
    - name: vllm
      image: registry.example/vllm:1
      resources:
        requests: {nvidia.com/gpu: 1}
"""

CHART = "apiVersion: v2\nname: llm\nversion: 0.1.0\n"
TEMPLATE = """\
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}
spec:
  containers:
    - name: vllm
      image: {{ .Values.image }}
      resources:
        requests:
          nvidia.com/gpu: {{ .Values.gpus }}
"""
VALUES = "image: registry.example/vllm:1\ngpus: 1\n"
RULE = "dra/request-without-limit"


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


@dataclass(frozen=True)
class Run:
    """What a run over a tree found."""

    report: Report

    def of(self, rule: str) -> list[Finding]:
        return [finding for finding in self.report.findings if finding.rule == rule]

    def places(self, rule: str = RULE) -> list[str]:
        return [f"{found.location.path}:{found.location.span.line}" for found in self.of(rule)]


def check(root: Path, *paths: str, **changes: object) -> Run:
    """Lint *root*, or *paths* in it, as the command line would from there."""
    before = Path.cwd()
    os.chdir(root)
    try:
        settings = settings_for(Overrides(paths=paths, jobs=2, **changes))  # type: ignore[arg-type]
        return Run(lint(settings))
    finally:
        os.chdir(before)


def piped(root: Path, stream: bytes) -> Run:
    """Lint what a pipe brings to *root*."""
    before = Path.cwd()
    os.chdir(root)
    try:
        return Run(lint(replace(settings_for(Overrides(jobs=1)), paths=("-",), stdin=stream)))
    finally:
        os.chdir(before)


def rendered(root: Path, *paths: str) -> Deployed:
    """Render *root*, or *paths* in it, as ``karlint render`` would from there."""
    before = Path.cwd()
    os.chdir(root)
    try:
        return render_tree(settings_for(Overrides(paths=paths, jobs=2)))
    finally:
        os.chdir(before)


def render_all(units: Sequence[Unit], kitchen: Kitchen, jobs: int) -> list[Output]:
    """Return what each of *units* renders to, in their order."""
    return [output for some in render_each(units, kitchen, jobs) for output in some]


def snapshot(root: Path) -> dict[str, tuple[object, ...]]:
    """Return what tells whether anything below *root* was written: names, types, times, contents."""
    found: dict[str, tuple[object, ...]] = {}
    for path in [root, *sorted(root.rglob("*"))]:
        seen = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(seen.st_mode) else b""
        found[str(path.relative_to(root))] = (seen.st_mode, seen.st_mtime_ns, seen.st_ctime_ns, content)
    return found
