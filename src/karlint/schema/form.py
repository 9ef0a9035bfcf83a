"""The form in which karlint keeps a schema: short, uniform, the same on every machine.

It is JSON Schema, draft 2020-12. Copies of Kubernetes' own types become references to the type (``#/$defs/io.k8s...``,
which the target's minor fills in), and what stands several times in a schema is told once under ``$defs``.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import orjson

from karlint.schema.celrules import SAYS
from karlint.schema.coretypes import REF, CoreTypes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from karlint.schema.pack import Schema

_WIDTH = 120
_WORTH_NAMING = 160  # bytes; what is shorter reads better in place
_ORDER = (
    "$ref", "type", "default", "enum", "pattern", "required", "properties", "additionalProperties", "items",
)  # fmt: skip


def to_form(schema: Schema) -> Schema:
    """Return *schema*, as `structural.root_schema` makes it, in our form."""
    types = CoreTypes()

    def referring(node: Schema) -> Schema:
        if SAYS in node:
            return node
        name = types.name_of(node)
        if name is None:
            return _mapped(node, referring)
        rules = [branch for branch in node.get("allOf", ()) if SAYS in branch]
        return {"$ref": f"{REF}{name}", **({"allOf": rules} if rules else {})}

    return _shared(_mapped(schema, referring))


def to_text(form: Schema) -> bytes:
    """Return the text of a file: a value stands in one line where it fits."""
    return f"{_text(form, '')}\n".encode()


def _text(value: Any, indent: str, used: int = 0) -> str:
    short = _inline(value)
    if len(indent) + used + len(short) < _WIDTH or not isinstance(value, dict | list) or not value:
        return short
    inner = indent + " "
    if isinstance(value, list):
        lines = [_text(item, inner) for item in value]
    else:
        lines = [f"{_inline(key)}: {_text(item, inner, len(key) + 5)}" for key, item in value.items()]
    left, right = "[]" if isinstance(value, list) else "{}"
    return f"{left}\n{inner}" + f",\n{inner}".join(lines) + f"\n{indent}{right}"


def _inline(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def children(node: Schema) -> Iterator[tuple[str, Schema]]:
    """Yield the schemas directly below *node*, each with the name it goes by there."""
    for name, field in node.get("properties", {}).items():
        if isinstance(field, dict):
            yield name, field
    for key in ("items", "additionalProperties", "not"):
        if isinstance(node.get(key), dict):
            yield "", node[key]
    for key in ("anyOf", "oneOf", "allOf"):
        for branch in node.get(key, ()):
            yield "", branch


def _mapped(node: Schema, change: Callable[[Schema], Schema]) -> Schema:
    """Return *node* with each schema directly below it changed, its keywords in their order."""
    result = {key: node[key] for key in (*_ORDER, *sorted(node)) if key in node}
    if "properties" in node:
        result["properties"] = {name: change(field) for name, field in node["properties"].items()}
    for key in ("items", "additionalProperties", "not"):
        if isinstance(node.get(key), dict):
            result[key] = change(node[key])
    for key in ("anyOf", "oneOf", "allOf"):
        if key in node:
            result[key] = [change(branch) for branch in node[key]]
    return result


def _shared(root: Schema) -> Schema:
    """Return *root* with what stands in it several times moved to ``$defs``."""
    uses: Counter[bytes] = Counter()
    names: dict[bytes, str] = {}
    keys: dict[int, bytes] = {}

    def count(node: Schema, name: str) -> None:
        key = keys[id(node)] = orjson.dumps(node)
        uses[key] += 1
        if uses[key] == 1:  # what is inside a repeated schema is not repeated on its account
            names[key] = name
            for inner, child in children(node):
                count(child, inner or name)

    count(root, "root")
    named = {key for key, number in uses.items() if number > 1 and len(key) >= _WORTH_NAMING}
    labels = _labels([names[key] for key in names if key in named])
    label_of = dict(zip([key for key in names if key in named], labels, strict=True))
    defs: dict[str, Schema] = {}

    def referring(node: Schema) -> Schema:
        key = keys.get(id(node)) or orjson.dumps(node)
        if key not in label_of:
            return _mapped(node, referring)
        label = label_of[key]
        if label not in defs:
            defs[label] = {}
            defs[label] = _mapped(node, referring)
        return {"$ref": f"{REF}{label}"}

    result = _mapped(root, referring)
    return {**result, "$defs": dict(sorted(defs.items()))} if defs else result


def _labels(names: list[str]) -> list[str]:
    """Return the names made unique: size, size2, size3."""
    seen: Counter[str] = Counter()
    result = []
    for name in names:
        seen[name] += 1
        result.append(name if seen[name] == 1 else f"{name}{seen[name]}")
    return result
