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

_HASH = re.compile(r"^-[a-z0-9]{10}$")


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
        left: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for resource in resources:
            left[resource.root.text("apiVersion"), resource.root.text("kind")].append(resource)
        for ordinal, document in enumerate(rendered):
            if isinstance(document, dict):
                known = left[_string(document, "apiVersion"), _string(document, "kind")]
                origin = annotations[ordinal] if ordinal < len(annotations) else None
                found = self._find(known, document, origin)
                if found is not None:
                    known.remove(found)
                    self.resources[ordinal] = found
                    self._note(found, document)

    def _find(self, known: list[Resource], document: Any, origin: Mapping[str, Any] | None) -> Resource | None:
        metadata = document.get("metadata")
        name, namespace = _string(metadata, "name"), _string(metadata, "namespace")
        found = [each for each in known if _is_called(each, name)]
        path = origin.get("path") if origin is not None else None
        if not found and isinstance(path, str):
            found = [each for each in known if self._stands_in(each, path)]
            return found[0] if len(found) == 1 else None
        if len(found) > 1:
            found = [each for each in found if each.id.namespace == namespace] or found
        if len(found) > 1 and isinstance(path, str):
            found = [each for each in found if self._stands_in(each, path)] or found
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


def _is_called(resource: Resource, name: str) -> bool:
    own = resource.root.text("metadata", "name")
    if own == name:
        return True
    return resource.hashed and name.startswith(own) and _HASH.match(name[len(own) :]) is not None


def _string(value: Any, key: str) -> str:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
