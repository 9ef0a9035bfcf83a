"""Kubernetes' own schemas, as the kubernetes-validate distribution packs them.

The files are read where they lie; the package itself is never imported, since that costs 70 ms and its ``validate``
reads 1.5 MB for each call. Source of facts: kubernetes-validate's ``kubernetes-json-schema`` folder, which is
Kubernetes' OpenAPI document with every API switched on, one folder a minor.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from karlint.errors import UsageError
from karlint.minors import available_versions, folders

if TYPE_CHECKING:
    from collections.abc import Iterable

Schema = dict[str, Any]
"""A JSON Schema, draft 2020-12."""


class Definitions(Protocol):
    """Schemas by name."""

    def __getitem__(self, name: str, /) -> Schema: ...


QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
_REF = "#/$defs/"

# The grammar of apimachinery's resource.Quantity (pkg/api/resource/quantity.go), which the API server applies while it
# decodes: a wrong quantity is refused like a wrong type is. White space around it is trimmed.
QUANTITY_PATTERN = r"^\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?\s*$"

# Fields that the OpenAPI document calls required, although the API server takes a manifest without them: built-in types
# are checked by code, not by this document, and the code has a default or accepts the zero value.
NOT_ENFORCED = {
    ("io.k8s.api.networking.v1.NetworkPolicySpec", "podSelector"),  # absent reads as {}: all pods of the namespace
    ("io.k8s.api.rbac.v1.RoleRef", "apiGroup"),  # defaulted to rbac.authorization.k8s.io
    ("io.k8s.api.scheduling.v1.PriorityClass", "value"),  # 0
    ("io.k8s.api.apps.v1.StatefulSetSpec", "serviceName"),  # "": no governing service
    ("io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern", "status"),  # defaulted to "True"
}


def check_version(version: str) -> None:
    """Raise UsageError when there are no schemas for *version*."""
    known = available_versions()
    if version not in known:
        raise UsageError(f"There are no schemas for Kubernetes {version}.", f"Choose from {known[0]} to {known[-1]}.")


def raw_definitions(version: str) -> dict[str, Schema]:
    """Return every definition of *version* as packed, by its OpenAPI name. Raises UsageError."""
    check_version(version)
    document: dict[str, Any] = orjson.loads((folders()[version] / "_definitions.json").read_bytes())
    definitions: dict[str, Schema] = document["$defs"]
    return definitions


@lru_cache(maxsize=4)
def definitions(version: str) -> dict[str, Schema]:
    """Return the definitions of *version*, reduced to what decides a verdict; the same for each call, so
    nobody changes them. Raises UsageError.

    Null is taken out of the types of fields: the API server drops a field that is null, and so does `normalise`, which
    leaves "required" to say what it should about a required field that is null.
    """
    result = {}
    for name, schema in raw_definitions(version).items():
        result[name] = _not_null(_compact(schema))
    result[QUANTITY] = {"type": ["string", "number"], "pattern": QUANTITY_PATTERN}
    # Packed as a oneOf whose branches both take null; one list of types says the same and fails with one error.
    result[INT_OR_STRING] = {"type": ["integer", "string"]}
    for name, field in NOT_ENFORCED:
        required = result.get(name, {}).get("required", [])
        if field in required:
            result[name]["required"] = [other for other in required if other != field]
    return result


def read_ahead(versions: Iterable[str]) -> None:
    """Read the definitions of those of *versions* that are known, while there is nothing else to do."""
    for version in versions:
        if version in available_versions():
            definitions(version)


def _compact(schema: Schema) -> Schema:
    """Copy the keywords that decide, without descriptions and formats."""
    result: Schema = {key: schema[key] for key in ("type", "required", "enum", "$ref", "oneOf") if key in schema}
    if "properties" in schema:
        result["properties"] = {name: _not_null(_compact(field)) for name, field in schema["properties"].items()}
    if "items" in schema:
        result["items"] = _compact(schema["items"])  # nothing drops a null from a list
    if "additionalProperties" in schema:
        extra = schema["additionalProperties"]
        result["additionalProperties"] = _not_null(_compact(extra)) if isinstance(extra, dict) else extra
        if extra is False:
            result.setdefault("properties", {})  # without it the validator does not name the field it refuses
    return result


def _not_null(schema: Schema) -> Schema:
    kind = schema.get("type")
    if isinstance(kind, list):
        kept = [name for name in kind if name != "null"]
        schema["type"] = kept[0] if len(kept) == 1 else kept
    return schema


def self_contained(defs: Definitions, root: Schema) -> Schema:
    """Return *root* with the definitions it needs, directly or not, under ``$defs``; those it has of its own are kept.

    A reference ``#/$defs/NAME?`` is followed to a copy of NAME that requires no field, see `without_required`.

    Raises KeyError for a name that nothing defines.
    """
    needed: dict[str, Schema] = dict(root.get("$defs", {}))
    todo = list(_references(root))
    while todo:
        name = todo.pop()
        if name in needed:
            continue
        needed[name] = without_required(defs[name[:-1]]) if name.endswith("?") else defs[name]
        todo.extend(_references(needed[name]))
    return {**root, "$defs": needed}


def core_schema(defs: Definitions, name: str) -> Schema:
    """Return the self-contained schema of the kind that is defined as *name*.

    The API server throws away the status of an object that it creates before it looks whether it is complete, so
    generated manifests with ``status: {}`` are fine; the types and names in it still have to be right.
    """
    root = defs[name]
    properties = dict(root["properties"])
    if "status" in properties:
        properties["status"] = without_required(properties["status"])
    return self_contained(defs, {**root, "properties": properties})


def without_required(schema: Schema) -> Schema:
    """Return a copy that requires nothing, at any depth."""
    result = {key: value for key, value in schema.items() if key != "required"}
    if "$ref" in result:
        result["$ref"] = result["$ref"] + "?"
    for key in ("items", "additionalProperties"):
        if isinstance(result.get(key), dict):
            result[key] = without_required(result[key])
    if "properties" in result:
        result["properties"] = {name: without_required(field) for name, field in result["properties"].items()}
    return result


def _references(schema: Schema) -> list[str]:
    """Return the names of the definitions that *schema* refers to directly."""
    found = []
    todo: list[Any] = [schema]
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo.extend(node)
        elif isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str) and reference.startswith(_REF):
                found.append(reference.removeprefix(_REF))
            todo.extend(value for value in node.values() if isinstance(value, dict | list))
    return found
