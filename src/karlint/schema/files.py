"""Reads schema files: our own form, the CRDs catalogue's, or any other self-contained JSON Schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from karlint._bounded import read_bytes
from karlint.schema.structural import go_pattern

if TYPE_CHECKING:
    from pathlib import Path as FilePath

    from karlint.schema.pack import Schema

_LOCAL = "#/$defs/"
_OLD_LOCAL = "#/definitions/"
_NAMED = ("properties", "$defs", "definitions", "patternProperties")
_DROPPED = frozenset({"$schema", "$id", "id", "description", "title", "format"})


class BadSchemaError(Exception):
    """A schema file cannot be used; the text is one sentence without its full stop."""


def read_schema(file: FilePath) -> Schema:
    """Return the schema of *file*, draft 2020-12. Raises BadSchemaError."""
    try:
        schema = orjson.loads(read_bytes(file))
    except OSError as error:
        raise BadSchemaError(f"it cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise BadSchemaError(f"it is no JSON: {error}") from error
    if not isinstance(schema, dict):
        raise BadSchemaError("it is JSON, but no object")
    return _read(schema)


def _read(node: Schema) -> Schema:
    result: Schema = {}
    for key, value in node.items():
        if key in _NAMED and isinstance(value, dict):
            named = {name: _value(item) for name, item in value.items()}
            result["$defs" if key == "definitions" else key] = named
        elif key == "$ref":
            result["$ref"] = _reference(value)
        elif key == "pattern" and isinstance(value, str):
            result["pattern"] = go_pattern(value)
        elif key in {"default", "enum", "const"}:
            result[key] = value
        elif key not in _DROPPED:
            result[key] = _value(value)
    if node.get("nullable") is True and isinstance(node.get("type"), str):
        result["type"] = [node["type"], "null"]  # OpenAPI's word, which JSON Schema does not know
    return result


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return _read(value)
    return [_value(item) for item in value] if isinstance(value, list) else value


def _reference(value: Any) -> str:
    if isinstance(value, str):
        if value.startswith(_OLD_LOCAL):
            return _LOCAL + value.removeprefix(_OLD_LOCAL)
        if value.startswith(_LOCAL):
            return value
    raise BadSchemaError(f"it refers to {value}, and only {_LOCAL}... is followed")
