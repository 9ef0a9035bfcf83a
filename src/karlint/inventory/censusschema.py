"""The JSON Schema of ``karlint inventory --format json``, derived from the model's types."""

from __future__ import annotations

from typing import Any

from karlint.inventory.inputschema import schema_of
from karlint.model.census import Census


def census_schema() -> dict[str, Any]:
    """Return the schema of the census as programs get it."""
    definitions: dict[str, Any] = {}
    schema_of(Census, definitions)
    census = definitions.pop("Census")
    tool = {
        "type": "object",
        "description": "Who wrote it.",
        "additionalProperties": False,
        "required": ["name", "version"],
        "properties": {"name": {"const": "karlint"}, "version": {"type": "string"}},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "karlint inventory",
        "description": "What `karlint inventory --format json` prints. null stands for unknown. Fields may be added"
        " while `schema` stays 1; none goes away or changes its meaning. Strings are as they are in the repository:"
        " escape them before they reach a terminal or a page.",
        "type": "object",
        "additionalProperties": False,
        "required": ["schema", "tool", *census["required"]],
        "properties": {"schema": {"const": 1}, "tool": tool, **census["properties"]},
        "$defs": dict(sorted(definitions.items())),
    }
