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
    """Return the part of *text* between the columns *start* and *start* + *room*; an ellipsis marks what is cut."""
    end = start + room
    total = width(text)
    if start == 0 and total <= end:
        return text
    kept: list[str] = []
    column = 0
    for char, cells in zip(text, widths(text), strict=True):
        left_cut = start > 0 and column <= start
        right_cut = total > end and column + cells > end - 1
        if not left_cut and not right_cut:
            kept.append(char)
        elif left_cut and column + cells > start:
            kept.append("…" + " " * (column + cells - start - 1))
        column += cells
    return "".join(kept) + ("…" if total > end else "")
