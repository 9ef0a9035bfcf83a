"""What a schema knows about the fields around a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karlint.model.path import Path, to_text
from karlint.schema.celrules import SAYS
from karlint.schema.compiled import resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from karlint.schema.pack import Schema

_DEPTH = 3
_INTO = frozenset({"properties", "items", "contains", "additionalProperties"})


class Fields:
    """Look-ups in one self-contained schema.

    Args:
        schema: the schema.
        history: from definition name and field to a sentence about other minors, "" when there is nothing to say.
    """

    def __init__(self, schema: Schema, history: Callable[[str, str], str] | None = None) -> None:
        self._schema = schema
        self._defs = schema.get("$defs", {})
        self._history = history

    def at(self, path: Path) -> list[str]:
        """Return the names of the fields that may stand in the object at *path*."""
        return list(self._resolved(path).get("properties", {}))

    def hint(self, path: Path, name: str) -> str:
        """Return what may be wrong with a field called *name* at *path*, "" when there is no idea."""
        definition = self._definition(path)
        if self._history and definition and (sentence := self._history(definition, name)):
            return sentence
        owners = self._owners(path, name)
        if len(owners) != 1:
            return ""
        place = to_text(owners[0]) or "the top of the resource"
        return f"It is a field of {place}: check the indentation."

    def rule(self, location: Sequence[str | int]) -> tuple[str, int] | None:
        """Return what the rule says that the keyword at *location* belongs to, None when it belongs to none.

        Args:
            location: of the keyword that fails, in the schema.

        Returns:
            The words, and how many steps of the failing value's path lead on from the place that the rule is about.
        """
        node: Any = self._schema
        said, depth = "", 0
        steps = iter((*location, None))
        for step in steps:
            if isinstance(node, dict) and SAYS in node:
                said, depth = str(node[SAYS]), 0
            into = step == "properties" and isinstance(node, dict)
            name = next(steps) if into else None
            node = _child(_child(node, step), name) if into else _child(node, step)
            depth += step in _INTO
        return (said, depth) if said else None

    def _owners(self, path: Path, name: str) -> list[Path]:
        """Return the nearest object around *path* that has the field, or else the nearest ones inside it."""
        for length in range(len(path) - 1, -1, -1):
            if name in self.at(path[:length]):
                return [path[:length]]
        level = [path]
        for _ in range(_DEPTH):
            level = [(*owner, field) for owner in level for field in self.at(owner) if field != "status"]
            owners = [owner for owner in level if name in self.at(owner)]
            if owners:
                return owners
        return []

    def _definition(self, path: Path) -> str:
        """Return the OpenAPI name of the type at *path*, "" when it has none."""
        node = self._node(path)
        reference = node.get("$ref", "") if isinstance(node, dict) else ""
        return reference.removeprefix("#/$defs/").removesuffix("?")

    def _resolved(self, path: Path) -> Schema:
        return resolve(self._node(path), self._defs)

    def _node(self, path: Path) -> object:
        """Return the schema at *path* as it stands there, references not followed."""
        node: object = self._schema
        for step in path:
            schema = resolve(node, self._defs)
            if isinstance(step, int):
                node = schema.get("items")
            else:
                node = schema.get("properties", {}).get(step, schema.get("additionalProperties"))
        return node


def _child(node: Any, step: Any) -> Any:
    try:
        return node[step]
    except (KeyError, IndexError, TypeError):
        return None
