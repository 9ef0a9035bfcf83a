"""Templates that another resource lends: who is told what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.inventory.support import inventory_of

from karlint.api import lint
from karlint.config import Config, Settings

if TYPE_CHECKING:
    from pathlib import Path

RUNTIME = """
apiVersion: trainer.kubeflow.org/v1alpha1
kind: ClusterTrainingRuntime
metadata: {name: r}
spec:
  template:
    spec:
      replicatedJobs:
      - name: node
        template:
          metadata: {labels: {trainer.kubeflow.org/trainjob-ancestor-step: trainer}}
          spec:
            template:
              metadata: {labels: {l: runtime}}
              spec:
                nodeSelector: {a: runtime}
                tolerations: [{key: runtime}]
                containers: [{name: node, image: i, env: [{name: A}], securityContext: {privileged: true}RESOURCES}]
"""
GPUS = ", resources: {limits: {nvidia.com/gpu: 4}}"
JOB = """
apiVersion: trainer.kubeflow.org/v1alpha1
kind: TrainJob
metadata: {name: j}
spec:
  runtimeRef: {name: r}
  trainer: {numNodes: 2TRAINER}
"""
OWN_GPUS = ", resourcesPerNode: {limits: {nvidia.com/gpu: 8}}"
TEMPLATE = """
apiVersion: extensions.agents.x-k8s.io/v1beta1
kind: SandboxTemplate
metadata: {name: t}
spec:
  podTemplate:
    spec:
      containers:
      - {name: c, image: i, securityContext: {privileged: true}, resources: {limits: {nvidia.com/gpu: 1}}}
"""
POOL = """
apiVersion: extensions.agents.x-k8s.io/v1beta1
kind: SandboxWarmPool
metadata: {name: p}
spec: {replicas: 2, sandboxTemplateRef: {name: t}}
"""


def accused(folder: Path, *documents: str) -> list[str]:
    """Return the kinds of the resources that run privileged beside an accelerator."""
    (folder / "it.yaml").write_text("---".join(documents), "utf-8")
    settings = Settings(root=folder, paths=(str(folder),), versions=("1.35",), jobs=1, config=Config())
    report = lint(settings)
    assert report.failures == ()
    found = [finding for finding in report.findings if finding.rule == "access/privileged-accelerator"]
    return sorted(finding.resource.kind for finding in found if finding.resource is not None)


@pytest.mark.parametrize(
    ("runtime", "trainer", "who"),
    [
        (GPUS, "", ["ClusterTrainingRuntime"]),  # the runtime alone is wrong already
        (GPUS, OWN_GPUS, ["ClusterTrainingRuntime"]),
        ("", OWN_GPUS, ["TrainJob"]),  # only with the job's devices it becomes wrong
        ("", "", []),
    ],
)
def test_a_privileged_runtime(tmp_path: Path, runtime: str, trainer: str, who: list[str]) -> None:
    documents = RUNTIME.replace("RESOURCES", runtime), JOB.replace("TRAINER", trainer)
    assert accused(tmp_path, *documents) == who


def test_a_job_alone_is_judged_with_the_runtime_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "runtimes").mkdir()
    (tmp_path / "runtimes" / "r.yaml").write_text(RUNTIME.replace("RESOURCES", ""), "utf-8")
    (tmp_path / "job.yaml").write_text(JOB.replace("TRAINER", OWN_GPUS), "utf-8")
    paths = (str(tmp_path / "job.yaml"),)
    report = lint(Settings(root=tmp_path, paths=paths, versions=("1.35",), jobs=1, config=Config()))
    assert [finding.rule for finding in report.findings] == ["access/privileged-accelerator"]
    assert report.counts.resources == 1


def test_a_pool_does_not_repeat_what_its_template_says(tmp_path: Path) -> None:
    assert accused(tmp_path, TEMPLATE, POOL) == ["SandboxTemplate"]


PATCHED_JOB = """
apiVersion: trainer.kubeflow.org/v1alpha1
kind: TrainJob
metadata: {name: j}
spec:
  runtimeRef: {name: r}
  trainer: {image: mine, env: [{name: B}]}
  podTemplateOverrides: [{targetJobs: [{name: node}], spec: {nodeSelector: {c: old}}}]
  runtimePatches:
  - trainingRuntimeSpec:
      template:
        spec:
          replicatedJobs:
          - name: node
            template:
              spec:
                template:
                  spec: {nodeSelector: {b: job}, tolerations: [{key: job}], schedulerName: kai-scheduler}
"""


def test_patches_of_a_job_are_merged_into_the_template() -> None:
    inventory = inventory_of("---".join((PATCHED_JOB, RUNTIME.replace("RESOURCES", ""))))
    workload = inventory.workload(inventory.resources[0])
    assert workload is not None
    (template,) = workload.templates
    assert template.spec["nodeSelector"] == {"a": "runtime", "b": "job", "c": "old"}
    assert template.spec["tolerations"] == [{"key": "runtime"}, {"key": "job"}]
    assert template.spec["schedulerName"] == "kai-scheduler"
    assert template.labels == {"l": "runtime"}
    (container,) = template.containers
    assert (container.path, container.body["image"]) == (("spec", "trainer"), "mine")
    assert container.body["env"] == [{"name": "A"}, {"name": "B"}]


def test_a_template_that_borrows_from_itself_ends() -> None:
    looped = POOL.replace("SandboxWarmPool", "SandboxClaim").replace("sandboxTemplateRef", "warmPoolRef")
    inventory = inventory_of(looped.replace("{name: t}", "{name: p}"))
    workload = inventory.workload(inventory.resources[0])
    assert workload is not None
    assert (workload.templates, workload.pods, workload.devices) == ((), None, None)


def test_wrapped_wrappers_end() -> None:
    inner = "{apiVersion: batch/v1, kind: Job, spec: {template: {spec: {containers: [{name: c}]}}}}"
    for _ in range(5):
        components = f"spec: {{components: [{{template: {inner}}}]}}"
        inner = f"{{apiVersion: workload.codeflare.dev/v1beta2, kind: AppWrapper, {components}}}"
    inventory = inventory_of(inner.replace("kind: AppWrapper,", "kind: AppWrapper, metadata: {name: a},", 1))
    workload = inventory.workload(inventory.resources[0])
    assert workload is not None
    assert workload.pods is None
