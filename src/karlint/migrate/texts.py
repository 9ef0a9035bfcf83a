"""The files of a tree with workloads changed in them, and claim templates added behind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from karlint.fix import RefusedError, mend
from karlint.fix.mend import read
from karlint.fix.scalars import block_lines
from karlint.fix.spots import DocumentText
from karlint.model.intended import same
from karlint.model.source import SourceFile
from karlint.source.positions import nodes_of
from karlint.source.text import UnreadableError, byte_order_mark, decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from karlint.model.fix import Change

_ENDS_WITH_MARKER = re.compile(r"(?:^|[\r\n])---[ \t]*(?:#[^\r\n]*)?[\r\n]*$")


class Texts(Struct):
    """Files as they are, each read once."""

    root: Path
    _bytes: dict[str, bytes] = field(default_factory=dict)

    def bytes_of(self, path: str) -> bytes:
        """Return the bytes of a file. Raises RefusedError where there is none."""
        if path not in self._bytes:
            try:
                self._bytes[path] = (self.root / path).read_bytes()
            except OSError:
                raise RefusedError("there is no file to edit") from None
        return self._bytes[path]

    def __getitem__(self, path: str) -> str:
        """Return the text of a file. Raises RefusedError where there is none."""
        try:
            return decode(SourceFile(path, None), self.bytes_of(path))
        except UnreadableError:
            raise RefusedError("the file is no text") from None

    def document(self, path: str, ordinal: int) -> Any:
        """Return the value of a document. Raises RefusedError where there is none."""
        values = read(path, self[path]).values
        if ordinal not in values:
            raise RefusedError("the document is not in the text")
        return values[ordinal]

    def encoded(self, path: str, text: str) -> bytes:
        """Return *text* as the file at *path* encodes its own."""
        mark, encoding = byte_order_mark(self.bytes_of(path))
        return mark + text.encode(encoding)


def edited(path: str, text: str, changes: Iterable[Sequence[Change]], documents: Sequence[Any]) -> str:
    """Return *text* with *changes* made, one group after the other, and *documents* added.

    Raises:
        RefusedError: it cannot be done without changing more.
    """
    for group in changes:
        text = mend(path, text, group).text
    return with_documents(path, text, documents) if documents else text


def with_documents(path: str, text: str, documents: Sequence[Any]) -> str:
    """Return *text* with further documents at its end, in its manner. Raises RefusedError where it has no place."""
    roots, json = nodes_of(path, text)
    if json or path.endswith(".json"):
        raise RefusedError("a JSON file holds one document")
    if not roots:
        raise RefusedError("the file holds no document")
    manner = DocumentText(text, roots[0], json=False).manner
    before = read(path, text)
    result = text if not text or text.endswith(("\n", "\r")) else text + manner.newline
    for value in documents:
        marker = "" if _ENDS_WITH_MARKER.search(result) else "---" + manner.newline
        result += marker + "".join(line + manner.newline for line in block_lines(value, manner))
    after = read(path, result)
    expected = [*before.values.values(), *documents]
    found = list(after.values.values())
    alike = len(found) == len(expected) and all(map(same, found, expected))
    if not alike or after.problems != before.problems:
        raise RefusedError("nothing can be added to the text without changing more")
    return result
