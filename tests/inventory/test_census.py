"""The census: which workloads count, and what is told of each."""

# ruff: noqa: E501 - a case a line

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest
from jsonschema import Draft202012Validator
from tests.conftest import ROOT
from tests.inventory.support import inventory_of, tables
from tests.inventory.test_references import tree
from tests.inventory.test_wrong_types import mutants

from karlint.inventory.census import take_census
from karlint.inventory.censusschema import census_schema
from karlint.model.census import Unread
from karlint.report.censusjson import render_json
from karlint.report.censusmarkdown import render_markdown
from karlint.report.censustext import render_text

if TYPE_CHECKING:
    from karlint.model.census import Census

GPU = "resources: {limits: {nvidia.com/gpu: %s}}"
POD = "v1 Pod %s {spec: {containers: [{name: c, image: x, %s}]}}"
DEPLOYMENT = "apps/v1 Deployment a/d {spec: {replicas: %s, template: {metadata: {labels: {app: d}}, spec: {containers: [{name: c, image: x, %s}]}}}}"
CLAIMING = "v1 Pod a/p {spec: {resourceClaims: [{name: g, resourceClaimTemplateName: t}], containers: [{name: c, image: x, resources: {claims: [{name: g}]}}]}}"
TEMPLATE = "resource.k8s.io/v1 ResourceClaimTemplate a/t {spec: {spec: {devices: {requests: [{name: g, exactly: {deviceClassName: gpu.nvidia.com, count: 2}}]}}}}"
JOB = "batch/v1 Job a/j {metadata: {labels: {kueue.x-k8s.io/queue-name: q}}, spec: {parallelism: 3, template: {spec: {containers: [{name: c, image: x, %s}]}}}}"


def census_of(*shorts: str, file: str = "it.yaml", **files: str) -> Census:
    named = {**tree(*shorts, file=file), **files}
    inventory = inventory_of(named)
    return take_census(inventory, inventory.resources, tables(), lambda _resource, _at: 7, ())


def only(*shorts: str) -> Any:
    (workload,) = census_of(*shorts).workloads
    return workload


@pytest.mark.parametrize(
    ("short", "counts"),
    [
        (POD % ("a/p", GPU % 1), True),
        (POD % ("a/p", "ports: []"), False),
        (CLAIMING, True),
        (POD % ("a/p", "command: [vllm, serve, m]"), True),
        ("kubeflow.org/v1 PyTorchJob a/j {spec: {pytorchReplicaSpecs: {}}}", True),
        ("serving.kserve.io/v1alpha1 ServingRuntime a/r {spec: {containers: [{name: c, " + GPU % 1 + "}]}}", False),
        ("v1 Service a/s", False),
    ],
)
def test_which_workloads_count(short: str, counts: bool) -> None:
    assert bool(census_of(short).workloads) == counts


@pytest.mark.parametrize(
    ("shorts", "expected"),
    [
        ((DEPLOYMENT % (2, GPU % 8),), [("nvidia.com/gpu", "resource", 8, 2, 16)]),
        ((DEPLOYMENT % (2, GPU % "'${N}'"),), [("nvidia.com/gpu", "resource", None, 2, None)]),
        ((DEPLOYMENT % ("'${N}'", GPU % 8),), [("nvidia.com/gpu", "resource", 8, None, None)]),
        ((CLAIMING, TEMPLATE), [("gpu.nvidia.com", "claim", 2, 1, 2)]),
        ((CLAIMING,), [("ResourceClaimTemplate t", "unresolved-claim", None, 1, None)]),
        # A channel between devices is no device.
        ((CLAIMING, "resource.nvidia.com/v1beta1 ComputeDomain a/d {spec: {channel: {resourceClaimTemplate: {name: t}}}}"), []),
    ],
)  # fmt: skip
def test_accelerators(shorts: tuple[str, ...], expected: list[tuple[Any, ...]]) -> None:
    rows = only(*shorts).accelerators
    assert [(row.type, row.by, row.per_pod, row.pods, row.total) for row in rows] == expected


SERVED = "command: [vllm, serve, org/model, --served-model-name, m]"


@pytest.mark.parametrize(
    ("short", "expected"),
    [
        (POD % ("a/p", SERVED), ("vllm", "vLLM", "org/model", "m")),
        (POD % ("a/p", "command: [vllm, serve, '$(MODEL)']"), ("vllm", "vLLM", None, None)),
        (POD % ("a/p", "command: [python, -m, sglang.launch_server, --model-path=org/m]"), ("sglang", "SGLang", "org/m", None)),
        ("serving.kserve.io/v1beta1 InferenceService a/i {spec: {predictor: {model: {storageUri: 'hf://m'}}}}", ("", "", "hf://m", None)),
    ],
)  # fmt: skip
def test_servers(short: str, expected: tuple[str | None, ...]) -> None:
    (server,) = only(short).servers
    assert (server.engine, server.title, server.model, server.served_as) == expected


CLAIMED = (
    "v1 Pod a/p {spec: {volumes: [{name: v, persistentVolumeClaim: {claimName: m}}], containers: [{name: c, "
    + GPU % 1
    + "}]}}"
)
SCALED = "autoscaling/v2 HorizontalPodAutoscaler a/h {spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: d}, metrics: [{type: %s}]}}"


@pytest.mark.parametrize(
    ("need", "having", "lacking"),
    [
        ("dra", (CLAIMING,), (POD % ("a/p", GPU % 1),)),
        ("kueue", (JOB % (GPU % 1),), (DEPLOYMENT % (1, GPU % 1),)),
        ("rdma", (POD % ("a/p", "resources: {limits: {nvidia.com/gpu: 1, rdma/ib: 1}}"),), (POD % ("a/p", GPU % 1),)),
        ("hugepages", (POD % ("a/p", "resources: {limits: {nvidia.com/gpu: 1, hugepages-2Mi: 1Gi}}"),), (POD % ("a/p", GPU % 1),)),
        ("rwx-storage", (CLAIMED, "v1 PersistentVolumeClaim a/m {spec: {accessModes: [ReadWriteMany]}}"), (CLAIMED, "v1 PersistentVolumeClaim a/m {spec: {accessModes: [ReadWriteOnce]}}")),
        ("custom-metrics", (DEPLOYMENT % (1, GPU % 1), SCALED % "External"), (DEPLOYMENT % (1, GPU % 1), SCALED % "Resource")),
        ("custom-metrics", (DEPLOYMENT % (1, GPU % 1), "keda.sh/v1alpha1 ScaledObject a/h {spec: {scaleTargetRef: {name: d}}}"), (DEPLOYMENT % (1, GPU % 1), "keda.sh/v1alpha1 ScaledObject b/h {spec: {scaleTargetRef: {name: d}}}")),
        ("inference-extension", (DEPLOYMENT % (1, GPU % 1), "inference.networking.k8s.io/v1 InferencePool a/i {spec: {selector: {matchLabels: {app: d}}}}"), (DEPLOYMENT % (1, GPU % 1),)),
        ("gang-scheduling", ("batch.volcano.sh/v1alpha1 Job a/j {spec: {tasks: [{replicas: 1, template: {spec: {containers: [{name: c, " + GPU % 1 + "}]}}}]}}",), (JOB % (GPU % 1),)),
        ("scheduler", ("v1 Pod a/p {spec: {schedulerName: kai-scheduler, containers: [{name: c, " + GPU % 1 + "}]}}",), ("v1 Pod a/p {spec: {schedulerName: default-scheduler, containers: [{name: c, " + GPU % 1 + "}]}}",)),
        ("kuberay", ("ray.io/v1 RayCluster a/r {spec: {}}",), (JOB % (GPU % 1),)),
    ],
)  # fmt: skip
def test_needs(need: str, having: tuple[str, ...], lacking: tuple[str, ...]) -> None:
    assert need in only(*having).needs
    assert need not in only(*lacking).needs


def test_totals_add_up_what_is_known() -> None:
    census = census_of(
        POD % ("a/p", GPU % 4), POD % ("b/p", GPU % 2), POD % ("b/q", GPU % "'${N}'"), JOB % (GPU % 1),
        file="clusters/prod/x.yaml",
    )  # fmt: skip
    shown = {
        total.name: (total.workloads, total.pods, [(one.known, one.unknown) for one in total.devices])
        for total in (*census.namespaces, *census.queues, *census.environments)
    }
    assert shown == {
        "a": (2, 4, [(7, 0)]),
        "b": (2, 2, [(2, 1)]),
        "": (3, 3, [(6, 1)]),
        "a/q": (1, 3, [(3, 0)]),
        "clusters/prod": (4, 6, [(9, 1)]),
    }
    assert (census.total.workloads, census.total.pods, census.total.pods_unknown) == (4, 6, 0)


def test_references_that_are_not_resolved_are_told_with_their_line_where_they_lead_nowhere() -> None:
    census = census_of(JOB % "ports: []", "kueue.x-k8s.io/v1beta2 LocalQueue a/other {spec: {clusterQueue: c}}")
    assert [(one.edge, one.status, one.closed, one.line) for one in census.references] == [
        ("local-queue", "missing", True, 7),
        ("cluster-queue", "outside", False, None),
    ]


def test_where_a_namesake_is_is_told() -> None:
    census = census_of(JOB % "ports: []", *(f"kueue.x-k8s.io/v1beta2 LocalQueue {where}" for where in ("b/q", "a/x")))
    (one,) = (one for one in census.references if one.edge == "local-queue")
    assert (one.status, one.closed, one.elsewhere) == ("elsewhere", True, ("LocalQueue b/q",))


EVIL = "evil\u202e\x1b[31m|`<b>@team::error::x\n## heading"
UNKNOWN = {
    "metadata": {"name": EVIL, "namespace": EVIL},
    "spec": {"containers": [{"resources": {"limits": {"nvidia.com/gpu": "x"}}}]},
}


def evil() -> Census:
    body = orjson.dumps({"apiVersion": "v1", "kind": "Pod", **UNKNOWN}).decode()
    inventory = inventory_of(body)
    return take_census(inventory, inventory.resources, tables(), lambda _r, _a: None, [Unread("f", None, EVIL)])


def test_nothing_in_the_tree_speaks_to_the_terminal() -> None:
    text = render_text(evil(), 80, references=True, ci_guard=True)
    assert not {"\x1b", "\u202e"} & set(text)
    assert "? nvidia.com/gpu" in text
    assert all(not line.startswith("::") for line in text.splitlines())


def test_nothing_in_the_tree_is_markup() -> None:
    text = render_markdown(evil(), references=True)
    assert not {"\x1b", "\u202e"} & set(text)
    assert "<b>" not in text
    assert "@team" not in text
    rows = [line for line in text.splitlines() if "evil" in line]
    assert rows
    assert all(line.startswith("|") for line in rows)


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_lines_keep_to_the_width(columns: int) -> None:
    census = census_of(POD % ("a-rather-long-namespace/" + "name-" * 12, SERVED + ", " + GPU % 1), CLAIMING)
    text = render_text(census, columns, references=True)
    assert max(map(len, text.splitlines())) <= columns
    assert "vLLM" in text


def test_an_empty_tree_says_so() -> None:
    assert render_text(census_of("v1 Service a/s"), 80, references=False) == "No AI workloads among 1 resource.\n"


SCHEMA = orjson.loads((ROOT / "schemas" / "karlint-inventory.schema.json").read_bytes())


def test_json_conforms_to_the_schema_that_is_published() -> None:
    assert census_schema() == SCHEMA
    validator = Draft202012Validator(SCHEMA)
    for census in (evil(), census_of(CLAIMING, TEMPLATE, JOB % SERVED), census_of("v1 Service a/s")):
        assert list(validator.iter_errors(orjson.loads(render_json(census)))) == []


def test_no_value_breaks_the_census() -> None:
    validator = Draft202012Validator(SCHEMA)
    for short in (CLAIMED, JOB % SERVED, SCALED % "External"):
        (value,) = (orjson.loads(one.document.json) for one in inventory_of(tree(short)).resources)
        for mutant in mutants(value, 4):
            if isinstance(mutant.get("metadata"), dict):
                inventory = inventory_of(orjson.dumps(mutant).decode())
                census = take_census(inventory, inventory.resources, tables(), lambda _r, _a: None, ())
                assert list(validator.iter_errors(orjson.loads(render_json(census)))) == []
                render_text(census, 60, references=True)
