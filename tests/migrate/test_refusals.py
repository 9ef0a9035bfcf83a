"""What is left alone, and why; and what the user may allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from karlint.config import Config
from karlint.config.types import Accelerator
from karlint.errors import UsageError
from tests.migrate.support import POD, migrate, only, pod

if TYPE_CHECKING:
    from pathlib import Path

    from karlint.model.migration import Migration


def codes(root: Path, text: str, *allow: str, **others: str) -> list[str]:
    migration = migrate(root, {"a.yaml": text, **{f"{name}.yaml": body for name, body in others.items()}}, *allow)
    workload = next(item for item in migration.workloads if item.file == "a.yaml")
    return [refusal.code for refusal in workload.refusals]


def products(*terms: str) -> str:
    """Return the lines of a pod spec that demand one of the products of any of *terms*."""
    demand = "        - matchExpressions: [{{key: nvidia.com/gpu.product, operator: In, values: {}}}]\n"
    listed = "".join(map(demand.format, terms))
    return (
        "  affinity:\n    nodeAffinity:\n      requiredDuringSchedulingIgnoredDuringExecution:\n"
        f"        nodeSelectorTerms:\n{listed}"
    )


DAEMON_SET = """\
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: ml}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      containers:
        - {name: agent, image: "registry.example/agent:1", resources: {limits: {nvidia.com/gpu: 1}}}
"""
PLUGIN = DAEMON_SET.replace("registry.example/agent:1", "nvcr.io/nvidia/k8s-device-plugin:v0.17.0").replace(
    ", resources: {limits: {nvidia.com/gpu: 1}}", ""
)
VOLCANO = """\
apiVersion: batch.volcano.sh/v1alpha1
kind: Job
metadata: {name: train, namespace: ml}
spec:
  minAvailable: 1
  tasks:
    - name: worker
      replicas: 1
      template:
        spec:
          restartPolicy: Never
          containers:
            - {name: main, image: "registry.example/train:1", resources: {limits: {nvidia.com/gpu: 1}}}
"""
PYTORCH = """\
apiVersion: kubeflow.org/v1
kind: PyTorchJob
metadata: {name: train, namespace: ml}
spec:
  runPolicy: {schedulingPolicy: {minAvailable: 2}}
  pytorchReplicaSpecs:
    Worker:
      replicas: 2
      template:
        spec:
          containers:
            - {name: pytorch, image: "registry.example/train:1", resources: {limits: {nvidia.com/gpu: 1}}}
"""
CLUSTER_RUNTIME = """\
apiVersion: serving.kserve.io/v1alpha1
kind: ClusterServingRuntime
metadata: {name: vllm}
spec:
  containers:
    - {name: kserve-container, image: "registry.example/vllm:1", resources: {limits: {nvidia.com/gpu: 1}}}
"""
NIM = """\
apiVersion: apps.nvidia.com/v1alpha1
kind: NIMService
metadata: {name: llm, namespace: ml}
spec:
  image: {repository: registry.example/nim, tag: "1"}
  authSecret: ngc
  resources: {limits: {nvidia.com/gpu: 1}}
"""
WORKFLOW = """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {generateName: train-, namespace: ml}
spec:
  entrypoint: main
  templates:
    - name: main
      container: {image: "registry.example/train:1", resources: {limits: {nvidia.com/gpu: 1}}}
"""
TRAIN_JOB = """\
apiVersion: trainer.kubeflow.org/v1alpha1
kind: TrainJob
metadata: {name: train, namespace: ml}
spec:
  runtimeRef: {name: torch-distributed}
  trainer:
    numNodes: 1
    resourcesPerNode: {limits: {nvidia.com/gpu: 1}}
"""
KNATIVE = """\
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: llm, namespace: ml}
spec:
  template:
    spec:
      containers:
        - {image: "registry.example/vllm:1", resources: {limits: {nvidia.com/gpu: "1"}}}
"""


CASES = [
    (DAEMON_SET, "daemonset"),
    (pod(more="  nodeName: gpu-1\n"), "node-name"),
    (pod("nvidia.com/gpu: ${GPUS}"), "unknown-quantity"),
    (POD.replace("limits:", "requests:"), "no-limit"),
    (POD + "        requests: {nvidia.com/gpu: 2}\n", "unequal"),
    (POD.replace("containers:", "initContainers:") + "  containers: [{name: b, image: b}]\n", "init-only"),
    (POD.replace("containers:", "ephemeralContainers:") + "  containers: [{name: b, image: b}]\n", "ephemeral"),
    (pod("huawei.com/Ascend910: 1"), "no-driver"),
    (pod("aws.amazon.com/neuroncore: 1"), "no-driver"),
    (pod("amd.com/cpx_nps4: 1"), "no-driver"),
    (pod("nvidia.com/gpu: 33"), "too-many"),
    (pod("nvidia.com/gpu.shared: 1"), "shared"),
    (pod("nvidia.com/gpu: 1\n          nvidia.com/gpumem: 4000"), "shared"),
    (pod(more="  nodeSelector: {nvidia.com/gpu.product: NVIDIA-A10-SHARED}\n"), "shared"),
    (pod(more="  nodeSelector: {cloud.google.com/gke-gpu-sharing-strategy: mps}\n"), "shared"),
    (POD.replace("namespace: ml", 'namespace: ml, annotations: {gpu-fraction: "0.5"}'), "shared"),
    (pod(more="  schedulerName: kai-scheduler\n"), "scheduler"),
    (VOLCANO, "scheduler"),
    (PYTORCH, "scheduler"),
    (pod(more="  nodeSelector: {karpenter.sh/nodepool: gpu}\n"), "autoscaler"),
    (pod(more="  nodeSelector: {eks.amazonaws.com/compute-type: auto}\n"), "autoscaler"),
    (pod(more="  resourceClaims: [{name: gpu, resourceClaimTemplateName: unknown}]\n"), "claims"),
    (POD.replace("namespace: ml", "namespace: ml, labels: {kueue.x-k8s.io/queue-name: team}"), "kueue"),
    (
        POD.replace("namespace: ml", "namespace: ml, annotations: {kueue.x-k8s.io/podset-required-topology: rack}"),
        "topology",
    ),
    (CLUSTER_RUNTIME, "cluster-scoped"),
    (TRAIN_JOB, "own-field"),
    (NIM, "schema"),
    (KNATIVE, "schema"),
    (WORKFLOW, "schema-unknown"),
]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("  nodeSelector: {nvidia.com/mig.strategy: single}\n", ["sliced"]),
        ("  nodeSelector: {nvidia.com/mig.strategy: mixed}\n", []),
        ("  nodeSelector: {nvidia.com/mig.config: all-1g.5gb}\n", ["sliced"]),
        ("  nodeSelector: {nvidia.com/mig.config: all-disabled}\n", []),
        ("  nodeSelector: {nvidia.com/mig.strategy: single, nvidia.com/gpu.product: A-MIG-1g.5gb}\n", []),
        (products("[A-MIG-1g.5gb, B-MIG-1g.5gb]"), []),
        (products("[A-MIG-1g.5gb, A-MIG-2g.10gb]"), ["sliced"]),
        (products("[A-MIG-1g.5gb]", "[B]"), ["sliced"]),
        (products("[A]", "[B]"), []),
    ],
)
def test_a_slice_under_the_name_of_a_whole_device_needs_a_profile(
    tmp_path: Path, more: str, expected: list[str]
) -> None:
    assert codes(tmp_path, pod(more=more)) == expected
    assert codes(tmp_path, pod("nvidia.com/mig-1g.5gb: 1", more=more)) == []


def test_products_of_one_profile_are_slices_of_any_of_them(tmp_path: Path) -> None:
    (template,) = migrate(tmp_path, {"a.yaml": pod(more=products("[A-MIG-1g.5gb, B-MIG-1g.5gb]"))}).templates
    (request,) = template.requests
    assert request.device_class == "mig.nvidia.com"
    assert [text.rpartition("profile ")[2].rpartition("'-') ")[2] for text in request.selectors] == [
        "== '1g.5gb'",
        "in ['A', 'B']",
    ]


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Migration:
    texts = {f"clusters/{number}/a.yaml": text for number, (text, _) in enumerate(CASES)}
    return migrate(tmp_path_factory.mktemp("refused"), texts)


@pytest.mark.parametrize(
    "number", range(len(CASES)), ids=[f"{number}-{code}" for number, (_, code) in enumerate(CASES)]
)
def test_what_is_refused(refused: Migration, number: int) -> None:
    (workload,) = (item for item in refused.workloads if item.file == f"clusters/{number}/a.yaml")
    assert [refusal.code for refusal in workload.refusals] == [CASES[number][1]]
    assert all(refusal.reason.endswith(".") for refusal in workload.refusals)
    assert refused.files == ()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (pod("nvidia.com/gpu.shared: 1"), "shared"),
        (pod(more="  schedulerName: kai-scheduler\n"), "scheduler"),
        (VOLCANO, "scheduler"),
        (pod(more="  nodeSelector: {karpenter.sh/nodepool: gpu}\n"), "autoscaler"),
        (POD.replace("namespace: ml", "namespace: ml, labels: {kueue.x-k8s.io/queue-name: team}"), "kueue"),
    ],
)
def test_what_only_the_user_can_know_may_be_allowed(tmp_path: Path, text: str, word: str) -> None:
    assert codes(tmp_path, text, word) == []


def test_shares_of_a_size_are_not_allowed(tmp_path: Path) -> None:
    assert codes(tmp_path, pod("nvidia.com/gpu: 1\n          nvidia.com/gpumem: 4000"), "shared") == ["shared"]


def test_a_share_becomes_a_device_where_that_is_allowed(tmp_path: Path) -> None:
    migration = migrate(tmp_path, {"a.yaml": pod("nvidia.com/gpu.shared: 1")}, "shared")
    (template,) = migration.templates
    assert [(request.device_class, request.count) for request in template.requests] == [("gpu.nvidia.com", 1)]
    assert "Each share of nvidia.com/gpu.shared becomes a device of its own." in only(migration).notes


def test_nothing_else_may_be_allowed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="daemonset"):
        migrate(tmp_path, {"a.yaml": POD}, "daemonset")


def test_a_device_plugin_of_the_vendor_has_the_devices_for_itself(tmp_path: Path) -> None:
    assert codes(tmp_path, POD, plugin=PLUGIN) == ["device-plugin"]
    assert codes(tmp_path, pod("amd.com/gpu: 1"), plugin=PLUGIN) == []
    assert codes(tmp_path, POD, "device-plugin", plugin=PLUGIN) == []


POLICY = "apiVersion: nvidia.com/v1\nkind: ClusterPolicy\nmetadata: {name: gpus}\nspec: {devicePlugin: {config: {}}}\n"
OPERATOR = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: gpus, namespace: argocd}
spec:
  project: default
  destination: {namespace: gpu-operator, name: in-cluster}
  source:
    repoURL: https://charts.example.com
    chart: gpu-operator
    targetRevision: 1.0.0
    helm:
      values: |
        devicePlugin:
          config: {}
"""


@pytest.mark.parametrize("operator", [POLICY, OPERATOR], ids=["policy", "chart"])
def test_nvidias_operator_installs_the_device_plugin_unless_told_not_to(tmp_path: Path, operator: str) -> None:
    assert codes(tmp_path, POD, operator=operator) == ["device-plugin"]
    assert codes(tmp_path, pod("amd.com/gpu: 1"), operator=operator) == []
    assert codes(tmp_path, POD, operator=operator.replace("config: {}", "enabled: false")) == []


def test_a_configuration_that_shares_devices_makes_them_shares(tmp_path: Path) -> None:
    config = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: plugin, namespace: gpu}
data:
  any: |
    version: v1
    sharing: {timeSlicing: {resources: [{name: nvidia.com/gpu, replicas: 4}]}}
"""
    assert codes(tmp_path, POD, config=config) == ["shared"]
    assert codes(tmp_path, POD, config=config.replace("nvidia.com/gpu", "example.com/gpu")) == []


def test_kueue_that_counts_the_class_admits_claims(tmp_path: Path) -> None:
    queued = POD.replace("namespace: ml", "namespace: ml, labels: {kueue.x-k8s.io/queue-name: team}")
    config = """\
apiVersion: config.kueue.x-k8s.io/v1beta1
kind: Configuration
resources:
  deviceClassMappings: [{name: nvidia.com/gpu, deviceClassNames: [gpu.nvidia.com]}]
"""
    assert codes(tmp_path, queued, kueue=config) == []
    assert codes(tmp_path, queued, kueue=config.replace("gpu.nvidia", "other")) == ["kueue"]


def test_a_limit_range_would_give_the_resource_back(tmp_path: Path) -> None:
    limits = """\
apiVersion: v1
kind: LimitRange
metadata: {name: gpus, namespace: ml}
spec: {limits: [{type: Container, max: {nvidia.com/gpu: 2}}]}
"""
    assert codes(tmp_path, POD, limits=limits) == ["limit-range"]
    assert codes(tmp_path, POD, limits=limits.replace("namespace: ml", "namespace: other")) == []


def test_a_driver_for_compute_domains_alone_hands_out_no_devices(tmp_path: Path) -> None:
    release = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: dra, namespace: gpu}
spec:
  interval: 1h
  chart: {spec: {chart: nvidia-dra-driver-gpu, sourceRef: {kind: HelmRepository, name: nvidia}}}
"""
    assert codes(tmp_path, POD, driver=release) == ["driver"]
    assert codes(tmp_path, POD, driver=release + "  values: {gpuResourcesEnabledOverride: true}\n") == []


def test_a_node_pool_of_karpenter_makes_nodes_on_demand(tmp_path: Path) -> None:
    pool = "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: gpu}\n"
    assert codes(tmp_path, POD, pool=pool) == ["autoscaler"]


def test_a_part_of_the_accelerator_stack_is_left_alone(tmp_path: Path) -> None:
    exporter = POD.replace("registry.example/train:1.0.0", "nvcr.io/nvidia/k8s/dcgm-exporter:4.2.3")
    assert codes(tmp_path, exporter) == ["infrastructure"]
    assert codes(tmp_path, POD.replace("name: one", "name: nvidia-device-plugin-test")) == ["infrastructure"]


def test_who_stays_with_the_device_plugin_holds_back_the_others_before_1_36(tmp_path: Path) -> None:
    texts = {"a.yaml": POD, "b.yaml": pod(name="two", more="  schedulerName: kai-scheduler\n")}
    migration = migrate(tmp_path, texts, versions=("1.35",))
    assert [[r.code for r in item.refusals] for item in migration.workloads] == [["device-plugin"], ["scheduler"]]
    assert "Pod ml/two (b.yaml)" in migration.workloads[0].refusals[0].reason
    migration = migrate(tmp_path, texts, "device-plugin", versions=("1.35",))
    assert [item.is_migrated for item in migration.workloads] == [True, False]


TOPOLOGY = (
    "  nodeSelector: {cloud.google.com/gke-tpu-accelerator: tpu-v6e-slice, cloud.google.com/gke-tpu-topology: %s}\n"
)


def test_tpus_of_a_node_go_to_one_container(tmp_path: Path) -> None:
    second = "    - {name: b, image: b, resources: {limits: {google.com/tpu: 4}}}\n"
    assert codes(tmp_path, pod("google.com/tpu: 4", second + TOPOLOGY % "2x4")) == ["whole-node"]
    assert codes(tmp_path, pod("google.com/tpu: 4")) == ["whole-node"]


def test_slices_over_several_nodes_need_the_limit(tmp_path: Path) -> None:
    assert codes(tmp_path, pod("google.com/tpu: 4", TOPOLOGY % "4x4")) == ["operator"]
    assert codes(tmp_path, pod("google.com/tpu: 4", TOPOLOGY % "2x2")) == []


def test_kueue_counts_no_claims_for_all_of_a_node(tmp_path: Path) -> None:
    text = pod("google.com/tpu: 4", TOPOLOGY % "2x2")
    queued = text.replace("namespace: ml", "namespace: ml, labels: {kueue.x-k8s.io/queue-name: team}")
    assert codes(tmp_path, queued, "kueue") == ["kueue"]


def test_a_target_without_claims_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"1\.33"):
        migrate(tmp_path, {"a.yaml": POD}, versions=("1.33", "1.35"))


def test_a_resource_of_the_users_own_has_the_class_that_the_configuration_names(tmp_path: Path) -> None:
    npu = Accelerator(
        name="example.com/npu",
        vendor="example",
        product_label="example.com/model",
        device_class="npu.example.com",
        product_attribute="device.attributes['npu.example.com'].model",
    )
    text = pod("example.com/npu: 2", "  nodeSelector: {example.com/model: m1}\n")
    migration = migrate(tmp_path, {"a.yaml": text}, config=Config(accelerators=(npu,)))
    (template,) = migration.templates
    (request,) = template.requests
    assert (request.device_class, request.count) == ("npu.example.com", 2)
    assert request.selectors == ("device.attributes['npu.example.com'].model == 'm1'",)
    assert template.name == "m1-x2"
    bare = Accelerator("example.com/npu", "example")
    migration = migrate(tmp_path, {"a.yaml": text}, config=Config(accelerators=(bare,)))
    assert [refusal.code for refusal in only(migration).refusals] == ["no-driver"]


def test_what_hides_a_finding_does_not_get_lost(tmp_path: Path) -> None:
    hidden = "nvidia.com/gpu: 4 # karlint: ignore[device/fewer-than-processes] tried"
    text = pod(hidden).replace(
        "      resources:", "      command: [torchrun, --nproc-per-node=8, a.py]\n      resources:"
    )
    (refusal,) = only(migrate(tmp_path, {"a.yaml": text})).refusals
    assert "device/fewer-than-processes would be found" in refusal.reason
