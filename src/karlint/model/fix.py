"""What would mend a finding: what to change, in symbols, and where that stands in the text."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from karlint.model.path import Path
    from karlint.model.source import Span


class OperationKind(StrEnum):
    """What an operation does to the entry at its path."""

    SET = "set"
    ADD = "add"
    REMOVE = "remove"
    RENAME = "rename"
    WRAP = "wrap"
    UNWRAP = "unwrap"


class Operation(Struct, frozen=True):
    """One change of a document, in symbols.

    Attributes:
        kind: SET puts *value* in the place of one that is there. ADD makes an entry that is not there, and the mappings
            above it that are missing; an item goes to the end of its list, so its index is the list's length. REMOVE
            takes an entry away. RENAME gives an entry the key *name*. WRAP moves those entries of a mapping whose keys
            *value* lists under a new key *name* in it. UNWRAP is its reverse: the entries of a mapping take the place
            of the entry that holds it.
        at: path of the entry.
        value: what is set or added, as JSON holds it; for WRAP a list of keys.
        name: the new key.
    """

    kind: OperationKind
    at: Path
    value: Any = None
    name: str = ""


class TextEdit(Struct, frozen=True):
    """Replaces the characters from *start* up to *end* of a file's text (its byte order mark not counted)."""

    start: int
    end: int
    text: str


class Rewrite(Struct, frozen=True):
    """Edits of lines that a template holds as they are rendered.

    Attributes:
        start: where in the template's text the lines begin.
        lines: what they are, line breaks included; the text must still say so.
        edits: what to do in *lines*: they count from its start.
    """

    start: int
    lines: str
    edits: tuple[TextEdit, ...]


class Change(Struct, frozen=True):
    """The operations of a fix that concern one document of one file; their paths start at the document's root.

    Attributes:
        file: repository-relative POSIX path.
        ordinal: document of the file, from 0.
        expected: paths with the values that the rule saw there; the text must still say the same.
        rewrites: only of a template, which is no YAML: what to change in its text so that the operations come to pass.
            They then say what becomes of the rendered resource, at whose root their paths start.
    """

    file: str
    ordinal: int
    operations: tuple[Operation, ...]
    expected: tuple[tuple[Path, Any], ...] = ()
    rewrites: tuple[Rewrite, ...] = ()


class FileEdit(Struct, frozen=True):
    """A text edit as reports show it: the span of *path* is replaced by *text*."""

    path: str
    span: Span
    text: str


class Fix(Struct, frozen=True):
    """How to mend a finding.

    Attributes:
        title: what it does, in a few words.
        safe: True when the manifest can mean nothing else, so that --fix does it without being asked twice.
        changes: what is to be changed, in symbols.
        edits: the same as edits of the text as it is now, by path and place.
    """

    title: str
    safe: bool
    changes: tuple[Change, ...]
    edits: tuple[FileEdit, ...] = ()


class ChangedFile(Struct, frozen=True):
    """A file whose text is to change."""

    path: str
    before: bytes
    after: bytes
