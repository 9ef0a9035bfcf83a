"""Which resource of a simulated build is which document that kustomize put out."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from karlint.model.origin import Spot
    from karlint.render.origins.kustomize_ids import Resource

_HASH = re.compile(r"-[a-z0-9]{10}$")


class Names:
    """Names and namespaces that the build changed: kustomize changes them wherever they are referred to."""

    def __init__(self) -> None:
        self._changed: dict[tuple[str, str], tuple[Spot, ...]] = {}

    def add(self, before: str, after: str, way: tuple[Spot, ...]) -> None:
        """Note that what was called *before* is called *after*, and what leads there."""
        if before and after and before != after:
            self._changed.setdefault((before, after), way)

    def changed(self, before: str, after: str) -> tuple[Spot, ...] | None:
        """Return what leads from one name to the other; None where nothing does."""
        return self._changed.get((before, after))


class Pairs:
    """Attributes: *resources* by the ordinal of the rendered document, and the changed *names*."""

    def __init__(
        self,
        resources: Sequence[Resource],
        rendered: Sequence[Any],
        annotations: Sequence[Mapping[str, Any] | None],
        directory: str,
    ) -> None:
        self.resources: dict[int, Resource] = {}
        self.names = Names()
        self._directory = directory
        self._left: dict[tuple[str, ...], dict[int, Resource]] = defaultdict(dict)
        for number, resource in enumerate(resources):
            kind = resource.root.text("apiVersion"), resource.root.text("kind")
            self._left[(*kind, resource.root.text("metadata", "name"))][number] = resource
            self._left[kind][number] = resource
        for ordinal, document in enumerate(rendered):
            if isinstance(document, dict):
                origin = annotations[ordinal] if ordinal < len(annotations) else None
                found = self._find(document, origin)
                if found is not None:
                    self._take(*found)
                    self.resources[ordinal] = found[1]
                    self._note(found[1], document)

    def _take(self, number: int, resource: Resource) -> None:
        kind = resource.root.text("apiVersion"), resource.root.text("kind")
        for key in (kind, (*kind, resource.root.text("metadata", "name"))):
            self._left[key].pop(number, None)

    def _find(self, document: Any, origin: Mapping[str, Any] | None) -> tuple[int, Resource] | None:
        metadata = document.get("metadata")
        name, namespace = _string(metadata, "name"), _string(metadata, "namespace")
        kind = _string(document, "apiVersion"), _string(document, "kind")
        found = list(self._left[(*kind, name)].items())
        if not found and (match := _HASH.search(name)) is not None:
            plain = self._left[(*kind, name[: match.start()])]
            found = [(number, each) for number, each in plain.items() if each.hashed]
        path = origin.get("path") if origin is not None else None
        if not found and isinstance(path, str):
            found = [item for item in self._left[kind].items() if self._stands_in(item[1], path)]
            return found[0] if len(found) == 1 else None
        if len(found) > 1:
            found = [item for item in found if item[1].id.namespace == namespace] or found
        if len(found) > 1 and isinstance(path, str):
            found = [item for item in found if self._stands_in(item[1], path)] or found
        return found[0] if found else None

    def _stands_in(self, resource: Resource, path: str) -> bool:
        return resource.root.mark.file == posixpath.normpath(posixpath.join(self._directory, path))

    def _note(self, resource: Resource, document: Any) -> None:
        metadata = document.get("metadata")
        name, namespace = _string(metadata, "name"), _string(metadata, "namespace")
        node, space = resource.root.get("metadata", "name"), resource.root.get("metadata", "namespace")
        way = (node.mark.spot("This is the name that is referred to."), *node.mark.via) if node is not None else ()
        where = (space.mark.spot("This sets the namespace."), *space.mark.via) if space is not None else ()
        for former in resource.ids:
            self.names.add(former.name, name, way)
            self.names.add(former.namespace or "default", namespace, where)


def _string(value: Any, key: str) -> str:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
