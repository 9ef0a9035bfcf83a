"""Moves entries of a mapping under a new key: their lines go to the right, and are the same otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karlint.fix.refused import RefusedError
from karlint.fix.scalars import scalar_text
from karlint.model.fix import TextEdit

if TYPE_CHECKING:
    from collections.abc import Sequence

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
