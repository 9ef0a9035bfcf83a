"""The transformers of one kustomization in the order of kustomize 5, and those that it configures in files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from karlint.render.origins import kustomize_transform as transform
from karlint.render.origins.kustomize_fields import Fields, FieldSpec
from karlint.render.origins.kustomize_files import joined
from karlint.render.origins.kustomize_patch import Patcher
from karlint.render.origins.kustomize_replace import replace_values
from karlint.render.origins.kustomize_tree import Mark, Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from karlint.render.origins.kustomize_files import Files
    from karlint.render.origins.kustomize_ids import Resource


class Steps:
    """Runs transformers of the kustomization in *directory*."""

    def __init__(self, files: Files, directory: str, schema: Mapping[str, Any] | None) -> None:
        self._files = files
        self._directory = directory
        self._patcher = Patcher(files, directory, schema)

    def run(self, kustomization: Node, resources: list[Resource], fields: Fields) -> None:
        """Do what the fields of the kustomization say (kusttarget_configplugin.go has the order)."""
        for entry in kustomization.each("patchesStrategicMerge"):
            self._patcher.merge_listed(resources, entry)
        for entry in kustomization.each("patches"):
            self._patcher.apply(resources, entry)
        if (namespace := kustomization.get("namespace")) is not None:
            transform.set_namespace(resources, namespace, fields)
        for field, before in (("namePrefix", True), ("nameSuffix", False)):
            if (affix := kustomization.get(field)) is not None:
                transform.rename(resources, affix, fields, before)
        transform.set_labels(resources, kustomization, fields)
        transform.set_annotations(resources, kustomization, fields)
        for entry in kustomization.each("patchesJson6902"):
            self._patcher.apply(resources, entry)
        for entry in kustomization.each("replicas"):
            transform.set_replicas(resources, entry, fields)
        for entry in (*kustomization.each("images"), *kustomization.each("imageTags")):
            transform.set_images(resources, entry, fields)
        for entry in kustomization.each("replacements"):
            self._replace(resources, entry)

    def _replace(self, resources: list[Resource], entry: Node) -> None:
        for replacement in self._replacements(entry):
            replace_values(resources, replacement)

    def _replacements(self, entry: Node) -> Iterator[Node]:
        path = joined(self._directory, entry.text("path")) if entry.text("path") else None
        if path is None:
            yield entry
            return
        for ordinal, value in enumerate(self._files.documents(path)):
            node = Node(value, Mark(path, ordinal))
            yield from node.items if node.is_list else [node]

    def configured(self, config: Node, resources: list[Resource]) -> None:
        """Do what one built-in transformer of ``transformers`` says; what is not built in runs a program."""
        if config.text("apiVersion") != "builtin":
            return
        specs = tuple(FieldSpec.of(node) for node in config.each("fieldSpecs"))
        kind = config.text("kind")
        if kind in ("PrefixTransformer", "SuffixTransformer", "PrefixSuffixTransformer"):
            for field, before in (("prefix", True), ("suffix", False)):
                if (affix := config.get(field)) is not None:
                    transform.rename(resources, affix, Fields(prefix=specs, suffix=specs), before)
        elif kind == "NamespaceTransformer" and (namespace := config.get("metadata", "namespace")) is not None:
            mode = transform.Subjects.of(config.text("setRoleBindingSubjects"))
            transform.set_namespace(resources, namespace, Fields(namespace=specs), mode, config.true("unsetOnly"))
        elif kind == "LabelTransformer" and (labels := config.get("labels")) is not None:
            transform.set_pairs(resources, labels, specs)
        elif kind == "AnnotationsTransformer" and (annotations := config.get("annotations")) is not None:
            transform.set_pairs(resources, annotations, specs)
        elif kind == "ImageTagTransformer" and (image := config.get("imageTag")) is not None:
            transform.set_images(resources, image, Fields(images=specs))
        elif kind == "ReplicaCountTransformer" and (replica := config.get("replica")) is not None:
            transform.set_replicas(resources, replica, Fields(replicas=specs))
        else:
            self._configured_patch(kind, config, resources)

    def _configured_patch(self, kind: str, config: Node, resources: list[Resource]) -> None:
        if kind == "PatchTransformer":
            self._patcher.apply(resources, config)
        elif kind == "PatchJson6902Transformer":
            self._patcher.apply(resources, config, "jsonOp")
        elif kind == "PatchStrategicMergeTransformer":
            for entry in (*config.each("paths"), *([text] if (text := config.get("patches")) is not None else [])):
                self._patcher.merge_listed(resources, entry)
        elif kind == "ReplacementTransformer":
            for entry in config.each("replacements"):
                self._replace(resources, entry)


def generator_entry(config: Node) -> Node:
    """Return a generator of ``generators`` in the form of an entry of ``configMapGenerator``."""
    entry = Node({}, replace(config.mark, fixed=True))
    entry.map.update(config.map)
    for field in ("name", "namespace"):
        if (given := config.get("metadata", field)) is not None:
            entry.map[field] = given
    return entry
