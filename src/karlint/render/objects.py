"""The objects of the repository that others refer to: repositories, ConfigMaps, charts."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from msgspec import Struct, field

from karlint.render.clusters import common_directory

if TYPE_CHECKING:
    from karlint.render.world import Declared


class Objects(Struct):
    """Objects by what they are and are called, those that were rendered too."""

    _kinds: dict[str, list[Declared]] = field(default_factory=dict)
    _names: dict[tuple[str, str, str], list[Declared]] = field(default_factory=dict)

    def add(self, declared: Declared) -> None:
        """Take *declared* in."""
        kind = group_kind(declared)
        self._kinds.setdefault(kind, []).append(declared)
        self._names.setdefault((kind, declared.own_namespace, declared.name), []).append(declared)

    def all(self, kind: str, near: Declared) -> list[Declared]:
        """Return the objects of *kind* that may be in the cluster of *near*, the nearest first."""
        return _nearest(self._kinds.get(kind, []), near)

    def lookup(self, kind: str, namespace: str, name: str, near: Declared) -> Declared | None:
        """Return the object of this *kind* and *name* that is nearest to *near*."""
        found = _nearest(self._names.get((kind, namespace, name), []), near)
        return found[0] if found else None


def group_kind(declared: Declared) -> str:
    """Return group and kind of an object: ``ConfigMap``, ``source.toolkit.fluxcd.io/GitRepository``."""
    group, slash, _ = declared.node.get("apiVersion").text().rpartition("/")
    return f"{group}{slash}{declared.node.get('kind').text()}"


def _nearest(found: list[Declared], near: Declared) -> list[Declared]:
    """Return what the same unit renders, then what the same cluster has, then what stands nearest in the tree."""
    possible = [other for other in found if not (other.cluster and near.cluster and other.cluster != near.cluster)]
    if len(possible) < 2:
        return possible
    here = f"{near.cluster}/" if near.cluster else near.node.place.file

    def distance(other: Declared) -> tuple[bool, bool, int]:
        shared = common_directory(posixpath.dirname(here), posixpath.dirname(other.node.place.file))
        depth = shared.count("/") + 1 if shared else 0
        return other.parent != near.parent, other.cluster != near.cluster, -depth

    return sorted(possible, key=distance)
