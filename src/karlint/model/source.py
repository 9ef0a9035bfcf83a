"""Where text stands: files, spans in them, and the anchors that a finding can point at."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from pathlib import Path as FilePath


class Anchor(Enum):
    """Which part of a mapping entry a finding points at. A list item has a value only."""

    KEY = "key"
    VALUE = "value"


class Span(Struct, frozen=True, order=True):
    """A stretch of text: lines and columns count from 1, in Unicode code points; the end column is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Located(Struct, frozen=True):
    """Answer to "where is this path": the span, and whether it is the path itself or its nearest existing ancestor."""

    span: Span
    exact: bool


class SourceFile(Struct, frozen=True):
    """A file of the linted tree. Its text is read when needed, so that a large repository does not live in memory.

    Attributes:
        path: repository-relative POSIX path, as reports show it ("<stdin>" for standard input).
        location: where to read it; None when *data* holds the text already.
        data: the bytes, for standard input only.
        partial: True when a kustomization completes what the file holds, so that what is absent here may yet be there.
    """

    path: str
    location: FilePath | None
    data: bytes | None = None
    partial: bool = False

    def read(self) -> bytes:
        """Return the raw bytes. Raises OSError when the file cannot be read."""
        if self.data is not None:
            return self.data
        if self.location is None:
            raise FileNotFoundError(self.path)
        return self.location.read_bytes()


class SuppressionComment(Struct, frozen=True):
    """One ``# karlint: ignore[rule, ...] reason`` comment.

    Attributes:
        line, column: of the ``#``, counted from 1.
        rules: the rule ids in the brackets, as written.
        reason: what follows the brackets, stripped; empty when there is none.
        own_line: True when nothing but white space stands before it, so that it speaks for what follows.
    """

    line: int
    column: int
    rules: tuple[str, ...]
    reason: str
    own_line: bool


class Document(Struct, frozen=True):
    """One YAML document, or one JSON file, as the API server would read it.

    Attributes:
        file: the file it stands in.
        ordinal: its place among the documents of the file, from 0, empty ones counted.
        line: line of its first content, from 1.
        json: its value, encoded as compact JSON in UTF-8 (cheap to keep, to send and to decode on demand).
    """

    file: SourceFile
    ordinal: int
    line: int
    json: bytes
