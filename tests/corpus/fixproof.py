"""Everything that fixes promise, asked of one tree: what all of them do to it, looked at from outside."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from karlint import fixing
from karlint.api import lint
from karlint.model.source import SourceFile
from karlint.source.text import byte_order_mark, decode
from tests.source.support import ask_reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pytest

    from karlint.config import Settings
    from karlint.model.finding import Finding
    from karlint.model.report import Report

_BREAK = re.compile(r"\r\n|\r|\n")
_MARKER = re.compile(r"^---(?=[ \t\r\n]|$)|^\.\.\.[ \t]*$", re.MULTILINE)


@dataclass
class Counts:
    """Trees, findings before, those with a fix, those mended, files changed, passes, and what went wrong."""

    trees: int = 0
    findings: int = 0
    fixable: int = 0
    fixed: int = 0
    files: int = 0
    passes: int = 0
    problems: list[str] = field(default_factory=list)
    rules: Counter[str] = field(default_factory=Counter)


@dataclass
class _Watch:
    """Looks at each pass: the lines that it changes are lines of the edits that were reported before it."""

    problems: list[str] = field(default_factory=list)
    passes: int = 0

    def watching(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real = fixing._Passes._try

        def tried(passes: Any, batch: Sequence[Finding]) -> None:
            root = passes.settings.root
            edits: dict[str, list[tuple[int, int]]] = {}
            for finding in passes.report.findings:
                for edit in finding.fix.edits if finding.fix else ():
                    edits.setdefault(edit.path, []).append((edit.span.line, edit.span.end_line))
            before = {path: text_of(root / path) for path in edits}
            real(passes, batch)
            self.passes += 1
            for path, text in before.items():
                problem = outside(text, text_of(root / path), edits[path])
                if problem:
                    self.problems.append(f"{path}: {problem}")

        monkeypatch.setattr(fixing._Passes, "_try", tried)


def text_of(file: Path) -> str:
    return decode(SourceFile(file.name, None), file.read_bytes())


def outside(before: str, after: str, hulls: Iterable[tuple[int, int]]) -> str:
    """Return what changed outside of *hulls* (first and last lines, from 1), in words; "" for nothing."""
    touched = {line for first, last in hulls for line in range(first, last + 1)}
    starts = [0, *(found.end() for found in _BREAK.finditer(before)), len(before)]
    lines = [before[start:end] for start, end in pairwise(starts)]
    runs: list[str] = [""]
    for number, line in enumerate(lines, 1):
        if number not in touched:
            runs[-1] += line
        elif runs[-1] or len(runs) == 1:
            runs.append("")
    head, *middle = runs
    tail = middle.pop() if middle else None
    if tail is None:
        return "" if after == head else "a file changed without an edit"
    if not after.startswith(head):
        return f"changed before its first edit: {head[-80:]!r}"
    place, end = len(head), len(after) - len(tail)
    if end < place or not after.endswith(tail):
        return f"changed after its last edit: {tail[:80]!r}"
    for run in middle:
        found = after.find(run, place, end)
        if found < 0:
            return f"changed between its edits: {run[:80]!r}"
        place = found + len(run)
    return ""


def proven(tree: Path, given: Settings, monkeypatch: pytest.MonkeyPatch, counts: Counts) -> None:
    """Fix all of *tree* and add to *counts* what is not as promised."""
    old = contents(tree)
    before = lint(given)
    schema = lint(replace(given, select=("core",)))
    watch = _Watch()
    with monkeypatch.context() as patched:
        watch.watching(patched)
        outcome = fixing.run_fixes(given, unsafe=True, write=True)
    new = contents(tree)
    after = lint(given)
    again = fixing.run_fixes(given, unsafe=True, write=True)
    said = [f"{problem}" for problem in watch.problems]
    changed = {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}
    if changed != {file.path for file in outcome.files}:
        said.append(f"other files changed than were told: {changed ^ {file.path for file in outcome.files}}")
    if again.files or again.report.fixed or contents(tree) != new:
        said.append(f"a second run changes {[file.path for file in again.files]}")
    said += [f"new: {name}" for name in worse(before, after)]
    if len(after.findings) > len(before.findings) - (outcome.report.fixed or 0):
        said.append(f"{len(before.findings)} findings, {outcome.report.fixed} mended, {len(after.findings)} left")
    if changed:
        said += [f"schema: {name}" for name in worse(schema, lint(replace(given, select=("core",))))]
    if after.counts.documents != before.counts.documents:
        said.append(f"{before.counts.documents} documents before, {after.counts.documents} after")
    said += [problem for path in sorted(changed) for problem in unread(path, old.get(path, b""), new.get(path, b""))]
    counts.trees += 1
    counts.findings += len(before.findings)
    counts.fixable += sum(finding.fix is not None for finding in before.findings)
    counts.fixed += outcome.report.fixed or 0
    counts.files += len(changed)
    counts.passes += watch.passes
    counts.problems += [f"{tree.name}: {problem}" for problem in said]
    left = Counter(finding.rule for finding in after.findings)
    counts.rules += Counter(finding.rule for finding in before.findings if finding.fix) - left


def contents(tree: Path) -> dict[str, bytes]:
    return {
        file.relative_to(tree).as_posix(): file.read_bytes()
        for file in tree.rglob("*")
        if file.is_file() and not file.is_symlink()
    }


def worse(before: Report, after: Report) -> list[str]:
    """Return what a resource is told oftener than before."""
    sides = (Counter(map(_told, report.findings)) for report in (before, after))
    had, has = sides
    failed = [f"{failure}" for failure in after.failures if failure not in before.failures]
    return failed + [" ".join(name) for name in has - had]


def _told(finding: Finding) -> tuple[str, ...]:
    ref = finding.resource
    return (finding.rule, finding.location.path, *((ref.kind, ref.namespace, ref.name) if ref else ()))


def unread(path: str, before: bytes, after: bytes) -> list[str]:
    """Return what the API server's own reader says of a changed file that it did not say before."""
    if byte_order_mark(before) != byte_order_mark(after):
        return [f"{path}: another byte order mark"]
    texts = (decode(SourceFile(path, None), data) for data in (before, after))
    was, now = (ask_reference(_MARKER.split(text)) for text in texts)
    if len(was) != len(now):
        return [f"{path}: another number of documents"]
    wrong = [new for old, new in zip(was, now, strict=True) if "error" in new and "error" not in old]
    return [f"{path}: {answer['error']}" for answer in wrong]
