"""Things by namespace and directory, so that those in a scope are found without looking at the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

Item = TypeVar("Item")


class Shelf(Generic[Item]):
    """Items by namespace and directory."""

    __slots__ = ("_spaces", "size")

    def __init__(self) -> None:
        self._spaces: dict[str, dict[str, list[Item]]] = {}
        self.size = 0

    def put(self, namespace: str, directory: str, item: Item) -> None:
        """Add *item*."""
        self._spaces.setdefault(namespace, {}).setdefault(directory, []).append(item)
        self.size += 1

    def pick(self, namespaces: Collection[str] | None, scope: frozenset[str]) -> Iterator[Item]:
        """Yield the items of *namespaces* (None for all) in the directories of *scope*."""
        for namespace in self._spaces if namespaces is None else namespaces:
            directories = self._spaces.get(namespace)
            if not directories:
                continue
            if len(directories) <= len(scope):
                for directory, items in directories.items():
                    if directory in scope:
                        yield from items
            else:
                for directory in scope:
                    yield from directories.get(directory, ())

    def any(self, namespaces: Collection[str] | None, scope: frozenset[str]) -> bool:
        """Tell whether ``pick`` would yield something."""
        return next(self.pick(namespaces, scope), None) is not None

    def everywhere(self, namespaces: Collection[str] | None = None) -> Iterator[Item]:
        """Yield the items of *namespaces* (None for all) wherever they are."""
        for namespace in self._spaces if namespaces is None else namespaces:
            for items in self._spaces.get(namespace, {}).values():
                yield from items


def alike(namespace: str) -> tuple[str, ...] | None:
    """Return the namespaces that are, or may become, *namespace*: one that is left out may become any."""
    return (namespace, "") if namespace else None
