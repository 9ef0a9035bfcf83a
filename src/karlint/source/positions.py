"""Where the values of a file stand."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from karlint.model.source import Anchor, Located, Span
from karlint.source.jsontext import JsonKind, json_kind, scan_json
from karlint.source.loaded import SYNTAX_ERROR
from karlint.source.nodes import Node, find, yaml_nodes
from karlint.source.text import Lines, UnreadableError, decode, split_lines

if TYPE_CHECKING:
    from karlint.model.path import Path
    from karlint.model.source import SourceFile

_TOP = Span(1, 1, 1, 1)


class Positions:
    """Turns paths into spans. Reads the file when first asked, and holds its text and places as long as it lives."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file

    @cached_property
    def _text(self) -> str:
        try:
            return decode(self._file, self._file.read())
        except (OSError, UnreadableError):
            return ""  # it could be read a moment ago, when it was loaded; now everything is at its top

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text, without their ends."""
        return split_lines(self._text)

    @cached_property
    def _index(self) -> Lines:
        return Lines(self._text)

    @cached_property
    def _roots(self) -> list[Node]:
        return nodes_of(self._file.path, self._text)[0]

    def locate(self, ordinal: int, path: Path, anchor: Anchor = Anchor.VALUE) -> Located:
        """Return where *path* of the document with that *ordinal* stands.

        KEY is the key's own text, for a list item and the root the value. VALUE is the value's text as it stands at
        that path: for an alias the alias, for a merged key the entry in the mapping that is merged. A path that is not
        there is answered with its nearest ancestor that is, by its key where it has one, and ``exact`` False.
        """
        if not 0 <= ordinal < len(self._roots):
            return Located(_TOP, False)
        found = find(self._roots[ordinal], path)
        by_key = anchor is Anchor.KEY or not found.exact
        node = found.key if by_key and found.key is not None else found.node
        return Located(self._index.span(node.start, node.end), found.exact)


def nodes_of(path: str, text: str) -> tuple[list[Node], bool]:
    """Return the root node of every document in the *text* of the file at *path*, and whether it is JSON."""
    kind = json_kind(path, text)
    if kind is not JsonKind.NEVER:
        nodes, problems = scan_json(text)
        if kind is JsonKind.SURELY or all(problem.rule != SYNTAX_ERROR for problem in problems):
            return nodes, True
    return yaml_nodes(text), False
