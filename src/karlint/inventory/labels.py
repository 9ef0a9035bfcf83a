"""Label selectors, and finding what they select, or who selects something, by one of their labels."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from karlint.inventory.commandline import is_unknown
from karlint.inventory.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from karlint.model.path import Path
    from karlint.model.resource import Resource

ANY: Any = object()
"""Stands for a label whose value a controller chooses."""


class Expression(Struct, frozen=True):
    """One of a LabelSelector's matchExpressions."""

    key: str
    operator: str
    values: tuple[str, ...]

    def holds(self, labels: Mapping[str, Any]) -> bool:
        """Tell whether *labels* satisfy it."""
        value = labels.get(self.key)
        if value is ANY:
            return True
        if self.operator == "In":
            return value in self.values
        if self.operator == "NotIn":
            return value not in self.values
        return (value is not None) == (self.operator == "Exists")


class Selector(Struct, frozen=True):
    """Labels that must be there; with neither labels nor expressions it selects everything."""

    labels: Mapping[str, str]
    expressions: tuple[Expression, ...] = ()

    def selects(self, labels: Mapping[str, Any]) -> bool:
        """Tell whether something with *labels* is selected."""
        for key, value in self.labels.items():
            own = labels.get(key)
            if own is not ANY and own != value:
                return False
        return all(expression.holds(labels) for expression in self.expressions)

    @property
    def keys(self) -> frozenset[str]:
        """The labels that must be there."""
        demanded = (one.key for one in self.expressions if one.operator in ("In", "Exists"))
        return frozenset((*self.labels, *demanded))

    @property
    def unknown(self) -> bool:
        """True where a part of it is filled in later."""
        values = [value for expression in self.expressions for value in expression.values]
        return any(map(is_unknown, (*self.labels, *self.labels.values(), *values)))


def read_selector(value: Any, form: str, *, selects_all: bool) -> Selector | None:
    """Return a selector as written in one of the two forms, None for one that selects nothing or makes no sense."""
    if not isinstance(value, dict):
        return None
    pairs = value if form == "map" else value.get("matchLabels") or {}
    written = (None if form == "map" else value.get("matchExpressions")) or []
    if not isinstance(pairs, dict) or not isinstance(written, list):
        return None
    if not all(isinstance(wanted, str) for wanted in pairs.values()):
        return None
    expressions = [expression for expression in map(_expression, written) if expression]
    if len(expressions) < len(written):
        return None
    if not pairs and not expressions and not selects_all:
        return None
    return Selector(pairs, tuple(expressions))


def _expression(entry: Any) -> Expression | None:
    if not isinstance(entry, dict):
        return None
    key, operator, values = entry.get("key"), entry.get("operator"), entry.get("values") or []
    if not isinstance(key, str) or operator not in ("In", "NotIn", "Exists", "DoesNotExist"):
        return None
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        return None
    return Expression(key, operator, tuple(values))


class Labelled(Struct, frozen=True):
    """Something with labels: a resource, or one of its pod templates."""

    resource: Resource
    directory: str
    labels: Mapping[str, Any]
    template: Path = ()


class LabelIndex:
    """What is labelled, by each of its labels."""

    def __init__(self, things: Iterable[Labelled]) -> None:
        self._all: Shelf[Labelled] = Shelf()
        self._by_label: dict[tuple[str, Any], Shelf[Labelled]] = defaultdict(Shelf)
        for thing in things:
            namespace = thing.resource.ref.namespace
            self._all.put(namespace, thing.directory, thing)
            for key, value in thing.labels.items():
                if isinstance(value, str) or value is ANY:
                    self._by_label[key, value].put(namespace, thing.directory, thing)

    def select(
        self, selector: Selector, namespaces: Collection[str] | None, scope: frozenset[str]
    ) -> Iterator[Labelled]:
        """Yield what *selector* selects, starting from its rarest label."""
        for shelf in self._shelves(selector):
            for thing in shelf.pick(namespaces, scope):
                if selector.selects(thing.labels):
                    yield thing

    def _shelves(self, selector: Selector) -> list[Shelf[Labelled]]:
        if not selector.labels:
            return [self._all]
        options = [
            [shelf for shelf in (self._by_label.get((key, value)), self._by_label.get((key, ANY))) if shelf]
            for key, value in selector.labels.items()
        ]
        return min(options, key=lambda shelves: sum(shelf.size for shelf in shelves))

    def everywhere(self, selector: Selector) -> Iterator[Labelled]:
        """Yield what *selector* would select in any namespace and directory."""
        for shelf in self._shelves(selector):
            for thing in shelf.everywhere():
                if selector.selects(thing.labels):
                    yield thing

    def near(self, namespaces: Collection[str] | None, scope: frozenset[str]) -> Iterator[Labelled]:
        """Yield everything of *namespaces* in *scope*."""
        return self._all.pick(namespaces, scope)


class Selecting(Struct, frozen=True):
    """A resource that selects by labels, in its own namespace or in *namespaces*."""

    resource: Resource
    directory: str
    selector: Selector
    namespaces: Collection[str] | None


class SelectorIndex:
    """Who selects, by one of the labels that are asked for."""

    def __init__(self, selecting: Iterable[Selecting]) -> None:
        everyone = list(selecting)
        common = Counter(label for one in everyone for label in one.selector.labels.items())
        self._without: list[Selecting] = []
        self._by_label: dict[tuple[str, str], list[Selecting]] = defaultdict(list)
        self._values: dict[str, set[str]] = defaultdict(set)
        for one in everyone:
            if one.selector.labels:
                key, value = min(one.selector.labels.items(), key=lambda label: common[label])
                self._by_label[key, value].append(one)
                self._values[key].add(value)
            else:
                self._without.append(one)

    def selecting(self, thing: Labelled, scope: frozenset[str]) -> Iterator[Selecting]:
        """Yield those who select *thing*."""
        for one in self._candidates(thing.labels):
            if one.directory in scope and _in(one.namespaces, thing) and one.selector.selects(thing.labels):
                yield one

    def _candidates(self, labels: Mapping[str, Any]) -> Iterator[Selecting]:
        for key, value in labels.items():
            if value is ANY:
                for known in self._values.get(key, ()):
                    yield from self._by_label[key, known]
            elif isinstance(value, str):
                yield from self._by_label.get((key, value), ())
        yield from self._without


def _in(namespaces: Collection[str] | None, thing: Labelled) -> bool:
    # A namespace that is left out may become any.
    return namespaces is None or not thing.resource.ref.namespace or thing.resource.ref.namespace in namespaces
