"""Objects made from a definition, right ones first, then wrong ones."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from .reference import Node, Path, compiled, judge

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from .upstream import Upstream

TRIES = 60
STRINGS = [
    "name", "a", "abc", "1", "10", "1Gi", "500m", "10s", "5m", "1h", "1h30m", "example.com", "example.com/name",
    "a/b", "/path", "/a/b", "http://example.com", "https://example.com/a", "sha256:" + "a" * 64, "latest", "v1",
    "1.2.3", "v1.2.3", "10.0.0.1", "10.0.0.0/8", "arn:aws:iam::123456789012:role/name", "a=b", "Name", "NAME",
    "A_B", "100%", "50%", "0-1", "oci://example.com/a", "nvidia.com/gpu", "ssh://git@example.com/a", "sk-abc",
    "model/name", "main", "*", "*.example.com", "2024-01-01T00:00:00Z", "aaaaaaaaaaaa", "a-b", "a.b", "hf://a/b",
    "pvc://a/b", "s3://a/b", "00:00", "0 0 * * *", "200", "404", "git::https://example.com", "25%", "3", "0.5",
    "repo/image:tag", "repo/image@sha256:" + "a" * 64, "Mi", "+1", "x" * 40, "https://a.b/c?d=e", "env1",
    "refs/heads/main", "modeldata://a", "GPU-0", "0000:00:00.0", "1m0s", "a" * 64, "a" * 20, "",
]  # fmt: skip


class HopelessError(Exception):
    """No value was found that fits."""


def seeds(item: Upstream, rng: random.Random) -> list[Node]:
    """Return a few objects that upstream's definition takes, with different fields."""
    found: list[Node] = []
    for number in range(TRIES):
        try:
            body = example(item.schema, rng, 0.05 if number == 0 else rng.choice([0.15, 0.4, 0.7]), 0)
        except HopelessError:
            continue
        whole = {"apiVersion": item.api_version, "kind": item.kind, "metadata": {"name": "x"}}
        whole |= body
        if not judge(item.schema, whole, with_status=item.with_status):
            found.append(whole)
        if len(found) == 4:
            break
    return found


def example(node: Node, rng: random.Random, share: float, depth: int) -> Any:
    """Return a value for *node*. Raises HopelessError."""
    if node.get("enum"):
        return rng.choice(node["enum"])
    kind = (
        "string"
        if node.get("x-kubernetes-int-or-string")
        else node.get("type", "object" if "properties" in node else "")
    )
    if kind == "object":
        return example_object(node, rng, share, depth)
    if kind == "array":
        count = max(1, node.get("minItems", 0))
        return [example(node.get("items", {}), rng, share, depth + 1) for _ in range(count if count < 9 else 1)]
    if kind == "string":
        return example_string(node, rng)
    if kind in {"integer", "number"}:
        low, high = node.get("minimum", 0), node.get("maximum", 10)
        return max(low, min(high, rng.choice([low + 1, low, 2])))
    return rng.choice([True, False]) if kind == "boolean" else "anything"


def example_object(node: Node, rng: random.Random, share: float, depth: int) -> Node:
    result: Node = {}
    if node.get("x-kubernetes-embedded-resource"):
        result = {"apiVersion": "v1", "kind": "ConfigMap"}
    required = set(node.get("required", ()))
    for one in ("oneOf", "anyOf"):  # most are a choice of required fields
        names = [branch["required"] for branch in node.get(one, ()) if "required" in branch]
        if names:
            required |= set(rng.choice(names))
    for name, field in node.get("properties", {}).items():
        if depth == 0 and name in {"apiVersion", "kind", "metadata", "status"}:
            continue
        if name in required or depth == 0 or (rng.random() < share / (depth * 0.3 + 0.7) and depth < 9):
            try:
                result[name] = example(field, rng, share, depth + 1)
            except HopelessError:
                if name in required or name == "spec":
                    raise
    extra = node.get("additionalProperties")
    if isinstance(extra, dict):
        for index in range(max(1, node.get("minProperties", 0))):
            result[f"key{index}"] = example(extra, rng, share, depth + 1)
    return result


def example_string(node: Node, rng: random.Random) -> str:
    fitting = [
        text
        for text in STRINGS
        if node.get("minLength", 0) <= len(text) <= node.get("maxLength", 999)
        and ("pattern" not in node or compiled(node["pattern"]).search(text))
    ]
    if not fitting:
        raise HopelessError
    return rng.choice([text for text in fitting if text] or fitting)


def mutants(item: Upstream, bodies: list[Node], rng: random.Random, number: int) -> Iterator[tuple[str, Path, Node]]:
    """Yield *number* objects with one mistake each: what was done, where, the object."""
    places = [(body, at, node) for body in bodies for at, node in walk(item, body)]
    for _ in range(number * 20):
        if number == 0 or not places:
            return
        body, at, node = rng.choice(places)
        mutant = copy.deepcopy(body)
        done = change(mutant, at, node, rng)
        if done:
            number -= 1
            yield done, at, mutant


def walk(item: Upstream, body: Node) -> Iterator[tuple[Path, Node]]:
    """Yield every place of *body* that the definition says something about."""
    todo: list[tuple[Path, Node, Any]] = [
        ((name,), item.schema["properties"][name], value)
        for name, value in body.items()
        if name in item.schema.get("properties", {}) and name not in {"apiVersion", "kind", "metadata", "status"}
    ]
    while todo:
        at, node, value = todo.pop()
        yield at, node
        if isinstance(value, dict):
            for name, inner in value.items():
                field = node.get("properties", {}).get(name, node.get("additionalProperties"))
                if isinstance(field, dict):
                    todo.append(((*at, name), field, inner))
        elif isinstance(value, list) and isinstance(node.get("items"), dict):
            todo += [((*at, index), node["items"], inner) for index, inner in enumerate(value)]


def change(body: Node, at: Path, node: Node, rng: random.Random) -> str:
    """Put a mistake at *at*; return what was done, "" when there is nothing to do."""
    owner: Any = body
    for step in at[:-1]:
        owner = owner[step]
    value = owner[at[-1]]
    sort = rng.choice(["drop", "drop", "misspell", "misspell", "type", "type", "value", "value", "value", "null"])
    if sort == "drop" and isinstance(value, dict) and node.get("required"):
        name = rng.choice(node["required"])
        return f"drop {name}" if value.pop(name, None) is not None else ""
    if sort == "misspell" and isinstance(owner, dict):
        owner[f"{at[-1]}s"] = owner.pop(at[-1])
        return "misspell"
    if sort == "type":
        owner[at[-1]] = rng.choice(
            [other for other in ["text", 7, 1.5, True, [], {}, [[]], {"a": 1}] if type(other) is not type(value)]
        )
        return "type"
    if sort == "null":
        owner[at[-1]] = None
        return "null"
    if sort == "value":
        outside = beyond(node, value)
        if outside is not None:
            owner[at[-1]] = outside
            return "value"
    return ""


def beyond(node: Node, value: Any) -> Any:
    """Return a value of the right type that is out of bounds, None when there is none."""
    if node.get("enum"):
        return "Other" if isinstance(value, str) else 4711
    if isinstance(value, str):
        if node.get("maxLength", 9999) < 3000:
            return "a" * (node["maxLength"] + 1)
        if node.get("minLength"):
            return ""
        return "!! no such thing" if "pattern" in node else None
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        if "minimum" in node:
            return node["minimum"] - 1
        return node["maximum"] + 1 if "maximum" in node else None
    if isinstance(value, list):
        if node.get("minItems"):
            return []
        return value * (node["maxItems"] + 1) if 0 < node.get("maxItems", 999) < 100 and value else None
    return None
