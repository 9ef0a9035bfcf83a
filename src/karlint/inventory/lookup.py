"""Finding a resource by group, kind, namespace and name."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from karlint.inventory.scopes import Scopes
    from karlint.model.resource import Environment, Resource


class Lookup:
    """Every resource by group/kind and name; a tree may hold the same name several times (overlays, examples)."""

    def __init__(self, resources: Sequence[Resource], scopes: Scopes | None = None) -> None:
        self._groups = scopes.environments if scopes is not None else {}
        self.by_kind: dict[str, dict[str, list[Resource]]] = defaultdict(lambda: defaultdict(list))
        for resource in resources:
            self.by_kind[resource.ref.group_kind][resource.ref.name].append(resource)

    def nearest(
        self, group_kind: str, namespace: str, name: str, near: str, within: Environment | None = None
    ) -> Resource | None:
        """Return the resource of that name that stands nearest to the file *near*; None when there is none.

        For what is rendered *within* an environment, that one comes first, then what else lands in its cluster.
        A namespace left out may be filled in at deployment, so that it matches any other; of two in the same place, the
        one that names its namespace is meant.
        """
        named = self.by_kind[group_kind].get(name, ()) if group_kind in self.by_kind else ()
        candidates = [
            resource
            for resource in named
            if not resource.ref.namespace or not namespace or resource.ref.namespace == namespace
        ]
        return max(
            candidates,
            key=lambda resource: (
                self._together(resource, within),
                shared_prefix(resource.path, near),
                resource.ref.namespace == namespace,
            ),
            default=None,
        )

    def nearest_to(self, resource: Resource, group_kind: str, namespace: str, name: str) -> Resource | None:
        """Return the resource of that name that *resource* means, as :meth:`nearest` tells."""
        return self.nearest(group_kind, namespace, name, resource.path, resource.environment)

    def _together(self, resource: Resource, within: Environment | None) -> int:
        """Return how closely a resource belongs to an environment."""
        if within is None or resource.environment is None:
            return 0
        if resource.environment == within:
            return 2
        own = self._groups.get(within.key)
        return int(own is not None and own == self._groups.get(resource.environment.key))


def shared_prefix(left: str, right: str) -> int:
    """Return how many leading directories two paths share; the same file counts once more."""
    if left == right:
        return len(left) + 1
    shared = 0
    for one, other in zip(left.split("/"), right.split("/"), strict=False):
        if one != other:
            break
        shared += 1
    return shared
