"""Puts another value in the place of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karlint.fix.scalars import block_lines, flow_text, scalar_text
from karlint.model.fix import TextEdit
from karlint.model.refused import RefusedError

if TYPE_CHECKING:
    from karlint.fix.spots import DocumentText, Spot

_EMPTY = ("", "{}", "[]", "null", "~", "Null", "NULL")


def quote_of(text: str) -> str:
    """Return the quote that a scalar stands in; "" for none."""
    return text[0] if text[:1] in ("'", '"') else ""


def replace_value(document: DocumentText, spot: Spot, value: Any, *, into_empty: bool = False) -> list[TextEdit]:
    """Return the edits that make *value* the value of *spot*.

    Args:
        document: the text.
        spot: the entry.
        value: what it is to be.
        into_empty: True where only a value that is empty may be replaced.
    """
    node, text = spot.node, document.text
    start = document.content(node)
    old = text[start : node.end]
    collection = node.entries is not None or node.items is not None
    if into_empty and "".join(old.split()) not in _EMPTY:
        raise RefusedError("what the entry belongs into is no collection")
    if not collection and old[:1] in ("|", ">") and old:
        raise RefusedError("it is a text of several lines")
    if (collection or "\n" in old or "\r" in old) and "#" in old:
        raise RefusedError("a comment would be lost")
    inside = spot.parent is not None and document.is_flow(spot.parent)
    fills = isinstance(value, dict | list) and bool(value)
    block = fills and not inside and not document.json and spot.entry is not None
    if block:
        return _as_block(document, spot, value)
    manner = document.manner
    quote = "" if collection else quote_of(old)
    new = flow_text(value, manner) if isinstance(value, dict | list) else scalar_text(value, manner, quote, inside)
    if not collection and node.start == node.end:
        return [_into_nothing(document, node.start, new)]
    if collection and not document.is_flow(node):
        return _for_block(document, spot, new)
    return [TextEdit(start, node.end, new)]


def _into_nothing(document: DocumentText, index: int, new: str) -> TextEdit:
    if document.text[index - 1 : index] not in (":", "-"):
        raise RefusedError("the entry has no value")
    return TextEdit(index, index, f" {new}")


def _for_block(document: DocumentText, spot: Spot, new: str) -> list[TextEdit]:
    """Return the edits for a block collection that something in one line takes the place of."""
    if spot.entry is None or document.content(spot.node) != spot.node.start:
        raise RefusedError("it is a collection over several lines")
    start = document.after_colon(spot.entry)
    if "#" in document.text[start : spot.node.end]:
        raise RefusedError("a comment would be lost")
    return [TextEdit(start, spot.node.end, f" {new}")]


def _as_block(document: DocumentText, spot: Spot, value: Any) -> list[TextEdit]:
    """Return the edits for a collection on lines of its own below the key; a comment beside the key stays there."""
    if spot.entry is None or document.content(spot.node) != spot.node.start:
        raise RefusedError("an anchor or a tag stands before the value")
    start, end = document.after_colon(spot.entry), spot.node.end
    if "#" in document.text[start:end]:
        raise RefusedError("a comment would be lost")
    manner = document.manner
    column = document.column(spot.entry.key.start)
    deeper = 0 if isinstance(value, list) and not manner.indented_lists else manner.step
    lines = (manner.newline + " " * (column + deeper) + line for line in block_lines(value, manner))
    below = document.line_end(end)
    added = TextEdit(below, below, "".join(lines))
    return [TextEdit(start, end, ""), added] if end > start else [added]
