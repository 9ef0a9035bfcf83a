"""Values that know where they were written: what a simulated kustomize build works on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from karlint.model.origin import OriginMap, Spot
from karlint.model.source import Anchor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karlint.model.path import Path
    from karlint.model.source import Span


class Mark(Struct, frozen=True):
    """Where a value was written.

    Attributes:
        file, ordinal, at: path in a document of a file of the tree.
        text: path in the YAML that the string at *at* holds, as an inline patch does; None where there is none.
        span: a stretch of *file*, where it is not read as YAML: the input of a generator.
        via: the rest of the way, nearest first.
        exact: False where an edit of this place may change something else, or nothing.
        fixed: True where what lies below the value is not written there one to one.
        spelt: True where what is written here is the value itself, of which a string was made.
        foreign: knows where the values of a rendered stream come from; *ordinal* and *at* are then places in it.
        key: where the key of the value is written, if that is elsewhere: the path of a JSON patch.
    """

    file: str
    ordinal: int = 0
    at: Path = ()
    text: tuple[int, Path] | None = None
    span: Span | None = None
    via: tuple[Spot, ...] = ()
    exact: bool = True
    fixed: bool = False
    spelt: bool = False
    foreign: OriginMap | None = None
    key: Mark | None = None

    def down(self, step: str | int) -> Mark:
        """Return the mark of what lies below *step*."""
        if self.fixed:
            return replace(self, key=None) if self.key is not None else self
        if self.text is not None:
            return replace(self, text=(self.text[0], (*self.text[1], step)), key=None)
        return replace(self, at=(*self.at, step), key=None)

    def inside(self, ordinal: int) -> Mark:
        """Return the mark of a document of the YAML that the string here holds."""
        if self.spelt:
            return replace(self, spelt=False)
        if self.fixed:
            return self
        return replace(self, text=(ordinal, ()))

    def also(self, *spots: Spot) -> Mark:
        """Return this mark with *spots* before the rest of its way."""
        new = tuple(spot for spot in spots if spot not in self.via)
        return replace(self, via=(*new, *self.via)) if new else self

    def spot(self, why: str = "") -> Spot:
        """Return the place as others know it, for the rest of a way: never exact."""
        if self.foreign is not None:
            found = self.foreign.locate(self.ordinal, self.at, Anchor.VALUE).primary
            return replace(found, exact=False, why=why or found.why)
        return Spot(self.file, self.ordinal, None if self.span else self.at, self.span, why=why)


NOWHERE = Mark("", exact=False, fixed=True)


class Node:
    """A value of a document, with its mark. Children come to life when they are asked for.

    A node is changed in place, so that nodes of a patch have to be copied before they are put into a resource.
    """

    __slots__ = ("_items", "_map", "_raw", "mark")

    def __init__(self, raw: Any, mark: Mark) -> None:
        self._raw = raw
        self._map: dict[str, Node] | None = None
        self._items: list[Node] | None = None
        self.mark = mark

    @property
    def is_map(self) -> bool:
        """Whether the value is a mapping."""
        return self._map is not None or isinstance(self._raw, dict)

    @property
    def is_list(self) -> bool:
        """Whether the value is a list."""
        return self._items is not None or isinstance(self._raw, list)

    @property
    def is_null(self) -> bool:
        """Whether the value is null."""
        return self._map is None and self._items is None and self._raw is None

    @property
    def scalar(self) -> Any:
        """The value of a scalar; None for a mapping or a list."""
        return None if self.is_map or self.is_list else self._raw

    @property
    def map(self) -> dict[str, Node]:
        """The children of a mapping, to be read and changed; of anything else an empty mapping that is lost."""
        if self._map is None:
            if not isinstance(self._raw, dict):
                return {}
            self._map = {key: Node(value, self.mark.down(key)) for key, value in self._raw.items()}
            self._raw = None
        return self._map

    @property
    def items(self) -> list[Node]:
        """The items of a list, to be read and changed; of anything else an empty list that is lost."""
        if self._items is None:
            if not isinstance(self._raw, list):
                return []
            self._items = [Node(value, self.mark.down(index)) for index, value in enumerate(self._raw)]
            self._raw = None
        return self._items

    def get(self, *keys: str) -> Node | None:
        """Return what lies below *keys* of nested mappings; None where there is nothing."""
        node = self
        for key in keys:
            found = node.map.get(key)
            if found is None:
                return None
            node = found
        return node

    def text(self, *keys: str) -> str:
        """Return the string below *keys*; "" where there is none. Numbers and booleans count as their text."""
        node = self.get(*keys)
        value = None if node is None else node.scalar
        if value is None:
            return ""
        return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)

    def true(self, *keys: str) -> bool:
        """Tell whether what lies below *keys* is ``true``."""
        node = self.get(*keys)
        return node is not None and node.scalar is True

    def each(self, key: str) -> Iterator[Node]:
        """Yield the items of the list below *key*."""
        node = self.map.get(key)
        yield from node.items if node is not None else ()

    def become(self, other: Node) -> None:
        """Take the value and the mark of *other*."""
        self._raw, self._map, self._items, self.mark = other._raw, other._map, other._items, other.mark

    def write(self, value: Any, mark: Mark) -> None:
        """Become a scalar that was written at *mark*."""
        self._raw, self._map, self._items, self.mark = value, None, None, mark

    def copy(self) -> Node:
        """Return a node of its own with the same value and mark."""
        new = Node(self._raw, self.mark)
        if self._map is not None:
            new._map = {key: child.copy() for key, child in self._map.items()}
        if self._items is not None:
            new._items = [child.copy() for child in self._items]
        return new

    def plain(self) -> Any:
        """Return the value alone."""
        if self._map is not None:
            return {key: child.plain() for key, child in self._map.items()}
        if self._items is not None:
            return [child.plain() for child in self._items]
        return self._raw


def graft(value: Any, actual: Any, mark: Mark) -> Node:
    """Return *value* as a node, where *actual* is what is written at *mark*: the same, or the same in another form.

    What both hold is marked where it is written; the rest is marked with the nearest place that holds it.
    """
    if same(value, actual):
        return Node(value, mark)
    if isinstance(value, str) and isinstance(actual, dict | list):
        return Node(value, replace(mark, spelt=True) if _spells(value, actual) else replace(mark, fixed=True))
    node = Node(value, replace(mark, fixed=True))
    if isinstance(value, dict):
        for key, child in value.items():
            known = isinstance(actual, dict) and key in actual
            below = graft(child, actual[key], mark.down(key)) if known else graft(child, actual, mark)
            node.map[key].become(below)
    elif isinstance(value, list):
        pairs = isinstance(actual, list) and len(actual) == len(value)
        for index, child in enumerate(value):
            below = graft(child, actual[index], mark.down(index)) if pairs else graft(child, actual, mark)
            node.items[index].become(below)
    return node


def _spells(text: str, value: Any) -> bool:
    try:
        return same(json.loads(text), value)
    except ValueError:
        return False


def same(left: Any, right: Any) -> bool:
    """Tell whether two values are the same as JSON: ``true`` is not 1."""
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)
