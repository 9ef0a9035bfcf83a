"""What became of a reference by name."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from karlint.inventory.commandline import is_unknown
from karlint.inventory.lookup import shared_prefix
from karlint.inventory.references import fill_in, find
from karlint.inventory.shelf import Shelf, alike
from karlint.model.reference import Status

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from karlint.inventory.lookup import Lookup
    from karlint.inventory.references import ReferenceTable, Row, Steps
    from karlint.inventory.scopes import Scopes
    from karlint.model.resource import Resource

Answer = tuple[Status, bool, tuple[int, ...]]
"""Status, whether it is closed, and the targets, as in Reference."""

SHOWN = 16
"""Namesakes elsewhere that a reference names: a tree may hold as many as it has copies of something."""


class Near:
    """Which directories belong to a directory, as a set; a few are kept, as resources come directory by directory."""

    def __init__(self, scopes: Scopes) -> None:
        self._of = lru_cache(maxsize=64)(lambda directory: frozenset(scopes.of(directory)))

    def __call__(self, directory: str) -> frozenset[str]:
        """Return the directories in the scope of *directory*."""
        return self._of(directory)


class Wanted(Struct, frozen=True):
    """What a reference asks for.

    Attributes:
        kinds: group/kinds, any of which will do.
        namespace: "" where it is left out.
        loose: the referring resource serves other namespaces than its own.
        optional: need not be there.
    """

    kinds: Sequence[str]
    namespace: str
    name: str
    loose: bool = False
    optional: bool = False
    by: Steps = ()
    where: Mapping[str, Any] | None = None


class Names:
    """Every resource by kind and name, or by another field that references go by."""

    def __init__(
        self, lookup: Lookup, near: Near, table: ReferenceTable, assume: Mapping[str, Collection[str] | str]
    ) -> None:
        self._lookup = lookup
        self._near = near
        self._table = table
        self._assume = assume
        self._named: dict[tuple[str, Steps], dict[str, Shelf[Resource]]] = {}
        self._managed: dict[str, dict[str, set[str]]] = {}
        self._made: dict[str, dict[str, Shelf[Resource]]] = {}
        self._bringing: Shelf[Resource] | None = None
        self._sorted: dict[tuple[str, Steps, str], list[Resource]] = {}

    def resolve(self, wanted: Wanted, resource: Resource) -> Answer:
        """Return what became of the reference to *wanted* that *resource* makes."""
        if is_unknown(wanted.name):
            return Status.UNKNOWN, False, ()
        scope = self._near(resource.directory)
        found = [item for kind in wanted.kinds for item in self._there(kind, wanted, scope)]
        found = found or [item for kind in wanted.kinds for item in self._makers(kind, wanted, scope)]
        if found:
            return Status.RESOLVED, False, nearest(found, resource, wanted.namespace)
        if any(self._outside(kind, wanted.name) for kind in wanted.kinds):
            return Status.OUTSIDE, False, ()
        if wanted.optional:
            return Status.OPTIONAL, False, ()
        return self._lost(wanted, resource, scope)

    def _there(self, kind: str, wanted: Wanted, scope: frozenset[str]) -> Iterable[Resource]:
        shelf = self._index(kind, wanted).get(wanted.name)
        return shelf.pick(self._namespaces(kind, wanted), scope) if shelf else ()

    def _namespaces(self, kind: str, wanted: Wanted) -> tuple[str, ...] | None:
        return alike(wanted.namespace) if self._table.kind(kind).namespaced else None

    def _index(self, kind: str, wanted: Wanted) -> dict[str, Shelf[Resource]]:
        """Return the resources of *kind* by name, or by the field that the reference goes by."""
        if (kind, wanted.by) not in self._named:
            index: dict[str, Shelf[Resource]] = defaultdict(Shelf)
            for name, resources in self._lookup.by_kind.get(kind, {}).items():
                for resource in resources:
                    names = _values(resource.body, wanted) if wanted.by else (name,)
                    for own in names:
                        index[own].put(resource.ref.namespace, resource.directory, resource)
            self._named[kind, wanted.by] = dict(index)
        return self._named[kind, wanted.by]

    def _makers(self, kind: str, wanted: Wanted, scope: frozenset[str]) -> Iterable[Resource]:
        """Return the resources whose controller creates the object."""
        if kind not in self._made:
            self._made[kind] = self._read_makers(kind)
        made = self._made[kind]
        if not made:
            return ()
        beginnings = [wanted.name[:end] for end, letter in enumerate(wanted.name) if letter == "-"]
        shelves = [made.get(wanted.name), *(made.get(f"{start}*") for start in (*beginnings, wanted.name))]
        namespaces = self._namespaces(kind, wanted)
        return [item for shelf in shelves if shelf for item in shelf.pick(namespaces, scope)]

    def _read_makers(self, kind: str) -> dict[str, Shelf[Resource]]:
        made: dict[str, Shelf[Resource]] = defaultdict(Shelf)
        for maker, objects in self._table.makes.items():
            for text in (text for made_kind, text in objects if made_kind == kind):
                for resources in self._lookup.by_kind.get(maker, {}).values():
                    for resource in resources:
                        name = fill_in(text, resource.body)
                        made[name].put(resource.ref.namespace, resource.directory, resource)
        made.pop("", None)
        return dict(made)

    def _outside(self, kind: str, name: str) -> bool:
        """Tell whether the object exists without a manifest, or by the word of the settings."""
        assumed = self._assume.get(kind, ())
        if assumed == "*" or name in assumed or "*" in assumed:
            return True
        return any(fnmatchcase(name, pattern) for pattern in self._table.kind(kind).given)

    def _lost(self, wanted: Wanted, resource: Resource, scope: frozenset[str]) -> Answer:
        shelves = [(kind, self._index(kind, wanted).get(wanted.name)) for kind in wanted.kinds]
        namesakes = [
            item for kind, shelf in shelves if shelf for item in self._namesakes(kind, wanted, shelf, resource)
        ]
        closed = all(self._closed(kind, wanted, scope) for kind in wanted.kinds)
        if not namesakes:
            closed = closed and not any(self._may_be_renamed(kind, wanted) for kind in wanted.kinds)
            return (Status.MISSING, True, ()) if closed else (Status.OUTSIDE, False, ())
        may_be_meant = any(
            next(shelf.everywhere(self._namespaces(kind, wanted)), None) is not None for kind, shelf in shelves if shelf
        )
        # A kustomization that completes the file may set one namespace for all.
        closed = closed and not may_be_meant and not resource.document.file.partial
        return Status.ELSEWHERE, closed, nearest(namesakes, resource, wanted.namespace)[:SHOWN]

    def _namesakes(self, kind: str, wanted: Wanted, shelf: Shelf[Resource], resource: Resource) -> list[Resource]:
        """Return some objects that bear the name anywhere, the nearest among them: neighbours in the order of paths."""
        key = (kind, wanted.by, wanted.name)
        if key not in self._sorted:
            self._sorted[key] = sorted(shelf.everywhere(), key=lambda item: item.path)
        found = self._sorted[key]
        place = bisect_left(found, resource.path, key=lambda item: item.path)
        return found[max(0, place - SHOWN) : place + SHOWN]

    def _may_be_renamed(self, kind: str, wanted: Wanted) -> bool:
        """Tell whether an object bears the name save for what a kustomization may put before or after it.

        Kustomize mends the references that it knows of; in others, authors write the name as it will be.
        """
        if wanted.by or self._table.kind(kind).by_hand:
            return False
        name, index, namespaces = wanted.name, self._index(kind, wanted), self._namespaces(kind, wanted)
        cuts = [end for end, letter in enumerate(name) if letter == "-"]
        parts = (part for end in cuts for part in (name[:end], name[end + 1 :]))
        shelves = (shelf for part in parts if (shelf := index.get(part)))
        return any(next(shelf.everywhere(namespaces), None) is not None for shelf in shelves)

    def _closed(self, kind: str, wanted: Wanted, scope: frozenset[str]) -> bool:
        """Tell whether the tree demonstrably manages the kind there, so that what it does not hold is not there."""
        target = self._table.kind(kind)
        if target.open or (wanted.loose and target.namespaced):
            return False
        if kind not in self._managed:
            self._managed[kind] = self._read_managed(kind)
        spaces = self._managed[kind]
        if target.namespaced:
            managed = not scope.isdisjoint(spaces.get(wanted.namespace, ()))
        else:
            managed = any(not scope.isdisjoint(directories) for directories in spaces.values())
        return managed and (target.by_hand or not self.brought(self._namespaces(kind, wanted), scope))

    def _read_managed(self, kind: str) -> dict[str, set[str]]:
        spaces: dict[str, set[str]] = defaultdict(set)
        for resources in self._lookup.by_kind.get(kind, {}).values():
            for resource in resources:
                spaces[resource.ref.namespace].add(resource.directory)
        return dict(spaces)

    def brought(self, namespaces: Collection[str] | None, scope: frozenset[str]) -> bool:
        """Tell whether something in *scope*, such as a chart, brings objects to *namespaces* that the tree lacks."""
        if self._bringing is None:
            self._bringing = Shelf()
            for kind, text in self._table.makes_anything.items():
                for resources in self._lookup.by_kind.get(kind, {}).values():
                    for resource in resources:
                        namespace = fill_in(text, resource.body)
                        known = "" if is_unknown(namespace) else namespace
                        self._bringing.put(known, resource.directory, resource)
        return self._bringing.any(namespaces, scope)


def _values(body: Any, wanted: Wanted) -> set[str]:
    """Return the values of the field that the reference goes by, where what stands beside it is as it must be."""
    where = (wanted.where or {}).items()
    return {
        found.value
        for found in find(body, wanted.by)
        if isinstance(found.value, str) and all(found.beside.get(key) == value for key, value in where)
    }


def nearest(found: Sequence[Resource], resource: Resource, namespace: str) -> tuple[int, ...]:
    """Return the indexes of *found*, those nearest to *resource* first, of equals the one that names its namespace."""
    if len(found) == 1:
        return (found[0].index,)
    path = resource.path
    keyed = sorted(
        {item.index: item for item in found}.values(),
        key=lambda item: (
            item.environment != resource.environment,
            -shared_prefix(item.path, path),
            item.ref.namespace != namespace,
            item.index,
        ),
    )
    return tuple(item.index for item in keyed)


def stated_kind(row: Row, beside: Mapping[str, Any]) -> str | None:
    """Return the group/kind that a reference states, with the defaults of its row; None where it cannot be known."""
    stated = row.stated or {}
    default_group, slash, default_kind = stated.get("default", "").rpartition("/")
    kind = beside.get("kind")
    kind = (default_kind if slash or default_kind else None) if kind is None else kind
    group = beside.get(stated["group"]) if "group" in stated else None
    if group is None:
        group = default_group
    elif stated["group"] == "apiVersion" and isinstance(group, str):
        group = group.rpartition("/")[0]
    if not isinstance(kind, str) or not isinstance(group, str) or not kind or is_unknown(f"{group}/{kind}"):
        return None
    return f"{group}/{kind}" if group else kind
