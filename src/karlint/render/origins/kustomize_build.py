"""A kustomize build, done again in our own terms so that every value keeps its place.

The order is that of kustomize 5: resources, generators, components, then the transformers
(api/internal/target/kusttarget.go). What we cannot do is left undone: answers are compared with the real output.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from karlint.render.origins import kustomize_transform as transform
from karlint.render.origins.kustomize_fields import Fields
from karlint.render.origins.kustomize_generate import absorb, generate
from karlint.render.origins.kustomize_ids import Id, Resource, by_id, select
from karlint.render.origins.kustomize_merge import Merger, apply_json, merge_keys_of
from karlint.render.origins.kustomize_replace import replace_values
from karlint.render.origins.kustomize_tree import Mark, Node, graft

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from karlint.model.origin import Spot
    from karlint.model.unit import Edit

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_MAX_DEPTH = 64

_TAKES_IN = "This kustomization takes it in."
_APPLIES = "This kustomization applies the patch."
_KEPT = (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace"))


@dataclass(frozen=True, slots=True)
class Tree:
    """How to look into the repository.

    Attributes:
        read: content of a file, by its repository-relative POSIX path; None where there is none.
        parse: the values of the documents of a YAML text, None for empty ones; raises nothing.
        below: the files below a directory, for kustomizations that Flux makes up.
    """

    read: Callable[[str], bytes | None]
    parse: Callable[[bytes], Sequence[Any]]
    below: Callable[[str], Sequence[str]] | None = None


@dataclass(slots=True)
class Accumulated:
    """What a kustomization has so far: its resources in order, and the fields that its transformers write to."""

    resources: list[Resource]
    fields: Fields


class Build:
    """One build.

    Attributes:
        vars, charts: entries of ``vars`` and ``helmCharts``, of all kustomizations.
        root: file of the root kustomization.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.vars: list[Node] = []
        self.charts: list[Node] = []
        self.root = ""
        self._parsed: dict[str, Sequence[Any]] = {}

    def run(self, directory: str, edits: Sequence[Edit], generated: bool) -> list[Resource]:
        """Return the resources that the kustomization in *directory* makes."""
        name = self._kustomization(directory)
        if name is None and not generated:
            return []
        if name is None:
            kustomization = Node({"resources": list(self._found_below(directory))}, Mark(directory, fixed=True))
        else:
            kustomization = Node(self._first(name), Mark(name))
        edit_root(kustomization, edits, self._value_at)
        self.root = name or directory
        return self._target(directory, kustomization, Accumulated([], Fields()), (), (directory,)).resources

    def _value_at(self, edit: Edit) -> Any:
        documents = self._documents(edit.place.file)
        value: Any = documents[edit.place.ordinal] if edit.place.ordinal < len(documents) else None
        try:
            for step in edit.place.at:
                value = value[step]
        except (LookupError, TypeError):
            return None
        return value

    def _found_below(self, directory: str) -> Iterator[str]:
        """Yield what Flux lists in the kustomization that it makes: files, and directories that have their own."""
        files = sorted(self.tree.below(directory)) if self.tree.below else []
        own = {posixpath.dirname(file) for file in files if posixpath.basename(file) in NAMES}
        listed: set[str] = set()
        for file in files:
            parts = posixpath.relpath(file, directory or ".").split("/")
            above = ["/".join(parts[:count]) for count in range(1, len(parts))]
            entry = next((up for up in above if posixpath.normpath(posixpath.join(directory, up)) in own), "")
            if not entry and file.endswith((".yaml", ".yml")):
                entry = "/".join(parts)
            if entry and entry not in listed:
                listed.add(entry)
                yield entry

    def _kustomization(self, directory: str) -> str | None:
        paths = [posixpath.join(directory, name) for name in NAMES]
        return next((path for path in paths if self.tree.read(path) is not None), None)

    def _documents(self, path: str) -> Sequence[Any]:
        if path not in self._parsed:
            content = self.tree.read(path)
            self._parsed[path] = self.tree.parse(content) if content is not None else ()
        return self._parsed[path]

    def _first(self, path: str) -> Any:
        return next((value for value in self._documents(path) if value is not None), None)

    def _target(
        self, directory: str, kustomization: Node, into: Accumulated, chain: tuple[Spot, ...], stack: tuple[str, ...]
    ) -> Accumulated:
        """Accumulate one kustomization; a component works on what its parent has so far (*into*)."""
        kustomization.mark = replace(kustomization.mark, via=chain)
        for entry in (*kustomization.each("resources"), *kustomization.each("bases")):
            self._resources(directory, entry, into, chain, stack)
        for entry in kustomization.each("configurations"):
            configuration = self._first(_joined(directory, entry.text()) or "")
            into.fields.add(Node(configuration, entry.mark))
        options = kustomization.get("generatorOptions")
        for field, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
            for entry in kustomization.each(field):
                absorb(into.resources, generate(entry, kind, options, lambda path: self._content(directory, path)))
        self.charts += [*kustomization.each("helmCharts"), *kustomization.each("helmChartInflationGenerator")]
        for entry in kustomization.each("components"):
            self._directory(directory, entry, into, chain, stack)
        self._transform(directory, kustomization, into.resources, into.fields)
        self.vars += kustomization.each("vars")
        return into

    def _content(self, directory: str, path: str) -> tuple[str, bytes] | None:
        full = _joined(directory, path)
        content = self.tree.read(full) if full is not None else None
        return (full, content) if full is not None and content is not None else None

    def _resources(
        self, directory: str, entry: Node, into: Accumulated, chain: tuple[Spot, ...], stack: tuple[str, ...]
    ) -> None:
        path = _joined(directory, entry.text())
        if path is None:
            return
        if self._kustomization(path) is not None:
            below = Accumulated([], Fields())
            self._directory(directory, entry, below, chain, stack)
            into.resources += below.resources
            into.fields.merge(below.fields)
        elif self.tree.read(path) is not None:
            for ordinal, value in enumerate(self._documents(path)):
                into.resources += map(Resource, expanded(Node(value, Mark(path, ordinal, via=chain))))

    def _directory(
        self, directory: str, entry: Node, into: Accumulated, chain: tuple[Spot, ...], stack: tuple[str, ...]
    ) -> None:
        path = _joined(directory, entry.text())
        name = self._kustomization(path) if path is not None else None
        if path is None or name is None or path in stack or len(stack) > _MAX_DEPTH:
            return
        via = (entry.mark.spot(_TAKES_IN), *chain)
        self._target(path, Node(self._first(name), Mark(name)), into, via, (*stack, path))

    def _transform(self, directory: str, kustomization: Node, resources: list[Resource], fields: Fields) -> None:
        for entry in kustomization.each("patchesStrategicMerge"):
            for patch in self._patch_documents(directory, entry, None):
                self._merge(resources, patch)
        for entry in kustomization.each("patches"):
            self._patch(directory, entry, resources)
        if (namespace := kustomization.get("namespace")) is not None:
            transform.set_namespace(resources, namespace, fields)
        for field, before in (("namePrefix", True), ("nameSuffix", False)):
            if (affix := kustomization.get(field)) is not None:
                transform.rename(resources, affix, fields, before)
        transform.set_labels(resources, kustomization, fields)
        transform.set_annotations(resources, kustomization, fields)
        for entry in kustomization.each("patchesJson6902"):
            self._patch(directory, entry, resources)
        for entry in kustomization.each("replicas"):
            transform.set_replicas(resources, entry, fields)
        for entry in (*kustomization.each("images"), *kustomization.each("imageTags")):
            transform.set_images(resources, entry, fields)
        for entry in kustomization.each("replacements"):
            for replacement in self._replacements(directory, entry):
                replace_values(resources, replacement)

    def _replacements(self, directory: str, entry: Node) -> Iterator[Node]:
        path = _joined(directory, entry.text("path")) if entry.text("path") else None
        if path is None:
            yield entry
            return
        for ordinal, value in enumerate(self._documents(path)):
            node = Node(value, Mark(path, ordinal))
            yield from node.items if node.is_list else [node]

    def _patch_documents(self, directory: str, entry: Node, inline: Node | None) -> Iterator[Node]:
        """Yield the documents of a patch: the text of *inline*, or the file, or text, that *entry* names."""
        text = inline.text() if inline is not None else entry.text()
        path = _joined(directory, text) if inline is None and "\n" not in text else None
        if path is not None and self.tree.read(path) is not None:
            via = (entry.mark.spot(_APPLIES), *entry.mark.via)
            for ordinal, value in enumerate(self._documents(path)):
                if value is not None:
                    yield Node(value, Mark(path, ordinal, via=via))
            return
        mark = inline.mark if inline is not None else entry.mark
        for ordinal, value in enumerate(self.tree.parse(text.encode())):
            if isinstance(value, dict | list):
                yield Node(value, mark.inside(ordinal))

    def _patch(self, directory: str, entry: Node, resources: list[Resource]) -> None:
        """Do what one entry of ``patches`` or ``patchesJson6902`` says."""
        inline = entry.get("patch")
        source = entry.get("path")
        if inline is not None and not inline.text().strip():
            inline = None
        if inline is None and source is None:
            return
        target = entry.get("target")
        for patch in self._patch_documents(directory, source or entry, inline):
            if patch.is_list and target is not None:
                for resource in select(resources, target):
                    resource.remember()
                    apply_json(resource.root, patch)
            elif patch.is_map:
                for document in expanded(patch):
                    self._merge(resources, document, target, entry.get("options"))

    def _merge(
        self, resources: list[Resource], patch: Node, target: Node | None = None, options: Node | None = None
    ) -> None:
        """Merge a strategic merge patch into what it means."""
        if target is not None:
            wanted = select(resources, target)
        else:
            found = by_id(resources, Resource(patch).id) or _loosely(resources, Resource(patch).id)
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
            if Merger(merge_keys_of(resource.id)).merge(resource.root, own) is None:
                resources.remove(resource)


def _loosely(resources: Iterable[Resource], wanted: Id) -> Resource | None:
    """Return the one resource of that kind and name, whatever its namespace."""
    found = [
        each for each in resources if any((i.kind, i.name) == (wanted.kind, wanted.name) for i in each.ids)
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None


def expanded(node: Node) -> Iterator[Node]:
    """Yield the resources in a document: those of a ``kind: List`` one by one."""
    if not node.is_map:
        return
    if node.text("kind").endswith("List") and "items" in node.map:
        for item in node.each("items"):
            yield from expanded(item)
    else:
        yield node


def _joined(directory: str, entry: str) -> str | None:
    """Return *entry* of a kustomization from the root of the tree; None for what lies outside of it, or is remote."""
    if not entry or "\n" in entry or "://" in entry or entry.startswith("/"):
        return None
    path = posixpath.normpath(posixpath.join(directory, entry))
    if path == ".." or path.startswith("../"):
        return None
    return "" if path == "." else path


def edit_root(kustomization: Node, edits: Sequence[Edit], value_at: Callable[[Edit], Any]) -> None:
    """Put what an Application or Flux object adds into the root kustomization, as Argo CD and Flux themselves do."""
    for edit in edits:
        mark = Mark(edit.place.file, edit.place.ordinal, edit.place.at)
        node = graft(edit.value, value_at(edit), mark)
        known = kustomization.map.get(edit.field)
        if known is None or not ((known.is_list and node.is_list) or (known.is_map and node.is_map)):
            kustomization.map[edit.field] = node
        elif known.is_map:
            known.map.update(node.map)
        else:
            new = {item.text("name") for item in node.items} if edit.field in ("images", "replicas") else set()
            known.items[:] = [*(item for item in known.items if item.text("name") not in new), *node.items]
