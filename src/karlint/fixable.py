"""Which findings can be mended: their fixes as edits of the text, each tried out in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from karlint.fix import RefusedError, mend
from karlint.model.fix import FileEdit
from karlint.model.source import SourceFile
from karlint.source.text import Lines, UnreadableError, decode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from karlint.model.finding import Finding
    from karlint.model.fix import Change, Fix
    from karlint.model.report import Report


class _Texts(Struct):
    """Texts of a tree, each read once."""

    root: Path
    _known: dict[str, str | None] = field(default_factory=dict)

    def __call__(self, path: str) -> str:
        """Return the text of *path*. Raises RefusedError where there is none."""
        if path not in self._known:
            file = SourceFile(path, self.root / path)
            try:
                self._known[path] = decode(file, file.read())
            except (OSError, UnreadableError, ValueError):
                self._known[path] = None
        text = self._known[path]
        if text is None:
            raise RefusedError("there is no file to edit")
        return text


def with_edits(report: Report) -> Report:
    """Return *report* with the edits of every fix; a fix that the text does not bear is left out."""
    texts = _Texts(report.root)
    return replace(report, findings=tuple(_with_edits(finding, texts) for finding in report.findings))


def _with_edits(finding: Finding, texts: _Texts) -> Finding:
    if finding.fix is None:
        return finding
    try:
        edits = [edit for path, own in by_file(finding.fix).items() for edit in _edits(path, texts(path), own)]
    except RefusedError:
        edits = []
    return replace(finding, fix=replace(finding.fix, edits=tuple(edits)) if edits else None)


def _edits(path: str, text: str, changes: Sequence[Change]) -> list[FileEdit]:
    lines = Lines(text)
    return [FileEdit(path, lines.span(edit.start, edit.end), edit.text) for edit in mend(path, text, changes).edits]


def by_file(fix: Fix) -> dict[str, list[Change]]:
    """Return the changes of *fix* by the file they concern."""
    found: dict[str, list[Change]] = {}
    for change in fix.changes:
        found.setdefault(change.file, []).append(change)
    return found
