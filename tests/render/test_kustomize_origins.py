"""Where the values of kustomize builds come from, on small trees of our own."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from karlint.model.origin import Origin, Spot
from karlint.model.source import Anchor
from karlint.model.unit import Edit, KustomizeSource, Place
from karlint.render.origins.kustomize import KustomizeOrigins
from tests.conftest import ROOT, missing
from tests.render.kustomizetrees import ROOTS, TREES, write
from tests.render.mutation import Checkout, Figures, measure, parse, roots, scalars
from tests.render.randomoverlays import write_overlay

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from karlint.model.path import Path as At


@pytest.fixture(scope="session")
def kustomize() -> Path:
    binary = ROOT / "tools" / "bin" / "kustomize"
    if not binary.is_file():
        missing("tools/bin/kustomize", "run `make tools`")
    return binary


@dataclass
class Rendered:
    """One tree, built."""

    checkout: Checkout
    documents: list[Any]
    origins: KustomizeOrigins

    def origin(self, kind: str, name: str, at: At, anchor: Anchor = Anchor.VALUE) -> Origin:
        for ordinal, document in enumerate(self.documents):
            if document["kind"] == kind and document["metadata"]["name"].startswith(name):
                return self.origins.locate(ordinal, at, anchor)
        raise AssertionError(f"no {kind} {name}")

    def at(self, kind: str, name: str, at: At) -> tuple[str, str]:
        """The file and the line that are said to hold a value, which must be marked exact."""
        spot = self.origin(kind, name, at).primary
        assert spot.exact, spot
        return self.line(spot)

    def line(self, spot: Spot) -> tuple[str, str]:
        span = self.checkout.span(spot)
        assert span is not None, spot
        return spot.file, self.checkout.positions(spot.file).lines[span.line - 1].strip()


@pytest.fixture
def rendered(request: pytest.FixtureRequest, tmp_path: Path, kustomize: Path) -> Rendered:
    name = request.param
    write(name, tmp_path)
    checkout = Checkout(tmp_path, kustomize)
    output, error = checkout.build(ROOTS[name])
    assert output is not None, error
    documents = parse(output)
    return Rendered(checkout, documents, checkout.origins(ROOTS[name], documents))


def tree(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("rendered", [name], indirect=True)


POD: At = ("spec", "template", "spec")
MAIN: At = (*POD, "containers", 0)


@tree("merge")
def test_a_strategic_merge_patch_owns_what_it_sets_and_the_base_the_rest(rendered: Rendered) -> None:
    containers = ["metrics", "vllm"]
    document = next(each for each in rendered.documents if each["kind"] == "Deployment")
    assert [each["name"] for each in document["spec"]["template"]["spec"]["containers"]] == containers
    vllm = (*POD, "containers", 1)
    expected = {
        ("metadata", "name"): ("base/deploy.yaml", "name: server"),
        ("metadata", "labels", "tier"): ("overlay/gpu.yaml", "tier: overlay"),
        ("metadata", "labels", "app"): ("base/deploy.yaml", "app: server"),
        (*POD, "nodeSelector", "pool"): ("overlay/gpu.yaml", "pool: large"),
        (*POD, "nodeSelector", "zone"): ("overlay/kustomization.yaml", "zone: west"),
        (*POD, "tolerations", 0, "key"): ("overlay/gpu.yaml", "- key: gpu"),
        (*POD, "containers", 0, "image"): ("overlay/gpu.yaml", "image: exporter:1"),
        (*vllm, "image"): ("base/deploy.yaml", "image: vllm/vllm-openai:v0.5.0"),
        (*vllm, "args", 1): ("base/deploy.yaml", 'args: ["--port=8000", "--model=m"]'),
        (*vllm, "env", 0, "value"): ("overlay/gpu.yaml", "value: three"),
        (*vllm, "env", 1, "value"): ("overlay/gpu.yaml", "value: changed"),
        (*vllm, "env", 2, "value"): ("base/deploy.yaml", "value: one"),
        (*vllm, "ports", 0, "name"): ("overlay/gpu.yaml", "name: metrics"),
        (*vllm, "ports", 1, "name"): ("overlay/gpu.yaml", "name: api"),
        (*vllm, "volumeMounts", 0, "mountPath"): ("base/deploy.yaml", "mountPath: /models"),
        (*vllm, "resources", "limits", "nvidia.com/gpu"): ("overlay/gpu.yaml", "nvidia.com/gpu: 8"),
        vllm: ("base/deploy.yaml", "- name: vllm"),
        (*POD, "containers", 0): ("overlay/gpu.yaml", "- name: metrics"),
        (*vllm, "resources", "limits"): ("base/deploy.yaml", 'cpu: "4"'),
    }
    assert {at: rendered.at("Deployment", "server", at) for at in expected} == expected


@tree("merge")
def test_the_way_names_the_entry_that_lists_the_patch_and_the_overlay(rendered: Rendered) -> None:
    patched = rendered.origin("Deployment", "server", ("metadata", "labels", "tier"))
    assert [rendered.line(spot) for spot in patched.via] == [("overlay/kustomization.yaml", "- path: gpu.yaml")]
    base = rendered.origin("Deployment", "server", ("metadata", "labels", "app"))
    assert [rendered.line(spot) for spot in base.via] == [("overlay/kustomization.yaml", "- ../base")]
    assert all(spot.why for spot in (*patched.via, *base.via))


@tree("merge")
def test_what_is_absent_is_answered_with_its_nearest_ancestor_not_exact(rendered: Rendered) -> None:
    origin = rendered.origin("Deployment", "server", (*POD, "containers", 1, "livenessProbe", "httpGet"))
    assert not origin.primary.exact
    assert rendered.line(origin.primary) == ("base/deploy.yaml", "- name: vllm")


@tree("merge")
def test_items_of_a_list_and_the_second_document_of_a_file(rendered: Rendered) -> None:
    assert rendered.at("Service", "server", ("spec", "ports", 0, "port")) == ("base/deploy.yaml", "- port: 80")
    assert rendered.at("ConfigMap", "one", ("data", "key")) == ("base/more.yaml", "key: first")
    assert rendered.at("ConfigMap", "two", ("data", "key")) == ("base/more.yaml", "key: second")
    assert rendered.origin("ConfigMap", "two", ("data", "key"), Anchor.KEY).primary.anchor is Anchor.KEY


@tree("json")
def test_operations_of_json_patches(rendered: Rendered) -> None:
    ops, inline = "overlay/ops.yaml", "overlay/kustomization.yaml"
    expected = {
        ("metadata", "annotations", "example.com~1x"): (ops, 'example.com~1x: "1"'),
        ("metadata", "labels", "copied"): ("base/deploy.yaml", "app: server"),
        ("spec", "replicas"): (inline, "value: 3"),
        (*MAIN, "args", 0): (ops, "value: --first"),
        (*MAIN, "args", 1): ("base/deploy.yaml", 'args: ["--port=8000", "--model=m"]'),
        (*MAIN, "args", 3): (ops, "value: --last"),
        (*MAIN, "env", 0, "value"): ("base/deploy.yaml", "value: two"),
        (*MAIN, "env", 1, "value"): ("base/deploy.yaml", "value: one"),
        (*MAIN, "resources", "limits", "nvidia.com/gpu"): (ops, "value: 2"),
        (*POD, "tolerations", 0, "key"): ("base/deploy.yaml", "- key: b"),
        (*POD, "containers", 2, "image"): (inline, "image: last:1"),
    }
    assert {at: rendered.at("Deployment", "server", at) for at in expected} == expected
    quoted = rendered.origin("Service", "server", ("spec", "ports", 0, "port")).primary
    assert quoted.span is not None
    assert quoted.exact
    lines = rendered.checkout.positions(quoted.file).lines
    assert lines[quoted.span.line - 1][quoted.span.column - 1 : quoted.span.end_column - 1] == "8080"


@tree("transformers")
def test_transformers_own_what_they_write(rendered: Rendered) -> None:
    overlay, middle = "overlay/kustomization.yaml", "middle/kustomization.yaml"
    expected = {
        ("metadata", "name"): ("base/deploy.yaml", "name: server"),
        ("metadata", "namespace"): (overlay, "namespace: prod"),
        ("metadata", "labels", "stage"): (overlay, "stage: prod"),
        ("metadata", "labels", "owner"): (middle, "owner: ml"),
        ("metadata", "labels", "tier"): ("base/deploy.yaml", "tier: base"),
        ("metadata", "annotations", "example.com/by"): (overlay, "example.com/by: us"),
        ("spec", "replicas"): (overlay, "count: 5"),
        ("spec", "selector", "matchLabels", "part"): (middle, "part: api"),
        ("spec", "template", "metadata", "labels", "owner"): (middle, "owner: ml"),
        ("spec", "template", "metadata", "annotations", "example.com/by"): (overlay, "example.com/by: us"),
        (*MAIN, "image"): (overlay, "newTag: v0.9.0"),
        (*POD, "containers", 1, "image"): (overlay, f"digest: sha256:{'0' * 64}"),
    }
    assert {at: rendered.at("Deployment", "team-server", at) for at in expected} == expected
    assert rendered.at("Service", "team-server", ("spec", "selector", "stage")) == (overlay, "stage: prod")
    name = rendered.origin("Deployment", "team-server", ("metadata", "name"))
    assert [rendered.line(spot) for spot in name.via[:2]] == [
        (overlay, "nameSuffix: -v2"),
        (middle, "namePrefix: team-"),
    ]
    image = rendered.origin("Deployment", "team-server", (*MAIN, "image"))
    lines = [rendered.line(spot) for spot in image.via]
    assert (middle, "newName: registry.example.com/vllm") in lines
    assert ("base/deploy.yaml", "image: vllm/vllm-openai:v0.5.0") in lines


@tree("generators")
def test_generated_config_maps_and_references_to_them(rendered: Rendered) -> None:
    overlay, base = "overlay/kustomization.yaml", "base/kustomization.yaml"
    settings = {
        ("data", "level"): (overlay, "- level=debug"),
        ("data", "mode"): (base, "- mode=fast"),
        ("data", "run.sh"): ("base/run.sh", "#!/bin/sh"),
        ("data", "other"): ("base/data/other.txt", "text"),
        ("metadata", "name"): (base, "- name: settings"),
        ("metadata", "labels", "made"): (overlay, 'made: "yes"'),
    }
    assert {at: rendered.at("ConfigMap", "app-settings", at) for at in settings} == settings
    plain = {
        ("data", "b"): (overlay, '- b="quoted"'),
        ("metadata", "annotations", "note"): (overlay, "note: here"),
    }
    assert {at: rendered.at("ConfigMap", "plain", at) for at in plain} == plain
    assert rendered.at("ConfigMap", "app-settings", ("data",)) == (base, "- name: settings")
    assert not rendered.origin("ConfigMap", "app-settings", ("kind",)).primary.exact
    assert rendered.at("Secret", "token", ("data", "PASS")) == ("overlay/secret.env", "PASS=word=1")
    reference = rendered.origin("Pod", "app-pod", ("spec", "volumes", 0, "configMap", "name"))
    assert reference.primary.exact
    assert rendered.line(reference.primary) == ("base/pod.yaml", "name: settings")
    assert (base, "- name: settings") in [rendered.line(spot) for spot in reference.via]


@tree("components")
def test_the_same_base_in_two_overlays_and_a_component_in_both(rendered: Rendered) -> None:
    for name in ("a-server", "b-server"):
        claimed = rendered.at("Deployment", name, (*POD, "runtimeClassName"))
        assert claimed == ("components/gpu/kustomization.yaml", "runtimeClassName: nvidia")
    assert rendered.at("Deployment", "a-server", ("spec", "replicas")) == ("overlay/same.yaml", "replicas: 7")
    assert rendered.at("Deployment", "b-server", ("spec", "replicas")) == ("base/deploy.yaml", "replicas: 1")
    way = rendered.origin("Deployment", "b-server", ("spec", "replicas")).via
    assert [rendered.line(spot) for spot in way] == [
        ("b/kustomization.yaml", "- ../base"),
        ("overlay/kustomization.yaml", "- ../b"),
    ]
    claim = ("spec", "spec", "devices", "requests", 0, "exactly", "deviceClassName")
    assert rendered.at("ResourceClaimTemplate", "a-gpu", claim)[0] == "components/gpu/claim.yaml"


@tree("replacements")
def test_a_replaced_value_is_edited_at_its_source(rendered: Rendered) -> None:
    port = rendered.origin("Service", "server", ("spec", "ports", 0, "targetPort"))
    assert port.primary.exact
    assert rendered.line(port.primary) == ("overlay/settings.yaml", 'port: "9000"')
    assert "overlay/kustomization.yaml" in [spot.file for spot in port.via]
    settings = "overlay/settings.yaml"
    assert rendered.at("Deployment", "server", (*MAIN, "image")) == (settings, "tag: v1.2.3")
    created = rendered.at("Deployment", "server", ("metadata", "annotations", "example.com/tag"))
    assert created == (settings, "tag: v1.2.3")


@tree("vars")
def test_text_with_vars_is_edited_where_it_is_written(rendered: Rendered) -> None:
    at = ("spec", "containers", 0, "args", 0)
    assert rendered.documents[0]["spec"]["containers"][0]["args"][0] == "--name=x-pod"
    assert rendered.at("Pod", "x-pod", at) == ("pod.yaml", 'args: ["--name=$(NAME)", "--other"]')
    way = rendered.origin("Pod", "x-pod", at).via
    assert [rendered.line(spot) for spot in way] == [("kustomization.yaml", "- name: NAME")]


@tree("custom")
def test_lists_of_custom_resources_are_replaced_and_configured_fields_are_written(rendered: Rendered) -> None:
    head = ("spec", "headGroupSpec", "template", "spec", "containers", 0)
    root = "kustomization.yaml"
    expected = {
        ("spec", "rayVersion"): (root, "rayVersion: 2.9.0"),
        ("spec", "image"): (root, "newTag: 2.9.0"),
        ("spec", "headGroupSpec", "rayStartParams", "num-gpus"): ("ray.yaml", 'num-gpus: "1"'),
        ("spec", "headGroupSpec", "template", "metadata", "labels", "team"): (root, "team: ml"),
        (*head, "image"): (root, "newTag: 2.9.0"),
        (*head, "resources", "limits", "nvidia.com/gpu"): ("patch.yaml", "nvidia.com/gpu: 2"),
        head: ("patch.yaml", "- name: head"),
    }
    assert {at: rendered.at("RayCluster", "ray", at) for at in expected} == expected


@tree("configured")
def test_transformers_and_generators_that_are_configured_in_files(rendered: Rendered) -> None:
    others = "transformers/others.yaml"
    expected = {
        ("metadata", "labels", "tier"): ("base/deploy.yaml", "tier: base"),
        ("metadata", "labels", "from"): ("overlay/kustomization.yaml", "from: transformer"),
        ("metadata", "annotations", "by"): (others, "by: transformer"),
        ("spec", "replicas"): (others, "count: 6"),
        (*POD, "priorityClassName"): ("transformers/patch.yaml", "value: high"),
        (*POD, "containers", 1, "image"): (others, 'newTag: "1.36"'),
    }
    assert {at: rendered.at("Deployment", "x-server", at) for at in expected} == expected
    tier = rendered.origin("Deployment", "x-server", ("metadata", "labels", "tier"))
    assert ("overlay/prefix.yaml", "prefix: y-") in [rendered.line(spot) for spot in tier.via]
    assert rendered.at("ConfigMap", "x-made", ("data", "a")) == ("overlay/generated.yaml", "- a=1")


@tree("configured")
def test_a_subject_gets_the_namespace_of_its_account(rendered: Rendered) -> None:
    for index in (0, 1):
        at = ("subjects", index, "namespace")
        assert rendered.at("RoleBinding", "x-runner", at) == ("overlay/kustomization.yaml", "namespace: prod")
    assert rendered.at("RoleBinding", "x-runner", ("subjects", 0, "name")) == ("overlay/binding.yaml", "name: runner")
    name = rendered.origin("CustomResourceDefinition", "things", ("metadata", "name"))
    assert name.via == ()


@tree("openapi")
def test_merge_keys_of_an_openapi_document_of_the_repository(rendered: Rendered) -> None:
    workers = ("spec", "workers")
    expected = {
        (*workers, 0, "image"): ("thing.yaml", "image: two:1"),
        (*workers, 0, "env", 0, "value"): ("patch.yaml", "value: patched"),
        (*workers, 0, "env", 1, "value"): ("thing.yaml", "value: a"),
        (*workers, 1, "image"): ("thing.yaml", "image: one:1"),
    }
    assert {at: rendered.at("Thing", "thing", at) for at in expected} == expected


@tree("directives")
def test_directives_of_strategic_merge_patches(rendered: Rendered) -> None:
    assert [each["metadata"]["name"] for each in rendered.documents] == ["renamed", "server", "server"]
    patch = "overlay/several.yaml"
    expected = {
        (*POD, "nodeSelector", "gpu"): (patch, 'gpu: "true"'),
        (*POD, "volumes", 0, "name"): (patch, "- name: fresh"),
        (*MAIN, "env", 0, "value"): ("base/deploy.yaml", "value: two"),
        (*MAIN, "volumeMounts", 0, "name"): (patch, "- name: fresh"),
        (*MAIN, "volumeMounts", 1, "name"): ("base/deploy.yaml", "- name: models"),
    }
    assert {at: rendered.at("Deployment", "server", at) for at in expected} == expected
    assert rendered.at("Service", "server", ("spec", "ports", 0, "targetPort")) == (patch, "targetPort: 9000")
    assert rendered.at("ConfigMap", "renamed", ("metadata", "name"))[1] == "name: renamed"
    assert rendered.at("ConfigMap", "renamed", ("data", "key")) == ("base/more.yaml", "key: first")


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


def test_a_document_that_no_file_explains_is_not_explained_by_chance(tmp_path: Path, kustomize: Path) -> None:
    write("merge", tmp_path)
    checkout = Checkout(tmp_path, kustomize)
    stranger = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "stranger"}, "data": {"a": "b"}}
    changed = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}, "data": {"key": "other"}}
    origins = checkout.origins("overlay", [stranger, changed, None])
    for ordinal, at in ((0, ("data", "a")), (1, ("data", "key")), (2, ()), (9, ("x",))):
        spot = origins.locate(ordinal, at, Anchor.VALUE).primary
        assert not spot.exact
        assert spot.why


_APPLICATION = """\
spec:
  source:
    kustomize:
      namePrefix: dev-
      images:
      - vllm/vllm-openai=mirror/vllm:v1
      replicas:
      - name: server
        count: 4
      commonLabels:
        by: argo
"""
_OVER_IT = """\
resources: [../overlay]
namePrefix: dev-
images:
- {name: vllm/vllm-openai, newName: mirror/vllm, newTag: v1}
replicas:
- {name: server, count: 4}
labels:
- pairs: {by: argo}
"""


def test_what_an_application_adds_is_edited_in_the_application(tmp_path: Path, kustomize: Path) -> None:
    write("merge", tmp_path)
    app = tmp_path / "app.yaml"
    app.write_text(_APPLICATION)
    here = ("spec", "source", "kustomize")
    edits = (
        Edit("namePrefix", "dev-", Place("app.yaml", 0, (*here, "namePrefix"))),
        Edit(
            "images",
            [{"name": "vllm/vllm-openai", "newName": "mirror/vllm", "newTag": "v1"}],
            Place("app.yaml", 0, (*here, "images")),
        ),
        Edit("replicas", [{"name": "server", "count": 4}], Place("app.yaml", 0, (*here, "replicas"))),
        Edit("labels", [{"pairs": {"by": "argo"}}], Place("app.yaml", 0, (*here, "commonLabels"))),
    )
    checkout = Checkout(tmp_path, kustomize)
    overlay = tmp_path / "scratch" / "kustomization.yaml"
    overlay.parent.mkdir()
    overlay.write_text(_OVER_IT)
    output, error = checkout.build("scratch")
    assert output is not None, error
    documents = parse(output)
    source = KustomizeSource("overlay", edits)
    built = Rendered(checkout, documents, KustomizeOrigins(source, checkout.tree, documents))
    assert built.at("Deployment", "dev-server", ("spec", "replicas")) == ("app.yaml", "count: 4")
    assert built.at("Deployment", "dev-server", ("metadata", "labels", "by")) == ("app.yaml", "by: argo")
    image = built.at("Deployment", "dev-server", (*POD, "containers", 1, "image"))
    assert image == ("app.yaml", "- vllm/vllm-openai=mirror/vllm:v1")
    name = built.origin("Deployment", "dev-server", ("metadata", "name"))
    assert ("app.yaml", "namePrefix: dev-") in [built.line(spot) for spot in name.via]


_FLUX = """\
spec:
  targetNamespace: prod
  components: [../components/gpu]
  commonMetadata:
    annotations:
      by: flux
  patches:
  - patch: |
      - op: add
        path: /spec/paused
        value: true
    target: {kind: Deployment}
  patchesStrategicMerge:
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {name: server}
    spec:
      minReadySeconds: 7
  patchesJson6902:
  - patch:
    - op: replace
      path: /spec/replicas
      value: 8
    target: {kind: Deployment}
"""
_ANNOTATOR = {
    "apiVersion": "builtin",
    "kind": "AnnotationsTransformer",
    "metadata": {"name": "common-metadata"},
    "annotations": {"by": "flux"},
    "fieldSpecs": [{"path": "metadata/annotations", "create": True}],
}


def test_what_a_flux_kustomization_adds_in_all_its_forms(tmp_path: Path, kustomize: Path) -> None:
    write("components", tmp_path)
    (tmp_path / "flux.yaml").write_text(_FLUX)
    spec = parse(_FLUX.encode())[0]["spec"]
    merge, operations = spec["patchesStrategicMerge"][0], spec["patchesJson6902"][0]
    target = {"kind": "Deployment"}

    def edit(field: str, value: Any, *at: str | int) -> Edit:
        return Edit(field, value, Place("flux.yaml", 0, ("spec", *at)))

    edits = (
        edit("namespace", "prod", "targetNamespace"),
        edit("components", ["../components/gpu"], "components", 0),
        edit("transformers", [json.dumps(_ANNOTATOR)], "commonMetadata", "annotations", "by"),
        edit("patches", [spec["patches"][0]], "patches", 0),
        edit("patches", [{"patch": json.dumps(merge)}], "patchesStrategicMerge", 0),
        edit("patches", [{"patch": json.dumps(operations["patch"]), "target": target}], "patchesJson6902", 0),
    )
    wrapper: dict[str, Any] = {"resources": ["../base"]}
    for each in edits:
        wrapper[each.field] = (
            [*wrapper.get(each.field, ()), *each.value] if isinstance(each.value, list) else each.value
        )
    (tmp_path / "around").mkdir()
    (tmp_path / "around" / "kustomization.yaml").write_text(json.dumps(wrapper))
    checkout = Checkout(tmp_path, kustomize)
    output, error = checkout.build("around")
    assert output is not None, error
    documents = parse(output)
    origins = KustomizeOrigins(KustomizeSource("base", edits), checkout.tree, documents)
    built = Rendered(checkout, documents, origins)
    expected = {
        ("metadata", "namespace"): ("flux.yaml", "targetNamespace: prod"),
        ("metadata", "annotations", "by"): ("flux.yaml", "by: flux"),
        ("spec", "paused"): ("flux.yaml", "value: true"),
        ("spec", "minReadySeconds"): ("flux.yaml", "minReadySeconds: 7"),
        ("spec", "replicas"): ("flux.yaml", "value: 8"),
        (*POD, "runtimeClassName"): ("components/gpu/kustomization.yaml", "runtimeClassName: nvidia"),
        (*MAIN, "image"): ("base/deploy.yaml", "image: vllm/vllm-openai:v0.5.0"),
    }
    assert {at: built.at("Deployment", "server", at) for at in expected} == expected
    component = built.origin("Deployment", "server", (*POD, "runtimeClassName"))
    assert built.line(component.via[0]) == ("flux.yaml", "components: [../components/gpu]")


def test_edits_are_made_in_the_kustomization_or_around_it(tmp_path: Path, kustomize: Path) -> None:
    write("transformers", tmp_path)
    checkout = Checkout(tmp_path, kustomize)
    (tmp_path / "app.yaml").write_text("suffix: -app\nreplicas: 9\n")
    edits = (
        Edit("nameSuffix", "-app", Place("app.yaml", 0, ("suffix",))),
        Edit("replicas", [{"name": "server", "count": 9}], Place("app.yaml", 0, ("replicas",))),
    )
    source = KustomizeSource("overlay", edits)
    around = tmp_path / "around" / "kustomization.yaml"
    around.parent.mkdir()
    around.write_text("resources: [../overlay]\nnameSuffix: -app\nreplicas: [{name: server, count: 9}]\n")
    inside = tmp_path / "inside" / "kustomization.yaml"
    inside.parent.mkdir()
    text = (tmp_path / "overlay" / "kustomization.yaml").read_text()
    inside.write_text(text.replace("-v2", "-app").replace("count: 5", "count: 9"))
    for directory, wrapped, name in (("around", True, "team-server-v2-app"), ("inside", False, "team-server-app")):
        documents = parse(checkout.build(directory)[0] or b"")
        origins = KustomizeOrigins(source, checkout.tree, documents, wrapped=wrapped)
        built = Rendered(checkout, documents, origins)
        origin = built.origin("Deployment", name, ("metadata", "name"))
        assert origin.primary.exact
        assert built.line(origin.via[0]) == ("app.yaml", "suffix: -app")
        assert built.at("Deployment", name, ("spec", "replicas")) == ("app.yaml", "replicas: 9")
        assert built.at("Deployment", name, (*MAIN, "image")) == ("overlay/kustomization.yaml", "newTag: v0.9.0")


def test_origin_annotations_tell_documents_of_the_same_name_apart(tmp_path: Path, kustomize: Path) -> None:
    for team, key in (("a", "first"), ("b", "second")):
        directory = tmp_path / team
        directory.mkdir()
        directory.joinpath("kustomization.yaml").write_text("resources: [map.yaml]\n")
        directory.joinpath("map.yaml").write_text(
            f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m, namespace: {team}}}\ndata:\n  key: {key}\n"
        )
    (tmp_path / "top").mkdir()
    (tmp_path / "top" / "kustomization.yaml").write_text(
        "resources: [../a, ../b]\nbuildMetadata: [originAnnotations]\n"
    )
    checkout = Checkout(tmp_path, kustomize)
    output, error = checkout.build("top")
    assert output is not None, error
    documents = parse(output)
    notes = [parse(each["metadata"]["annotations"]["config.kubernetes.io/origin"].encode())[0] for each in documents]
    for each in documents:
        del each["metadata"]["annotations"]
        del each["metadata"]["namespace"]  # as if it were no help
    origins = KustomizeOrigins(KustomizeSource("top"), checkout.tree, list(reversed(documents)), list(reversed(notes)))
    files = [origins.locate(ordinal, ("data", "key"), Anchor.VALUE).primary.file for ordinal in (0, 1)]
    assert files == ["b/map.yaml", "a/map.yaml"]


def test_a_kustomization_that_flux_makes_up(tmp_path: Path, kustomize: Path) -> None:
    write("merge", tmp_path)
    (tmp_path / "plain").mkdir()
    (tmp_path / "base").rename(tmp_path / "plain" / "base")
    (tmp_path / "plain" / "ns.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: team\n")
    checkout = Checkout(tmp_path, kustomize)
    output, error = checkout.build("plain/base")
    assert output is not None, error
    documents = [*parse(output), {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}}]
    origins = KustomizeOrigins(KustomizeSource("plain", generated=True), checkout.tree, documents)
    built = Rendered(checkout, documents, origins)
    assert built.at("Deployment", "server", ("spec", "replicas")) == ("plain/base/deploy.yaml", "replicas: 1")
    assert built.at("Namespace", "team", ("metadata", "name")) == ("plain/ns.yaml", "name: team")


class _Chart:
    """Stands for what knows the origins of a chart's output."""

    def locate(self, ordinal: int, at: At, anchor: Anchor) -> Origin:
        return Origin(Spot(f"chart/templates/{ordinal}.yaml", 0, at, exact=True), (Spot("chart/values.yaml"),))


CHART = [
    {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "c"}, "spec": {"replicas": 1, "paused": True}}
]


def test_what_a_chart_rendered_and_post_renderers_changed(tmp_path: Path, kustomize: Path) -> None:
    operation = "- {op: replace, path: /spec/replicas, value: 3}"
    (tmp_path / "release.yaml").write_text(f"spec:\n  patches:\n  - patch: |\n      {operation}\n")
    value = [{"patch": f"{operation}\n", "target": {"kind": "Deployment"}}]
    checkout = Checkout(tmp_path, kustomize)
    after = [{**CHART[0], "spec": {"replicas": 3, "paused": True}}]
    edits = (Edit("patches", value, Place("release.yaml", 0, ("spec", "patches"))),)
    origins = KustomizeOrigins(KustomizeSource("", edits), checkout.tree, after, base=(CHART, _Chart()))
    replicas = origins.locate(0, ("spec", "replicas"), Anchor.VALUE).primary
    assert (replicas.file, replicas.exact) == ("release.yaml", True)
    assert Rendered(checkout, after, origins).line(replicas)[1] == operation
    paused = origins.locate(0, ("spec", "paused"), Anchor.VALUE)
    assert (paused.primary.file, paused.primary.exact) == ("chart/templates/0.yaml", True)
    assert [spot.file for spot in paused.via] == ["chart/values.yaml"]


def test_charts_of_a_kustomization(tmp_path: Path, kustomize: Path) -> None:
    kustomization = tmp_path / "kustomization.yaml"
    kustomization.write_text("helmCharts:\n- name: c\nnamespace: prod\nreplicas:\n- name: c\n  count: 9\n")
    checkout = Checkout(tmp_path, kustomize)
    asked: list[tuple[str, str]] = []

    def inflate(directory: str, entry: Mapping[str, Any], namespace: str) -> tuple[list[Any], _Chart]:
        asked.append((entry["name"], namespace))
        return CHART, _Chart()

    after = [{**CHART[0], "spec": {"replicas": 9, "paused": True}}]
    source = KustomizeSource("")
    known = KustomizeOrigins(source, replace(checkout.tree, inflate=inflate), after)
    assert known.locate(0, ("spec", "replicas"), Anchor.VALUE).primary.at == ("replicas", 0, "count")
    assert known.locate(0, ("spec", "paused"), Anchor.VALUE).primary.file == "chart/templates/0.yaml"
    assert asked == [("c", "prod")]
    unknown = KustomizeOrigins(source, checkout.tree, after).locate(0, ("spec", "paused"), Anchor.VALUE).primary
    assert (unknown.at, unknown.exact) == (("helmCharts", 0), False)


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


def test_circles_and_what_lies_outside_of_the_tree(tmp_path: Path, kustomize: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n")
    tree = tmp_path / "tree"
    for one, other in (("a", "b"), ("b", "a")):
        (tree / one).mkdir(parents=True)
        (tree / one / "kustomization.yaml").write_text(
            f"resources: [../{other}, ../../outside.yaml, /etc/passwd, 'https://example.com/x.yaml']\n"
        )
    document = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}}
    spot = Checkout(tree, kustomize).origins("a", [document]).locate(0, ("metadata", "name"), Anchor.VALUE).primary
    assert (spot.file, spot.exact) == ("a/kustomization.yaml", False)


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
