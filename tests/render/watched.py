"""Has the kernel tell of everything that is written below a directory, were it only for a moment."""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from typing import TYPE_CHECKING, Self

from tests.conftest import missing

if TYPE_CHECKING:
    from pathlib import Path

_EVENTS = {
    0x2: "written",
    0x4: "given other attributes",
    0x8: "opened for writing",
    0x40: "moved away",
    0x80: "moved here",
    0x100: "made",
    0x200: "removed",
    0x400: "removed itself",
    0x800: "moved itself",
    0x4000: "lost: there were too many",
}
"""The events of inotify(7) that somebody causes who changes something; what is read causes others."""
_HEAD = struct.Struct("iIII")


class Watched:
    """Watches a directory and all below it, from the outside: what writes there cannot help but be seen.

    What is made below while it watches is seen as made; what happens in there then is not.
    """

    def __init__(self, root: Path) -> None:
        if not sys.platform.startswith("linux"):
            missing("inotify", "run the tests on Linux")
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._queue = self._checked(self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
        self._places: dict[int, Path] = {}
        for directory in (root, *(path for path in root.rglob("*") if path.is_dir() and not path.is_symlink())):
            number = self._libc.inotify_add_watch(self._queue, os.fsencode(directory), sum(_EVENTS) & ~0x4000)
            self._places[self._checked(number)] = directory

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._queue)

    def seen(self) -> list[str]:
        """Return what was done since it was asked last, as sentences."""
        data = bytearray()
        while True:
            try:
                data += os.read(self._queue, 1 << 16)
            except BlockingIOError:
                return self._told(bytes(data))

    def _told(self, data: bytes) -> list[str]:
        told, at = [], 0
        while at < len(data):
            number, mask, _, length = _HEAD.unpack_from(data, at)
            at += _HEAD.size
            name = os.fsdecode(data[at : at + length].rstrip(b"\0"))
            at += length
            what = " and ".join(words for bit, words in _EVENTS.items() if mask & bit)
            if what:
                told.append(f"{self._places[number] / name if number in self._places else ''} was {what}")
        return told

    @staticmethod
    def _checked(number: int) -> int:
        if number < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return number
