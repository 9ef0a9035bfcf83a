"""ConfigMaps and Secrets that a kustomization generates."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from msgspec.structs import replace

from karlint.model.source import Span
from karlint.render.origins.kustomize_ids import Resource, by_id
from karlint.render.origins.kustomize_tree import Mark, Node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from karlint.model.origin import Spot


_LISTS_FILE = "This generator reads the file."


def generate(entry: Node, kind: str, options: Node | None, read: Callable[[str], tuple[str, bytes] | None]) -> Resource:
    """Return what one entry of ``configMapGenerator`` or ``secretGenerator`` makes.

    *read* takes a path as the kustomization writes it, and gives the path from the root of the tree with the content.
    """
    mark = replace(entry.mark, fixed=True)
    made = replace(mark, exact=False)  # of values that are not written, but follow from the entry
    root = Node({"metadata": {}}, mark)
    root.map.update({"apiVersion": Node("v1", made), "kind": Node(kind, made)})
    metadata = root.map["metadata"].map
    for field in ("name", "namespace"):
        if (given := entry.get(field)) is not None:
            metadata[field] = given.copy()
    if kind == "Secret":
        root.map["type"] = given.copy() if (given := entry.get("type")) is not None else Node("Opaque", made)
    for key, value, written in _pairs(entry, read):
        field, text = _stored(value, kind)
        data = root.map.setdefault(field, Node({}, mark))
        data.map[key] = Node(text, written)
    own = entry.get("options")
    for field in ("labels", "annotations"):
        for source in (options, own):
            for key, pair in (source.get(field) or Node({}, mark)).map.items() if source is not None else ():
                metadata.setdefault(field, Node({}, mark)).map[key] = pair.copy()
    for source in (own, options):
        if source is not None and source.true("immutable"):
            root.map["immutable"] = source.map["immutable"].copy()
    plain_name = any(source is not None and source.true("disableNameSuffixHash") for source in (own, options))
    return Resource(root, hashed=not plain_name, behavior=entry.text("behavior"))


def _pairs(entry: Node, read: Callable[[str], tuple[str, bytes] | None]) -> Iterator[tuple[str, bytes, Mark]]:
    """Yield key, value and where it is written. What cannot be read is left out, as is what kustomize refuses."""
    sources = [*entry.each("envs"), *([env] if (env := entry.get("env")) is not None else [])]
    for source in sources:
        found = read(source.text())
        if found is not None:
            yield from _env_lines(found[0], found[1], source.mark.spot(_LISTS_FILE), source.mark)
    for literal in entry.each("literals"):
        key, equals, value = literal.text().partition("=")
        if equals:
            yield key, _unquoted(value).encode(), literal.mark
    for source in entry.each("files"):
        key, equals, path = source.text().partition("=")
        path = path if equals else key
        found = read(path)
        if found is not None:
            mark = Mark(found[0], span=_all_of(found[1]), via=(source.mark.spot(_LISTS_FILE), *source.mark.via))
            yield (key if equals else path.rpartition("/")[2]), found[1], mark


def _env_lines(file: str, content: bytes, entry: Spot, mark: Mark) -> Iterator[tuple[str, bytes, Mark]]:
    for number, raw in enumerate(content.decode("utf-8", "replace").removeprefix("\ufeff").split("\n"), 1):
        line = raw.removesuffix("\r").lstrip()
        if line and not line.startswith("#"):
            key, _, value = line.partition("=")
            start = len(raw.removesuffix("\r")) - len(value) + 1
            span = Span(number, start, number, start + len(value))
            yield key, value.encode(), Mark(file, span=span, via=(entry, *mark.via))


def _all_of(content: bytes) -> Span:
    lines = content.decode("utf-8", "replace").split("\n")
    if len(lines) > 1 and not lines[-1]:
        lines.pop()
    return Span(1, 1, len(lines), len(lines[-1]) + 1)


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _stored(value: bytes, kind: str) -> tuple[str, str]:
    """Return the field and the form in which *kind* holds *value*."""
    encoded = base64.b64encode(value).decode()
    if kind == "Secret":
        return "data", encoded
    try:
        return "data", value.decode()
    except UnicodeDecodeError:
        return "binaryData", encoded


def absorb(resources: list[Resource], new: Resource) -> None:
    """Add a generated resource: as one of its own, or in the place of the one that it merges with or replaces."""
    old = by_id(resources, new.id)
    if old is None or new.behavior not in ("merge", "replace"):
        resources.append(new)
        return
    metadata, before = new.root.map["metadata"].map, old.root.get("metadata")
    for field in ("name", "namespace", "labels", "annotations"):
        known = before.get(field) if before is not None else None
        if known is None:
            continue
        own = metadata.get(field)
        metadata[field] = _over(known, own) if field in ("labels", "annotations") else known
    if new.behavior == "merge":
        for field in ("data", "binaryData"):
            known, own = old.root.get(field), new.root.get(field)
            if known is not None:
                new.root.map[field] = _over(known, own)
    new.former = old.former
    resources[resources.index(old)] = new


def _over(base: Node, own: Node | None) -> Node:
    """Return *base* with the entries of *own* over it."""
    if own is not None and base.is_map:
        base.map.update(own.map)
    return base
