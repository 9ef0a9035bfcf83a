"""From a file to its documents, who the resources in them are, and what is wrong with the text."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

import orjson

from karlint.model.finding import FileFinding
from karlint.model.source import Document
from karlint.source.comments import NEEDLE, FoundComment, find_comments
from karlint.source.dialect import libyaml_text, without_marks
from karlint.source.heads import heads_of
from karlint.source.jsontext import JsonKind, json_kind, read_json
from karlint.source.loaded import BAD_SUPPRESSION, SYNTAX_ERROR, TEMPLATE, Limits, LoadedDocument, LoadedFile
from karlint.source.problems import TextProblem
from karlint.source.template import is_template
from karlint.source.text import Lines, UnreadableError, read_text
from karlint.source.yamltext import RawStream, read_yaml

if TYPE_CHECKING:
    from karlint.model.source import SourceFile, SuppressionComment

NO_VALUE = b"null"


def load_file(file: SourceFile, limits: Limits) -> LoadedFile:
    """Read every document of *file* with its value. What is wrong with the file comes back as findings."""
    return load(file, limits, all_values=True)


def load(file: SourceFile, limits: Limits, all_values: bool) -> LoadedFile:
    """Read *file*.

    Unless *all_values* are asked for, a file that cannot hold a manifest, since the words apiVersion and kind are not
    in it, has its syntax checked and its documents counted; the ``json`` of these is ``null``.
    """
    try:
        text = read_text(file, limits)
    except UnreadableError as error:
        return LoadedFile(file, (), (error.finding,))
    values = all_values or ("apiVersion" in text and "kind" in text)
    stream, is_json = read_stream(file, text, limits, values)
    broken = next((problem for problem in stream.problems if problem.rule == SYNTAX_ERROR), None)
    if broken is not None and is_template(text, broken.start):
        return LoadedFile(file, (), (), TEMPLATE)
    lines = Lines(text)
    comments: list[FoundComment] = []
    if NEEDLE in text and not is_json:
        comments, bad = find_comments(text, lines)
        stream.problems += bad
    spoken, lost = _share_out(comments, stream)
    stream.problems += lost
    documents = tuple(
        LoadedDocument(
            Document(file, raw.ordinal, lines.line(raw.content), _encoded(raw.value) if values else NO_VALUE),
            heads_of(raw.value),
            spoken.get(raw.ordinal, ()),
        )
        for raw in stream.documents
    )
    return LoadedFile(file, documents, tuple(_finding(file, problem, lines) for problem in stream.problems))


def read_stream(file: SourceFile, text: str, limits: Limits, values: bool = True) -> tuple[RawStream, bool]:
    """Read *text* as the kind of text it is. Return the documents, and whether it was read as JSON."""
    kind = json_kind(file.path, text)
    if kind is not JsonKind.NEVER:
        stream = read_json(text, limits)
        if kind is JsonKind.SURELY or all(problem.rule != SYNTAX_ERROR for problem in stream.problems):
            return stream, True
    return read_yaml(libyaml_text(text), limits, values), False


def _encoded(value: Any) -> bytes:
    return without_marks(orjson.dumps(value))


def _share_out(
    comments: list[FoundComment], stream: RawStream
) -> tuple[dict[int, tuple[SuppressionComment, ...]], list[TextProblem]]:
    """Give each comment to the document it stands in; those of empty documents speak for nothing, and are problems."""
    shares: dict[int, tuple[SuppressionComment, ...]] = {}
    lost: list[TextProblem] = []
    full = {document.ordinal for document in stream.documents}
    for found in comments:
        ordinal = max(bisect_right(stream.starts, found.index) - 1, 0)
        if ordinal in full:
            shares[ordinal] = (*shares.get(ordinal, ()), found.comment)
        elif not any(problem.rule == SYNTAX_ERROR for problem in stream.problems):
            message = "This suppression stands in an empty document, so it has no effect."
            hint = "Put it into the document that it is meant for, below its `---`."
            lost.append(TextProblem(BAD_SUPPRESSION, message, found.index, found.index + 1, hint))
    return shares, lost


def _finding(file: SourceFile, problem: TextProblem, lines: Lines) -> FileFinding:
    return FileFinding(problem.rule, file.path, lines.span(problem.start, problem.end), problem.message, problem.help)
