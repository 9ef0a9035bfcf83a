"""What our copies of alpha definitions are worth: a cluster may run another release than the one that they are of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from karlint.model.rule import Severity
from karlint.schema import SchemaSet

from .build import parse, resource
from .upstream import SCHEMAS

if TYPE_CHECKING:
    from karlint.model.finding import RawFinding

RUNTIME = """
    apiVersion: trainer.kubeflow.org/v1alpha1
    kind: ClusterTrainingRuntime
    metadata: {name: torch}
    spec:
      mlPolicy: {numNodes: 2, torch: {%s}}
      template: {spec: {replicatedJobs: []}}
"""


def judged(body: str) -> list[RawFinding]:
    verdict = SchemaSet(["1.36"], [], SCHEMAS).validate(resource(parse(body)))
    assert verdict.known
    return list(verdict.findings)


@pytest.mark.parametrize("field", ["numProcPerNode: auto", "elasticPolicy: {minNodes: 1, maxNodes: 4}"])
def test_a_field_that_releases_had_is_a_warning_that_names_them(field: str) -> None:
    (found,) = judged(RUNTIME % field)
    assert found.severity is Severity.WARNING
    assert found.help is not None
    assert found.help.startswith("Kubeflow Trainer takes it up to 2.1; ")


@pytest.mark.parametrize(
    "spec",
    [
        "{runtimeRef: {name: torch}, podTemplateOverrides: [{targetJobs: [{name: node}]}]}",
        "{runtimeRef: {name: torch}, podSpecOverrides: [{targetJobs: [{name: node}]}]}",
        "{runtimeRef: {name: torch}, labels: {team: a}}",
        "{runtimeRef: {name: torch}, trainer: {numProcPerNode: auto}}",
    ],
)
def test_so_is_what_earlier_train_jobs_had(spec: str) -> None:
    body = f"apiVersion: trainer.kubeflow.org/v1alpha1\nkind: TrainJob\nmetadata: {{name: a}}\nspec: {spec}"
    (found,) = judged(body)
    assert found.severity is Severity.WARNING
    assert "up to 2." in (found.help or "")


def test_what_no_known_release_has_is_a_warning_as_well() -> None:
    (found,) = judged(RUNTIME % "rendezvous: c10d")
    assert found.severity is Severity.WARNING
    assert "--schema-location" in (found.help or "")


def test_a_slip_is_one_in_every_release() -> None:
    (found,) = judged((RUNTIME % "").replace("replicatedJobs", "replicatedJobz"))
    assert found.severity is None
    assert found.help == 'Did you mean "replicatedJobs"?'
    assert found.fix


@pytest.mark.parametrize(
    ("api_version", "kind", "severity"),
    [
        ("keda.sh/v1alpha1", "ScaledObject", None),
        ("argoproj.io/v1alpha1", "Application", None),
        ("jobset.x-k8s.io/v1alpha2", "JobSet", Severity.WARNING),
        ("ray.io/v1", "RayCluster", None),
        ("kueue.x-k8s.io/v1beta2", "LocalQueue", None),
    ],
)
def test_which_groups_are_steady(api_version: str, kind: str, severity: Severity | None) -> None:
    body = f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: a}}\nspec: {{whatIsThisAbout: 1}}"
    unknown = [found for found in judged(body) if (found.args or {})["problem"] == "unknown-field"]
    assert [found.severity for found in unknown] == [severity]


def test_a_definition_in_the_tree_is_what_is_deployed() -> None:
    fields: dict[str, Any] = {"type": "object", "properties": {"numNodes": {"type": "integer"}}}
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"mlPolicy": fields}}}}
    names = {"kind": "ClusterTrainingRuntime", "plural": "clustertrainingruntimes"}
    version = {"name": "v1alpha1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    body_of_it = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "clustertrainingruntimes.trainer.kubeflow.org"},
        "spec": {"group": "trainer.kubeflow.org", "names": names, "scope": "Cluster", "versions": [version]},
    }
    there = resource(body_of_it, "crds/runtime.yaml", 100)
    body = RUNTIME % "numProcPerNode: auto"
    found = SchemaSet(["1.36"], [there], SCHEMAS).validate(resource(parse(body))).findings
    assert found
    assert all(item.severity is None for item in found)
