"""What an Application adds to a kustomization: Argo CD edits the kustomization before it builds it.

Prefix, suffix and namespace replace those of the kustomization; images and replicas replace the entry of the same name;
labels, annotations, patches and components are added.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from karlint.model.unit import Edit, KustomizeSource
from karlint.render.images import parse_image
from karlint.render.world import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karlint.render.argocd_source import Source
    from karlint.render.world import Node

_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")


def kustomize_source(source: Source, directory: str) -> KustomizeSource:
    """Return the kustomization in *directory* with what *source* adds. Raises RefusedError."""
    options = source.node.get("kustomize")
    base = f"{directory}/" if directory else ""
    if not any(source.world.kind(base + name) == "file" for name in _NAMES):
        raise RefusedError(
            "no kustomization at the path", f"Write {base}kustomization.yaml, or correct the path.", options.place
        )
    return KustomizeSource(directory, tuple(_edits(source, options, base)))


def _edits(source: Source, options: Node, base: str) -> Iterator[Edit]:
    for field in ("namePrefix", "nameSuffix"):
        if text := options.get(field).text():
            yield Edit(field, text, options.get(field).place)
    for image in options.get("images").items():
        if image.text():
            yield Edit("images", [parse_image(image.text())], image.place)
    for replica in options.get("replicas").items():
        if name := replica.get("name").text():
            yield Edit("replicas", [{"name": name, "count": _count(replica.get("count").value)}], replica.place)
    yield from _labels(source, options)
    if namespace := options.get("namespace").text():
        yield Edit("namespace", namespace, options.get("namespace").place)
    for patch in options.get("patches").items():
        if isinstance(patch.value, dict):
            yield Edit("patches", [patch.value], patch.place)
    for component in options.get("components").items():
        if _is_taken(source, options, component, base):
            yield Edit("components", [component.text()], component.place)


def _labels(source: Source, options: Node) -> Iterator[Edit]:
    selectors = not (options.get("labelWithoutSelector").true())
    templates = {} if selectors else {"includeTemplates": options.get("labelIncludeTemplates").true()}
    for key, label in options.get("commonLabels").fields():
        if isinstance(label.value, str):
            pairs = {key: source.filled(label.value)}
            yield Edit("labels", [{"pairs": pairs, "includeSelectors": selectors, **templates}], label.place)
    for key, annotation in options.get("commonAnnotations").fields():
        if isinstance(annotation.value, str):
            fills = options.get("commonAnnotationsEnvsubst").true()
            value = source.filled(annotation.value) if fills else annotation.value
            yield Edit("commonAnnotations", {key: value}, annotation.place)


def _is_taken(source: Source, options: Node, component: Node, base: str) -> bool:
    if not component.text():
        return False
    ignored = options.get("ignoreMissingComponents").true()
    there = source.world.kind(posixpath.normpath(base + component.text())) == "directory"
    return there or not ignored


def _count(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else value
