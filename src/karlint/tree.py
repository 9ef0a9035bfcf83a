"""The files of the linted tree, as what renders them wants to read them: bytes, values, places; each read once."""

from __future__ import annotations

import os
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import orjson

from karlint.model.source import SourceFile
from karlint.source import Limits, Positions, load_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from karlint.source import LoadedFile

_KEPT = 64  # files whose positions are held


def documents_of(loaded: LoadedFile) -> list[Any]:
    """Return the values of the documents of a file by their ordinal, None for empty ones."""
    found: dict[int, Any] = {item.document.ordinal: orjson.loads(item.document.json) for item in loaded.documents}
    return [found.get(number) for number in range(max(found, default=-1) + 1)]


def parsed(data: bytes, name: str = "<text>") -> list[Any]:
    """Return the values of the documents of a text, as far as they can be read."""
    return documents_of(load_file(SourceFile(name, None, data), Limits(max_bytes=max(len(data), 1))))


def read_text(text: str) -> list[Any]:
    """Return the values of the documents of a text. Raises ValueError where it cannot be read."""
    loaded = load_file(SourceFile("<text>", None, text.encode()), Limits())
    if loaded.findings:
        raise ValueError(loaded.findings[0].message)
    if loaded.skip_reason is not None:
        raise ValueError(loaded.skip_reason)
    return documents_of(loaded)


class Tree:
    """Reads files by their repository-relative paths; the streams of what was rendered too, by the names they have."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.streams: dict[str, bytes] = {}
        self._bytes: dict[str, bytes | None] = {}
        self._parsed: dict[bytes, list[Any]] = {}
        self._positions: OrderedDict[str, Positions] = OrderedDict()

    def bytes_of(self, path: str) -> bytes | None:
        """Return the bytes of a file; None where it cannot be read."""
        if path in self.streams:
            return self.streams[path]
        if path not in self._bytes:
            try:
                self._bytes[path] = (self.root / path).read_bytes()
            except OSError:
                self._bytes[path] = None
        return self._bytes[path]

    def read(self, path: str) -> bytes:
        """Return the bytes of a file. Raises OSError."""
        found = self.bytes_of(path)
        if found is None:
            raise FileNotFoundError(path)
        return found

    @staticmethod
    def value(data: bytes) -> Any:
        """Return the value of the first document of a text. Raises ValueError where it cannot be read."""
        found = read_text(data.decode("utf-8", "replace"))
        return found[0] if found else None

    def documents(self, path: str) -> Sequence[Any]:
        """Return the values of the documents of a file; none for one that cannot be read."""
        return self.parsed(self.bytes_of(path) or b"", path)

    def parsed(self, data: bytes, name: str = "<text>") -> list[Any]:
        """Return the values of the documents of a text; the same values for the same text, so nobody changes them."""
        if data not in self._parsed:
            self._parsed[data] = parsed(data, name)
        return self._parsed[data]

    def positions(self, path: str) -> Positions:
        """Return the places of a file."""
        known = self._positions.get(path)
        if known is None:
            known = self._positions[path] = Positions(SourceFile(path, None, self.bytes_of(path) or b""))
            if len(self._positions) > _KEPT:
                self._positions.popitem(last=False)
        else:
            self._positions.move_to_end(path)
        return known

    @staticmethod
    def positions_in(text: str) -> Positions:
        """Return the places of a text."""
        return Positions(SourceFile("<text>", None, text.encode()))

    def below(self, directory: str) -> list[str]:
        """Return the files below a directory, sorted."""
        found: list[str] = []
        for above, folders, names in os.walk(self.root / directory):
            folders[:] = sorted(name for name in folders if name != ".git")
            found += (os.path.relpath(os.path.join(above, name), self.root) for name in names)  # noqa: PTH118
        return sorted(found)
