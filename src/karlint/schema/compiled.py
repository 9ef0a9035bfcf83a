"""A schema made ready to judge, and the object made ready to be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema_rs
import orjson

from karlint.schema.lists import LIST_TYPE, repeated

if TYPE_CHECKING:
    from karlint.schema.pack import Schema
    from karlint.schema.problem import Problem

_MAPS = ("properties", "$defs")
_SINGLE = ("items", "additionalProperties", "not", "if", "then", "else", "contains")
_LISTS = ("allOf", "anyOf", "oneOf")
_HOPS = 32  # references to references; a definition that leads to itself says nothing


class Compiled:
    """A self-contained schema with its validator.

    Args:
        schema: the schema.
        custom: True for a custom resource, which no Go type reads before it is judged.

    Attributes:
        schema: as it was compiled.
        dropped: patterns left out because they cannot be compiled.

    Raises jsonschema_rs.ValidationError when *schema* is no schema.
    """

    def __init__(self, schema: Schema, *, custom: bool = False) -> None:
        self._custom = custom
        self._has_lists = custom and LIST_TYPE.encode() in orjson.dumps(schema)
        self.dropped: list[str] = []
        self.schema = schema
        try:
            self._validator = _validator(schema)
        except jsonschema_rs.ValidationError:
            self.schema = _without_bad_patterns(schema, self.dropped)
            self._validator = _validator(self.schema)

    def errors(self, body: dict[str, Any]) -> list[jsonschema_rs.ValidationError]:
        """Return what is wrong with the object as the API server would judge it."""
        # What is right as it stands stays right, but for custom resources: a null may stand for a required field.
        if not self._custom and self._validator.is_valid(body):
            return []
        judged = self._judged(body)
        return [] if self._validator.is_valid(judged) else list(self._validator.iter_errors(judged))

    def repeated(self, body: dict[str, Any]) -> list[Problem]:
        """Return the entries of lists that repeat earlier ones where the schema forbids it."""
        if not self._has_lists:
            return []
        defs = self.schema.get("$defs", {})
        return list(repeated(self._judged(body), self.schema, lambda schema: resolve(schema, defs)))

    def _judged(self, body: dict[str, Any]) -> Any:
        return normalise(body, self.schema, self.schema.get("$defs", {}), custom=self._custom)


def _validator(schema: Schema) -> jsonschema_rs.Draft202012Validator:
    # The linear-time regex engine is RE2's close relative; the other one would take patterns that Go does not.
    return jsonschema_rs.Draft202012Validator(
        schema, validate_formats=False, pattern_options=jsonschema_rs.RegexOptions()
    )


def normalise(value: Any, schema: Any, defs: dict[str, Schema], *, custom: bool = False) -> Any:
    """Return *value* with what the API server does before it validates.

    Nulls of fields that are not nullable are dropped, defaults are filled in. Lists keep their nulls, and so do fields
    that the schema does not know.
    """
    schema = resolve(schema, defs)
    if not schema:
        return value
    if isinstance(value, list):
        items = schema.get("items")
        if not items:
            return value
        read = value if custom else [_item(item, items, defs) for item in value]
        return [normalise(item, items, defs, custom=custom) for item in read]
    if not isinstance(value, dict):
        return value
    result = {}
    properties = schema.get("properties", {})
    extra = schema.get("additionalProperties")
    for key, item in value.items():
        field = resolve(properties.get(key, extra), defs)
        if item is None and not _nullable(field, declared=custom and key in properties):
            continue
        result[key] = normalise(item, field, defs, custom=custom)
    for key, field in properties.items():
        if key not in result and isinstance(field, dict) and "default" in field:
            result[key] = normalise(field["default"], field, defs, custom=custom)
    return result


def _item(item: Any, items: Any, defs: dict[str, Schema]) -> Any:
    """Return the list item: Go reads a null as an empty object where it expects one."""
    if item is None and resolve(items, defs).get("type") == "object":
        return {}
    return item


def resolve(schema: Any, defs: dict[str, Schema]) -> Schema:
    """Return the schema meant, {} for none or for a Boolean."""
    for _ in range(_HOPS):
        if not isinstance(schema, dict):
            break
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        schema = defs.get(reference.removeprefix("#/$defs/"))
    return {}


def _nullable(schema: Schema, *, declared: bool) -> bool:
    """Tell whether a null stays: without a type, where nothing is said of the field, or where it may be null."""
    kind = schema.get("type")
    return "null" in kind if kind else not declared or schema.get("nullable") is True


def _without_bad_patterns(schema: Schema, dropped: list[str]) -> Schema:
    """Return a copy without the patterns that do not compile: Go's dialect has a few forms of its own."""
    result = dict(schema)
    if "pattern" in schema and not _compiles(schema["pattern"]):
        dropped.append(result.pop("pattern"))
    for key in _MAPS:
        if key in schema:
            result[key] = {name: _clean(field, dropped) for name, field in schema[key].items()}
    for key in _SINGLE:
        if key in schema:
            result[key] = _clean(schema[key], dropped)
    for key in _LISTS:
        if key in schema:
            result[key] = [_clean(branch, dropped) for branch in schema[key]]
    return result


def _clean(schema: Any, dropped: list[str]) -> Any:
    return _without_bad_patterns(schema, dropped) if isinstance(schema, dict) else schema


def _compiles(pattern: str) -> bool:
    try:
        _validator({"pattern": pattern})
    except jsonschema_rs.ValidationError:
        return False
    return True
