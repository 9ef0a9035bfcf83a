"""What a migration tells is true: what it gains, which claim stands for what, and what it did not see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from karlint.report.migrationtext import render_text
from tests.migrate.support import POD, migrate, only, pod

if TYPE_CHECKING:
    from pathlib import Path

RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: vllm, namespace: ml}
spec:
  interval: 5m
  chart: {spec: {chart: vllm, sourceRef: {kind: HelmRepository, name: charts}}}
"""


def containers(*roles: str, limits: str = "nvidia.com/gpu: 1") -> str:
    """Return a pod with one container for each of *roles*."""
    listed: dict[str, str] = {"initContainers": "", "containers": ""}
    for number, role in enumerate(roles):
        restart = "restartPolicy: Always, " if role == "sidecar" else ""
        resources = f"{restart}resources: {{limits: {{{limits}}}}}"
        text = f'    - {{name: c{number}, image: "registry.example/x:1", {resources}}}\n'
        listed["containers" if role == "main" else "initContainers"] += text
    body = "".join(f"  {key}:\n{items}" for key, items in listed.items() if items)
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: one, namespace: ml}}\nspec:\n{body}"


@pytest.mark.parametrize(
    ("roles", "gains"),
    [
        (("init", "main"), ()),  # the kubelet gives an init container's devices to the others, too
        (("main",), ()),
        (("main", "main"), ("sharing",)),
        (("sidecar", "main"), ("sharing",)),
    ],
)
def test_sharing_is_gained_where_containers_run_at_the_same_time(
    tmp_path: Path, roles: tuple[str, ...], gains: tuple[str, ...]
) -> None:
    assert only(migrate(tmp_path, {"a.yaml": containers(*roles)})).gains == gains


def test_each_resource_of_a_container_has_its_own_claims(tmp_path: Path) -> None:
    text = containers("main", limits="nvidia.com/gpu: 1, nvidia.com/mig-1g.5gb: 2") + containers("main").partition(
        "  containers:\n"
    )[2].replace("c0", "other")
    moved = only(migrate(tmp_path, {"a.yaml": text})).moved
    assert [(item.container, item.resource, item.claims) for item in moved] == [
        ("c0", "nvidia.com/gpu", ("c0",)),
        ("c0", "nvidia.com/mig-1g.5gb", ("c0-2",)),
        ("other", "nvidia.com/gpu", ("other",)),
    ]


def test_a_chart_that_is_not_rendered_is_told_with_what_it_asks_for(tmp_path: Path) -> None:
    values = "  values: {resources: {limits: {nvidia.com/gpu: 2}}}\n"
    migration = migrate(tmp_path, {"release.yaml": RELEASE + values})
    (note,) = migration.notes
    assert note.startswith("HelmRelease ml/vllm (release.yaml) asks for nvidia.com/gpu and is not rendered (")
    assert "HelmRelease ml/vllm" in render_text(migration, 100)


def test_a_text_of_values_is_looked_into(tmp_path: Path) -> None:
    application = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: vllm, namespace: argocd}
spec:
  project: default
  destination: {namespace: ml, name: in-cluster}
  source:
    repoURL: https://charts.example.com
    chart: vllm
    targetRevision: 1.0.0
    helm:
      values: |
        resources:
          limits: {amd.com/gpu: 1}
"""
    (note,) = migrate(tmp_path, {"app.yaml": application}).notes
    assert note.startswith("Application argocd/vllm (app.yaml) asks for amd.com/gpu and is not rendered (")


def test_what_is_not_rendered_and_names_no_device_is_told_once(tmp_path: Path) -> None:
    texts = {f"{number}.yaml": RELEASE.replace("vllm", f"a{number}") for number in range(5)}
    note = next(note for note in migrate(tmp_path, {**texts, "pod.yaml": POD}).notes if "endered" in note)
    assert note.startswith("Not rendered, so that what it deploys is neither seen nor checked: HelmRelease ml/a0, ")
    assert "HelmRelease ml/a2 and 2 more (" in note
    (note,) = migrate(tmp_path, {}, paths=(str(tmp_path / "3.yaml"),)).notes
    assert "HelmRelease ml/a3 (" in note


def test_what_is_not_read_as_a_whole_is_told(tmp_path: Path) -> None:
    texts = {"a.yaml": POD, "b.yaml": POD + "---\nkind: Pod\nmetadata: {name: ${NAME}, namespace: ml}\n"}
    notes = [note for note in migrate(tmp_path, texts).notes if note.startswith("Not read")]
    assert notes == ["Not read as a whole, so that workloads there may be missing: b.yaml (see `karlint check`)."]


def test_a_number_that_selects_is_in_the_name(tmp_path: Path) -> None:
    more = "  nodeSelector: {nvidia.com/gpu.compute.major: '9'}\n"
    migration = migrate(tmp_path, {"a.yaml": POD, "b.yaml": pod(more=more, name="two")})
    assert [template.name for template in migration.templates] == ["gpu-x1", "gpu-cc9-x1"]


def test_what_cannot_be_changed_in_place_is_told(tmp_path: Path) -> None:
    spec = "".join(f"    {line}\n" for line in POD.partition("spec:\n")[2].splitlines())
    text = f"""\
apiVersion: v1
kind: ReplicationController
metadata: {{name: one, namespace: ml}}
spec:
  selector: {{app: one}}
  template:
    metadata: {{labels: {{app: one}}}}
    spec:
{spec}"""
    migration = migrate(tmp_path, {"a.yaml": text})
    assert only(migration).is_migrated
    assert migration.notes == ()
    (note,) = migrate(tmp_path, {"b.yaml": POD}).notes
    assert note.startswith("Pods and Jobs that exist already have to be made anew")


def test_amds_class_is_said_to_have_partitions(tmp_path: Path) -> None:
    (note,) = only(migrate(tmp_path, {"a.yaml": pod("amd.com/gpu: 1")})).notes
    assert "AutoPartition" in note


def test_a_workload_without_a_name_is_called_by_its_prefix(tmp_path: Path) -> None:
    job = """\
apiVersion: batch/v1
kind: Job
metadata: {generateName: train-, namespace: ml}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: "registry.example/train:1", resources: {limits: {nvidia.com/gpu: 1}}}]
"""
    assert only(migrate(tmp_path, {"a.yaml": job})).label == "Job ml/train-*"


def test_a_name_is_not_cut_in_the_middle_of_a_number(tmp_path: Path) -> None:
    more = """\
  nodeSelector: {nvidia.com/gpu.product: NVIDIA-RTX-PRO-6000-Blackwell-Server}
  affinity:
    nodeAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
        nodeSelectorTerms: [{matchExpressions: [{key: nvidia.com/gpu.memory, operator: Gt, values: ["90000"]}]}]
"""
    (template,) = migrate(tmp_path, {"a.yaml": pod(more=more)}).templates
    assert template.name == "rtx-pro-6000-blackwell-server-x1"
    assert len(template.requests[0].selectors) == 2
