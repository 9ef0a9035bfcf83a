"""The text of the files that a report names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ReadLines = Callable[[str], Sequence[str]]
"""Path as in the report to the lines of that file, with or without their line ends; empty when it cannot be read."""

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_BOM = "\ufeff"


def split_lines(text: str) -> list[str]:
    """Return the lines of *text* with their ends, as editors and GitHub count them: CR LF, LF or CR ends a line."""
    return _LINE.findall(text)


def source_lines(root: Path, stdin: bytes | None = None) -> ReadLines:
    """Return a reader of the files under *root* that keeps the last file in memory, since reports go file by file.

    Bytes that are not UTF-8 read as U+FFFD. A file that is gone reads as empty: a report never fails on its source.

    Args:
        root: directory that the report's paths are relative to.
        stdin: what was read from standard input, the text of ``<stdin>``.
    """
    kept: dict[str, Sequence[str]] = {}

    def read(path: str) -> Sequence[str]:
        if path not in kept:
            kept.clear()
            kept[path] = split_lines(_bytes_of(path).decode("utf-8", "replace"))
        return kept[path]

    def _bytes_of(path: str) -> bytes:
        if path == "<stdin>":
            return stdin or b""
        try:
            return (root / path).read_bytes()
        except (OSError, ValueError):  # ValueError: a NUL in the path
            return b""

    return read


def line_at(lines: Sequence[str], number: int) -> str:
    """Return line *number*, from 1, without its end and without a byte-order mark; "" when there is no such line."""
    if not 1 <= number <= len(lines):
        return ""
    line = lines[number - 1].rstrip("\r\n")
    return line.removeprefix(_BOM) if number == 1 else line


def whole_text(lines: Sequence[str]) -> str:
    """Return the text that *lines* came from; lines without ends are taken to be separated by LF."""
    if any(line.endswith(("\n", "\r")) for line in lines):
        return "".join(lines)
    return "\n".join(lines)
