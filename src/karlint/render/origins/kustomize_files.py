"""How a simulated kustomize build looks into the repository."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from karlint.model.origin import OriginMap
    from karlint.model.path import Path
    from karlint.model.source import Anchor, Span
    from karlint.model.unit import Place
    from karlint.render.origins.kustomize_tree import Node

    Inflate = Callable[[str, Mapping[str, Any], str, Place], tuple[Sequence[Any], OriginMap] | None]
    Embedded = Callable[[str, int, Path, int, Path, Anchor], Span | None]

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")


class Tree(Struct, frozen=True):
    """How to look into the repository.

    Attributes:
        read: content of a file, by its repository-relative POSIX path; None where there is none.
        parse: the values of the documents of a YAML text, None for empty ones; raises nothing.
        below: the files below a directory, for kustomizations that Flux makes up.
        inflate: renders an entry of ``helmCharts``: called with the kustomization's directory, the entry, the
            namespace and where the entry is written; gives the documents and what knows their origins, None where the
            chart cannot be rendered.
        embedded: tells the span of a path in the YAML that a string of a file holds, as `Embedding` does: called with
            file, ordinal and path of the string, then document, path and anchor in it. Without it, or where it gives
            None, the string as a whole is the place.
    """

    read: Callable[[str], bytes | None]
    parse: Callable[[bytes], Sequence[Any]]
    below: Callable[[str], Sequence[str]] | None = None
    inflate: Inflate | None = None
    embedded: Embedded | None = None


class Files:
    """The files of a tree, parsed once."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._parsed: dict[str, Sequence[Any]] = {}

    def there(self, path: str) -> bool:
        """Tell whether there is such a file."""
        return self._tree.read(path) is not None

    def documents(self, path: str) -> Sequence[Any]:
        """Return the values of the documents of a file; none where it is not there."""
        if path not in self._parsed:
            content = self._tree.read(path)
            self._parsed[path] = self._tree.parse(content) if content is not None else ()
        return self._parsed[path]

    def first(self, path: str) -> Any:
        """Return the first value of a file; None where it has none."""
        return next((value for value in self.documents(path) if value is not None), None)

    def parsed(self, text: str) -> Sequence[Any]:
        """Return the values of the documents of a text."""
        return self._tree.parse(text.encode())

    def content(self, directory: str, entry: str) -> tuple[str, bytes] | None:
        """Return the file that *entry* of a kustomization in *directory* means, from the root, and its content."""
        path = joined(directory, entry)
        content = self._tree.read(path) if path is not None else None
        return (path, content) if path is not None and content is not None else None

    def value_at(self, place: Place) -> Any:
        """Return what is written at *place*; None where nothing is."""
        documents = self.documents(place.file)
        value: Any = documents[place.ordinal] if place.ordinal < len(documents) else None
        try:
            for step in place.at:
                value = value[step]
        except (LookupError, TypeError):
            return None
        return value

    def kustomization(self, directory: str) -> str | None:
        """Return the kustomization file in *directory*."""
        paths = [posixpath.join(directory, name) for name in NAMES]
        return next((path for path in paths if self.there(path)), None)

    def found_below(self, directory: str) -> Iterator[str]:
        """Yield what Flux lists in the kustomization that it makes: files, and directories that have their own."""
        files = sorted(self._tree.below(directory)) if self._tree.below else []
        own = {posixpath.dirname(file) for file in files if posixpath.basename(file) in NAMES}
        listed: set[str] = set()
        for file in files:
            parts = posixpath.relpath(file, directory or ".").split("/")
            above = ["/".join(parts[:count]) for count in range(1, len(parts))]
            entry = next((up for up in above if posixpath.normpath(posixpath.join(directory, up)) in own), "")
            if not entry and file.endswith((".yaml", ".yml")):
                entry = "/".join(parts)
            if entry and entry not in listed:
                listed.add(entry)
                yield entry


def expanded(node: Node) -> Iterator[Node]:
    """Yield the resources in a document: those of a ``kind: List`` one by one."""
    if not node.is_map:
        return
    if node.text("kind").endswith("List") and "items" in node.map:
        for item in node.each("items"):
            yield from expanded(item)
    else:
        yield node


def joined(directory: str, entry: str) -> str | None:
    """Return *entry* of a kustomization from the root of the tree; None for what lies outside of it, or is remote."""
    if not entry or "\n" in entry or "://" in entry or entry.startswith("/"):
        return None
    path = posixpath.normpath(posixpath.join(directory, entry))
    if path == ".." or path.startswith("../"):
        return None
    return "" if path == "." else path
