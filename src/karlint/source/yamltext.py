"""Reads the documents of a YAML text, one after the other, and keeps what could be read when something breaks."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from yaml import YAMLError
from yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from karlint.source.dialect import refused_by_go
from karlint.source.loaded import FILE_LIMIT, SYNTAX_ERROR, Limits
from karlint.source.parser import HARD_DEPTH, parser_events
from karlint.source.problems import TextProblem, syntax_problem
from karlint.source.values import Builder

if TYPE_CHECKING:
    from collections.abc import Callable


class RawDocument(Struct):
    """A document that has content.

    Attributes:
        ordinal: its place in the text, empty documents counted.
        start: where it begins, its ``---`` if it has one.
        content: where its content begins.
        value: as JSON holds it; None when only the structure was looked at.
    """

    ordinal: int
    start: int
    content: int
    value: Any


class RawStream(Struct):
    """The documents of a text, and what is wrong with it.

    *starts* has the beginning of every document, empty ones included.
    """

    documents: list[RawDocument] = field(default_factory=list)
    problems: list[TextProblem] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)


def read_yaml(text: str, limits: Limits, values: bool = True) -> RawStream:
    """Read *text*. Without *values* only the structure is checked: syntax, depth and number of documents."""
    stream = RawStream()
    next_event = parser_events(text)
    read = _value if values else _skim
    try:
        while True:
            event = next_event()
            if event.__class__ is DocumentStartEvent:
                if len(stream.starts) >= limits.max_documents:
                    raise _too_many(event, limits)
                stream.starts.append(_start(event))
                if event.version not in (None, (1, 1)):
                    raise _newer_yaml(event)
                read(stream, next_event, limits)
            elif event.__class__ is StreamEndEvent:
                break
    except YAMLError as error:
        stream.problems.append(syntax_problem(error, text))
    except TextProblem as problem:
        stream.problems.append(problem)
    for refused in refused_by_go(text):
        stream.problems.append(refused)
        ordinal = bisect_right(stream.starts, refused.start) - 1
        stream.documents = [document for document in stream.documents if document.ordinal != ordinal]
    return stream


def _start(event: Any) -> int:
    index: int = event.start_mark.index
    return index


def _value(stream: RawStream, next_event: Callable[[], Any], limits: Limits) -> None:
    first = next_event()
    builder = Builder(limits)
    try:
        value = builder.build(first, next_event)
    except TextProblem as problem:
        if problem.rule == FILE_LIMIT:
            raise
        stream.problems.append(problem)
        _skip_document(next_event, limits)
        return
    stream.problems += builder.problems
    if not is_empty(first):
        index = len(stream.starts) - 1
        stream.documents.append(RawDocument(index, stream.starts[index], first.start_mark.index, value))


def _skim(stream: RawStream, next_event: Callable[[], Any], limits: Limits) -> None:
    first = event = next_event()
    limit = min(limits.max_depth, HARD_DEPTH)
    depth = 0
    while event.__class__ is not DocumentEndEvent:
        if event.__class__ is MappingStartEvent or event.__class__ is SequenceStartEvent:
            depth += 1
            if depth > limit:
                raise Builder(limits).too_deep(event)
        elif event.__class__ is MappingEndEvent or event.__class__ is SequenceEndEvent:
            depth -= 1
        event = next_event()
    if not is_empty(first):
        index = len(stream.starts) - 1
        stream.documents.append(RawDocument(index, stream.starts[index], first.start_mark.index, None))


def _skip_document(next_event: Callable[[], Any], limits: Limits) -> None:
    """Read on to the end of a document that is given up, so that the next ones can be read."""
    depth = 0
    event = next_event()
    while event.__class__ is not DocumentEndEvent:
        depth += (event.__class__ is MappingStartEvent) + (event.__class__ is SequenceStartEvent)
        depth -= (event.__class__ is MappingEndEvent) + (event.__class__ is SequenceEndEvent)
        if depth > HARD_DEPTH:
            raise Builder(limits).too_deep(event)
        event = next_event()


def is_empty(first: Any) -> bool:
    """Tell whether a document whose content starts with *first* has none: not even ``null`` is written."""
    return (
        first.start_mark.index == first.end_mark.index
        and first.__class__ is ScalarEvent
        and first.tag is None
        and first.anchor is None
    )


def _newer_yaml(event: Any) -> TextProblem:
    message = "The API server reads YAML 1.1, and refuses a document that says it is of another version."
    return TextProblem(SYNTAX_ERROR, message, event.start_mark.index, event.end_mark.index, "Remove the %YAML line.")


def _too_many(event: Any, limits: Limits) -> TextProblem:
    message = f"The file has more than {limits.max_documents:,} documents, so the rest was not read."
    hint = "Split it, exclude it, or raise limits.max_documents."
    return TextProblem(FILE_LIMIT, message, event.start_mark.index, event.end_mark.index, hint)
