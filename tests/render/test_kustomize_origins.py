"""Where the values of kustomize builds come from, on small trees of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from karlint.model.source import Anchor
from tests.render.kustomizecase import MAIN, POD, Rendered, built

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def rendered(request: pytest.FixtureRequest, tmp_path: Path, kustomize: Path) -> Rendered:
    return built(request.param, tmp_path, kustomize)


def tree(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("rendered", [name], indirect=True)


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
