"""The census as tables for a terminal."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from karlint.report.cells import crop, width
from karlint.report.censuswords import (
    TOTAL_HEADS,
    WORKLOAD_HEADS,
    groups,
    needs_text,
    reference_text,
    summary,
    total_cells,
    workload_cells,
)
from karlint.report.sanitise import defuse, encodable, one_line
from karlint.report.wording import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from karlint.model.census import Census, Total

_GAP = 2
_NARROWEST = 6
"""Columns that a cell keeps, however narrow the terminal."""


def render_text(census: Census, columns: int, *, references: bool, ci_guard: bool = False) -> str:
    """Return *census* as text whose lines keep to *columns*.

    Args:
        census: what to show.
        columns: width of the terminal.
        references: list the references that are not resolved, those that are known to lead nowhere otherwise counted.
        ci_guard: break up what a CI runner would read as a command.
    """
    lines = [encodable(line) for line in _lines(census, columns, references)]
    return "\n".join(defuse(line) if ci_guard else line for line in lines) + "\n"


def _lines(census: Census, columns: int, references: bool) -> Iterator[str]:
    if census.workloads:
        yield from _workloads(census, columns)
        yield ""
    for title, totals in groups(census):
        yield from _totals(title, totals, columns)
        yield ""
    if census.needs:
        text = "Needs: " + ", ".join(f"{need.title} ({need.workloads:,})" for need in census.needs)
        yield from _wrapped(text, columns)
        yield ""
    yield from _references(census, columns, references)
    yield from _wrapped(summary(census), columns)


def _workloads(census: Census, columns: int) -> Iterator[str]:
    """Yield two lines a workload: its cells, and below them what it needs and where it is written."""
    titles = {need.id: need.title for need in census.needs}
    rows = [workload_cells(workload) for workload in census.workloads]
    table = _table([WORKLOAD_HEADS, *rows], columns)
    yield next(table)
    for workload, line in zip(census.workloads, table, strict=True):
        yield line
        needs = needs_text(workload, titles)
        yield crop(f"  {one_line(workload.file)}{f'  needs {needs}' if needs else ''}", 0, columns)


def _totals(title: str, totals: Sequence[Total], columns: int) -> Iterator[str]:
    yield from _table(
        [(title, *TOTAL_HEADS), *((total.name or "(none)", *total_cells(total)) for total in totals)], columns
    )


def _table(rows: Sequence[Sequence[str]], columns: int) -> Iterator[str]:
    """Yield the rows as lines, the first as their head; the widest cells are cut where *columns* do not suffice."""
    shown = [[one_line(cell) for cell in row] for row in rows]
    used = [number for number in range(len(shown[0])) if any(row[number] for row in shown[1:])]
    widths = _fitting([max(width(row[number]) for row in shown) for number in used], columns)
    for place, row in enumerate(shown):
        cells = [
            crop(row[number].upper() if not place else row[number], 0, room)
            for number, room in zip(used, widths, strict=True)
        ]
        padded = [cell + " " * (room - width(cell)) for cell, room in zip(cells, widths, strict=True)]
        yield (" " * _GAP).join(padded).rstrip()


def _fitting(widths: list[int], columns: int) -> list[int]:
    """Return *widths* such that they fit into *columns*: the widest gives way first, down to a few columns."""
    fitted = list(widths)
    room = columns - _GAP * (len(fitted) - 1)
    while sum(fitted) > room and max(fitted) > _NARROWEST:
        fitted[fitted.index(max(fitted))] -= 1
    return fitted


def _references(census: Census, columns: int, listed: bool) -> Iterator[str]:
    known = sum(one.closed for one in census.references)
    if not listed:
        if known:
            yield from _wrapped(f"{count(known, 'reference')} to what is not there; --references lists them.", columns)
        return
    ordered = sorted(census.references, key=lambda one: (not one.closed, one.file))
    for closed, found in groupby(ordered, key=lambda one: one.closed):
        yield "References to what is not there:" if closed else "References to what the tree does not hold:"
        for one in found:
            place = f"{one.file}:{one.line}" if one.line else one.file
            yield crop(one_line(f"  {reference_text(one)}"), 0, columns)
            yield crop(one_line(f"    {place}"), 0, columns)
        yield ""


def _wrapped(text: str, columns: int) -> Iterator[str]:
    """Yield *text* in lines of at most *columns*, broken between words."""
    line = ""
    for word in one_line(text).split(" "):
        longer = f"{line} {word}" if line else word
        if line and width(longer) > columns:
            yield crop(line, 0, columns)
            line = word
        else:
            line = longer
    yield crop(line, 0, columns)
