"""Finds the suppression comments of a text: ``# karlint: ignore[rule-a, rule-b] reason``."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from msgspec import Struct

from karlint.model.source import SuppressionComment
from karlint.source.dialect import scalar_spans
from karlint.source.loaded import BAD_SUPPRESSION
from karlint.source.problems import TextProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from karlint.source.text import Lines

NEEDLE = "karlint:"
_COMMENT = re.compile(r"(?:(?<=[ \t\r\n])|\A)#+[ \t]*karlint:(?P<rest>[^\r\n]*)")
_IGNORE = re.compile(r"\s*ignore\s*\[(?P<rules>[^\[\]]*)\](?P<reason>.*)\Z")
_FORM = "Write `# karlint: ignore[category/rule] reason`."


class FoundComment(Struct, frozen=True):
    """A comment, and the index into the text at which it stands."""

    index: int
    comment: SuppressionComment


def find_comments(text: str, lines: Lines, as_yaml: bool = True) -> tuple[list[FoundComment], list[TextProblem]]:
    """Return the suppression comments of the YAML *text* in order, and those that are none though they try to be.

    A text that is not *as_yaml* is a template: every ``#`` that looks like a comment is taken for one.
    """
    found: list[FoundComment] = []
    problems: list[TextProblem] = []
    spans = [(start, end, style) for start, end, style, _ in scalar_spans(text)] if as_yaml else []
    for match in _COMMENT.finditer(text):
        if _inside_scalar(text, match.start(), spans):
            continue
        parsed = _IGNORE.match(match["rest"])
        if parsed is None:
            message = f'"{match.group().strip()}" is no suppression that karlint knows, so it has no effect.'
            problems.append(TextProblem(BAD_SUPPRESSION, message, match.start(), _end(match), _FORM))
            continue
        line, column = lines.place(match.start())
        before = text[match.start() - column + 1 : match.start()]
        rules = tuple(rule.strip() for rule in parsed["rules"].split(",") if rule.strip())
        comment = SuppressionComment(line, column, rules, parsed["reason"].strip(), not before.strip())
        found.append(FoundComment(match.start(), comment))
    return found, problems


def _end(match: re.Match[str]) -> int:
    return match.start() + len(match.group().rstrip())


def _inside_scalar(text: str, index: int, spans: Sequence[tuple[int, int, str]]) -> bool:
    """Tell whether the ``#`` at *index* is part of a value. *spans* are those of the scalars, in order."""
    place = bisect_right(spans, index, key=lambda span: span[0]) - 1
    if place < 0:
        return False
    start, end, style = spans[place]
    if not start <= index < end:
        return False
    # a block scalar begins with its header, and the line of the header may end with a comment
    return style not in ("|", ">") or "\n" in text[start:index] or "\r" in text[start:index]
