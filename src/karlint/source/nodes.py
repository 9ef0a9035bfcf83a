"""Where every value of a document stands: a tree of places, made only for files that something is located in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from yaml import YAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from karlint.source.dialect import QUOTE_MARK, libyaml_text
from karlint.source.parser import HARD_DEPTH, parser_events
from karlint.source.scalars import MeaninglessScalar, key_text, resolve
from karlint.source.values import is_merge_key

if TYPE_CHECKING:
    from karlint.model.path import Path

_LINE_END = re.compile(r"\r\n|\r|\n")


class Node(Struct):
    """A value's place: the characters from *start* up to *end*.

    Attributes:
        entries: of a mapping, else None.
        items: of a list, else None.
        target: of an alias, what it stands for, else None.
    """

    start: int
    end: int
    entries: list[Entry] | None = None
    items: list[Node] | None = None
    target: Node | None = None

    def resolved(self) -> Node:
        """Return the node itself, or what the alias stands for."""
        return self if self.target is None else self.target


class Entry(Struct):
    """An entry of a mapping. *text* is its JSON key; None for the merge key and for what is no key at all."""

    text: str | None
    key: Node
    value: Node
    merge: bool = False


class Found(Struct):
    """The deepest node of a path that is there; *key* is its key, None for the root and for list items."""

    node: Node
    key: Node | None
    exact: bool


def find(root: Node, path: Path) -> Found:
    """Follow *path* from *root* as far as it goes, through aliases and merge keys."""
    found = Found(root, None, True)
    for step in path:
        here = found.node.resolved()
        if isinstance(step, str):
            entry = _entry(here, step)
            if entry is None:
                return Found(found.node, found.key, False)
            found = Found(entry.value, entry.key, True)
        elif here.items is not None and 0 <= step < len(here.items):
            found = Found(here.items[step], None, True)
        else:
            return Found(found.node, found.key, False)
    return found


def _entry(node: Node, text: str) -> Entry | None:
    """Return the entry that gives *node* its key *text*: the last one, as merge keys work in place."""
    for entry in reversed(node.entries or ()):
        if entry.merge:
            value = entry.value.resolved()
            for source in value.items if value.items is not None else [value]:
                inner = _entry(source.resolved(), text)
                if inner is not None:
                    return inner
        elif entry.text == text:
            return entry
    return None


def _node(event: Any) -> Node:
    return Node(event.start_mark.index, event.end_mark.index)


class _TreeBuilder:
    """Makes the nodes of one YAML text, as far as it can be read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._anchors: dict[str, Node] = {}
        self._open: list[tuple[Node, Any]] = []  # each with its start event
        self._keys: list[tuple[Node, str | None, bool] | None] = []
        self.roots: list[Node] = []

    def build(self) -> list[Node]:
        """Return the root of every document, empty ones included."""
        next_event = parser_events(self._text)
        try:
            event: Any = next_event()
            while not isinstance(event, StreamEndEvent) and len(self._open) <= HARD_DEPTH:
                self._take(event)
                event = next_event()
        except YAMLError:
            pass  # reported where the values are read; the documents above the error have their places
        return self.roots

    def _take(self, event: Any) -> None:
        kind = event.__class__
        if kind is ScalarEvent:
            node = _node(event)
            if event.style in ("|", ">"):
                node.end = block_scalar_end(self._text, node.start, node.end)
            self._place(node, event)
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            node = _node(event)
            if kind is MappingStartEvent:
                node.entries = []
            else:
                node.items = []
            if event.anchor is not None:
                self._anchors[event.anchor] = node
            self._open.append((node, event))
            self._keys.append(None)
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            node, start = self._open.pop()
            self._keys.pop()
            node.end = event.end_mark.index if start.flow_style else _last_end(node)
            self._place(node, start)
        elif kind is AliasEvent:
            node = _node(event)
            target = self._anchors.get(event.anchor)
            if not any(target is opened for opened, _ in self._open):  # else the document has no value either
                node.target = target
            self._place(node, event)
        elif kind is DocumentStartEvent:
            self._anchors = {}

    def _place(self, node: Node, event: Any) -> None:
        """Put *node*, which *event* began, into the container that is open."""
        if event.anchor is not None and not isinstance(event, AliasEvent):
            self._anchors[event.anchor] = node
        if not self._open:
            self.roots.append(node)
            return
        parent = self._open[-1][0]
        if parent.items is not None:
            parent.items.append(node)
        elif self._keys[-1] is None:
            merge = isinstance(event, ScalarEvent) and is_merge_key(event)
            self._keys[-1] = (node, None if merge else self._key_text(node, event), merge)
        else:
            key, text, merge = self._keys[-1]
            self._keys[-1] = None
            if parent.entries is not None:
                parent.entries.append(Entry(text, key, node, merge))

    def _key_text(self, node: Node, event: Any) -> str | None:
        if isinstance(event, AliasEvent):
            if node.target is None:
                return None
            inner: Any = next(iter(_scalars(self._text[node.target.start : node.target.end])), None)
            event = inner
        if not isinstance(event, ScalarEvent):
            return None
        try:
            return key_text(resolve(event.tag, event.value, event.implicit[0])).replace(QUOTE_MARK, "")
        except MeaninglessScalar:
            return None


def _scalars(text: str) -> list[ScalarEvent]:
    """Return the scalar events of a slice of text."""
    next_event = parser_events(text)
    events = []
    try:
        event: Any = next_event()
        while not isinstance(event, StreamEndEvent):
            if isinstance(event, ScalarEvent):
                events.append(event)
            event = next_event()
    except YAMLError:
        pass  # the slice was cut from a text that parses; without its surroundings it may not
    return events


def yaml_nodes(text: str) -> list[Node]:
    """Return the root node of every document of *text*, in order, empty documents included."""
    return _TreeBuilder(libyaml_text(text)).build()


def _last_end(node: Node) -> int:
    """Return where a block collection ends for people: with its last value, not with the next token."""
    if node.items:
        return node.items[-1].end
    if node.entries:
        return node.entries[-1].value.end
    return node.end


def block_scalar_end(text: str, start: int, end: int) -> int:
    """Return where the block scalar at *start* ends for people; the parser's *end* is where the next token starts.

    That is the end of its last line, not counting the line's own break; blank lines below count only where the
    scalar keeps them (``|+``).
    """
    lines = _LINE_END.split(text[start:end])
    breaks = [found.span() for found in _LINE_END.finditer(text, start, end)]
    header = lines[0].partition("#")[0]
    last = len(lines) - 1
    if last and not lines[last].strip(" "):
        last -= 1  # what stands before the next token is not part of it
    if "+" not in header:
        indents = [len(line) - len(line.lstrip(" ")) for line in lines[1:] if line.strip(" ")]
        indent = min(indents, default=0)
        while last and not lines[last].strip(" ") and len(lines[last]) <= indent:
            last -= 1
    return breaks[last][0] if last < len(breaks) else end
