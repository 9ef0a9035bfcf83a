"""How the API server judges a custom resource: an interpreter of the definition, which shares no code with karlint.

Source of facts: apiextensions-apiserver (packages schema, pruning, defaulting, listtype) and kube-openapi's validation.
Formats and CEL rules are not judged, and metadata is left to others.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

Node = dict[str, Any]
Path = tuple[Any, ...]
Error = tuple[Path, str]


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


TYPES: dict[str, Any] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: is_number(value) and float(value).is_integer(),
    "number": is_number,
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
}


def judge(schema: Node, body: Node, *, with_status: bool) -> list[Error]:
    """Return what is wrong with *body*, path and keyword."""
    ignored = {"apiVersion", "kind", "metadata", *(["status"] if with_status else [])}
    fields = {name: node for name, node in schema.get("properties", {}).items() if name not in ignored}
    value = {name: item for name, item in body.items() if name not in ignored}
    root = {**schema, "properties": fields, "required": [n for n in schema.get("required", []) if n not in ignored]}
    value = defaulted(root, value)
    return [*unknown(root, value, ()), *wrong(root, value, ())]


def defaulted(node: Node, value: Any) -> Any:
    """Drop nulls that are not allowed, fill in defaults."""
    if isinstance(value, list):
        return [defaulted(node.get("items", {}), item) for item in value] if "items" in node else value
    if not isinstance(value, dict):
        return value
    fields, extra = node.get("properties", {}), node.get("additionalProperties")
    result = {}
    for name, item in value.items():
        inner = fields.get(name, extra)
        if isinstance(inner, dict):
            if item is not None or inner.get("nullable"):
                result[name] = defaulted(inner, item)
        elif item is not None or preserves(node) or isinstance(inner, bool):
            result[name] = item
    for name, inner in fields.items():
        if name not in result and "default" in inner:
            result[name] = defaulted(inner, inner["default"])
    return result


def preserves(node: Node) -> bool:
    return node.get("x-kubernetes-preserve-unknown-fields") is True


def unknown(node: Node, value: Any, at: Path, kept: bool = False) -> list[Error]:
    """Return the fields that pruning drops."""
    kept = kept or preserves(node)
    if isinstance(value, list):
        items = node.get("items")
        if not isinstance(items, dict):
            return []
        return [error for index, item in enumerate(value) for error in unknown(items, item, (*at, index), kept)]
    if not isinstance(value, dict):
        return []
    found = []
    fields, extra = node.get("properties", {}), node.get("additionalProperties")
    own = {"apiVersion", "kind", "metadata"} if node.get("x-kubernetes-embedded-resource") else set()
    for name, item in value.items():
        if name in own:
            continue
        if name in fields:
            found += unknown(fields[name], item, (*at, name))
        elif isinstance(extra, dict):
            found += unknown(extra, item, (*at, name))
        elif not extra and not kept and is_object(node):
            found.append(((*at, name), "unknown"))
    return found


def is_object(node: Node) -> bool:
    return node.get("type") == "object" or "properties" in node


def wrong(node: Node, value: Any, at: Path) -> list[Error]:
    """Return what the keywords say of the value."""
    if value is None and node.get("nullable"):
        return []
    if node.get("x-kubernetes-int-or-string"):
        if not (TYPES["integer"](value) or isinstance(value, str)):
            return [(at, "type")]
    elif node.get("type") and not TYPES[node["type"]](value):
        return [(at, "type")]
    found = [(at, keyword) for keyword, holds in scalar_checks(node, value) if not holds]
    if isinstance(value, dict):
        found += wrong_object(node, value, at)
    if isinstance(value, list):
        found += wrong_list(node, value, at)
    for branch in node.get("allOf", ()):
        found += wrong(branch, value, at)
    for keyword, fits in (("anyOf", lambda count: count >= 1), ("oneOf", lambda count: count == 1)):
        branches = node.get(keyword)
        if branches and not fits(sum(not wrong(branch, value, at) for branch in branches)):
            found.append((at, keyword))
    if "not" in node and not wrong(node["not"], value, at):
        found.append((at, "not"))
    return found


def scalar_checks(node: Node, value: Any) -> list[tuple[str, bool]]:
    checks = []
    if "enum" in node:
        checks.append(("enum", any(same(value, option) for option in node["enum"])))
    if is_number(value):
        low, high = node.get("minimum"), node.get("maximum")
        checks.append(("minimum", low is None or value > low or (value == low and not node.get("exclusiveMinimum"))))
        checks.append(("maximum", high is None or value < high or (value == high and not node.get("exclusiveMaximum"))))
        checks.append(("multipleOf", "multipleOf" not in node or value % node["multipleOf"] == 0))
    if isinstance(value, str):
        checks.append(("minLength", len(value) >= node.get("minLength", 0)))
        checks.append(("maxLength", len(value) <= node.get("maxLength", len(value))))
        checks.append(("pattern", "pattern" not in node or compiled(node["pattern"]).search(value) is not None))
    return checks


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    # Go's $ is the end of the text, and its flags may stand after the anchor.
    flags = re.IGNORECASE if "(?i)" in pattern else 0
    return re.compile(
        re.sub(r"(?<!\\)\$(?![^\[]*\])", r"\\Z", pattern.replace("(?i)", "")).replace("[:space:]", r"\s"), flags
    )


def same(left: Any, right: Any) -> bool:
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def wrong_object(node: Node, value: Node, at: Path) -> list[Error]:
    found = [(at, f"required {name}") for name in node.get("required", ()) if name not in value]
    if node.get("x-kubernetes-embedded-resource"):
        found += [(at, f"required {name}") for name in ("apiVersion", "kind") if not isinstance(value.get(name), str)]
    if len(value) < node.get("minProperties", 0) or len(value) > node.get("maxProperties", len(value)):
        found.append((at, "properties"))
    fields, extra = node.get("properties", {}), node.get("additionalProperties")
    for name, item in value.items():
        if name in fields:
            found += wrong(fields[name], item, (*at, name))
        elif isinstance(extra, dict):
            found += wrong(extra, item, (*at, name))
    return found


def wrong_list(node: Node, value: list[Any], at: Path) -> list[Error]:
    found: list[Error] = []
    if len(value) < node.get("minItems", 0) or len(value) > node.get("maxItems", len(value)):
        found.append((at, "items"))
    keys = node.get("x-kubernetes-list-map-keys")
    if node.get("x-kubernetes-list-type") == "map":
        named = [[item.get(key) for key in keys] for item in value if isinstance(item, dict)]
        if any(name in named[:index] for index, name in enumerate(named)):
            found.append((at, "map"))
    if node.get("x-kubernetes-list-type") == "set" and any(same(a, b) for i, a in enumerate(value) for b in value[:i]):
        found.append((at, "set"))
    if node.get("uniqueItems") and any(same(a, b) for i, a in enumerate(value) for b in value[:i]):
        found.append((at, "uniqueItems"))
    if isinstance(node.get("items"), dict):
        for index, item in enumerate(value):
            found += wrong(node["items"], item, (*at, index))
    return found
