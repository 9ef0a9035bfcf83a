"""From the OpenAPI schema of a CustomResourceDefinition to JSON Schema, as the API server understands it.

Source of facts: kubernetes' apiextensions-apiserver, packages ``schema`` (what is structural), ``pruning`` (which
fields it drops, so that strict decoding calls them unknown) and ``defaulting`` (nulls and
defaults; see `compiled.normalise`).
Of the CEL rules those are judged that JSON Schema can say (`celrules`). Formats are not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from karlint.schema.celrules import rule_schemas
from karlint.schema.lists import list_type

if TYPE_CHECKING:
    from karlint.schema.pack import Schema

OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

_META: Schema = {
    "apiVersion": {"type": "string"},
    "kind": {"type": "string"},
    "metadata": {"$ref": f"#/$defs/{OBJECT_META}"},
}
_COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
_NUMBERS = ("minimum", "maximum", "multipleOf")
_BOUNDS = (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum"))
_JUNCTORS = ("allOf", "anyOf", "oneOf")
_TYPES = frozenset({"string", "integer", "number", "boolean", "object", "array"})
# Go's names for classes of characters, which the validator takes for a list of letters.
_POSIX = re.compile(r"\[:(\w+):\]")
_POSIX_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r"\t ",
    "digit": "0-9",
    "lower": "a-z",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_INT_OR_STRING = "x-kubernetes-int-or-string"
_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_EMBEDDED = "x-kubernetes-embedded-resource"


def root_schema(node: Schema, *, prunes: bool, drops_status: bool) -> Schema:
    """Return the JSON Schema of a custom resource.

    Args:
        node: the ``openAPIV3Schema``; anything in it that makes no sense is passed over.
        prunes: False where the definition keeps unknown fields everywhere.
        drops_status: True with a status subresource: the API server then ignores the status that a manifest brings.
    """
    result = _convert(node, strict=prunes, preserve=False)
    properties = {**result.get("properties", {}), **_META}
    if drops_status and "status" in properties:
        properties["status"] = {}
    result["properties"] = properties
    return {"type": "object", **result}


def _convert(node: Any, *, strict: bool, preserve: bool) -> Schema:
    if not isinstance(node, dict):
        return {}
    result = _values(node)
    preserve = preserve or node.get(_PRESERVE) is True
    fields = node.get("properties")
    if isinstance(fields, dict):
        result["properties"] = {name: _convert(field, strict=strict, preserve=False) for name, field in fields.items()}
    if isinstance(node.get("items"), dict):
        # A list of unknown things may hold objects with unknown fields.
        result["items"] = _convert(node["items"], strict=strict, preserve=preserve)
    extra = node.get("additionalProperties")
    if isinstance(extra, dict):
        result["additionalProperties"] = _convert(extra, strict=strict, preserve=False)
    elif strict and not preserve and not extra and (node.get("type") == "object" or "properties" in result):
        result["additionalProperties"] = False
        result.setdefault("properties", {})  # without it the validator does not name the field it refuses
    if node.get(_EMBEDDED) is True:
        result["properties"] = {**result.get("properties", {}), **_META}
        result["required"] = sorted({*result.get("required", ()), "apiVersion", "kind"})
    result |= list_type(node)
    if "default" in node:
        result["default"] = node["default"]
    if "x-kubernetes-validations" in node and (rules := rule_schemas(node["x-kubernetes-validations"])):
        result["allOf"] = [*result.get("allOf", ()), *rules]
    return result


def _values(node: Schema) -> Schema:
    """Convert the keywords that judge a value; those with a value of the wrong form are left out."""
    result: Schema = {}
    nullable = node.get("nullable") is True
    kind = node.get("type")
    if node.get(_INT_OR_STRING) is True:
        result["type"] = ["integer", "string", *(["null"] if nullable else [])]
    elif isinstance(kind, str) and kind in _TYPES:
        result["type"] = [kind, "null"] if nullable else kind
    elif nullable:
        result["nullable"] = True  # anything, and null: for `compiled.normalise`
    enum = node.get("enum")
    if isinstance(enum, list) and enum:
        result["enum"] = [*enum, None] if nullable and None not in enum else enum
    if isinstance(node.get("pattern"), str):
        result["pattern"] = go_pattern(node["pattern"])
    if node.get("uniqueItems") is True:
        result["uniqueItems"] = True
    required = node.get("required")
    if isinstance(required, list) and required:
        result["required"] = [name for name in required if isinstance(name, str)]
    _limits(node, result)
    _junctors(node, result)
    return result


def go_pattern(pattern: str) -> str:
    """Return a pattern of Go's dialect as the validator reads it."""
    return _POSIX.sub(lambda found: _POSIX_CLASSES.get(found[1], found[0]), pattern)


def _limits(node: Schema, result: Schema) -> None:
    for key in (*_COUNTS, *_NUMBERS):
        value = node.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            result[key] = value
    for exclusive, bound in _BOUNDS:
        # OpenAPI 3.0 has a flag where JSON Schema has the number.
        if node.get(exclusive) is True and bound in result:
            result[exclusive] = result.pop(bound)


def _junctors(node: Schema, result: Schema) -> None:
    for key in _JUNCTORS:
        branches = node.get(key)
        if isinstance(branches, list):
            converted = [_branch(branch) for branch in branches if not _is_int_or_string(branch)]
            if node.get(_INT_OR_STRING) is True and key == "anyOf":
                continue  # says [integer, string] again
            if converted:
                result[key] = converted
    if isinstance(node.get("not"), dict):
        result["not"] = _branch(node["not"])


def _is_int_or_string(branch: Any) -> bool:
    options = branch.get("anyOf") if isinstance(branch, dict) and len(branch) == 1 else None
    return isinstance(options, list) and options == [{"type": "integer"}, {"type": "string"}]


def _branch(node: Any) -> Schema:
    """Convert a branch of a junctor: it judges values and never prunes."""
    return _convert(node, strict=False, preserve=True)
