"""A part of a repository is judged as it would be within the whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.support import SOURCES, Repository

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: foos.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Foo, plural: foos}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: {spec: {type: object, properties: {size: {type: integer}}}}
"""
FOO = "apiVersion: example.com/v1\nkind: Foo\nmetadata: {name: x}\nspec: {size: large}\n"
FIRST = """\
apiVersion: kueue.x-k8s.io/v1beta1
kind: LocalQueue
metadata: {name: first, namespace: ml}
spec: {clusterQueue: c}
"""
LIST = """\
apiVersion: kueue.x-k8s.io/v1beta1
kind: LocalQueueList
items:
  - metadata: {name: second, namespace: ml}
    spec: {clusterQueue: c}
"""
AS_JSON = """\
{"apiVersion": "kueue.x-k8s.io/v1beta1", "kind": "LocalQueue",
 "metadata": {"name": "second", "namespace": "ml"}, "spec": {"clusterQueue": "c"}}
"""
SECOND = {
    "list": LIST,
    "anchor": FIRST.replace("kind: Local", "kind: &k Local").replace("first", "second"),
    "json": AS_JSON,
}
QUOTA = """\
apiVersion: v1
kind: ResourceQuota
metadata: {name: q, namespace: ml}
spec:
  hard:
    limits.acme.com/npu: 1
    requests.nvidia.com/gpu: 1
"""
ODD_DEVICES = """\
apiVersion: resource.k8s.io/v1
kind: ResourceClaimTemplate
metadata: {name: t, namespace: ml}
spec: {spec: {devices: {requests: [{name: g, exactly: {deviceClassName: c}}]}}}
---
apiVersion: resource.k8s.io/v1
kind: ResourceClaim
metadata: {name: k, namespace: ml}
spec: {devices: {requests: [{name: other, exactly: {deviceClassName: c}}]}}
---
apiVersion: resource.k8s.io/v1
kind: DeviceClass
metadata: {name: c}
spec: {selectors: true}
---
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: ml}
spec:
  resourceClaims:
    - {name: x, resourceClaimName: k, resourceClaimTemplateName: t}
  containers:
    - {name: a, image: b, resources: {claims: [{name: x, request: g}]}}
"""
ACCELERATORS = """\
accelerators:
  - {name: nvidia.com/gpu, vendor: acme}
  - {name: acme.com/npu, vendor: acme}
"""
POD = "apiVersion: v1\nkind: Pod\nmetadata: {{name: p{0}}}\nspec: {{containers: [{{name: a, image: b}}]}}"
JOB = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: j
  namespace: ml
  labels: {kueue.x-k8s.io/queue-name: second}
spec:
  suspend: true
  template:
    spec:
      restartPolicy: Never
      containers: [{name: a, image: "b:1"}]
"""


def test_a_definition_beside_it_judges_a_custom_resource(repository: Repository) -> None:
    repository.write("crd.yaml", CRD)
    repository.write("foo.yaml", FOO)
    whole, part = repository.run("check"), repository.run("check", "foo.yaml")
    assert whole.found() == part.found() == ["core/schema-invalid"]
    assert (whole.code, part.code) == (1, 1)


@pytest.mark.parametrize("second", list(SECOND))
def test_what_a_part_refers_to_is_found_however_it_is_written(repository: Repository, second: str) -> None:
    repository.write("first.yaml", FIRST)
    repository.write("second.yaml", SECOND[second])
    repository.write("job.yaml", JOB)
    part = repository.run("check", "job.yaml")
    assert part.found() == [], part.out


def test_a_queue_that_is_nowhere_is_still_missed(repository: Repository) -> None:
    repository.write("first.yaml", FIRST)
    repository.write("job.yaml", JOB)
    assert repository.run("check", "job.yaml").found() == ["queue/local-queue-not-found"]


def test_accelerators_of_the_configuration_replace_known_ones(repository: Repository) -> None:
    repository.write(".karlint.yaml", ACCELERATORS)
    repository.write("quota.yaml", QUOTA)
    ran = repository.run("check")
    assert (ran.code, ran.found()) == (1, ["quota/counts-nothing"])


def test_odd_devices_neither_crash_nor_fail_a_rule(repository: Repository) -> None:
    repository.write("all.yaml", ODD_DEVICES)
    ran = repository.run("check")
    assert ran.code == 1
    assert set(ran.found()) == {"core/schema-invalid", "dra/claim-not-wired"}
    assert "incomplete" not in ran.out


def carrying(marker: bytes) -> list[str]:
    """Return the processes whose environment holds *marker*."""
    found = []
    for process in Path("/proc").iterdir():
        with suppress(OSError):
            if process.name.isdigit() and marker in (process / "environ").read_bytes():
                found.append(process.name)
    return found


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_no_worker_outlives_a_run_that_is_killed(tmp_path: Path) -> None:
    pods = tmp_path / "pods.yaml"
    pods.write_text("\n---\n".join(map(POD.format, range(9000))), "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(SOURCES), "KARLINT_TEST_RUN": str(tmp_path)}
    command = [sys.executable, "-m", "karlint", "check", "-j", "2", str(pods)]
    run = subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    marker = f"KARLINT_TEST_RUN={tmp_path}".encode()
    deadline = time.monotonic() + 30
    while len(carrying(marker)) < 2 and run.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert run.poll() is None, "the run ended before a worker was seen"
    run.send_signal(signal.SIGKILL)
    run.wait()
    while carrying(marker) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert carrying(marker) == []


SERVER = """\
apiVersion: v1
kind: Pod
metadata: {name: llm, namespace: ml, labels: {app: llm}}
spec:
  containers:
    - {name: vllm, image: "registry.example/vllm-openai:v0.11.0", args: [--model, /models/m]}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: llm, namespace: ml}
spec: {selector: {app: llm}, ports: [{port: 80}]}
"""


def test_who_refers_to_a_part_is_found(repository: Repository) -> None:
    repository.write("app/llm.yaml", SERVER)
    repository.write("service.yaml", SERVICE)
    selected = ("--select", "serving/no-readiness-probe")
    assert repository.run("check", "app/llm.yaml", *selected).found() == ["serving/no-readiness-probe"]
    repository.write("service.yaml", SERVICE.replace("app: llm", "app: other"))
    assert repository.run("check", "app/llm.yaml", *selected).found() == []
