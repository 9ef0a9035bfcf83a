"""The suppression comments of files that are rendered: manifests, values, and templates that are no YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karlint.source.comments import NEEDLE, find_comments
from karlint.source.load import load_file
from karlint.source.text import Lines, UnreadableError, decode

if TYPE_CHECKING:
    from karlint.model.source import SourceFile, SuppressionComment
    from karlint.source.loaded import Limits

CommentedDocuments = tuple[tuple[int, int, tuple["SuppressionComment", ...]], ...]


def commented_documents(file: SourceFile, limits: Limits) -> CommentedDocuments:
    """Return ordinal, line of the first content and comments of each document of *file* that has some.

    A template counts as one document: what its text is when it is rendered cannot be told from it.
    """
    try:
        data = file.read()
        if NEEDLE.encode() not in data:
            return ()
        text = decode(file, data)
    except (OSError, UnreadableError):
        return ()
    loaded = load_file(file, limits)
    if loaded.documents and not loaded.findings:
        return tuple(
            (item.document.ordinal, item.document.line, item.comments) for item in loaded.documents if item.comments
        )
    found, _ = find_comments(text, Lines(text), as_yaml=False)
    comments = tuple(item.comment for item in found)
    return ((0, _first_content(text), comments),) if comments else ()


def _first_content(text: str) -> int:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith(("#", "---")):
            return number
    return 1
