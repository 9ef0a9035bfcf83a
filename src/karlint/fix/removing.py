"""Takes an entry away: its lines with the comment beside it, and nothing of its neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karlint.model.fix import TextEdit
from karlint.model.refused import RefusedError

if TYPE_CHECKING:
    from karlint.fix.spots import DocumentText, Spot
    from karlint.source.nodes import Node


def remove(document: DocumentText, way: list[Spot]) -> list[TextEdit]:
    """Return the edits that remove the last spot of *way*."""
    spot, above = way[-1], way[-2]
    parent = above.node
    siblings = len(parent.entries or parent.items or ())
    if document.is_flow(parent):
        return [_from_flow(document, spot, parent, siblings)]
    if siblings == 1:
        return _last_one(document, spot, above)
    start = _start(document, spot, parent)
    if document.opens_line(start):
        return [TextEdit(document.line_start(start), document.next_line(spot.node.end), "")]
    if spot.entry is None or spot.place != 0:
        raise RefusedError("something else stands in its line")
    following = (parent.entries or [])[1].key.start
    if not document.opens_line(following) or "#" in document.text[document.line_end(spot.node.end) : following]:
        raise RefusedError("a comment stands between it and the next entry")
    return [TextEdit(start, following, "")]


def _start(document: DocumentText, spot: Spot, parent: Node) -> int:
    return spot.entry.key.start if spot.entry is not None else document.dash(parent, spot.place)


def _from_flow(document: DocumentText, spot: Spot, parent: Node, siblings: int) -> TextEdit:
    entries = parent.entries or ()
    firsts = [entry.key for entry in entries] or list(parent.items or ())
    ends = [entry.value.end for entry in entries] or [item.end for item in parent.items or ()]
    place = spot.place
    if siblings == 1:
        start, end = document.content(parent) + 1, parent.end - 1
    elif place + 1 < siblings:
        start, end = firsts[place].start, firsts[place + 1].start
    else:
        start, end = ends[place - 1], ends[place]
    if "#" in document.text[start:end] and not document.json:
        raise RefusedError("a comment would be lost")
    return TextEdit(start, end, "")


def _last_one(document: DocumentText, spot: Spot, above: Spot) -> list[TextEdit]:
    """Return the edits that leave an empty collection behind."""
    empty = "{}" if spot.entry is not None else "[]"
    start = _start(document, spot, above.node)
    if above.parent is None or document.content(above.node) != above.node.start:
        raise RefusedError("nothing would be left of the document, or an anchor stands for nothing")
    if not document.opens_line(start):
        if "#" in document.text[start : spot.node.end]:
            raise RefusedError("a comment would be lost")
        return [TextEdit(start, spot.node.end, empty)]
    if above.entry is None:
        raise RefusedError("it is the only thing in an item of a list")
    behind = document.after_colon(above.entry)
    lines = TextEdit(document.line_start(start), document.next_line(spot.node.end), "")
    return [TextEdit(behind, behind, f" {empty}"), lines]
