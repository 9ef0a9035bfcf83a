"""The JSON Schema of the Rego input, derived from the model's types, so that the two cannot drift apart."""

from __future__ import annotations

import collections.abc
import enum
import types
import typing
from typing import Any

from msgspec import Struct

from karlint.model import path as path_types
from karlint.model.reference import Reference, Referrer, Status
from karlint.model.workload import (
    AcceleratorRequest,
    ClaimRequest,
    Container,
    ModelServer,
    PodTemplate,
    Workload,
)

_NAMESPACE = {
    "Mapping": collections.abc.Mapping,
    "Any": Any,
    "Path": path_types.Path,
    "Status": Status,
    **{cls.__name__: cls for cls in (AcceleratorRequest, ClaimRequest, Container, ModelServer, PodTemplate, Workload)},
}
_SCALARS = {str: "string", int: "integer", bool: "boolean", type(None): "null"}


def input_schema() -> dict[str, Any]:
    """Return the schema of ``input`` as rules see it."""
    definitions: dict[str, Any] = {}
    workload = schema_of(Workload, definitions)
    text = {"type": "string"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Input of a karlint rule",
        "description": "One resource, as Rego sees it. null stands for unknown wherever a number is expected.",
        "type": "object",
        "additionalProperties": False,
        "required": ["resource", "object", "workload"],
        "properties": {
            "resource": _closed(
                {
                    "index": {"type": "integer"},
                    **dict.fromkeys(("group", "version", "kind", "namespace", "name", "file", "directory"), text),
                    "partial": {
                        "type": "boolean",
                        "description": "A kustomization completes the file: what is absent may yet be there.",
                    },
                    "scope": {
                        "type": "array",
                        "items": text,
                        "description": "Directories that contain its own, lie under it, or share its environment.",
                    },
                }
            ),
            "object": {"type": "object", "description": "The resource as the API server would read it."},
            "workload": {"anyOf": [{"type": "null"}, workload]},
            "references": {
                "type": "array",
                "items": schema_of(Reference, definitions),
                "description": "Where a rule uses references: what the resource refers to, among what it looks up.",
            },
            "referrers": {
                "type": "array",
                "items": schema_of(Referrer, definitions),
                "description": "Where a rule uses referrers: what refers to the resource, among what it looks up.",
            },
            "target": _closed({"minor": {"type": "integer"}, "version": text}),
        },
        "$defs": dict(sorted(definitions.items())),
    }


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }


def schema_of(wanted: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a type: scalars, unions with None, tuples, mappings, structs."""
    if wanted is Any:
        return {}
    if wanted in _SCALARS:
        return {"type": _SCALARS[wanted]}
    if isinstance(wanted, type) and issubclass(wanted, enum.StrEnum):
        return {"enum": [str(member) for member in wanted]}
    if isinstance(wanted, type) and issubclass(wanted, Struct):
        return _reference(wanted, definitions)
    origin, arguments = typing.get_origin(wanted), typing.get_args(wanted)
    if origin in (types.UnionType, typing.Union):
        return {"anyOf": [schema_of(option, definitions) for option in arguments]}
    if origin is tuple:
        return {"type": "array", "items": schema_of(arguments[0], definitions)}
    if origin is collections.abc.Mapping:
        return {"type": "object", "additionalProperties": schema_of(arguments[1], definitions)}
    raise TypeError(f"no schema for {wanted}")


def _reference(wanted: type[Struct], definitions: dict[str, Any]) -> dict[str, Any]:
    name = wanted.__name__
    if name not in definitions:
        definitions[name] = {}  # taken, should a type hold itself
        hints = typing.get_type_hints(wanted, localns=_NAMESPACE)
        fields = {name: schema_of(hints[name], definitions) for name in wanted.__struct_fields__}
        definitions[name] = {"description": (wanted.__doc__ or "").partition("\n")[0], **_closed(fields)}
    return {"$ref": f"#/$defs/{name}"}
