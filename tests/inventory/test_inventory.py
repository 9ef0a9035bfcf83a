"""The inventory as rules ask it: traits, look-ups, demand, the input and its schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema_rs
import orjson
import pytest
from tests.conftest import ROOT
from tests.inventory.support import inventory_of, pod
from tests.policies.examples import all_examples

from karlint.config import Config, Settings
from karlint.inventory.inputschema import input_schema
from karlint.model.encode import to_json
from karlint.prepared import load_rule_book, prepare

if TYPE_CHECKING:
    from pathlib import Path

GPU = "{containers: [{name: c, resources: {limits: {nvidia.com/gpu: 2}}}]}"
COMMITTED = ROOT / "schemas" / "karlint-input.schema.json"


def config_map(namespace: str, value: str) -> str:
    metadata = f"{{name: x, namespace: {namespace}}}" if namespace else "{name: x}"
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {metadata}\ndata: {{v: {value}}}"


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("{containers: [{name: c}]}", ["Pod", "workload"]),
        (GPU, ["Pod", "workload", "accelerator-workload"]),
        ("{containers: [{image: vllm/vllm-openai:v0.9.0}]}", ["Pod", "workload", "model-server"]),
    ],
)
def test_traits(spec: str, expected: list[str]) -> None:
    inventory = inventory_of(pod(spec))
    assert list(inventory.traits(inventory.resources[0])) == expected


def test_what_makes_no_pods_is_its_kind_alone() -> None:
    inventory = inventory_of(config_map("a", "b"))
    assert list(inventory.traits(inventory.resources[0])) == ["ConfigMap"]
    assert inventory.input_for(inventory.resources[0])["workload"] is None


FILES = {
    "apps/a/one.yaml": config_map("a", "far"),
    "apps/b/near.yaml": config_map("a", "near"),
    "apps/b/open.yaml": config_map("", "open"),
    "apps/c/open.yaml": config_map("", "lonely"),
    "other/b.yaml": config_map("b", "other"),
}


@pytest.mark.parametrize(
    ("namespace", "near", "expected"),
    [
        ("a", "apps/b/near.yaml", "near"),
        ("a", "apps/b/open.yaml", "open"),
        ("a", "apps/a/some.yaml", "far"),
        ("a", "apps/c/some.yaml", "lonely"),
        ("b", "other/some.yaml", "other"),
        ("", "other/some.yaml", "other"),
        ("c", "other/some.yaml", "near-any"),
    ],
)
def test_nearest(namespace: str, near: str, expected: str) -> None:
    found = inventory_of(FILES).lookup.nearest("ConfigMap", namespace, "x", near)
    assert found is not None
    if expected == "near-any":
        assert found.ref.namespace == "", "only one that leaves its namespace out may be meant"
    else:
        assert found.body["data"]["v"] == expected


def test_nearest_of_two_in_a_directory_is_the_one_with_the_namespace() -> None:
    files = {"a/1.yaml": config_map("", "open"), "a/2.yaml": config_map("ml", "named")}
    found = inventory_of(files).lookup.nearest("ConfigMap", "ml", "x", "a/3.yaml")
    assert found is not None
    assert found.body["data"]["v"] == "named"


def test_nearest_of_nothing() -> None:
    lookup = inventory_of(FILES).lookup
    assert lookup.nearest("ConfigMap", "a", "y", "x.yaml") is None
    assert lookup.nearest("Secret", "a", "x", "x.yaml") is None
    assert "Secret" not in lookup.by_kind, "asking leaves no trace"


def test_list_items_have_paths_of_their_own() -> None:
    text = f"apiVersion: v1\nkind: List\nitems:\n- {{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {GPU}}}\n"
    inventory = inventory_of(text)
    (resource,) = inventory.resources
    assert resource.prefix == ("items", 0)
    assert inventory.workloads[0].templates[0].containers[0].path == ("spec", "containers", 0)
    document = orjson.loads(to_json(inventory.input_for(resource)))
    assert document["object"]["kind"] == "Pod"


def test_demand() -> None:
    text = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: ml, "
        "labels: {kueue.x-k8s.io/queue-name: q}}\n"
        "spec: {replicas: 3, template: {spec: {containers: [{name: a, resources: {limits: {nvidia.com/gpu: 2}}},"
        " {name: b, resources: {limits: {nvidia.com/gpu: 1, amd.com/gpu: '${N}'}}}]}}}\n"
    )
    rows = inventory_of({"apps/d.yaml": text}).demand()["ml"]
    base = {"index": 0, "group": "apps", "kind": "Deployment", "name": "d", "file": "apps/d.yaml", "directory": "apps"}
    at = ("spec", "template", "spec", "containers")
    first = {"resource": "nvidia.com/gpu", "per_pod": 3, "quantity": 9}
    second = {"resource": "amd.com/gpu", "per_pod": None, "quantity": None}
    assert rows == [
        {**base, "queue": "q", "pods": 3, **first, "at": (*at, 0, "resources", "limits", "nvidia.com/gpu")},
        {**base, "queue": "q", "pods": 3, **second, "at": (*at, 1, "resources", "limits", "amd.com/gpu")},
    ]


def test_demand_of_claims() -> None:
    claim = (
        "apiVersion: resource.k8s.io/v1\nkind: ResourceClaimTemplate\nmetadata: {name: g, namespace: a}\n"
        "spec: {spec: {devices: {requests: [{name: r, exactly: {deviceClassName: gpu.nvidia.com, count: 2}}]}}}"
    )
    spec = "{containers: [{}], resourceClaims: [{name: x, resourceClaimTemplateName: g}]}"
    (row,) = inventory_of(pod(spec, claim)).demand()["a"]
    assert row["resource"] == "gpu.nvidia.com.deviceclass.resource.k8s.io/devices"
    assert (row["quantity"], row["per_pod"], row["at"]) == (2, 2, ("spec", "resourceClaims", 0))


def test_data_holds_only_what_is_looked_up() -> None:
    inventory = inventory_of({**FILES, "p.yaml": pod(GPU)})
    by_kind = orjson.loads(orjson.dumps(inventory.data(["ConfigMap", "Secret"])))["by_kind"]
    assert set(by_kind) == {"ConfigMap", "Secret"}
    assert by_kind["Secret"] == {}
    assert {namespace: len(names["x"]) for namespace, names in by_kind["ConfigMap"].items()} == {"a": 2, "": 2, "b": 1}
    mentioned = orjson.loads(orjson.dumps(inventory.by_kind(["ConfigMap"], ["lonely"])))["ConfigMap"]
    assert [entry["file"] for entry in mentioned[""]["x"]] == ["apps/c/open.yaml"]


def test_committed_schema_is_the_generated_one() -> None:
    assert orjson.loads(COMMITTED.read_bytes()) == input_schema(), "karlint dev docs writes it anew"


def violations(settings: Settings) -> list[str]:
    validator = jsonschema_rs.validator_for(orjson.loads(COMMITTED.read_bytes()))
    prepared = prepare(settings, load_rule_book())
    wrong = []
    for resource in prepared.resources:
        document: Any = orjson.loads(to_json(prepared.inventory.input_for(resource)))
        for extra in ({}, {"target": {"minor": 35, "version": "1.35"}}):
            wrong += [f"{resource.path}: {error}" for error in validator.iter_errors({**document, **extra})]
    assert prepared.resources
    return wrong


def test_inputs_of_examples_are_as_published() -> None:
    for example in all_examples():
        assert violations(example.settings()) == [], str(example)


@pytest.mark.corpus
def test_inputs_of_the_corpus_are_as_published(corpus: Path) -> None:
    settings = Settings(root=corpus, paths=(str(corpus),), versions=("1.35",), jobs=1, config=Config(), render=False)
    assert violations(settings) == []


def test_schema_refuses_what_is_not_an_input() -> None:
    validator = jsonschema_rs.validator_for(input_schema())
    inventory = inventory_of(pod(GPU))
    document = orjson.loads(to_json(inventory.input_for(inventory.resources[0])))
    assert validator.is_valid(document)
    document["workload"]["templates"][0]["pods"] = "1"
    assert not validator.is_valid(document)
