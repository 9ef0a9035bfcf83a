"""What is rendered without a namespace lands in that of its release or destination, and is judged there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from karlint.deployed import landing_of
from karlint.model.scopes import is_cluster_scoped
from karlint.model.unit import DirectorySource, HelmSource, KustomizeSource, Unit
from tests.render.trees import CHART, check, write

if TYPE_CHECKING:
    from pathlib import Path

QUOTA = """\
apiVersion: v1
kind: ResourceQuota
metadata: {name: gpus}
spec: {hard: {requests.nvidia.com/gpu: "1"}}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: llm%s}
spec:
  replicas: 1
  selector: {matchLabels: {app: llm}}
  template:
    metadata: {labels: {app: llm}}
    spec:
      containers:
        - name: vllm
          image: registry.example/llm:1
          resources: {limits: {nvidia.com/gpu: 2}}
"""
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: %(name)s, namespace: argocd}
spec:
  project: ai
  destination: {server: https://kubernetes.default.svc, namespace: %(namespace)s}
  source: {repoURL: https://git.example/gitops.git, path: apps/%(path)s}
"""
RULE = "quota/demand-exceeds-quota"


def application(name: str, namespace: str, path: str = "") -> dict[str, str]:
    text = APPLICATION % {"name": name, "namespace": namespace, "path": path or name}
    return {f"argocd/{name}.yaml": text}


def test_a_chart_lands_in_the_namespace_of_its_release(tmp_path: Path, helm4: Path) -> None:
    named = DEPLOYMENT % ", namespace: {{ .Release.Namespace }}"
    write(tmp_path, {"llm/Chart.yaml": CHART, "llm/templates/d.yaml": named, "llm/templates/q.yaml": QUOTA})
    run = check(tmp_path)
    assert run.places(RULE) == ["llm/templates/q.yaml:4"]
    [found] = run.of(RULE)
    assert found.resource is not None
    assert found.resource.namespace == "default"
    assert run.of("quota/namespace-without-quota") == []


@pytest.mark.parametrize(("namespace", "places"), [("ml", ["apps/limits/q.yaml:4"]), ("other", [])])
def test_applications_meet_in_the_namespace_of_their_destination(
    tmp_path: Path, kustomize: Path, namespace: str, places: list[str]
) -> None:
    files = {"apps/llm/d.yaml": DEPLOYMENT % "", "apps/llm/kustomization.yaml": "resources: [d.yaml]\n"}
    write(tmp_path, files | {"apps/limits/q.yaml": QUOTA} | application("llm", "ml") | application("limits", namespace))
    assert check(tmp_path).places(RULE) == places


def test_where_nobody_says_a_namespace_none_is_known() -> None:
    assert landing_of(Unit("llm", HelmSource("llm", "rel", "ml"), namespace="")) == "ml"
    assert landing_of(Unit("a", DirectorySource("a"), namespace="ml")) == "ml"
    assert landing_of(Unit("a", KustomizeSource("a"))) == ""
    assert landing_of(Unit("a", DirectorySource("a"), namespace="{{env}}-ml")) == ""
    assert landing_of(Unit("a", DirectorySource("a"), namespace="${env}-ml")) == ""


@pytest.mark.parametrize(
    ("group", "kind", "expected"),
    [
        ("", "Namespace", True),
        ("", "Pod", False),
        ("kueue.x-k8s.io", "ClusterQueue", True),
        ("kueue.x-k8s.io", "LocalQueue", False),
        ("scheduling.volcano.sh", "Queue", True),
        ("resource.k8s.io", "DeviceClass", True),
        ("resource.k8s.io", "ResourceClaim", False),
    ],
)
def test_kinds_without_namespaces(group: str, kind: str, expected: bool) -> None:
    assert is_cluster_scoped(group, kind) is expected
