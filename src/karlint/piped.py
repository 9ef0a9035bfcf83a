"""What a pipe brings may say what it was made of: then findings stand in the tree, where that is."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

import orjson
from msgspec import Struct
from msgspec.structs import replace

from karlint.model.origin import Origin, Spot
from karlint.render.origins.bydocument import DocumentOrigins, annotated_files, sources_of
from karlint.tree import Tree

if TYPE_CHECKING:
    from pathlib import Path as FilePath

    from karlint.discover import Layout
    from karlint.model.path import Path
    from karlint.model.resource import Resource
    from karlint.model.source import Anchor
    from karlint.source import LoadedFile

_HERE = "It stands here in what was piped in."


class PipedOrigins(Struct, frozen=True):
    """Origins of what was piped in: in the tree where the text says so, else the line in the pipe.

    Attributes:
        inner: origins in the tree.
        known: ordinals of the documents that were made of a file of the tree.
        stream: the path of what was piped in.
    """

    inner: DocumentOrigins
    known: frozenset[int]
    stream: str

    def locate(self, ordinal: int, at: Path, anchor: Anchor) -> Origin:
        """Return the origin of the value at *at* of the document *ordinal*."""
        here = Spot(self.stream, ordinal, at, anchor=anchor, exact=True, why=_HERE)
        if ordinal not in self.known:
            return Origin(here)
        found = self.inner.locate(ordinal, at, anchor)
        return Origin(found.primary, (*found.via, here))


def traced(resources: list[Resource], loaded: LoadedFile, root: FilePath, layout: Layout) -> list[Resource]:
    """Return *resources*, those of the pipe with origins in the tree where the text of the pipe tells them."""
    text = loaded.file.read()
    told = {**sources_of(text), **annotated_files(text)}
    files = {number: file for number, name in told.items() if (file := _file(name, root, layout)) is not None}
    if not files:
        return resources
    tree = Tree(root)
    bodies = {item.document.ordinal: orjson.loads(item.document.json) for item in loaded.documents}
    inner = DocumentOrigins(files, bodies, lambda path: list(enumerate(tree.documents(path))), loaded.file.path)
    origins = PipedOrigins(inner, frozenset(files), loaded.file.path)
    return [
        replace(resource, origins=origins, home=files.get(resource.document.ordinal, ""))
        if resource.document.file is loaded.file
        else resource
        for resource in resources
    ]


def _file(name: str, root: FilePath, layout: Layout) -> str | None:
    """Return the file of the tree that *name* means: a path below a chart of that name, or one from the root."""
    head, _, inner = name.partition("/")
    charts = [chart for chart in layout.charts if posixpath.basename(chart) == head]
    paths = [posixpath.join(chart, inner) for chart in charts] if len(charts) == 1 else []
    for path in (*paths, posixpath.normpath(name)):
        if not path.startswith(("..", "/")) and (root / path).is_file():
            return path
    return None
