"""A text under edit that remembers what of it is old, so that one edit after the other is an edit of the old text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from karlint.model.fix import TextEdit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class _Piece(Struct, frozen=True):
    """A stretch of the text: *start* in the old text, or None for what is new."""

    text: str
    start: int | None


class Pieces:
    """The text as it is now.

    Args:
        old: the text to begin with.
    """

    def __init__(self, old: str) -> None:
        self._old = old
        self._pieces = [_Piece(old, 0)]
        self.text = old

    def apply(self, edits: Iterable[TextEdit]) -> None:
        """Make *edits* of the text as it is now, which do not overlap."""
        for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
            before, rest = _split(self._pieces, edit.start)
            _, after = _split(rest, edit.end - edit.start)
            self._pieces = [*before, _Piece(edit.text, None), *after]
        self.text = "".join(piece.text for piece in self._pieces)

    def edits(self) -> Iterator[TextEdit]:
        """Yield what turns the old text into this one, in order."""
        position, new = 0, ""
        for piece in [*self._pieces, _Piece("", len(self._old))]:
            if piece.start is None:
                new += piece.text
                continue
            if new or piece.start > position:
                yield TextEdit(position, piece.start, new)
            position, new = piece.start + len(piece.text), ""


def _split(pieces: list[_Piece], index: int) -> tuple[list[_Piece], list[_Piece]]:
    """Cut *pieces* after *index* characters."""
    for number, piece in enumerate(pieces):
        if index < len(piece.text):
            if index == 0:
                return pieces[:number], pieces[number:]
            later = None if piece.start is None else piece.start + index
            left, right = _Piece(piece.text[:index], piece.start), _Piece(piece.text[index:], later)
            return [*pieces[:number], left], [right, *pieces[number + 1 :]]
        index -= len(piece.text)
    return pieces, []
