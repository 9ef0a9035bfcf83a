"""Every row of the table of workload kinds, worked out by hand on a small manifest."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.conftest import ROOT
from tests.inventory.own_fields import OWN
from tests.inventory.support import tables, workload_of

from karlint.model.path import to_text

SPEC = "{containers: [{name: c, resources: {limits: {nvidia.com/gpu: 2}}}]}"
POD = f"{{metadata: {{labels: {{l: 'yes'}}}}, spec: {SPEC}}}"

Row = tuple[str, str, int | None, int | None]
"""Role, path of the pod spec, pods, max_pods."""

RAY = """
  enableInTreeAutoscaling: %s
  headGroupSpec: {template: POD}
  workerGroupSpecs:
  - {groupName: small, replicas: 3, minReplicas: 1, maxReplicas: 5, template: POD}
  - {groupName: slice, replicas: 2, numOfHosts: 4, template: POD}
  - {groupName: below, replicas: 1, minReplicas: 2, maxReplicas: 6, template: POD}
  - {groupName: none, template: POD}
"""


def ray(prefix: str, *, scaled: bool = False) -> list[Row]:
    group = f"{prefix}.workerGroupSpecs"
    return [
        ("head", f"{prefix}.headGroupSpec.template.spec", 1, 1),
        ("small", f"{group}[0].template.spec", 3, 5 if scaled else 3),
        ("slice", f"{group}[1].template.spec", 8, None if scaled else 8),
        ("below", f"{group}[2].template.spec", 2, 6 if scaled else 2),
        ("none", f"{group}[3].template.spec", 0, None if scaled else 0),
    ]


def nested(text: str, spaces: int) -> str:
    return text.strip("\n").replace("\n", "\n" + " " * spaces)


def kubeflow(kind: str, field: str) -> tuple[str, str, list[Row]]:
    body = f"spec: {{{field}: {{Master: {{template: POD}}, Worker: {{replicas: 3, template: POD}}}}}}"
    at = f"spec.{field}"
    rows: list[Row] = [
        ("Master", f"{at}.Master.template.spec", 1, 1),
        ("Worker", f"{at}.Worker.template.spec", 3, 3),
    ]
    return kind, body, rows


LLM = "{replicas: 3, template: SPEC, worker: SPEC, prefill: {replicas: 2, template: SPEC, worker: SPEC}}"


def llm(decode: int | None, prefill: int | None) -> list[Row]:
    """Without parallelism the size of a group is not known, so that only the workers of no group are counted."""
    return [
        ("decode", "spec.template", decode, decode),
        ("worker", "spec.worker", None, None),
        ("prefill", "spec.prefill.template", prefill, prefill),
        ("prefill-worker", "spec.prefill.worker", 0 if prefill == 0 else None, 0 if prefill == 0 else None),
    ]


LWS = "leaderWorkerTemplate: {size: 4, workerTemplate: POD}"
LWS_LED = "leaderWorkerTemplate: {size: 4, leaderTemplate: POD, workerTemplate: POD}"
TRAINING = "spec: {template: {spec: {replicatedJobs: [{name: node, template: {spec: {template: POD}}}]}}}"
TRAINING_ROW: list[Row] = [("node", "spec.template.spec.replicatedJobs[0].template.spec.template.spec", None, None)]
IN_TEMPLATE = "spec.template.spec"

CASES: list[tuple[str, str, list[Row]]] = [
    ("Pod", f"spec: {SPEC}", [("", "spec", 1, 1)]),
    ("ReplicationController", "spec: {replicas: 2, template: POD}", [("", IN_TEMPLATE, 2, 2)]),
    ("apps/Deployment", "spec: {replicas: 3, template: POD}", [("", IN_TEMPLATE, 3, 3)]),
    ("apps/Deployment", "spec: {template: POD}", [("", IN_TEMPLATE, 1, 1)]),
    ("apps/ReplicaSet", "spec: {replicas: 0, template: POD}", [("", IN_TEMPLATE, 0, 0)]),
    ("apps/StatefulSet", "spec: {replicas: 5, template: POD}", [("", IN_TEMPLATE, 5, 5)]),
    ("apps/DaemonSet", "spec: {template: POD}", [("", IN_TEMPLATE, None, None)]),
    ("batch/Job", "spec: {template: POD}", [("", IN_TEMPLATE, 1, 1)]),
    ("batch/Job", "spec: {parallelism: 4, completions: 2, template: POD}", [("", IN_TEMPLATE, 2, 2)]),
    ("batch/Job", "spec: {parallelism: 4, completions: 9, template: POD}", [("", IN_TEMPLATE, 4, 4)]),
    (
        "batch/CronJob",
        "spec: {jobTemplate: {spec: {parallelism: 3, template: POD}}}",
        [("", "spec.jobTemplate.spec.template.spec", 3, 3)],
    ),
    (
        "keda.sh/ScaledJob",
        "spec: {jobTargetRef: {template: POD}}",
        [("", "spec.jobTargetRef.template.spec", None, None)],
    ),
    ("argoproj.io/Rollout", "spec: {replicas: 4, template: POD}", [("", IN_TEMPLATE, 4, 4)]),
    (
        "jobset.x-k8s.io/JobSet",
        "spec: {replicatedJobs: [{name: driver, template: {spec: {template: POD}}},"
        " {name: w, replicas: 3, template: {spec: {parallelism: 4, completions: 2, template: POD}}}]}",
        [
            ("driver", "spec.replicatedJobs[0].template.spec.template.spec", 1, 1),
            ("w", "spec.replicatedJobs[1].template.spec.template.spec", 6, 6),
        ],
    ),
    (
        "leaderworkerset.x-k8s.io/LeaderWorkerSet",
        f"spec: {{replicas: 2, {LWS}}}",
        [("worker", "spec.leaderWorkerTemplate.workerTemplate.spec", 8, 8)],
    ),
    (
        "leaderworkerset.x-k8s.io/LeaderWorkerSet",
        f"spec: {{replicas: 2, {LWS_LED}}}",
        [
            ("leader", "spec.leaderWorkerTemplate.leaderTemplate.spec", 2, 2),
            ("worker", "spec.leaderWorkerTemplate.workerTemplate.spec", 6, 6),
        ],
    ),
    (
        "leaderworkerset.x-k8s.io/LeaderWorkerSet",
        "spec: {leaderWorkerTemplate: {size: 3, leaderTemplate: {}, workerTemplate: POD}}",
        [
            ("leader", "spec.leaderWorkerTemplate.leaderTemplate.spec", 1, 1),
            ("worker", "spec.leaderWorkerTemplate.workerTemplate.spec", 2, 2),
        ],
    ),
    (
        "disaggregatedset.x-k8s.io/DisaggregatedSet",
        f"spec: {{slices: 2, roles: [{{name: prefill, spec: {{replicas: 3, {LWS_LED}}}}},"
        f" {{name: decode, scaling: {{mode: External}}, spec: {{replicas: 3, {LWS}}}}}]}}",
        [
            ("prefill", "spec.roles[0].spec.leaderWorkerTemplate.leaderTemplate.spec", 6, 6),
            ("prefill", "spec.roles[0].spec.leaderWorkerTemplate.workerTemplate.spec", 18, 18),
            ("decode", "spec.roles[1].spec.leaderWorkerTemplate.workerTemplate.spec", None, None),
        ],
    ),
    ("ray.io/RayCluster", f"spec:{RAY % 'false'}", ray("spec")),
    ("ray.io/RayCluster", f"spec:{RAY % 'true'}", ray("spec", scaled=True)),
    (
        "ray.io/RayJob",
        f"spec:\n  submitterPodTemplate: POD\n  rayClusterSpec:\n    {nested(RAY % 'false', 2).strip()}",
        [*ray("spec.rayClusterSpec"), ("submitter", "spec.submitterPodTemplate.spec", 1, 1)],
    ),
    (
        "ray.io/RayService",
        f"spec:\n  rayClusterConfig:\n    {nested(RAY % 'true', 2).strip()}",
        ray("spec.rayClusterConfig", scaled=True),
    ),
    (
        "ray.io/RayCronJob",
        "spec:\n  jobTemplate:\n    submitterPodTemplate: POD\n    rayClusterSpec:\n      "
        + nested(RAY % "false", 4).strip(),
        [
            *ray("spec.jobTemplate.rayClusterSpec"),
            ("submitter", "spec.jobTemplate.submitterPodTemplate.spec", 1, 1),
        ],
    ),
    kubeflow("kubeflow.org/PyTorchJob", "pytorchReplicaSpecs"),
    kubeflow("kubeflow.org/TFJob", "tfReplicaSpecs"),
    kubeflow("kubeflow.org/XGBoostJob", "xgbReplicaSpecs"),
    kubeflow("kubeflow.org/PaddleJob", "paddleReplicaSpecs"),
    kubeflow("kubeflow.org/JAXJob", "jaxReplicaSpecs"),
    kubeflow("kubeflow.org/MPIJob", "mpiReplicaSpecs"),
    kubeflow("kubeflow.org/MXJob", "mxReplicaSpecs"),
    (
        "batch.volcano.sh/Job",
        "spec: {tasks: [{name: ps, template: POD}, {name: worker, replicas: 4, template: POD}]}",
        [("ps", "spec.tasks[0].template.spec", 0, 0), ("worker", "spec.tasks[1].template.spec", 4, 4)],
    ),
    (
        "batch.volcano.sh/CronJob",
        "spec: {jobTemplate: {spec: {tasks: [{name: t, replicas: 2, template: POD}]}}}",
        [("t", "spec.jobTemplate.spec.tasks[0].template.spec", 2, 2)],
    ),
    (
        "grove.io/PodCliqueSet",
        "spec: {replicas: 2, template: {cliques: [{name: q, labels: {l: 'yes'}, spec: {replicas: 3, podSpec: SPEC}}]}}",
        [("q", "spec.template.cliques[0].spec.podSpec", 6, 6)],
    ),
    (
        "grove.io/PodCliqueSet",
        "spec: {replicas: 2, template: {podCliqueScalingGroups: [{name: g}],"
        " cliques: [{name: q, spec: {replicas: 3, podSpec: SPEC}}]}}",
        [("q", "spec.template.cliques[0].spec.podSpec", None, None)],  # a group without names, so which is in it?
    ),
    (
        "serving.kserve.io/InferenceService",
        "spec: {predictor: {minReplicas: 2, maxReplicas: 5, labels: {l: 'yes'}, workerSpec: SPEC,"
        " model: {resources: {limits: {nvidia.com/gpu: 2}}}}, transformer: SPEC, explainer: SPEC}",
        [
            ("predictor", "spec.predictor", 2, 5),
            ("worker", "spec.predictor.workerSpec", None, None),
            ("transformer", "spec.transformer", 1, None),
            ("explainer", "spec.explainer", 1, None),
        ],
    ),
    (
        "serving.kserve.io/ServingRuntime",
        "spec: {labels: {l: 'yes'}, containers: [{resources: {limits: {nvidia.com/gpu: 2}}}], workerSpec: SPEC}",
        [("", "spec", None, None), ("worker", "spec.workerSpec", None, None)],
    ),
    (
        "serving.kserve.io/ClusterServingRuntime",
        "spec: {containers: [{resources: {limits: {nvidia.com/gpu: 2}}}], workerSpec: SPEC}",
        [("", "spec", None, None), ("worker", "spec.workerSpec", None, None)],
    ),
    ("serving.kserve.io/LLMInferenceService", f"spec: {LLM}", llm(3, 2)),
    (
        "serving.kserve.io/LLMInferenceService",
        "spec: {baseRefs: [{name: b}], template: SPEC, worker: SPEC,"
        " prefill: {replicas: 2, scaling: {minReplicas: 1}, template: SPEC, worker: SPEC}}",
        llm(None, None),
    ),
    (
        "serving.kserve.io/LLMInferenceService",
        "spec: {template: SPEC, worker: SPEC, prefill: {replicas: 0, template: SPEC, worker: SPEC}}",
        llm(1, 0),
    ),
    ("serving.kserve.io/LLMInferenceServiceConfig", f"spec: {LLM}", llm(None, None)),
    ("serving.knative.dev/Service", "spec: {template: POD}", [("", IN_TEMPLATE, None, None)]),
    ("kubeflow.org/Notebook", "spec: {template: POD}", [("", IN_TEMPLATE, 1, 1)]),
    ("trainer.kubeflow.org/TrainingRuntime", TRAINING, TRAINING_ROW),
    ("trainer.kubeflow.org/ClusterTrainingRuntime", TRAINING, TRAINING_ROW),
    (
        "orchestration.aibrix.ai/StormService",
        "spec: {replicas: 2, template: {spec: {roles: [{name: r, replicas: 3, podGroupSize: 2, template: POD}]}}}",
        [("r", "spec.template.spec.roles[0].template.spec", 12, 12)],
    ),
    (
        "orchestration.aibrix.ai/RoleSet",
        "spec: {roles: [{name: r, replicas: 3, template: POD}]}",
        [("r", "spec.roles[0].template.spec", 3, 3)],
    ),
    (
        "workloads.x-k8s.io/RoleBasedGroup",
        "spec: {roles: [{name: a, replicas: 2, template: POD}, {name: b, replicas: 3, standalonePattern:"
        " {template: POD}}, {name: c, leaderWorkerPattern: {template: POD}},"
        " {name: d, replicas: 2, leaderWorkerSet: {size: 2}, template: POD}]}",
        [
            ("a", "spec.roles[0].template.spec", 2, 2),
            ("d", "spec.roles[3].template.spec", None, None),
            ("b", "spec.roles[1].standalonePattern.template.spec", 3, 3),
            ("c", "spec.roles[2].leaderWorkerPattern.template.spec", 1, 1),
        ],
    ),
    ("agents.x-k8s.io/Sandbox", "spec: {podTemplate: POD}", [("", "spec.podTemplate.spec", 1, 1)]),
    ("agents.x-k8s.io/Sandbox", "spec: {replicas: 0, podTemplate: POD}", [("", "spec.podTemplate.spec", 0, 0)]),
    (
        "extensions.agents.x-k8s.io/SandboxTemplate",
        "spec: {podTemplate: POD}",
        [("", "spec.podTemplate.spec", None, None)],
    ),
]


def manifest(kind: str, body: str) -> str:
    group, _, name = kind.rpartition("/")
    filled = body.replace("POD", POD).replace("SPEC", SPEC)
    return f"apiVersion: {group + '/v1' if group else 'v1'}\nkind: {name}\nmetadata: {{name: x}}\n{filled}\n"


def test_rows_are_as_their_schema_says() -> None:
    schema = json.loads((ROOT / "policies" / "tables" / "schemas" / "workloads.schema.json").read_bytes())
    validator = Draft202012Validator(schema)
    files = sorted((ROOT / "policies" / "tables" / "workloads").glob("*.json"))
    assert files
    seen: set[str] = set()
    for file in files:
        table = json.loads(file.read_bytes())
        assert [error.message for error in validator.iter_errors(table)] == []
        assert not seen & table["kinds"].keys(), "one row for each kind"
        seen |= table["kinds"].keys()


def test_every_kind_has_a_case() -> None:
    assert {kind for kind, _, _ in CASES} | {own.kind for own in OWN} == set(tables()["workloads"]["kinds"])


@pytest.mark.parametrize(("kind", "body", "rows"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_row_by_hand(kind: str, body: str, rows: list[Row]) -> None:
    workload = workload_of(manifest(kind, body))
    found = [(t.role, to_text(t.spec_path), t.pods, t.max_pods) for t in workload.templates]
    assert found == rows
    known = [pods for _, _, pods, _ in rows if pods is not None]
    assert workload.pods == (sum(known) if len(known) == len(rows) else None)
    for template in workload.templates:
        if template.containers:
            assert template.devices == 2
            assert template.accelerators == {"nvidia.com/gpu": 2}
            assert template.containers[0].path[: len(template.spec_path)] == template.spec_path
    assert any(template.containers for template in workload.templates)
    if all(template.containers for template in workload.templates):
        assert workload.devices == (None if workload.pods is None else 2 * workload.pods)


@pytest.mark.parametrize(
    "kind", ["apps/Deployment", "grove.io/PodCliqueSet", "serving.kserve.io/InferenceService", "ray.io/RayCluster"]
)
def test_labels_come_from_where_the_kind_keeps_them(kind: str) -> None:
    body = next(body for name, body, _ in CASES if name == kind)
    first = workload_of(manifest(kind, body)).templates[0]
    assert first.labels == {"l": "yes"}


def test_operator_probes_are_a_matter_of_the_kind() -> None:
    assert workload_of(manifest("ray.io/RayCluster", "spec: {headGroupSpec: {template: POD}}")).operator_probes
    assert not workload_of(manifest("apps/Deployment", "spec: {template: POD}")).operator_probes


def test_new_kind_is_one_row() -> None:
    text = manifest("example.com/Fleet", "spec: {ships: {fast: {count: 3, crew: POD}, slow: {crew: POD}}}")
    table: dict[str, Any] = json.loads(json.dumps(tables()["workloads"]))
    table["kinds"]["example.com/Fleet"] = {
        "templates": [{"role": "key", "path": "spec.ships.*.crew", "pods": "spec.ships.*.count=2"}]
    }
    workload = workload_of(text, workloads=table)
    assert [(t.role, to_text(t.path), t.pods) for t in workload.templates] == [
        ("fast", "spec.ships.fast.crew", 3),
        ("slow", "spec.ships.slow.crew", 2),
    ]
    assert workload.devices == 10


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("apps/Deployment", "spec: {replicas: '${REPLICAS}', template: POD}"),
        ("apps/Deployment", "spec: {replicas: -1, template: POD}"),
        ("apps/Deployment", "spec: {replicas: 1.5, template: POD}"),
        ("apps/Deployment", "spec: {replicas: true, template: POD}"),
        ("apps/Deployment", f"spec: {{replicas: '{'9' * 5000}', template: POD}}"),
        ("apps/Deployment", "spec: {replicas: 9223372036854775807, template: POD}"),
        ("apps/Deployment", "spec: {template: '{{ .Values.template }}'}"),
        ("apps/Deployment", "spec: {}"),
        ("batch.volcano.sh/Job", "spec: {tasks: [{name: a, template: POD}, {name: b, template: '{{ x }}'}]}"),
        ("kubeflow.org/PyTorchJob", "spec: {pytorchReplicaSpecs: {Master: {template: POD}, Worker: {replicas: 3}}}"),
        ("workloads.x-k8s.io/RoleBasedGroup", "spec: {roles: [{name: a, template: POD}, {templateRef: {name: x}}]}"),
    ],
)
def test_number_of_pods_that_cannot_be_read_is_unknown(kind: str, body: str) -> None:
    workload = workload_of(manifest(kind, body))
    assert workload.pods is None
    assert workload.devices is None


def test_count_of_nothing_is_nothing_however_many_pods() -> None:
    text = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: x}\nspec: {template: {spec: {containers: [{}]}}}"
    workload = workload_of(text)
    assert (workload.pods, workload.devices) == (None, 0)
