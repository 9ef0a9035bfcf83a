"""Finds the resources of a document: itself, or what the lists in it hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karlint.source.loaded import Head

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karlint.model.path import Path


def heads_of(value: Any) -> tuple[Head, ...]:
    """Return the resources of a document, in order; () when it is no manifest.

    A list is any object whose kind ends in "List" and that has an array of ``items``, as kubectl sees it. Items of a
    typed list may leave out who they are: a PodList holds Pods of its own version.
    """
    if not isinstance(value, dict):
        return ()
    return tuple(_heads(value, (), _text(value, "apiVersion"), _text(value, "kind")))


def _heads(value: dict[str, Any], prefix: Path, api_version: str, kind: str) -> Iterator[Head]:
    if not api_version or not kind:
        return
    items = value.get("items")
    if kind.endswith("List") and isinstance(items, list):
        implied = kind.removesuffix("List")
        for index, item in enumerate(items):
            if not isinstance(item, dict):
                continue
            own = _text(item, "kind")
            version = _text(item, "apiVersion") or (api_version if implied and not own else "")
            yield from _heads(item, (*prefix, "items", index), version, own or implied)
        return
    found = value.get("metadata")
    metadata: dict[str, Any] = found if isinstance(found, dict) else {}
    yield Head(
        prefix,
        api_version,
        kind,
        _text(metadata, "namespace"),
        _text(metadata, "name"),
        _text(metadata, "generateName"),
    )


def _text(value: dict[str, Any], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""
