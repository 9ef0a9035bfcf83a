"""Kustomizations, and the files that they use as something else than a resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from karlint.discover import discover
from tests.discover.support import linted, manifests, plant, reasons, repository, run

if TYPE_CHECKING:
    from pathlib import Path

PATCH, INPUT = "kustomization patch", "kustomization input"


@pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml", "Kustomization"])
def test_a_kustomization_is_no_manifest(tmp_path: Path, name: str) -> None:
    manifests(tmp_path, "base/deploy.yaml")
    plant(tmp_path, {f"base/{name}": "resources: [deploy.yaml]\n"})
    found = run(tmp_path)
    assert linted(found) == ["base/deploy.yaml"]
    assert reasons(found) == {f"base/{name}": "kustomization"}
    assert reasons(run(tmp_path, f"base/{name}")) == {f"base/{name}": "kustomization"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("patches: [{path: x.yaml, target: {kind: Deployment}}]", PATCH),
        ("patches: [x.yaml]", PATCH),
        ("patchesStrategicMerge: [./x.yaml]", PATCH),
        ("patchesJson6902: [{path: x.yaml, target: {kind: Job, version: v1, name: a}}]", PATCH),
        ("configMapGenerator: [{name: a, files: [x.yaml]}]", INPUT),
        ("configMapGenerator: [{name: a, files: [app.yaml=x.yaml]}]", INPUT),
        ("secretGenerator: [{name: a, files: [x.yaml]}]", INPUT),
        ("configMapGenerator: [{name: a, envs: [x.yaml]}]", INPUT),
        ("replacements: [{path: x.yaml}]", INPUT),
        ("configurations: [x.yaml]", INPUT),
        ("openapi: {path: x.yaml}", INPUT),
        ("crds: [x.yaml]", INPUT),
        ("transformers: [x.yaml]", INPUT),
        ("generators: [x.yaml]", INPUT),
        ("validators: [x.yaml]", INPUT),
        ("helmCharts: [{name: web, valuesFile: x.yaml}]", "Helm values"),
        ("helmCharts: [{name: web, additionalValuesFiles: [x.yaml]}]", "Helm values"),
    ],
)
def test_each_use_has_its_reason(tmp_path: Path, text: str, reason: str) -> None:
    manifests(tmp_path, "app/x.yaml", "app/y.yaml", "x.yaml")
    plant(tmp_path, {"app/kustomization.yaml": f"resources: [y.yaml]\n{text}\n"})
    found = run(tmp_path)
    assert linted(found) == ["app/y.yaml", "x.yaml"]
    assert reasons(found) == {"app/kustomization.yaml": "kustomization", "app/x.yaml": reason}


def test_a_patch_of_a_component_or_of_a_sibling_is_found(tmp_path: Path) -> None:
    manifests(tmp_path, "components/gpu/p.yaml", "shared/q.yaml", "base/deploy.yaml")
    plant(
        tmp_path,
        {
            "components/gpu/kustomization.yaml": "kind: Component\npatches: [{path: p.yaml}]\n",
            "overlays/prod/kustomization.yaml": (
                "bases: [../../base]\ncomponents: [../../components/gpu]\npatches:\n- path: ../../shared/q.yaml\n"
                "- patch: |-\n    - op: remove\n      path: /spec\n"
            ),
        },
    )
    found = run(tmp_path)
    assert linted(found) == ["base/deploy.yaml"]
    assert reasons(found)["components/gpu/p.yaml"] == reasons(found)["shared/q.yaml"] == PATCH


def test_a_directory_of_transformers(tmp_path: Path) -> None:
    manifests(tmp_path, "transformers/labels.yaml", "app/a.yaml")
    plant(tmp_path, {"app/kustomization.yaml": "transformers: [../transformers]\n"})
    assert reasons(run(tmp_path))["transformers/labels.yaml"] == INPUT


def test_a_patch_named_alone_is_still_a_patch(tmp_path: Path) -> None:
    manifests(tmp_path, "app/patches/p.yaml")
    plant(tmp_path, {"app/kustomization.yaml": "patches: [{path: patches/p.yaml}]\n"})
    assert reasons(run(tmp_path, "app/patches/p.yaml")) == {"app/patches/p.yaml": PATCH}
    assert reasons(run(tmp_path, "app/patches")) == {"app/patches/p.yaml": PATCH}


def test_in_a_repository_any_kustomization_can_tell_that_a_named_file_is_a_patch(tmp_path: Path) -> None:
    manifests(repository(tmp_path), "shared/p.yaml")
    plant(tmp_path, {"overlays/prod/kustomization.yaml": "patches: [{path: ../../shared/p.yaml}]\n"})
    assert reasons(run(tmp_path, "shared/p.yaml")) == {"shared/p.yaml": PATCH}
    assert reasons(run(tmp_path, "shared")) == {"shared/p.yaml": PATCH}


@pytest.mark.parametrize(
    "text",
    [
        "patches: 3\nconfigMapGenerator: {a: b}\n",
        "- patches\n",
        "patches: [{path: [1, null]}, null, 4]\n",
        "patches: [{path: ../../../../etc/x.yaml}, {path: /x.yaml}, {path: 'https://e.org/x.yaml'}, {path: .}]\n",
    ],
)
def test_a_kustomization_of_an_odd_shape_does_no_harm(tmp_path: Path, text: str) -> None:
    manifests(tmp_path, "x.yaml")
    plant(tmp_path, {"kustomization.yaml": text})
    found = run(tmp_path)
    assert linted(found) == ["x.yaml"]
    assert reasons(found) == {"kustomization.yaml": "kustomization"}


def test_a_kustomization_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    manifests(tmp_path, "x.yaml")
    plant(tmp_path, {"app/kustomization.yaml": "patches: [\n"})
    found = run(tmp_path)
    assert found.notices == ("app/kustomization.yaml cannot be read, so its patches may be taken for manifests.",)


def test_fluxs_resource_is_a_manifest_whatever_its_file_is_called(tmp_path: Path) -> None:
    flux = "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec: {patches: []}\n"
    plant(tmp_path, {"apps/kustomization.yaml": flux})
    assert linted(run(tmp_path)) == ["apps/kustomization.yaml"]


def test_without_a_reader_patches_are_not_told(tmp_path: Path) -> None:
    manifests(tmp_path, "x.yaml")
    plant(tmp_path, {"kustomization.yaml": "patches: [{path: x.yaml}]\n"})
    assert linted(discover(tmp_path)) == ["x.yaml"]
