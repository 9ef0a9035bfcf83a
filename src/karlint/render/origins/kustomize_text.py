"""Spans of the YAML that a string of a file holds, as an inline patch does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from karlint.model.source import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADER = re.compile(r"^(?:[&!]\S+\s+)*\|([0-9]?)[-+]?([0-9]?)[-+]?\s*(?:#.*)?$")


def embedded_span(lines: Sequence[str], outer: Span, inner: Span) -> Span | None:
    """Return where *inner*, a span of the text of a literal block (``|``) or a quoted line, stands in the file.

    Args:
        lines: of the file, without their ends.
        outer: span of the string, the header of a block or the quotes included.
        inner: span in the text that the string stands for.

    Returns:
        None where the string does not keep its lines and columns: folded ones, and quoted ones with escapes.
    """
    if outer.line == outer.end_line and 1 <= outer.line <= len(lines):
        return _in_quotes(lines[outer.line - 1][outer.column - 1 : outer.end_column - 1], outer, inner)
    if not 1 <= outer.line <= len(lines) or (match := _HEADER.match(lines[outer.line - 1][outer.column - 1 :])) is None:
        return None
    body = lines[outer.line :]
    # An indentation that is told counts from that of the parent, which a line alone does not tell.
    indent = None if match[1] or match[2] else _indent(body)
    if indent is None or outer.line + inner.end_line > len(lines):
        return None
    return Span(
        outer.line + inner.line, inner.column + indent, outer.line + inner.end_line, inner.end_column + indent
    )  # fmt: skip


def _in_quotes(text: str, outer: Span, inner: Span) -> Span | None:
    quote = text[:1]
    if quote not in ("'", '"') or inner.line != 1 or inner.end_line != 1 or quote in text[1:-1] or "\\" in text:
        return None
    return Span(outer.line, outer.column + inner.column, outer.line, outer.column + inner.end_column)


def _indent(body: Sequence[str]) -> int | None:
    """Return how far the block is indented: as far as its first line that is not empty."""
    first = next((line for line in body if line.strip(" ")), None)
    return None if first is None else len(first) - len(first.lstrip(" "))
