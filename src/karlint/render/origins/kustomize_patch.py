"""The patches of a kustomization: what they mean, and where their text is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karlint.render.origins.kustomize_files import expanded, joined
from karlint.render.origins.kustomize_ids import Id, Resource, by_id, select
from karlint.render.origins.kustomize_merge import Merger, apply_json
from karlint.render.origins.kustomize_schema import merge_keys_of
from karlint.render.origins.kustomize_tree import Mark, Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from karlint.render.origins.kustomize_files import Files

_APPLIES = "This kustomization applies the patch."
_KEPT = (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace"))


class Patcher:
    """Applies the patches of one kustomization.

    *schema* holds the definitions of the OpenAPI document that merge keys are looked up in first.
    """

    def __init__(self, files: Files, directory: str, schema: Mapping[str, Any] | None) -> None:
        self._files = files
        self._directory = directory
        self._schema = schema

    def merge_listed(self, resources: list[Resource], entry: Node) -> None:
        """Do what one entry of ``patchesStrategicMerge`` says: the name of a file, or the patch itself."""
        for patch in self._documents(entry, None):
            self._merge(resources, patch)

    def apply(self, resources: list[Resource], entry: Node, inline: str = "patch") -> None:
        """Do what one entry of ``patches`` or ``patchesJson6902`` says."""
        text = entry.get(inline)
        source = entry.get("path")
        if text is not None and not text.text().strip():
            text = None
        if text is None and source is None:
            return
        target = entry.get("target")
        for patch in self._documents(source or entry, text):
            if patch.is_list and target is not None:
                for resource in select(resources, target):
                    resource.remember()
                    apply_json(resource.root, patch)
            elif patch.is_map:
                for document in expanded(patch):
                    self._merge(resources, document, target, entry.get("options"))

    def _documents(self, entry: Node, inline: Node | None) -> Iterator[Node]:
        """Yield the documents of a patch: the text of *inline*, or the file, or text, that *entry* names."""
        text = inline.text() if inline is not None else entry.text()
        path = joined(self._directory, text) if inline is None else None
        if path is not None and self._files.there(path):
            via = (entry.mark.spot(_APPLIES), *entry.mark.via)
            for ordinal, value in enumerate(self._files.documents(path)):
                if value is not None:
                    yield Node(value, Mark(path, ordinal, via=via))
            return
        mark = inline.mark if inline is not None else entry.mark
        for ordinal, value in enumerate(self._files.parsed(text)):
            if isinstance(value, dict | list):
                yield Node(value, mark.inside(ordinal))

    def _merge(
        self, resources: list[Resource], patch: Node, target: Node | None = None, options: Node | None = None
    ) -> None:
        """Merge a strategic merge patch into what it means."""
        if target is not None:
            wanted = select(resources, target)
        else:
            id_ = Resource(patch).id
            found = by_id(resources, id_) or _loosely(resources, id_)
            wanted = [found] if found is not None else []
        for resource in wanted:
            if options is not None:
                resource.remember()
            allowed = {
                ("metadata", "name"): options is not None and options.true("allowNameChange"),
                ("kind",): options is not None and options.true("allowKindChange"),
            }
            own = patch.copy()
            for path in _KEPT:
                if not allowed.get(path) and (parent := own.get(*path[:-1])) is not None:
                    parent.map.pop(path[-1], None)
            if Merger(merge_keys_of(resource.id, self._schema)).merge(resource.root, own) is None:
                resources.remove(resource)


def _loosely(resources: Iterable[Resource], wanted: Id) -> Resource | None:
    """Return the one resource of that kind and name, whatever its namespace."""
    key = (wanted.kind, wanted.name)
    found = [each for each in resources if any((id_.kind, id_.name) == key for id_ in each.ids)]
    return found[0] if len(found) == 1 else None
