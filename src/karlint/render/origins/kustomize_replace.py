"""Replacements: a value of one resource, copied into others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from karlint.render.origins.kustomize_ids import Resource, labelled, matches_kind, matches_name
from karlint.render.origins.kustomize_tree import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from karlint.render.origins.kustomize_ids import Id

_ENTRY = "This replacement copies it."
_STEP = re.compile(r"\[[^\]]*\]|[^.\[\]]+|\.")
_DEFAULT = "metadata.name"


def replace_values(resources: Sequence[Resource], entry: Node) -> None:
    """Do what one entry of ``replacements`` says."""
    value = _source(resources, entry)
    if value is None:
        return
    for target in entry.each("targets"):
        wanted = target.get("select")
        if wanted is None:
            continue
        options = target.get("options") or Node({}, target.mark)
        paths = [path.text() for path in target.each("fieldPaths")] or [_DEFAULT]
        for resource in resources:
            if _selected(resource, wanted, list(target.each("reject"))):
                for path in paths:
                    for node in _fields(resource.root, split_path(path), options.true("create"), value):
                        _write(node, value, options)


def _source(resources: Sequence[Resource], entry: Node) -> Node | None:
    """Return the value to copy, with the way it takes."""
    if (literal := entry.get("sourceValue")) is not None:
        return literal.copy()
    source = entry.get("source")
    if source is None:
        return None
    found = [each for each in resources if any(_is_source(source, id_) for id_ in each.ids)]
    if len(found) != 1:
        return None
    path = split_path(source.text("fieldPath") or _DEFAULT)
    node = next(_fields(found[0].root, path, False, None), None)
    if node is None:
        return None
    value = node.copy()
    value.mark = value.mark.also(entry.mark.spot(_ENTRY))
    delimiter = source.text("options", "delimiter")
    if delimiter:
        parts = value.text().split(delimiter)
        index = _number(source.get("options", "index"))
        if not 0 <= index < len(parts):
            return None
        value.write(parts[index], value.mark)
    return value


def _is_source(source: Node, id_: Id) -> bool:
    return all(
        not source.text(field) or source.text(field) == known
        for field, known in (
            ("group", id_.group),
            ("version", id_.version),
            ("kind", id_.kind),
            ("name", id_.name),
        )
    ) and source.text("namespace") in ("", id_.namespace, id_.where)


def _selected(resource: Resource, wanted: Node, rejected: list[Node]) -> bool:
    if not labelled(resource, wanted):
        return False
    for each in rejected:
        by_label = bool(each.text("labelSelector") or each.text("annotationSelector"))
        by_id = any(each.text(field) for field in ("group", "version", "kind", "name", "namespace"))
        if by_label and labelled(resource, each):
            return False
        if by_id and any(matches_kind(each, id_) and matches_name(each, id_) for id_ in resource.ids):
            return False
    return any(matches_kind(wanted, id_) and matches_name(wanted, id_) for id_ in resource.ids)


def split_path(path: str) -> list[str]:
    """Split a field path at its dots, not at those in brackets or behind a backslash.

    ``a.[b.c/d].e`` has the steps a, ``b.c/d`` and e; ``[name=x]`` keeps its brackets.
    """
    steps: list[str] = []
    for raw in _STEP.findall(path.replace("\\.", "\0")):
        step = raw.replace("\0", ".")
        if step != ".":
            bracketed = step.startswith("[") and "=" not in step
            steps.append(step[1:-1] if bracketed else step)
    return steps


def _fields(node: Node, steps: Sequence[str], create: bool, value: Node | None) -> Iterator[Node]:
    if not steps:
        yield node
        return
    step, rest = steps[0], steps[1:]
    if node.is_list:
        for item in _items(node, step):
            yield from _fields(item, rest, create, value)
    elif node.is_map:
        child = node.map.get(step)
        if child is None and create and value is not None and not step.startswith("["):
            child = node.map[step] = Node(None if not rest else {}, value.mark)
        if child is not None:
            yield from _fields(child, rest, create, value)


def _items(node: Node, step: str) -> list[Node]:
    items = node.items
    if step == "*":
        return items
    if step.lstrip("-").isdigit():
        index = len(items) - 1 if step == "-" else int(step)
        return [items[index]] if -len(items) <= index < len(items) else []
    if step.startswith("[") and "=" in step:
        field, _, wanted = step[1:-1].partition("=")
        return [item for item in items if (item.text(field) if field else item.text()) == wanted]
    return []


def _write(node: Node, value: Node, options: Node) -> None:
    delimiter = options.text("delimiter")
    if not delimiter or node.is_map or node.is_list:
        node.become(value.copy())
        return
    parts = node.text().split(delimiter)
    index = _number(options.get("index"))
    if index < 0:
        parts.insert(0, value.text())
    elif index >= len(parts):
        parts.append(value.text())
    else:
        parts[index] = value.text()
    rest = node.mark.spot("The rest of the value is written here.")
    node.write(delimiter.join(parts), value.mark.also(rest))


def _number(node: Node | None) -> int:
    value = node.scalar if node is not None else 0
    return value if isinstance(value, int) else 0
