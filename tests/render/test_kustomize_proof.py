"""Proof of kustomize origins: by edits, by chance, and by what is wrong."""

from __future__ import annotations

import os
import shutil
from random import Random
from typing import TYPE_CHECKING

import pytest

from karlint.model.source import Anchor
from tests.render.kustomizetrees import ROOTS, TREES, write
from tests.render.mutation import Checkout, Figures, measure, parse, roots, scalars
from tests.render.randomoverlays import write_overlay

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", list(TREES))
def test_an_edit_of_each_exact_place_changes_that_value(name: str, tmp_path: Path, kustomize: Path) -> None:
    write(name, tmp_path)
    figures = Figures()
    measure(Checkout(tmp_path, kustomize), ROOTS[name], figures, samples=16)
    assert figures.roots == 1
    assert figures.exact == figures.located
    assert figures.changed == figures.tried > 0, figures.failed


@pytest.mark.parametrize("seed", range(8))
def test_random_overlays_are_built_as_kustomize_builds_them(seed: int, tmp_path: Path, kustomize: Path) -> None:
    """Every scalar of ours is the one that kustomize puts out, and its place is known."""
    r = Random(seed)
    built = 0
    for number in range(4):
        root = tmp_path / str(number)
        write("merge", root)
        below = "base"
        for level in range(r.randint(1, 3)):
            write_overlay(r, root / f"level{level}", below)
            below = f"level{level}"
        checkout = Checkout(root, kustomize)
        output, _ = checkout.build(below)
        documents = parse(output or b"")
        origins = checkout.origins(below, documents)
        built += output is not None
        for ordinal, document in enumerate(documents):
            for at, value in scalars(document):
                spot = origins.locate(ordinal, at, Anchor.VALUE).primary
                inside = spot.why == "The value is inside of this text."
                generated = spot.file.endswith("kustomization.yaml") and at in (("kind",), ("apiVersion",))
                assert spot.exact or inside or generated, (root, below, at, value, spot)
    assert built


_WRONG = [
    "[]",
    "x",
    "3",
    "{a: b}",
    "[[]]",
    "[{}]",
    "[null]",
    "[3]",
    "null",
    '[{name: 3, path: [], target: x, patch: "a: b"}]',
]
_FIELDS = (
    "resources", "components", "patches", "patchesStrategicMerge", "patchesJson6902", "images", "replicas", "labels",
    "commonLabels", "commonAnnotations", "namespace", "namePrefix", "configMapGenerator", "secretGenerator", "vars",
    "replacements", "generatorOptions", "configurations", "transformers", "generators", "helmCharts", "openapi",
)  # fmt: skip


@pytest.mark.parametrize("field", _FIELDS)
def test_no_kustomization_is_too_strange_to_answer(field: str, tmp_path: Path, kustomize: Path) -> None:
    write("merge", tmp_path)
    checkout = Checkout(tmp_path, kustomize)
    document = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "server"}, "spec": {"replicas": 1}}
    for wrong in _WRONG:
        text = f"{field}: {wrong}\n" + ("" if field == "resources" else "resources: [../base]\n")
        (tmp_path / "overlay" / "kustomization.yaml").write_text(text)
        for each in (document, "text", None, {"metadata": []}):
            spot = checkout.origins("overlay", [each]).locate(0, ("spec", "replicas"), Anchor.VALUE).primary
            assert spot.file in ("base/deploy.yaml", "overlay/kustomization.yaml")


@pytest.mark.corpus
def test_edits_change_what_they_are_said_to_change_in_real_repositories(
    corpus: Path, tmp_path: Path, kustomize: Path
) -> None:
    """All kustomizations where KARLINT_MUTATION says how many scalars of each, a few repositories otherwise."""
    samples = int(os.environ.get("KARLINT_MUTATION", "0"))
    trees = sorted(path for name in ("kustomize", "gitops") for path in (corpus / name).iterdir())
    few = ("kubernetes-sigs__lws", "ray-project__kuberay", "kubeflow__trainer")
    figures = Figures()
    for each in trees:
        if samples or each.name in few:
            copy = tmp_path / each.name
            shutil.copytree(each, copy, symlinks=True)
            checkout = Checkout(copy, kustomize)
            for directory in roots(copy):
                measure(checkout, directory, figures, samples or 2)
    print(figures, *figures.failed, sep="\n")
    assert figures.tried > 20
    assert figures.share_changed >= 0.95
    assert figures.share_exact >= 0.85
