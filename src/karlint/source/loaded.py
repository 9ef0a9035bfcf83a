"""What loading gives, and the bounds that it keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from karlint.model.finding import FileFinding
    from karlint.model.path import Path
    from karlint.model.source import Document, SourceFile, SuppressionComment

SYNTAX_ERROR = "core/syntax-error"
DUPLICATE_KEY = "core/duplicate-key"
FILE_LIMIT = "core/file-limit"
UNREADABLE_FILE = "core/unreadable-file"
BAD_SUPPRESSION = "core/bad-suppression"

TEMPLATE = "template, not rendered"
"""The reason to skip a file that only its template engine makes YAML of."""


class Limits(Struct, frozen=True):
    """Bounds that protect a run against hostile or broken files.

    Attributes:
        max_bytes: size of a file.
        max_depth: levels of nesting in a document, those that aliases add counted; at most 250 are ever allowed.
        max_alias_nodes: values that all aliases of a document stand for; a long text counts once for every 64
            characters. The default is what the API server's YAML library bears.
        max_documents: documents of a file.
    """

    max_bytes: int = 10 * 1024 * 1024
    max_depth: int = 100
    max_alias_nodes: int = 400_000
    max_documents: int = 10_000


class Head(Struct, frozen=True):
    """Who a resource is, and where in its document it stands.

    Attributes:
        prefix: path of the resource inside the document: empty, or ``("items", 3)`` inside a list.
        namespace, name, generate_name: "" where the manifest has none, or something else than a string.
    """

    prefix: Path
    api_version: str
    kind: str
    namespace: str
    name: str
    generate_name: str


class LoadedDocument(Struct, frozen=True):
    """A document that has content: its resources, none if it is no manifest, and the suppression comments in it."""

    document: Document
    heads: tuple[Head, ...]
    comments: tuple[SuppressionComment, ...]


class LoadedFile(Struct, frozen=True):
    """A file that was read.

    Attributes:
        documents: the documents that could be read, empty ones left out.
        findings: what is wrong with the text itself; a document that holds an error is not among *documents*.
        skip_reason: why the file is none to lint; None when it is. It has no documents and no findings then.
    """

    file: SourceFile
    documents: tuple[LoadedDocument, ...]
    findings: tuple[FileFinding, ...]
    skip_reason: str | None = None
