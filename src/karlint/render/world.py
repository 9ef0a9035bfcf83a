"""What an Application or a Flux object can ask of the repository it stands in, and how their fields are read."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from karlint.model.unit import NotRendered, Place
from karlint.render.clusters import entry_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from karlint.model.path import Path


class Node(Struct, frozen=True):
    """A value of an object, and where it is written: reads fields of any shape, and is never surprised by a wrong type.

    Attributes:
        value: the value; None where there is none.
        place_of: returns where the value at a path of the whole object is written.
        at: path of *value* in the whole object.
    """

    value: Any
    place_of: Callable[[Path], Place]
    at: Path = ()

    def get(self, *keys: str) -> Node:
        """Return the field behind *keys*; a node without value where there is none."""
        value = self.value
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return Node(value, self.place_of, (*self.at, *keys))

    def items(self) -> list[Node]:
        """Return the items of a list; nothing for anything else."""
        found = self.value if isinstance(self.value, list) else []
        return [Node(item, self.place_of, (*self.at, index)) for index, item in enumerate(found)]

    def fields(self) -> Iterator[tuple[str, Node]]:
        """Yield the fields of a mapping; nothing for anything else."""
        for key, value in (self.value if isinstance(self.value, dict) else {}).items():
            if isinstance(key, str):
                yield key, Node(value, self.place_of, (*self.at, key))

    def text(self) -> str:
        """Return a string; "" for anything else."""
        return self.value if isinstance(self.value, str) else ""

    def true(self) -> bool:
        """Return whether it is the boolean true."""
        return self.value is True

    @property
    def place(self) -> Place:
        """Where it is written."""
        return self.place_of(self.at)


class Declared(Struct, frozen=True):
    """An object of the repository, as it stands there or as something rendered it.

    Attributes:
        body: the object.
        place_of: returns where the value at a path of *body* is written in the tree, as near as it is known. For what
            stands in the tree that is the file, the document and the path; for what was rendered the place to edit.
        parent: id of the unit that rendered it; "" for what stands in the tree.
        cluster: cluster of that unit; "" for unknown.
        namespace: namespace that it lands in if it names none.
    """

    body: Any
    place_of: Callable[[Path], Place]
    parent: str = ""
    cluster: str = ""
    namespace: str = ""

    @property
    def node(self) -> Node:
        """Its fields."""
        return Node(self.body, self.place_of)

    @property
    def name(self) -> str:
        """metadata.name."""
        return self.node.get("metadata", "name").text()

    @property
    def own_namespace(self) -> str:
        """metadata.namespace, or the namespace that it lands in."""
        return self.node.get("metadata", "namespace").text() or self.namespace

    @property
    def where(self) -> str:
        """What tells where it stands from others: its cluster, or the directory of a cluster; "" for unknown."""
        return self.cluster or entry_directory(self.node.place.file)

    @property
    def unit(self) -> str:
        """The id of the unit that it is: its title, and where it stands."""
        return f"{self.title} ({self.where})" if self.where else self.title

    @property
    def title(self) -> str:
        """What messages call it: ``Application argocd/llm``."""
        kind = self.node.get("kind").text() or "Object"
        return f"{kind} {self.own_namespace}/{self.name}" if self.own_namespace else f"{kind} {self.name}"


class World(Protocol):
    """The repository. Paths are relative to its root, POSIX, and "" is the root itself."""

    def kind(self, path: str) -> str:
        """Return "file", "directory", "" for what is not there, "outside" for what leads out of the repository."""
        ...

    def read(self, path: str) -> str | None:
        """Return the text of a file; None where it cannot be read."""
        ...

    def files(self, directory: str) -> Sequence[str]:
        """Return every file below *directory*, sorted, hidden ones too, without what Git keeps for itself."""
        ...

    def charts(self) -> Sequence[tuple[str, str, str]]:
        """Return directory, name and version of every Helm chart, sorted."""
        ...

    def parse(self, text: str) -> list[Any]:
        """Return the documents of a YAML or JSON text. Raises ValueError for what cannot be read."""
        ...

    def all(self, kind: str, near: Declared) -> Sequence[Declared]:
        """Return the objects of a group and kind that may be in the cluster of *near*, the nearest first."""
        ...

    def lookup(self, kind: str, namespace: str, name: str, near: Declared) -> Declared | None:
        """Return an object by its group and kind (``ConfigMap``, ``source.toolkit.fluxcd.io/GitRepository``).

        Of several, the one that the unit of *near* renders comes first, then those of its cluster.
        """
        ...

    def is_here(self, url: str, path: str) -> bool:
        """Return whether a source at *url* that is asked for *path* is this repository."""
        ...


class RefusedError(Exception):
    """Something cannot be rendered. Carries what the report says."""

    def __init__(self, reason: str, advice: str, place: Place) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice
        self.place = place

    def of(self, what: str) -> NotRendered:
        """Return it as what the report lists."""
        return NotRendered(what, self.reason, self.advice, self.place)


def resolve(base: str, path: str) -> str | None:
    """Return *path* as seen from the directory *base*, from the root if it starts with a slash; None if it leads out.

    >>> resolve("apps/llm", "../values.yaml"), resolve("apps/llm", "/x"), resolve("apps", "../../x")
    ('apps/values.yaml', 'x', None)
    """
    joined = posixpath.normpath(path.lstrip("/") if path.startswith("/") else posixpath.join(base, path))
    if joined == ".." or joined.startswith("../"):
        return None
    return "" if joined == "." else joined


def directory_of(world: World, path: Node) -> str:
    """Return the directory that the field *path* names, from the root of the repository. Raises RefusedError."""
    found = resolve("", "/" + path.text())
    kind = world.kind(found) if found is not None else "outside"
    if kind == "outside" or found is None:
        raise RefusedError(
            "path leads out of the repository",
            f"Name a directory inside the repository, not {path.text()}.",
            path.place,
        )
    if kind == "":
        raise RefusedError(
            "path is not in the repository",
            f"Create {found}, or correct the path: nothing can be deployed from it.",
            path.place,
        )
    if kind != "directory":
        raise RefusedError("path is no directory", f"Name the directory that holds {found}.", path.place)
    return found
