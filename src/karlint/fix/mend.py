"""Does the operations of a fix one after the other, and believes none that the text does not bear out."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson
from msgspec import Struct

from karlint.fix.edits import edits_for
from karlint.fix.pieces import Pieces
from karlint.fix.rewriting import rewritten
from karlint.fix.scalars import normal
from karlint.fix.spots import DocumentText
from karlint.model.fix import Operation
from karlint.model.intended import has, intended, same, value_at
from karlint.model.refused import RefusedError
from karlint.model.source import SourceFile
from karlint.source.dialect import without_marks
from karlint.source.load import read_stream
from karlint.source.loaded import Limits
from karlint.source.positions import nodes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from karlint.model.fix import Change, TextEdit

DIFFERS = "the text says something else than what was judged"
"""Why nothing is done where what stands there became something else on its way to the cluster."""

_NO_LIMITS = Limits(max_bytes=2**31)


class Mended(Struct, frozen=True):
    """A text with its operations done.

    Attributes:
        text: the new text.
        edits: what turns the old one into it, in order.
    """

    text: str
    edits: tuple[TextEdit, ...]


class Reading(Struct, frozen=True):
    """What a text says: the value of each document by its ordinal, how many there are, and what is wrong."""

    values: dict[int, Any]
    count: int
    problems: tuple[tuple[str, str], ...]

    def equals(self, other: Reading) -> bool:
        """Tell whether both say the same."""
        alike = self.values.keys() == other.values.keys() and self.count == other.count
        return alike and all(same(value, other.values[number]) for number, value in self.values.items())


@lru_cache(maxsize=8)  # the findings of a file ask for the same text, one after the other
def read(path: str, text: str) -> Reading:
    """Return what *text* of the file at *path* says; its values are not to be changed."""
    stream, _ = read_stream(SourceFile(path, None, b""), text, _NO_LIMITS)
    values = {raw.ordinal: orjson.loads(without_marks(orjson.dumps(raw.value))) for raw in stream.documents}
    return Reading(values, len(stream.starts), tuple(sorted((item.rule, item.message) for item in stream.problems)))


def mend(path: str, text: str, changes: Sequence[Change]) -> Mended:
    """Return *text* of the file at *path* with *changes* done.

    Each edit is proven: read again, the text has the same documents, the value is exactly the intended one, all others
    are as they were, and nothing is wrong with the text that was not before. A template, whose text is no YAML, is only
    held against the lines that were expected: what comes of it is for its renderer to tell.

    Raises:
        RefusedError: one of them cannot be done so, or does not find what it expects. Nothing is done then.
    """
    if any(change.rewrites for change in changes):
        edits = rewritten(text, changes)
        return Mended(spliced(text, edits), edits)
    before = read(path, text)
    for change in changes:
        _check_expected(before, change)
    pieces = Pieces(text)
    now = before
    for change in changes:
        for operation in change.operations:
            now = _step(path, pieces, now, change.ordinal, _clean(operation))
    return Mended(pieces.text, tuple(edit for edit in pieces.edits() if text[edit.start : edit.end] != edit.text))


def _clean(operation: Operation) -> Operation:
    return Operation(operation.kind, operation.at, normal(operation.value), operation.name)


def _check_expected(reading: Reading, change: Change) -> None:
    if change.ordinal not in reading.values:
        raise RefusedError("the document is not in the text")
    for at, value in change.expected:
        if not has(reading.values[change.ordinal], at) or not same(value_at(reading.values[change.ordinal], at), value):
            raise RefusedError(DIFFERS)


def _step(path: str, pieces: Pieces, now: Reading, ordinal: int, operation: Operation) -> Reading:
    """Do one operation in *pieces*. Return what the text says then."""
    aim = Reading({**now.values, ordinal: intended(now.values[ordinal], operation)}, now.count, now.problems)
    roots, json = nodes_of(path, pieces.text)
    if not 0 <= ordinal < len(roots):
        raise RefusedError("the document is not in the text")
    edits = edits_for(DocumentText(pieces.text, roots[ordinal], json=json), operation)
    after = read(path, spliced(pieces.text, edits))
    if not after.equals(aim) or after.problems != now.problems:
        raise RefusedError("the text cannot be changed so without changing more")
    pieces.apply(edits)
    return after


def spliced(text: str, edits: Iterable[TextEdit]) -> str:
    """Return *text* with *edits*, which do not overlap, made."""
    parts: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        parts += (text[position : edit.start], edit.text)
        position = edit.end
    return "".join((*parts, text[position:]))
