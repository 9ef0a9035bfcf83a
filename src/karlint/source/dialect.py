"""Where go-yaml v2, the API server's parser, and libyaml, ours, part ways over the same text.

libyaml 0.2.5 learned things that go-yaml did not, and go-yaml knows one escape more. All of it is rare, so a cheap look
at the text comes first in each case.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from yaml import YAMLError
from yaml.events import MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent
from yaml.events import StreamEndEvent as _StreamEnd

from karlint.source.loaded import SYNTAX_ERROR
from karlint.source.parser import HARD_DEPTH, parser_events
from karlint.source.problems import TextProblem, escape_words

if TYPE_CHECKING:
    from collections.abc import Iterator

QUOTE_MARK = "\ufdd0"
"""Stands behind each quote that was escaped; a character that Unicode keeps out of texts."""

_MOST_QUOTES = 200
_SLASH = re.compile(r"(?:[^\\]|\\[^/])*\\/", re.DOTALL)
_PERHAPS_SLASH = re.compile(r'"[^\n]*\\/|^[^\n"]*\\/[^\n]*"', re.MULTILINE)
_PERHAPS_QUESTION = re.compile(r"""[\[{][^\n]*\?|\?[^\s'"#]*[ \t]*[,\]}]""")


def libyaml_text(text: str) -> str:
    r"""Return *text* with every ``\'`` in double quotes, which go-yaml reads as ``'``, in a form that libyaml reads.

    It has the same length: each becomes ``'`` and QUOTE_MARK, which ``without_marks`` takes out of the values.
    """
    if "\\'" not in text or QUOTE_MARK in text:
        return text
    patched = text
    for _ in range(_MOST_QUOTES):
        place = _unknown_escape(patched)
        if place is None:
            return patched
        if patched[place : place + 2] != "\\'":
            return patched
        patched = f"{patched[:place]}'{QUOTE_MARK}{patched[place + 2 :]}"
    return patched


def without_marks(value: bytes) -> bytes:
    """Return encoded JSON with the marks of ``libyaml_text`` taken out."""
    return value.replace(QUOTE_MARK.encode(), b"")


def _unknown_escape(text: str) -> int | None:
    """Return where the first escape that libyaml does not know begins."""
    next_event = parser_events(text)
    try:
        while next_event().__class__ is not _StreamEnd:
            pass
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        if mark is None or "unknown escape character" not in str(getattr(error, "problem", "")):
            return None
        found = text.rfind("\\", 0, mark.index + 2)
        return found if found >= mark.index - 1 else None
    return None


def refused_by_go(text: str) -> Iterator[TextProblem]:
    """Yield what libyaml takes in *text* and go-yaml does not."""
    slashes = "\\/" in text and _PERHAPS_SLASH.search(text) is not None
    questions = "?" in text and _PERHAPS_QUESTION.search(text) is not None
    if not slashes and not questions:
        return
    for start, end, style, flow in scalar_spans(text):
        if slashes and style == '"':
            found = _SLASH.match(text, start, end)
            if found:
                message, hint = escape_words()
                yield TextProblem(SYNTAX_ERROR, message, found.end() - 2, found.end(), hint)
        elif questions and flow and not style and "?" in text[start:end]:
            message = "A ? ends a value between brackets, so the API server cannot read this."
            yield TextProblem(SYNTAX_ERROR, message, start, end, "Put the value in quotes.")


def scalar_spans(text: str) -> Iterator[tuple[int, int, str, bool]]:
    """Yield the scalars of *text* as far as it reads: start, end, style ("" for plain), inside brackets or not."""
    next_event = parser_events(text)
    flows: list[bool] = [False]
    try:
        while True:
            event = next_event()
            kind = event.__class__
            if kind is ScalarEvent:
                yield event.start_mark.index, event.end_mark.index, event.style or "", flows[-1]
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                flows.append(event.flow_style)
                if len(flows) > HARD_DEPTH:
                    return
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                flows.pop()
            elif kind is _StreamEnd:
                return
    except YAMLError:
        return  # reported where the values are read
