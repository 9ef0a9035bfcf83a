"""Lists of which a definition says that no entry may repeat another (``x-kubernetes-list-type`` map and set).

Source of facts: apiextensions-apiserver, package listtype. JSON Schema can tell equal entries, but not equal keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from karlint.model.path import Path, to_text
from karlint.model.source import Anchor
from karlint.schema.problem import Problem
from karlint.schema.tokens import holds_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from karlint.schema.pack import Schema

LIST_TYPE = "x-kubernetes-list-type"
MAP_KEYS = "x-kubernetes-list-map-keys"


def list_type(node: Schema) -> Schema:
    """Return the keywords of *node* that forbid repetition, nothing when there are none or they make no sense."""
    keys = node.get(MAP_KEYS)
    if node.get(LIST_TYPE) == "set":
        return {LIST_TYPE: "set"}
    if node.get(LIST_TYPE) == "map" and isinstance(keys, list) and keys and all(isinstance(key, str) for key in keys):
        return {LIST_TYPE: "map", MAP_KEYS: keys}
    return {}


def repeated(value: Any, schema: Any, resolve: Callable[[Any], Schema], at: Path = ()) -> Iterator[Problem]:
    """Yield a problem for each entry of *value* that repeats an earlier one where it must not.

    Args:
        value: the object as it is judged.
        schema: its schema.
        resolve: follows references.
        at: where the value stands.
    """
    schema = resolve(schema)
    if isinstance(value, dict):
        fields, extra = schema.get("properties", {}), schema.get("additionalProperties")
        for name, item in value.items():
            if isinstance(item, dict | list):
                yield from repeated(item, fields.get(name, extra), resolve, (*at, name))
    elif isinstance(value, list):
        if LIST_TYPE in schema:
            yield from _repeated_entries(value, schema.get(MAP_KEYS), at)
        for index, item in enumerate(value):
            if isinstance(item, dict | list):
                yield from repeated(item, schema.get("items"), resolve, (*at, index))


def _repeated_entries(entries: list[Any], keys: list[str] | None, at: Path) -> Iterator[Problem]:
    seen: dict[bytes, int] = {}
    for index, entry in enumerate(entries):
        if keys is not None and not isinstance(entry, dict):
            continue
        identity = entry if keys is None else [entry.get(key) for key in keys]
        if holds_token(identity):
            continue
        first = seen.setdefault(orjson.dumps(identity, option=orjson.OPT_SORT_KEYS), index)
        if first != index:
            what = "is the same as" if keys is None else f"has the same {' and '.join(keys)} as"
            message = f"{to_text((*at, index))} {what} {to_text((*at, first))}."
            yield Problem("repeated", (*at, index), Anchor.VALUE, "", message)
