"""Origins by what a stream says of itself: the file that each document came from, and no more.

It serves what somebody else rendered: ``helm template`` writes ``# Source:`` lines, ``kustomize build`` annotations.
The document in that file is told by kind and name, and a path in it leads to the value where nothing has changed it.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from karlint.model.origin import Origin, Spot
from karlint.model.source import Anchor, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from karlint.model.path import Path

    ReadDocuments = Callable[[str], Sequence[tuple[int, Any]]]
    """Path to ordinal and value of each document of a file; empty for one that cannot be read as YAML."""

_TOP = Span(1, 1, 1, 1)
_SOURCE = re.compile(rb"^# Source: (\S[^\n]*?)\r?$", re.MULTILINE)
_ORIGIN = re.compile(rb"^    config\.kubernetes\.io/origin: \|\n      (?:path|configuredIn): (\S[^\n]*)$", re.MULTILINE)
_END = re.compile(rb"^---(?:[ \t].*)?\r?$", re.MULTILINE)


def sources_of(stream: bytes) -> dict[int, str]:
    """Return ordinal to file for the documents of a helm stream; one without a ``# Source:`` goes with the last."""
    found: dict[int, str] = {}
    last = ""
    for ordinal, text in enumerate(_documents(stream)):
        match = _SOURCE.search(text)
        last = match[1].decode("utf-8", "replace") if match else last
        if last:
            found[ordinal] = last
    return found


def annotated_files(stream: bytes) -> dict[int, str]:
    """Return ordinal to the path in the origin annotation, for the documents of a kustomize stream."""
    found = {ordinal: _ORIGIN.search(text) for ordinal, text in enumerate(_documents(stream))}
    return {ordinal: match[1].decode("utf-8", "replace").strip("'\"") for ordinal, match in found.items() if match}


def _documents(stream: bytes) -> list[bytes]:
    """Cut a stream at its document marks, as ordinals count: text before the first mark is a document if it has any."""
    parts = _END.split(stream)
    return parts[1:] if parts and not parts[0].strip() else parts


class DocumentOrigins(Struct, frozen=True):
    """Origins of a stream whose documents are known by file only.

    Attributes:
        files: ordinal to repository-relative path.
        bodies: ordinal to the rendered resource.
        read: reads the documents of a file.
        fallback: the file to name for a document that is not among *files*.
    """

    files: Mapping[int, str]
    bodies: Mapping[int, Any]
    read: ReadDocuments
    fallback: str

    def locate(self, ordinal: int, at: Path, anchor: Anchor) -> Origin:
        """Return the same path in the document of that kind and name; the top of the file where there is none."""
        file = self.files.get(ordinal, self.fallback)
        found = _same(self.read(file), self.bodies.get(ordinal))
        if found is None:
            return Origin(Spot(file, span=_TOP))
        number, body = found
        exact = at != () and _value(body, at) == (True, _value(self.bodies.get(ordinal), at)[1])
        return Origin(Spot(file, number, at, anchor=anchor, exact=exact))


def _same(documents: Sequence[tuple[int, Any]], body: Any) -> tuple[int, Any] | None:
    """Return the document that *body* was made of: of its kind, and of its name or the longest one that is in it."""
    kind, name = _who(body)
    best: tuple[int, int, Any] | None = None
    for number, value in documents:
        other_kind, other = _who(value)
        if not kind or other_kind != kind:
            continue
        rank = len(other) + 1_000 * (other == name) if other and other in name else 0
        if best is None or rank > best[0]:
            best = rank, number, value
    return best[1:] if best is not None else None


def _who(value: Any) -> tuple[str, str]:
    if not isinstance(value, dict):
        return "", ""
    kind, metadata = value.get("kind"), value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return (kind if isinstance(kind, str) else "", name if isinstance(name, str) else "")


def _value(node: Any, at: Path) -> tuple[bool, Any]:
    for step in at:
        if isinstance(node, list):
            if not isinstance(step, int) or step >= len(node):
                return False, None
            node = node[step]
        elif isinstance(node, dict) and step in node:
            node = node[step]
        else:
            return False, None
    return True, node


def beside(base: str, path: str) -> str:
    """Return *path*, which is relative to *base*, relative to the root."""
    return posixpath.normpath(posixpath.join(base, path))
