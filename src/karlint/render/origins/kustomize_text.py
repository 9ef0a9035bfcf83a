"""Spans of the YAML that a string of a file holds, as an inline patch does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from karlint.model.source import Anchor, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from karlint.model.path import Path
    from karlint.model.source import Located

_HEADER = re.compile(r"^(?:[&!]\S+\s+)*\|([0-9]?)[-+]?([0-9]?)[-+]?\s*(?:#.*)?$")


class Places(Protocol):
    """Knows where the values of a text stand, as the positions of a file do."""

    @property
    def lines(self) -> Sequence[str]:
        """The lines of the text, without their ends."""
        ...

    def locate(self, ordinal: int, path: Path, anchor: Anchor = Anchor.VALUE) -> Located:
        """Return where *path* of the document *ordinal* stands."""
        ...


class Embedding(Struct, frozen=True):
    """Tells where values in the YAML stand that strings of files hold: what a `Tree` takes as *embedded*.

    Attributes:
        documents: the values of the documents of a file.
        of_file, of_text: places in a file, by its path, and in a text.
    """

    documents: Callable[[str], Sequence[Any]]
    of_file: Callable[[str], Places]
    of_text: Callable[[str], Places]

    def __call__(self, file: str, ordinal: int, at: Path, inner: int, below: Path, anchor: Anchor) -> Span | None:
        """Return where *below* of the document *inner* of the string at *at* stands; None where that is not known."""
        try:
            text = self.documents(file)[ordinal]
            for step in at:
                text = text[step]
        except (LookupError, TypeError):
            return None
        if not isinstance(text, str):
            return None
        places = self.of_file(file)
        outer, found = places.locate(ordinal, at), self.of_text(text).locate(inner, below, anchor)
        return embedded_span(places.lines, outer.span, found.span) if outer.exact and found.exact else None


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
