"""How wide text is on a terminal. Rich could tell too, for nine milliseconds of import time."""

from __future__ import annotations

import unicodedata

_JOINER = "\u200d"
_EMOJI_STYLE = "\ufe0f"


def width(text: str) -> int:
    """Return the terminal columns that *text*, without control characters, takes."""
    return len(text) if text.isascii() else sum(widths(text))


def widths(text: str) -> list[int]:
    """Return the columns of each character: 0 for what combines with the one before, 2 for wide ones."""
    result: list[int] = []
    before = ""
    for char in text:
        if before == _JOINER or "\U0001f3fb" <= char <= "\U0001f3ff":
            cells = 0  # goes into the emoji before it: a family is one picture, and so is a toned hand
        elif char == _EMOJI_STYLE and result:
            cells = 0
            result[-1] = 2 if result[-1] == 1 and not before.isalnum() else result[-1]
        else:
            cells = _cells(char)
        result.append(cells)
        before = char
    return result


def _cells(char: str) -> int:
    if char < "\u0300":
        return 1
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def crop(text: str, start: int, room: int) -> str:
    """Return the part of *text* between the columns *start* and *start* + *room*, at least 2; an ellipsis marks a cut.

    A wide character that a cut goes through becomes a blank, so that everything else stays in its column.
    """
    cut_left, cut_right = start > 0, width(text) > start + room
    if not cut_left and not cut_right:
        return text
    first = start + 1 if cut_left else 0
    last = start + room - 1 if cut_right else start + room
    kept: list[str] = []
    column = 0
    base_kept = False
    for char, cells in zip(text, widths(text), strict=True):
        end = column + cells
        if cells:
            base_kept = first <= column and end <= last
            overlap = min(end, last) - max(column, first)
            kept.append(char if base_kept else " " * overlap)
        elif base_kept:
            kept.append(char)
        column = end
    return ("…" if cut_left else "") + "".join(kept) + ("…" if cut_right else "")
