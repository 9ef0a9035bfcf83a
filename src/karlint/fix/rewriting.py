"""Edits of a chart's template: made on the text that it rendered to, and carried over to the lines that printed it."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING

from karlint.model.fix import Rewrite, TextEdit
from karlint.model.refused import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from karlint.model.fix import Change
    from karlint.model.origin import Printed

_BREAK = re.compile(r"\r?\n")


def rewritten(text: str, changes: Sequence[Change]) -> tuple[TextEdit, ...]:
    """Return the edits of the template *text* that *changes* ask for; what several ask for alike is done once.

    Raises:
        RefusedError: the text says something else, or the edits are in one another's way.
    """
    wanted = {rewrite: None for change in changes for rewrite in change.rewrites}
    if not all(change.rewrites for change in changes):
        raise RefusedError("the file is a template")
    edits: list[TextEdit] = []
    for rewrite in wanted:
        if not text.startswith(rewrite.lines, rewrite.start):
            raise RefusedError("the template says something else than what was rendered")
        edits += (TextEdit(rewrite.start + e.start, rewrite.start + e.end, e.text) for e in rewrite.edits)
    edits.sort(key=lambda edit: (edit.start, edit.end))
    if any(one.end > two.start or (one.start, one.end) == (two.start, two.end) for one, two in pairwise(edits)):
        raise RefusedError("edits of the template meet")
    return tuple(edits)


def carried_over(printed: Printed, edits: Sequence[TextEdit]) -> tuple[str, tuple[Rewrite, ...]]:
    """Return the template that holds all lines which *edits* of the printed text touch, and what to do in it.

    Raises:
        RefusedError: one of the lines is not literal, or they stand in several files.
    """
    starts = [0, *(found.end() for found in re.finditer("\n", printed.text))]
    made = [_carried(printed, edit, starts) for edit in edits]
    files = {file for file, _ in made}
    if len(files) != 1:
        raise RefusedError("it is written in several templates, or in none")
    return files.pop(), tuple(rewrite for _, rewrite in made)


def _carried(printed: Printed, edit: TextEdit, starts: Sequence[int]) -> tuple[str, Rewrite]:
    first = bisect_right(starts, edit.start) - 1
    last = bisect_right(starts, max(edit.start, edit.end - 1)) - 1  # a line's break belongs to the line
    literal = printed.literal(first, last)
    if literal is None or "{{" in edit.text:
        raise RefusedError("a template fills it in")
    start, end = (_offset(index, first, starts, literal.lines, literal.indent) for index in (edit.start, edit.end))
    lines = "".join(literal.lines)
    if end > len(lines):
        raise RefusedError("the template ends there")
    text = edit.text
    if literal.indent and "\n" in text:
        head, *rest = _BREAK.split(text)
        pad = " " * literal.indent
        if any(line and not line.startswith(pad) for line in rest):
            raise RefusedError("the template has another indentation")
        breaks = _BREAK.findall(text)
        text = head + "".join(end + line.removeprefix(pad) for end, line in zip(breaks, rest, strict=True))
    return literal.file, Rewrite(literal.start, lines, (TextEdit(start, end, text),))


def _offset(index: int, first: int, starts: Sequence[int], lines: Sequence[str], indent: int) -> int:
    """Return where in *lines*, joined, the *index* of the printed text lies."""
    row = bisect_right(starts, index) - 1
    column = index - starts[row]
    if 0 < column < indent:
        raise RefusedError("the template has another indentation")
    return sum(map(len, lines[: row - first])) + max(column - indent, 0)
