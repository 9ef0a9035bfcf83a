"""Every kind that makes pods: what becomes of it, to the byte, or why nothing does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from karlint.api import lint
from karlint.prepared import load_rule_book
from karlint.reading import parse_yaml
from tests.inventory.own_fields import OWN
from tests.migrate.support import ALL_TARGETS, after, migrate, settings, write

if TYPE_CHECKING:
    from karlint.model.migration import Migration
    from karlint.model.report import Report

KINDS = Path(__file__).parent / "kinds"
NAMES = sorted(file.name for file in KINDS.glob("*.yaml") if ".migrated." not in file.name)
UPDATE = os.environ.get("KARLINT_UPDATE_SNAPSHOTS") == "1"
TEMPLATE = "spec: {template: {spec: {containers: [{name: c, image: i, resources: {limits: {nvidia.com/gpu: 1}}}]}}}\n"

REFUSED: dict[str, set[str]] = {
    # The kind's own schema has no place for claims, or none is known.
    "kubeflow.org/Notebook": {"schema"},
    "serving.knative.dev/Service": {"schema"},
    "serving.knative.dev/Configuration": {"schema"},
    "apps.nvidia.com/NIMService": {"schema", "claims"},
    "apps.nvidia.com/NIMPipeline": {"schema", "claims"},
    "apps.nvidia.com/NIMCache": {"schema"},
    "apps.nvidia.com/NIMBuild": {"schema"},
    "argoproj.io/Rollout": {"schema-unknown"},
    "argoproj.io/Workflow": {"schema-unknown", "unknown-quantity"},
    "argoproj.io/WorkflowTemplate": {"schema-unknown"},
    "argoproj.io/CronWorkflow": {"schema-unknown"},
    "kubeflow.org/MXJob": {"schema-unknown"},
    "workload.codeflare.dev/AppWrapper": {"schema-unknown"},
    # Devices by fields of its own.
    "trainer.kubeflow.org/TrainJob": {"own-field"},
    "sparkoperator.k8s.io/SparkApplication": {"own-field"},
    "sparkoperator.k8s.io/ScheduledSparkApplication": {"own-field"},
    "production-stack.vllm.ai/VLLMRuntime": {"own-field"},
    "production-stack.vllm.ai/VLLMRouter": {"own-field"},
    "production-stack.vllm.ai/CacheServer": {"own-field"},
    "kubeai.org/Model": {"own-field"},
    "kaito.sh/Workspace": {"own-field", "autoscaler"},
    "kaito.sh/InferenceSet": {"own-field", "autoscaler"},
    "kaito.sh/MultiRoleInference": {"own-field", "autoscaler"},
    "kaito.sh/RAGEngine": {"own-field", "autoscaler"},
    # Pods of any namespace, of nodes, of another scheduler, of what reads limits.
    "argoproj.io/ClusterWorkflowTemplate": {"cluster-scoped"},
    "trainer.kubeflow.org/ClusterTrainingRuntime": {"cluster-scoped"},
    "serving.kserve.io/ClusterServingRuntime": {"cluster-scoped"},
    "serving.kserve.io/LLMInferenceServiceConfig": {"cluster-scoped"},
    "serving.kserve.io/ServingRuntime": {"operator"},
    "apps/DaemonSet": {"daemonset"},
    "batch.volcano.sh/Job": {"scheduler"},
    "batch.volcano.sh/CronJob": {"scheduler"},
    "flow.volcano.sh/JobTemplate": {"scheduler"},
    "training.volcano.sh/HyperJob": {"scheduler"},
    # Their operators make the pods of a few fields.
    "kagent.dev/Agent": {"schema"},
    "kagent.dev/SandboxAgent": {"schema"},
    "kagent.dev/MCPServer": {"schema"},
    "orchestration.aibrix.ai/KVCache": {"schema"},
    # Pod templates of another resource, which is migrated in their place.
    "extensions.agents.x-k8s.io/SandboxWarmPool": set(),
    "extensions.agents.x-k8s.io/SandboxClaim": set(),
}


def place(name: str) -> str:
    """Return where a kind's manifest lies in the tree of all."""
    return f"clusters/{name.removesuffix('.yaml')}/a.yaml"


@pytest.fixture(scope="module")
def migration(tmp_path_factory: pytest.TempPathFactory) -> Migration:
    texts = {place(name): (KINDS / name).read_text("utf-8") for name in NAMES}
    return migrate(tmp_path_factory.mktemp("kinds"), texts, versions=ALL_TARGETS)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[Report]:
    """What a run finds before and after."""
    found = []
    for suffix in (".yaml", ".migrated.yaml"):
        root = tmp_path_factory.mktemp("reports")
        write(root, {place(n): (KINDS / n.replace(".yaml", suffix)).read_text("utf-8") for n in NAMES})
        found.append(lint(settings(root, versions=ALL_TARGETS)))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_kind_with_a_pod_template_is_migrated(migration: Migration, name: str) -> None:
    (workload,) = (item for item in migration.workloads if item.file == place(name))
    assert workload.refusals == ()
    result = after(migration, place(name))
    expected = KINDS / name.replace(".yaml", ".migrated.yaml")
    if UPDATE:
        expected.write_text(result, "utf-8")
    assert result == expected.read_text("utf-8")


def test_their_manifests_are_right_before_and_after(reports: list[Report]) -> None:
    for report in reports:
        found = [finding for finding in report.findings if finding.rule.startswith(("core/", "dra/"))]
        assert found == []
        assert report.counts.without_schema == {}
        assert report.counts.accelerator_workloads == len(NAMES)


def test_each_kind_is_either_migrated_or_refused() -> None:
    kinds = set(load_rule_book().tables["workloads"]["kinds"])
    migrated = set()
    for name in NAMES:
        value = parse_yaml((KINDS / name).read_bytes())
        group = value["apiVersion"].rpartition("/")[0]
        migrated.add(f"{group}/{value['kind']}".lstrip("/"))
    assert migrated.isdisjoint(REFUSED)
    assert kinds == migrated | set(REFUSED)


def test_kinds_with_fields_of_their_own_are_refused_by_what_they_are(tmp_path: Path) -> None:
    texts = {f"clusters/{number}/a.yaml": own.text for number, own in enumerate(OWN)}
    found = {workload.file: workload for workload in migrate(tmp_path, texts).workloads}
    seen = set()
    for number, own in enumerate(OWN):
        workload = found.get(f"clusters/{number}/a.yaml")
        if workload is not None and own.kind in REFUSED and workload.kind == own.kind.rpartition("/")[2]:
            codes = {refusal.code for refusal in workload.refusals}
            assert codes & REFUSED[own.kind], (own.kind, codes)
            assert workload.templates == ()
            seen.add(own.kind)
    assert len(seen) > 12


@pytest.mark.parametrize(
    ("kind", "version", "body"),
    [
        ("argoproj.io/Rollout", "v1alpha1", TEMPLATE),
        ("kubeflow.org/Notebook", "v1", TEMPLATE),
        ("serving.knative.dev/Configuration", "v1", TEMPLATE),
        ("kubeflow.org/MXJob", "v1", f"spec: {{mxReplicaSpecs: {{Worker: {TEMPLATE[6:].strip()}}}}}\n"),
        (
            "serving.kserve.io/ServingRuntime",
            "v1alpha1",
            "spec: {containers: [{name: kserve-container, image: i, resources: {limits: {nvidia.com/gpu: 1}}}]}\n",
        ),
        (
            "kagent.dev/Agent",
            "v1alpha2",
            "spec: {type: BYO, byo: {deployment: {image: i, resources: {limits: {nvidia.com/gpu: 1}}}}}\n",
        ),
        (
            "kagent.dev/MCPServer",
            "v1alpha1",
            "spec: {transportType: stdio, deployment: {image: i, resources: {limits: {nvidia.com/gpu: 1}}}}\n",
        ),
        (
            "orchestration.aibrix.ai/KVCache",
            "v1alpha1",
            "spec: {cache: {replicas: 1, image: i, resources: {limits: {nvidia.com/gpu: 1}}}}\n",
        ),
    ],
)
def test_other_kinds_are_refused_by_what_they_are(tmp_path: Path, kind: str, version: str, body: str) -> None:
    group, _, name = kind.rpartition("/")
    text = f"apiVersion: {group}/{version}\nkind: {name}\nmetadata: {{name: x, namespace: ml}}\n{body}"
    (workload,) = migrate(tmp_path, {"a.yaml": text}).workloads
    assert {refusal.code for refusal in workload.refusals} & REFUSED[kind]
