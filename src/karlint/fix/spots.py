"""The text of one document as a tree of places, and the way to an entry in it."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from karlint.fix.scalars import Manner
from karlint.model.refused import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karlint.model.path import Path
    from karlint.source.nodes import Entry, Node

_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*\s+)*")
_LINE_END = re.compile(r"\r\n|\r|\n")
_COLON = re.compile(r"\s*:")


class Spot(Struct, frozen=True):
    """An entry of a mapping or an item of a list.

    Attributes:
        parent: the mapping or list that holds it; None for the root.
        place: its index among the parent's entries or items.
        entry: of a mapping, the entry; None for an item and for the root.
    """

    node: Node
    parent: Node | None = None
    place: int = 0
    entry: Entry | None = None


class DocumentText:
    """One document of a text.

    Args:
        text: the whole file's.
        root: the document's root.
        json: True where it is JSON.
    """

    def __init__(self, text: str, root: Node, *, json: bool) -> None:
        self.text = text
        self.root = root
        self.json = json

    @cached_property
    def _shared(self) -> set[int]:
        """Ids of the nodes that an alias stands for."""
        return {id(node.target) for node in nodes_in(self.root) if node.target is not None}

    @cached_property
    def manner(self) -> Manner:
        """How the document is written; what it does not show is as most manifests have it."""
        breaks = _LINE_END.findall(self.text)
        newline = max(dict.fromkeys(breaks), key=breaks.count, default="\n")
        step, indented = 0, None
        for node in nodes_in(self.root):
            for entry in node.entries or () if not self.is_flow(node) else ():
                value, column = entry.value, self.column(entry.key.start)
                if value.target is not None or self.is_flow(value):
                    continue
                if value.entries and not step:
                    step = self.column(value.entries[0].key.start) - column
                elif value.items and indented is None:
                    indented = self.column(self.dash(value, 0)) > column
        return Manner(self.json, newline, step if step > 0 else 2, bool(indented), self.json and self._is_tight())

    def _is_tight(self) -> bool:
        """Tell whether JSON is written without spaces, by its first entry."""
        first = next(iter(self.root.entries or ()), None)
        return first is not None and first.value.start - first.key.end == 1

    def way(self, path: Path) -> list[Spot]:
        """Return the spots from the root to the entry at *path*, or as far as there are any.

        Raises RefusedError where another place shares what is on the way.
        """
        spots = [Spot(self.root)]
        self._check_own(self.root)
        for step in path:
            found = self._below(spots[-1].node, step)
            if found is None:
                break
            spots.append(found)
            self._check_own(found.node)
        return spots

    def check_inside(self, node: Node) -> None:
        """Raise RefusedError where something in *node* is shared, so that it cannot go away."""
        for inner in nodes_in(node):
            if id(inner) in self._shared:
                raise RefusedError("an alias elsewhere stands for a part of it")

    def _check_own(self, node: Node) -> None:
        if node.target is not None or self.text[node.start : node.start + 1] == "*":
            raise RefusedError("an alias stands there")
        if id(node) in self._shared:
            raise RefusedError("an alias elsewhere stands for it, too")

    def _below(self, node: Node, step: str | int) -> Spot | None:
        if isinstance(step, int):
            if node.items is None or not 0 <= step < len(node.items):
                return None
            return Spot(node.items[step], node, step)
        entries = node.entries or []
        found = [place for place, entry in enumerate(entries) if entry.text == step and not entry.merge]
        if len(found) > 1:
            raise RefusedError(f"the key {step} stands there twice")
        if any(entry.merge for entry in entries):
            raise RefusedError("a mapping is merged there")
        return Spot(entries[found[0]].value, node, found[0], entries[found[0]]) if found else None

    def is_flow(self, node: Node) -> bool:
        """Tell whether a collection stands between brackets."""
        return self.text[self.content(node) : self.content(node) + 1] in ("{", "[") or self.json

    def content(self, node: Node) -> int:
        """Return where *node* begins, its anchor and tag left aside."""
        found = _PROPERTIES.match(self.text, node.start, max(node.end, node.start))
        return found.end() if found else node.start

    def after_colon(self, entry: Entry) -> int:
        """Return the index behind the colon of *entry*."""
        found = _COLON.match(self.text, entry.key.end)
        if found is None:
            raise RefusedError("the entry has no colon")
        return found.end()

    def dash(self, items: Node, place: int) -> int:
        """Return the index of the dash before an item of a block list."""
        start = (items.items or [])[place].start
        before = self.text[:start].rstrip(" \t\r\n") if start else ""
        if not before.endswith("-"):
            raise RefusedError("the list is written in an uncommon way")
        return len(before) - 1

    def line_start(self, index: int) -> int:
        """Return where the line of *index* begins."""
        return max(self.text.rfind("\n", 0, index), self.text.rfind("\r", 0, index)) + 1

    def line_end(self, index: int) -> int:
        """Return where the line of *index* ends, its break not counted."""
        found = _LINE_END.search(self.text, index)
        return found.start() if found else len(self.text)

    def next_line(self, index: int) -> int:
        """Return where the line after that of *index* begins."""
        found = _LINE_END.search(self.text, index)
        return found.end() if found else len(self.text)

    def column(self, index: int) -> int:
        """Return the column of *index*, from 0."""
        return index - self.line_start(index)

    def opens_line(self, index: int) -> bool:
        """Tell whether nothing but spaces stands before *index* in its line."""
        return not self.text[self.line_start(index) : index].strip(" ")


def nodes_in(node: Node) -> Iterator[Node]:
    """Yield *node* and everything that is written in it, keys included."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        yield here
        for entry in reversed(here.entries or ()):
            waiting += (entry.value, entry.key)
        waiting += reversed(here.items or ())
