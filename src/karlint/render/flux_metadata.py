"""What Flux adds to every object: the labels and annotations of spec.commonMetadata."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from karlint.model.unit import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karlint.render.world import Node


def common_metadata(spec: Node) -> Iterator[Edit]:
    """Yield what spec.commonMetadata adds: to the objects themselves only, never to pod templates or selectors."""
    common = spec.get("commonMetadata")
    for key, label in common.get("labels").fields():
        if isinstance(label.value, str):
            yield Edit("labels", [{"pairs": {key: label.value}}], label.place)
    for key, annotation in common.get("annotations").fields():
        if isinstance(annotation.value, str):
            yield Edit("transformers", [_annotator(key, annotation.value)], annotation.place)


def _annotator(key: str, value: str) -> str:
    """Return a transformer that sets an annotation of the objects only: commonAnnotations would reach pod templates."""
    transformer = {
        "apiVersion": "builtin",
        "kind": "AnnotationsTransformer",
        "metadata": {"name": "common-metadata"},
        "annotations": {key: value},
        "fieldSpecs": [{"path": "metadata/annotations", "create": True}],
    }
    return json.dumps(transformer) + "\n"  # the line end tells kustomize that this is no path


def flux_edits(kustomize: Node) -> Iterator[Edit]:
    """Yield patches and images, as a Kustomization and a post-renderer both write them."""
    for patch in kustomize.get("patches").items():
        if isinstance(patch.value, dict):
            yield Edit("patches", [patch.value], patch.place)
    for patch in kustomize.get("patchesStrategicMerge").items():
        if isinstance(patch.value, dict):
            yield Edit("patches", [{"patch": json.dumps(patch.value)}], patch.place)
    for patch in kustomize.get("patchesJson6902").items():
        if isinstance(patch.value, dict):
            target = {"target": patch.get("target").value} if patch.get("target").value is not None else {}
            yield Edit("patches", [{"patch": json.dumps(patch.get("patch").value), **target}], patch.place)
    for image in kustomize.get("images").items():
        if isinstance(image.value, dict):
            yield Edit("images", [image.value], image.place)
