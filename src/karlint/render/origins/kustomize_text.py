"""Spans of the YAML that a string of a file holds, as an inline patch does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from karlint.model.source import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADER = re.compile(r"^(?:[&!]\S+\s+)*\|([0-9]?)[-+]?([0-9]?)[-+]?\s*(?:#.*)?$")


def embedded_span(lines: Sequence[str], outer: Span, inner: Span) -> Span | None:
    """Return where *inner*, a span of the text of a literal block (``|``), stands in the file.

    Args:
        lines: of the file, without their ends.
        outer: span of the block, its header included.
        inner: span in the text that the block stands for.

    Returns:
        None where the string is no literal block: folded and quoted ones do not keep their lines.
    """
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


def _indent(body: Sequence[str]) -> int | None:
    """Return how far the block is indented: as far as its first line that is not empty."""
    first = next((line for line in body if line.strip(" ")), None)
    return None if first is None else len(first) - len(first.lstrip(" "))
