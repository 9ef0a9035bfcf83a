"""Adds an entry to a mapping, or an item to a list, behind the last one and in its manner."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from karlint.fix.replacing import quote_of
from karlint.fix.scalars import entry_lines, flow_text, item_lines, scalar_text
from karlint.model.fix import TextEdit
from karlint.model.refused import RefusedError

if TYPE_CHECKING:
    from karlint.fix.spots import DocumentText, Spot
    from karlint.source.nodes import Node

_COMMA = re.compile(r"\s*,")
_REST = re.compile(r"[ \t]*,?[ \t]*(?:#[^\r\n]*)?(?=[\r\n])")


def add_entry(document: DocumentText, spot: Spot, key: str, value: Any) -> list[TextEdit]:
    """Return the edits that add *key* with *value* to the mapping of *spot*, which is not empty."""
    entries = spot.node.entries or []
    last = entries[-1]
    if not document.is_flow(spot.node):
        _check_block(document, spot)
        lines = entry_lines(key, value, document.manner)
        return [_below(document, last.value.end, document.column(entries[0].key.start), lines)]
    colon = document.text[last.key.end : last.value.start]
    colon = colon if colon.strip() == ":" and "\n" not in colon and last.value.end > last.value.start else ": "
    quote = quote_of(document.text[last.key.start : last.key.end])
    name = scalar_text(key, document.manner, quote, flow=True)
    new = name + colon + flow_text(value, document.manner)
    return _in_flow(document, [entry.key for entry in entries], last.value, new)


def add_item(document: DocumentText, spot: Spot, value: Any) -> list[TextEdit]:
    """Return the edits that add *value* to the list of *spot*, which is not empty."""
    items = spot.node.items or []
    if document.is_flow(spot.node):
        return _in_flow(document, items, items[-1], flow_text(value, document.manner))
    _check_block(document, spot)
    column = document.column(document.dash(spot.node, 0))
    return [_below(document, items[-1].end, column, item_lines(value, document.manner))]


def _check_block(document: DocumentText, spot: Spot) -> None:
    if spot.parent is not None and document.is_flow(spot.parent):
        raise RefusedError("a pair stands between brackets without braces")


def _below(document: DocumentText, index: int, column: int, lines: list[str]) -> TextEdit:
    end = _behind_comments(document, document.line_end(index), column)
    indent = document.manner.newline + " " * column
    return TextEdit(end, end, "".join(indent + line for line in lines))


def _behind_comments(document: DocumentText, end: int, column: int) -> int:
    """Return the end of the lines behind *end* that are comments deeper than *column*: they belong to what is above."""
    while (line := document.next_line(end)) < len(document.text):
        text = document.text[line : document.line_end(line)]
        if not text.lstrip(" ").startswith("#") or len(text) - len(text.lstrip(" ")) <= column:
            break
        end = document.line_end(line)
    return end


def _in_flow(document: DocumentText, firsts: list[Node], last: Node, new: str) -> list[TextEdit]:
    """Return the edits that put *new* behind *last*; *firsts* are the nodes that each of its siblings starts with."""
    text = document.text
    if not document.opens_line(firsts[-1].start):
        between = text[firsts[-2].start : firsts[-1].start] if len(firsts) > 1 else ""
        tight = between[-1:] == "," if between else _is_tight(document, last)
        return [TextEdit(last.end, last.end, ("," if document.json and tight else ", ") + new)]
    indent = document.manner.newline + " " * document.column(firsts[-1].start)
    rest = _REST.match(text, last.end)
    if rest is None:
        return [TextEdit(last.end, last.end, f",{indent}{new}")]
    if _COMMA.match(text, last.end):
        return [TextEdit(rest.end(), rest.end(), f"{indent}{new},")]
    if rest.group().strip():
        return [TextEdit(last.end, last.end, ","), TextEdit(rest.end(), rest.end(), indent + new)]
    return [TextEdit(last.end, last.end, f",{indent}{new}")]


def _is_tight(document: DocumentText, last: Node) -> bool:
    """Tell whether JSON is written without spaces: by what stands before the only entry's value."""
    return document.text[last.start - 1 : last.start] in (":", "[")
