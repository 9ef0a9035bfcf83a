"""What a cluster must offer for a workload to run, as far as its fields and what refers to it tell."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from karlint.inventory.references import read_place
from karlint.model.reference import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from karlint.inventory.build import Inventory
    from karlint.model.reference import Reference, Referrer
    from karlint.model.resource import Resource

_compiled = lru_cache(maxsize=128)(re.compile)


class Around(Struct, frozen=True):
    """A workload with what it refers to and what refers to it."""

    resource: Resource
    references: Sequence[Reference]
    referrers: Sequence[Referrer]


def needs_of(around: Around, table: Sequence[Mapping[str, Any]], inventory: Inventory) -> tuple[str, ...]:
    """Return the ids of the needs of *table* that one of whose conditions holds, in its order."""
    names = _resource_names(around.resource, inventory)
    return tuple(
        need["id"] for need in table if any(_holds(condition, around, names, inventory) for condition in need["any"])
    )


def is_kind(group_kind: str, patterns: Iterable[str]) -> bool:
    """Tell whether a kind is one of *patterns*, in which ``*`` stands for anything."""
    return any(fnmatchcase(group_kind, pattern) for pattern in patterns)


def _resource_names(resource: Resource, inventory: Inventory) -> set[str]:
    """Return the names of all resources that the containers of a workload ask for."""
    workload = inventory.workload(resource)
    names: set[str] = set()
    for template in workload.templates if workload else ():
        for container in template.containers:
            resources = container.body.get("resources")
            for part in ("limits", "requests"):
                asked = resources.get(part) if isinstance(resources, dict) else None
                names.update(asked if isinstance(asked, dict) else ())
    return names


def _holds(condition: Mapping[str, str], around: Around, names: set[str], inventory: Inventory) -> bool:
    if "kind" in condition:
        return fnmatchcase(around.resource.ref.group_kind, condition["kind"])
    if "resource" in condition:
        pattern = _compiled(condition["resource"])
        return any(pattern.fullmatch(name) for name in names)
    if "reference" in condition or "referrer" in condition:
        others = _other_ends(condition, around, inventory)
        return any("at" not in condition or _stands(condition, other, inventory) for other in others)
    return _stands(condition, around.resource, inventory)


def _other_ends(condition: Mapping[str, str], around: Around, inventory: Inventory) -> Iterator[Resource | None]:
    """Yield what a workload refers to, None for what is not in the tree, or what refers to it."""
    for reference in around.references:
        if reference.edge == condition.get("reference"):
            resolved = reference.targets if reference.status is Status.RESOLVED else ()
            yield inventory.resources[resolved[0]] if resolved else None
    for referrer in around.referrers:
        if referrer.edge == condition.get("referrer") and is_kind(referrer.group_kind, [condition.get("from", "*")]):
            yield inventory.resources[referrer.resource]


def _stands(condition: Mapping[str, str], resource: Resource | None, inventory: Inventory) -> bool:
    """Tell whether something stands at the condition's place, and looks as it says."""
    if resource is None:
        return False
    found = inventory.graph.places(read_place(condition["at"]), resource)
    if "value" not in condition:
        return any(True for _ in found)
    pattern = _compiled(condition["value"])
    return any(isinstance(one.value, str) and pattern.fullmatch(one.value) for one in found)
