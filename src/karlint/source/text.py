"""Bytes to text: encodings that YAML allows, and lines as editors count them."""

from __future__ import annotations

import codecs
import re
import stat
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from karlint.model.finding import FileFinding
from karlint.model.source import Span
from karlint.source.loaded import FILE_LIMIT, UNREADABLE_FILE, Limits

if TYPE_CHECKING:
    from karlint.model.source import SourceFile

_LINE_END = re.compile(r"\r\n|\r|\n")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class UnreadableError(Exception):
    """The file yields no text; *finding* says why."""

    def __init__(self, finding: FileFinding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def read_text(file: SourceFile, limits: Limits) -> str:
    """Return the text of *file*, without its byte order mark.

    Raises:
        UnreadableError: it cannot be read, is too large, or is no text.
    """
    try:
        data = _read(file, limits)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _unreadable(
            file, f"The file cannot be read: {reason}.", "Check that it exists and its permissions."
        ) from error
    return decode(file, data)


def _read(file: SourceFile, limits: Limits) -> bytes:
    if file.data is None and file.location is not None:
        status = file.location.stat()
        if not stat.S_ISREG(status.st_mode):
            raise _unreadable(file, "This is no regular file.", "Name a file, or pipe its text in with `-`.")
        if status.st_size > limits.max_bytes:
            raise _too_large(file, status.st_size, limits)
    data = file.read()
    if len(data) > limits.max_bytes:
        raise _too_large(file, len(data), limits)
    return data


def decode(file: SourceFile, data: bytes) -> str:
    """Return *data* as text, without its byte order mark. Raises UnreadableError when it is none."""
    mark, encoding = byte_order_mark(data)
    data = data[len(mark) :]
    if encoding == "utf-8" and b"\0" in data:
        raise _unreadable(file, "The file holds binary data, not text.", "Move it elsewhere or exclude it.")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "replace")
        place = Lines(before).span(len(before), len(before) + 1)
        message = f"The file is not {encoding[:6].upper().rstrip('-')} text: {error.reason}."
        raise UnreadableError(FileFinding(UNREADABLE_FILE, file.path, place, message, "Save it as UTF-8.")) from error


def byte_order_mark(data: bytes) -> tuple[bytes, str]:
    """Return the byte order mark that *data* starts with, empty for none, and the encoding of what follows."""
    return next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", "utf-8"))


def _too_large(file: SourceFile, size: int, limits: Limits) -> UnreadableError:
    message = f"The file has {size:,} bytes, more than the limit of {limits.max_bytes:,}, so it was not read."
    return UnreadableError(
        FileFinding(FILE_LIMIT, file.path, None, message, "Split it, exclude it, or raise limits.max_bytes.")
    )


def _unreadable(file: SourceFile, message: str, hint: str) -> UnreadableError:
    return UnreadableError(FileFinding(UNREADABLE_FILE, file.path, None, message, hint))


def split_lines(text: str) -> list[str]:
    """Return the lines of *text* without their ends. Only CR, LF and CR LF end lines, as everywhere but in YAML 1.1."""
    return _LINE_END.split(text)


class Lines:
    """Turns indexes into a text into lines and columns.

    The parser's own line numbers do not serve: to YAML 1.1 the characters U+0085, U+2028 and U+2029 end lines, too.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in _LINE_END.finditer(self._text))]

    def line(self, index: int) -> int:
        """Return the line, from 1, of the character at *index*. For a few questions cheaper than ``place``."""
        if "\r" in self._text:
            return self.place(index)[0]
        return self._text.count("\n", 0, index) + 1

    def place(self, index: int) -> tuple[int, int]:
        """Return line and column, both from 1, of the character at *index*."""
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """Return the span from *start* up to, not including, *end*."""
        return Span(*self.place(start), *self.place(end))
