"""The only place with terminal colour codes: six styles do not need a library."""

from __future__ import annotations

from msgspec import Struct

_CODES = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "strong": "1",
    "dim": "2",
    "gutter": "34",
    "good": "1;32",
}


class Style(Struct, frozen=True):
    """Paints text, or leaves it as it is."""

    color: bool

    def __call__(self, kind: str, text: str) -> str:
        """Return *text* in the style *kind*: a severity, strong, dim, gutter or good."""
        return f"\x1b[{_CODES[kind]}m{text}\x1b[0m" if self.color and text else text
