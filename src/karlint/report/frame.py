"""The code frame: the marked line between its neighbours, with carets under the exact span."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from karlint.report.cells import crop, width
from karlint.report.mask import masked
from karlint.report.sanitise import code_line
from karlint.report.sources import line_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from karlint.model.source import Span


class FrameLine(Struct, frozen=True):
    """One line of a frame: its number, "" for the line of carets; the text beside it."""

    number: str
    text: str
    marks: bool = False


def frame(lines: Sequence[str], span: Span, context: int, room: int) -> list[FrameLine]:
    """Return the frame for *span*; empty when the file has no such line.

    Neighbours in another YAML document are left out, and blank ones at the edges. A span over several lines is marked
    to the end of its first. Lines longer than *room* columns are cut, all at the same column.
    """
    if not 1 <= span.line <= len(lines):
        return []
    numbers = _numbers(lines, span.line, context)
    shown = {number: code_line(_source(lines, number)) for number in numbers}
    start, length = _marked(lines, span, shown[span.line])
    left = _left_edge(shown[span.line], start, length, room)
    result = []
    for number in numbers:
        result.append(FrameLine(str(number), crop(shown[number], left, room).rstrip()))
        if number == span.line:
            carets = " " * (start - left) + "^" * max(1, min(length, room - (start - left)))
            result.append(FrameLine("", carets, marks=True))
    return result


def _source(lines: Sequence[str], number: int) -> str:
    return masked(line_at(lines, number), line_at(lines, number - 1), line_at(lines, number + 1))


def _numbers(lines: Sequence[str], line: int, context: int) -> list[int]:
    first = last = line
    while first > 1 and line - first < context and not _ends_document(line_at(lines, first - 1)):
        first -= 1
    while last < len(lines) and last - line < context and not _ends_document(line_at(lines, last + 1)):
        last += 1
    while first < line and not line_at(lines, first).strip():
        first += 1
    while last > line and not line_at(lines, last).strip():
        last -= 1
    return list(range(first, last + 1))


def _ends_document(line: str) -> bool:
    return line.startswith(("---", "..."))


def _marked(lines: Sequence[str], span: Span, shown: str) -> tuple[int, int]:
    """Return first column, from 0, and length of the marks, in terminal columns of the line as *shown*."""
    source = line_at(lines, span.line)
    end = span.end_column - 1 if span.end_line == span.line else len(source.rstrip())
    start = width(code_line(source[: span.column - 1]))
    stop = width(code_line(source[: max(end, span.column)]))
    limit = width(shown)
    start = min(start, limit)
    return start, max(1, min(stop, limit) - start)


def _left_edge(text: str, start: int, length: int, room: int) -> int:
    """Return the column at which lines are cut on the left so that the marks can be seen."""
    if width(text) <= room or start + min(length, room // 2) < room - 1:
        return 0
    return max(0, start - room // 4)
