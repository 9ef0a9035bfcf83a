"""Moves entries of a mapping under a new key, and back: their lines go right or left, and are the same otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karlint.fix.scalars import scalar_text
from karlint.model.fix import TextEdit
from karlint.model.refused import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from karlint.fix.spots import DocumentText, Spot


def wrap(document: DocumentText, spot: Spot, name: str, keys: Sequence[str]) -> list[TextEdit]:
    """Return the edits that move the entries *keys* of the mapping of *spot* under *name*.

    Raises RefusedError where other entries stand between them.
    """
    entries = spot.node.entries or []
    places = [place for place, entry in enumerate(entries) if entry.text in keys]
    if not places or len(places) != len(keys) or places[-1] - places[0] + 1 != len(places):
        raise RefusedError("other entries stand between those to move")
    start, end = entries[places[0]].key.start, entries[places[-1]].value.end
    head = scalar_text(name, document.manner, '"' if document.json else "")
    if document.is_flow(spot.node):
        return [TextEdit(start, start, head + ": {"), TextEdit(end, end, "}")]
    step = " " * document.manner.step
    below = document.manner.newline + " " * document.column(start) + step
    edits = [TextEdit(start, start, f"{head}:{below}")]
    line = document.next_line(start)
    while line <= end and line < len(document.text):
        if document.text[line : document.line_end(line)].strip():
            edits.append(TextEdit(line, line, step))
        line = document.next_line(line)
    return edits


def unwrap(document: DocumentText, way: list[Spot]) -> list[TextEdit]:
    """Return the edits by which the entries of the last spot of *way* take its place."""
    spot, parent = way[-1], way[-2].node
    entries, entry = spot.node.entries or [], spot.entry
    if entry is None or not entries or document.content(spot.node) != spot.node.start:
        raise RefusedError("there are no entries to move, or an anchor stands for them")
    start, first, end = entry.key.start, entries[0].key.start, spot.node.end
    if document.is_flow(parent):
        last = entries[-1].value.end
        _check_no_comment(document, start, first)
        _check_no_comment(document, last, end)
        return [TextEdit(start, first, ""), TextEdit(last, end, "")]
    if document.is_flow(spot.node):
        _check_no_comment(document, start, end)
        between = document.manner.newline + " " * document.column(start)
        lines = [document.text[inner.key.start : inner.value.end] for inner in entries]
        return [TextEdit(start, end, between.join(lines))]
    columns = document.column(first) - document.column(start)
    if document.opens_line(start):
        below = document.next_line(start)
        _check_no_comment(document, start, below)
        return [TextEdit(document.line_start(start), below, ""), *_to_the_left(document, below, end, columns)]
    _check_no_comment(document, start, first)
    return [TextEdit(start, first, ""), *_to_the_left(document, document.next_line(first), end, columns)]


def _check_no_comment(document: DocumentText, start: int, end: int) -> None:
    if not document.json and "#" in document.text[start:end]:
        raise RefusedError("a comment would be lost")


def _to_the_left(document: DocumentText, line: int, end: int, columns: int) -> Iterator[TextEdit]:
    """Yield the edits that take *columns* spaces from each line from *line*, where one starts, up to *end*."""
    while line < end:
        text = document.text[line : document.line_end(line)]
        spaces = min(columns, len(text) - len(text.lstrip(" ")))
        if text.strip() and spaces:
            yield TextEdit(line, line + spaces, "")
        line = document.next_line(line)
