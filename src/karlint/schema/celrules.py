"""CEL rules of CustomResourceDefinitions as JSON Schema, and in words of our own.

A rule becomes a schema that a value satisfies if, and as good as only if, the rule holds for it. Where a rule touches a
field that is not there, CEL fails and the value is refused; the schema may take it: rather a missed mistake than a
false one. Rules that compare with the object before an update, that calculate, or that compare fields with each other
have no such schema.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from karlint.schema.cel import Node, NotCelError, counted_of, parse
from karlint.schema.celwords import words

if TYPE_CHECKING:
    from karlint.schema.pack import Schema

SAYS = "x-karlint-says"
"""The keyword that holds what a value must be, in words: the rest of a sentence that begins with its place."""

_KEYWORD = {"__in__": "in", "__namespace__": "namespace"}
_BOUNDS = {"<": "exclusiveMaximum", "<=": "maximum", ">": "exclusiveMinimum", ">=": "minimum"}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_TEXTS = {"startsWith": "^{}", "endsWith": "{}$", "contains": "{}"}
_LONGEST = 2000  # characters; what is longer nobody could put into a sentence


class _NoSchemaError(Exception):
    """JSON Schema cannot say it."""


def rule_schemas(rules: Any) -> list[Schema]:
    """Return a schema for each of ``x-kubernetes-validations`` that JSON Schema can say."""
    texts = [item.get("rule") for item in rules if isinstance(item, dict)] if isinstance(rules, list) else []
    return [schema for text in texts if isinstance(text, str) and (schema := rule_schema(text)) is not None]


@lru_cache(maxsize=4096)
def rule_schema(text: str) -> Schema | None:
    """Return the schema of one rule, with its words under `SAYS`; None when there is none."""
    if len(text) > _LONGEST or "oldSelf" in text:
        return None
    try:
        node = parse(text)
        return _told(node, _condition(node, "self"))
    except (NotCelError, _NoSchemaError, RecursionError):
        return None


def _told(node: Node, schema: Schema) -> Schema:
    """Return *schema* with its words, which stand where it judges: in the entries that ``all`` goes through."""
    if _is_all(node):
        inner, _, body = node.parts
        path = _path(inner, "self")
        if path == []:
            return {"items": {**_condition(body, str(node.parts[1].value)), SAYS: words(body)}}
    return {**schema, SAYS: words(node)}


def _is_all(node: Node) -> bool:
    return node.kind == "call" and node.value == "all" and node.method and len(node.parts) == 3


def _condition(node: Node, me: str, wanted: bool | None = True) -> Schema:
    """Return what a value *me* satisfies when the Boolean expression holds. Raises _NoSchemaError.

    *wanted* says what becomes of it: True when it must hold, False when it must not, None when either may be.
    """
    if node.kind == "literal" and isinstance(node.value, bool):
        return {} if node.value else {"not": {}}
    if node.kind == "!":
        return {"not": _condition(node.parts[0], me, None if wanted is None else not wanted)}
    if node.kind in {"&&", "||"}:
        return {"allOf" if node.kind == "&&" else "anyOf": [_condition(part, me, wanted) for part in node.parts]}
    if node.kind == "?":
        yes, no = (_condition(part, me, wanted) for part in node.parts[1:])
        return {"if": _condition(node.parts[0], me, None), "then": yes, "else": no}
    if (counted := counted_of(node)) is not None:
        return _counted(counted, me)
    if node.kind == "call":
        return _call(node, me, wanted)
    if node.kind in {*_BOUNDS, "==", "!=", "in"}:
        return _relation(node, me)
    return _at(_path(node, me), {"const": True})


def _counted(counted: tuple[str, int, tuple[Node, ...]], me: str) -> Schema:
    relation, number, parts = counted
    schemas = [_condition(part, me, None) for part in parts]
    if number != 1:
        raise _NoSchemaError
    if relation == "<=":
        pairs = [{"allOf": [one, other]} for index, one in enumerate(schemas) for other in schemas[:index]]
        return {"not": {"anyOf": pairs}}
    return {"oneOf" if relation == "==" else "anyOf": schemas}


def _call(node: Node, me: str, wanted: bool | None) -> Schema:
    if node.value == "has" and not node.method and len(node.parts) == 1:
        return _at(_path(node.parts[0], me), {})
    if not node.method:
        raise _NoSchemaError
    on, *arguments = node.parts
    if node.value in {"all", "exists"} and len(arguments) == 2 and arguments[0].kind == "name":
        inner = _condition(arguments[1], str(arguments[0].value), wanted)
        return _at(_path(on, me), _entries(str(node.value), inner, wanted))
    if node.value == "matches" and _is_text(arguments):
        return _at(_path(on, me), {"pattern": arguments[0].value})
    if node.value in _TEXTS and _is_text(arguments):
        return _at(_path(on, me), {"pattern": _TEXTS[node.value].format(re.escape(arguments[0].value))})
    raise _NoSchemaError


def _entries(macro: str, inner: Schema, wanted: bool | None) -> Schema:
    """Return the schema of ``all`` or ``exists``. Over a map they go through the keys: that is left to its fate."""
    if wanted is None:
        raise _NoSchemaError
    listed = {"type": "array", "items" if macro == "all" else "contains": inner}
    return {"anyOf": [{"type": "object"}, listed]} if wanted else listed


def _is_text(arguments: list[Node]) -> bool:
    return len(arguments) == 1 and arguments[0].kind == "literal" and isinstance(arguments[0].value, str)


def _relation(node: Node, me: str) -> Schema:
    left, right = node.parts
    if node.kind == "in":
        if right.kind != "list" or any(part.kind != "literal" for part in right.parts):
            raise _NoSchemaError
        return _at(_path(left, me), {"enum": [part.value for part in right.parts]})
    if left.kind == "literal" and right.kind != "literal":
        return _relation(Node(_MIRRORED[node.kind], parts=(right, left)), me)
    if right.kind != "literal":
        if node.kind not in {"==", "!="}:
            raise _NoSchemaError
        both = [_condition(left, me, None), _condition(right, me, None)]  # Booleans, or there is no schema
        return {"oneOf": both} if node.kind == "!=" else {"not": {"oneOf": both}}
    if node.kind == "!=":
        return {"not": _relation(Node("==", parts=node.parts), me)}
    measured = _size_of(left)
    if measured is not None:
        return _at(_path(measured, me), _sized(node.kind, right.value))
    if node.kind == "==":
        return _at(_path(left, me), {"const": right.value})
    return _at(_path(left, me), {_BOUNDS[node.kind]: right.value})


def _size_of(node: Node) -> Node | None:
    return node.parts[0] if node.kind == "call" and node.value == "size" and len(node.parts) == 1 else None


def _sized(relation: str, number: Any) -> Schema:
    """Return the bounds of a size, for lists, strings and maps at once: each keyword leaves the other types alone."""
    if not isinstance(number, int):
        raise _NoSchemaError
    low = {">": number + 1, ">=": number, "==": number}.get(relation)
    high = {"<": number - 1, "<=": number, "==": number}.get(relation)
    bounds: Schema = {}
    for of in ("Items", "Length", "Properties"):
        if low is not None:
            bounds[f"min{of}"] = low
        if high is not None:
            bounds[f"max{of}"] = max(high, 0)
    return bounds


def _path(node: Node, me: str) -> list[str]:
    """Return the fields that lead from *me* to what *node* names. Raises _NoSchemaError."""
    if node.kind == "name" and node.value == me:
        return []
    if node.kind == "member":
        return [*_path(node.parts[0], me), _KEYWORD.get(node.value, node.value)]
    raise _NoSchemaError


def _at(path: list[str], schema: Schema) -> Schema:
    """Return *schema* for what lies at *path*, which has to be there; only a name may come from generateName."""
    if path == ["metadata", "name"] and schema:
        return {"properties": {"metadata": {"properties": {"name": schema}}}}
    for name in reversed(path):
        schema = {"required": [name], "properties": {name: schema}} if schema else {"required": [name]}
    return schema
