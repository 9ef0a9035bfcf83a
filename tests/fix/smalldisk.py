"""Runs karlint as on a disk that is almost full, where none can be mounted: ``smalldisk.py PLACE BYTES ARGUMENTS``.

What it writes below PLACE is counted in pages, as a disk does, and refused as by one once BYTES are taken: the write
that goes beyond has written what there was room for.
"""

from __future__ import annotations

import errno
import os
import runpy
import sys
from pathlib import Path
from typing import IO, Any

from karlint.fix import files

_PAGE = 4096


class Disk:
    """A directory that takes no more than *capacity* bytes, in pages."""

    def __init__(self, place: Path, capacity: int) -> None:
        self._place = place
        self._capacity = capacity

    def write(self, stream: IO[bytes], data: bytes) -> None:
        """Write *data* as far as there is room. Raises OSError as a full disk does."""
        room = max(0, self._capacity - self._taken())
        stream.write(data[:room])
        stream.flush()
        if len(data) > room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def holds(self, file: Path) -> bool:
        """Tell whether *file* lies on it."""
        return file.resolve().is_relative_to(self._place)

    def open(self, file: int, mode: str) -> _Stream:
        """Open *file* of the disk, as the built-in function does."""
        return _Stream(self, open(file, mode))

    def _taken(self) -> int:
        """Return the bytes of all pages; a directory takes one too."""
        found = [self._place, *self._place.rglob("*")]
        return sum(_PAGE if path.is_dir() else -(-path.stat().st_size // _PAGE) * _PAGE for path in found)


class _Stream:
    """A file that is written through the disk."""

    def __init__(self, disk: Disk, stream: IO[bytes]) -> None:
        self._disk = disk
        self._stream = stream

    def __enter__(self) -> _Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, data: bytes) -> None:
        self._disk.write(self._stream, data)


def _mount(disk: Disk) -> None:
    """Let what karlint writes, new files and copies, go through *disk*."""
    replacing, copying = files._write, Path.write_bytes

    def replaced(beside: Path, like: os.stat_result, data: bytes) -> None:
        files.open = disk.open if disk.holds(beside) else open  # type: ignore[attr-defined]
        replacing(beside, like, data)

    def copied(self: Path, data: bytes) -> int:
        if not disk.holds(self):
            return copying(self, data)
        with self.open("wb") as stream:
            disk.write(stream, data)
        return len(data)

    files._write = replaced
    Path.write_bytes = copied  # type: ignore[assignment, method-assign]


if __name__ == "__main__":
    _, directory, size, *arguments = sys.argv
    _mount(Disk(Path(directory).resolve(), int(size)))
    sys.argv = ["karlint", *arguments]
    runpy.run_module("karlint", run_name="__main__", alter_sys=True)
