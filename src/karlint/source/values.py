"""Builds the values of YAML documents from parser events, as sigs.k8s.io/yaml does.

Events rather than the composer of PyYAML: events come one at a time from a parser that keeps its state on the heap, so
deep nesting cannot overflow the C stack, and anchors may be defined anew as go-yaml allows.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from karlint.source.loaded import DUPLICATE_KEY, FILE_LIMIT, SYNTAX_ERROR, Limits
from karlint.source.parser import HARD_DEPTH
from karlint.source.problems import TextProblem
from karlint.source.scalars import MERGE_TAG, MeaninglessScalar, json_number, key_text, resolve, resolve_plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from yaml.events import Event

_CACHED = 20_000
_SHORT = 60
_CHARACTERS_A_NODE = 64


class _Mark:
    """What stands in the place of a key while there is none."""


_WANTED: Any = _Mark()
_MERGE: Any = _Mark()
MERGE_KEY = "<<"


class _Values(dict[str, Any]):
    """Plain scalars and what they mean: the same few words make up most manifests."""

    def __missing__(self, text: str) -> Any:
        value = json_value(resolve_plain(text))
        if len(text) < _SHORT and len(self) < _CACHED:
            self[text] = value
        return value


class _Keys(dict[str, Any]):
    """Plain scalars and the JSON keys that they make; the merge key for ``<<``."""

    def __missing__(self, text: str) -> Any:
        key = key_text(resolve_plain(text))
        if len(text) < _SHORT and len(self) < _CACHED:
            self[text] = key
        return key


_VALUES = _Values()
_KEYS = _Keys({MERGE_KEY: _MERGE})


def json_value(value: Any) -> Any:
    """Return a scalar as JSON holds it. Raises MeaninglessScalar for infinity and not-a-number."""
    if value.__class__ is not float:
        return value
    if math.isfinite(value):
        return json_number(value)
    raise MeaninglessScalar("Infinity and not-a-number cannot be sent to the API server, since JSON has none.")


def is_merge_key(event: ScalarEvent) -> bool:
    """Tell whether *event*, a key, is the merge key ``<<``."""
    return event.value == MERGE_KEY and (event.implicit[0] or event.tag == MERGE_TAG)


class Builder:
    """Builds one document.

    Attributes:
        problems: what is wrong and did not keep the value from being built: repeated keys.
    """

    def __init__(self, limits: Limits) -> None:
        self.problems: list[TextProblem] = []
        self._depth = min(limits.max_depth, HARD_DEPTH)
        self._budget = limits.max_alias_nodes
        self._limits = limits
        self._anchors: dict[str, Any] = {}
        self._weights: dict[int, tuple[int, int, Any]] = {}
        self._merged: dict[int, set[str]] = {}
        self._stack: list[tuple[Any, Any]] = []

    def build(self, first: Event, next_event: Callable[[], Event]) -> Any:
        """Return the value of the document whose content starts with *first*; the document's end is read, too.

        Raises:
            TextProblem: it has no value.
            YAMLError: the parser gives up.
        """
        event: Any = first
        root: list[Any] = []
        container: Any = root
        key: Any = None  # None in a sequence; in a mapping _WANTED, _MERGE or the key whose value comes next
        try:
            while True:
                kind = event.__class__
                if kind is ScalarEvent and event.tag is None and event.anchor is None:
                    text = event.value
                    if key is _WANTED:
                        key = _KEYS[text] if event.implicit[0] else text
                        if key in container:
                            self._repeated(key, event, container)
                    elif key is None:
                        container.append(_VALUES[text] if event.implicit[0] else text)
                    elif key is _MERGE:
                        raise _no_merge(event)
                    else:
                        container[key] = _VALUES[text] if event.implicit[0] else text
                        key = _WANTED
                elif kind is DocumentEndEvent:
                    return root[0]
                else:
                    container, key = self._step(event, container, key)
                event = next_event()
        except MeaninglessScalar as error:
            raise _at(event, SYNTAX_ERROR, str(error), "Put it in quotes if text is meant.") from error

    def _step(self, event: Any, container: Any, key: Any) -> tuple[Any, Any]:
        """Take one event that is no ordinary scalar. Return the container and key that come next."""
        kind = event.__class__
        if kind is MappingStartEvent or kind is SequenceStartEvent:
            return self._open(event, container, key)
        if kind is MappingEndEvent or kind is SequenceEndEvent:
            value = container
            container, key = self._stack.pop()
            if self._merged:
                self._merged.pop(id(value), None)  # the same id may come again
            return container, self._place(value, event, container, key)
        if kind is AliasEvent:
            value = self._alias(event, container, key)
        else:
            value = resolve(event.tag, event.value, event.implicit[0])
            if event.anchor is not None:
                self._anchors[event.anchor] = value
            if key is _WANTED and is_merge_key(event):
                return container, _MERGE
        if key is _WANTED:
            new = key_text(value)
            if new in container:
                self._repeated(new, event, container)
            return container, new
        return container, self._place(json_value(value), event, container, key)

    def _open(self, event: Any, container: Any, key: Any) -> tuple[Any, Any]:
        if key is _WANTED:
            raise _at(
                event, SYNTAX_ERROR, "A mapping or list cannot be a key.", "Quote it if it is text, {{ or [ included."
            )
        if len(self._stack) >= self._depth:
            raise self.too_deep(event)
        self._stack.append((container, key))
        opened: Any = {} if event.__class__ is MappingStartEvent else []
        if event.anchor is not None:
            self._anchors[event.anchor] = opened
        return opened, _WANTED if opened.__class__ is dict else None

    def _place(self, value: Any, event: Any, container: Any, key: Any) -> Any:
        """Put *value* where it belongs. Return the key state that comes next."""
        if key is None:
            container.append(value)
            return None
        if key is _MERGE:
            self._merge(value, event, container)
        else:
            container[key] = value
        return _WANTED

    def _alias(self, event: Any, container: Any, key: Any) -> Any:
        name = event.anchor
        if name not in self._anchors:
            raise _at(event, SYNTAX_ERROR, f"No anchor &{name} stands above this alias.", "")
        value = self._anchors[name]
        collection = isinstance(value, dict | list)
        if collection and key is _WANTED:
            raise _at(event, SYNTAX_ERROR, "A mapping or list cannot be a key.", "")
        if collection and (value is container or any(value is opened for opened, _ in self._stack)):
            raise _at(event, SYNTAX_ERROR, f"The value of the anchor &{name} contains itself.", "")
        nodes, height = self._weigh(value)
        self._budget -= nodes
        if self._budget < 0:
            message = f"The aliases of this document stand for more than {self._limits.max_alias_nodes:,} values."
            raise _at(event, FILE_LIMIT, message, "Write the values out, or raise limits.max_alias_nodes.")
        if len(self._stack) + height > self._depth:
            raise self.too_deep(event)
        return value

    def _weigh(self, value: Any) -> tuple[int, int]:
        """Return how many nodes *value* expands to, and how many levels it has."""
        if isinstance(value, str):
            return 1 + len(value) // _CHARACTERS_A_NODE, 0
        if not isinstance(value, dict | list):
            return 1, 0
        known = self._weights.get(id(value))
        if known is None:
            nodes, height = 1, 0
            if isinstance(value, dict):
                nodes += sum(1 + len(key) // _CHARACTERS_A_NODE for key in value)
            for child in value.values() if isinstance(value, dict) else value:
                more, deeper = self._weigh(child)
                nodes, height = nodes + more, max(height, deeper)
            known = self._weights[id(value)] = nodes, height + 1, value
        return known[0], known[1]

    def _merge(self, value: Any, event: Any, container: dict[str, Any]) -> None:
        """Merge *value* into *container* as go-yaml does: in place, so that it covers what stands above it."""
        sources = [value] if isinstance(value, dict) else value
        if not isinstance(sources, list) or (event.__class__ is AliasEvent and not isinstance(value, dict)):
            raise _no_merge(event)
        merged = self._merged.setdefault(id(container), set())
        own = container.keys() - merged
        for source in reversed(sources):
            if not isinstance(source, dict):
                raise _no_merge(event)
            container.update(source)
            merged.update(source.keys() - own)

    def _repeated(self, key: Any, event: Any, container: dict[str, Any]) -> None:
        merged = self._merged.get(id(container), ())
        if key in merged:
            self._merged[id(container)].discard(key)
            return
        message = f'The key "{key}" stands twice in this mapping. Here the last one counts; strict readers refuse it.'
        self.problems.append(_at(event, DUPLICATE_KEY, message, "Remove one of the two."))

    def too_deep(self, event: Any) -> TextProblem:
        """Return the problem of a document whose nesting passes the limit at *event*."""
        message = f"The document is nested deeper than {self._depth} levels, so it was not read any further."
        return _at(event, FILE_LIMIT, message, "Flatten it, exclude the file, or raise limits.max_depth.")


def _at(event: Any, rule: str, message: str, hint: str) -> TextProblem:
    return TextProblem(rule, message, event.start_mark.index, event.end_mark.index, hint)


def _no_merge(event: Any) -> TextProblem:
    return _at(event, SYNTAX_ERROR, "The merge key << takes a mapping, or a list of mappings.", "")
