"""Fingerprints: the same finding keeps its number while the file around it changes."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from karlint.findings.draft import Draft
    from karlint.model.path import Path
    from karlint.model.resource import Resource

_KEYS = ("name", "containerPort", "mountPath", "key")
"""Fields by which Kubernetes itself tells list items apart, the most telling first."""


def stable_path(body: Any, path: Path) -> tuple[str, ...]:
    """Return *path* with each list index replaced by what names the item: ``containers, [name=vllm], image``.

    An item without a name keeps its index. Steps that *body* does not have stay as they are.
    """
    steps: list[str] = []
    here = body
    for step in path:
        here = _child(here, step)
        steps.append(f"[{_name_of(here, step)}]" if isinstance(step, int) else step)
    return tuple(steps)


def _child(node: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return node[step] if isinstance(node, list) and 0 <= step < len(node) else None
    return node.get(step) if isinstance(node, dict) else None


def _name_of(item: Any, index: int) -> str:
    if not isinstance(item, dict):
        return str(index)
    for key in _KEYS:
        if isinstance(item.get(key), str | int):
            return f"{key}={item[key]}"
    metadata = item.get("metadata")
    if isinstance(metadata, dict) and isinstance(metadata.get("name"), str):
        return f"name={metadata['name']}"
    return str(index)


def resource_identity(resource: Resource) -> tuple[str, ...]:
    """Return who *resource* is, whatever its apiVersion's version; the file counts only where there is no name."""
    ref = resource.ref
    owner = (ref.group, ref.kind, ref.namespace, ref.name)
    return owner if ref.name else (*owner, resource.path)


def finding_identity(at: Path, body: Any, args: Mapping[str, Any] | None, extra: Sequence[str]) -> tuple[Any, ...]:
    """Return what tells this finding from the rule's other findings about the same resource."""
    return (stable_path(body, at), dict(args or {}), tuple(extra))


def fingerprints(drafts: Sequence[Draft]) -> list[str]:
    """Return the fingerprints of *drafts*, which are in report order; all are different.

    Of several findings that are the same in everything that counts (an overlay that repeats a resource, say), the
    first keeps the plain fingerprint; for the others the file and the occurrence in it are hashed too. So a new
    duplicate disturbs one neighbour at most.
    """
    first_seen: set[str] = set()
    occurrences: Counter[tuple[str, str]] = Counter()
    result = []
    for draft in drafts:
        key = _key(draft)
        path = draft.location.path
        occurrences[key, path] += 1
        suffix = f"\x00{path}\x00{occurrences[key, path]}" if key in first_seen else ""
        first_seen.add(key)
        result.append(_digest(key + suffix))
    return result


def identity_of(draft: Draft) -> str:
    """Return 32 hex digits over rule, resource and path alone: what a baseline knows a finding by.

    Unlike fingerprints they are not unique, and do not change with the values that a message tells.
    """
    return _digest(json.dumps([draft.rule, list(_owner(draft)), draft.identity[:1]], sort_keys=True, default=str))


def _key(draft: Draft) -> str:
    return json.dumps([draft.rule, list(_owner(draft)), draft.identity], sort_keys=True, default=str)


def _owner(draft: Draft) -> Iterable[str]:
    return resource_identity(draft.resource) if draft.resource else (draft.location.path,)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
