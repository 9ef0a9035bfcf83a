"""Which versions and kinds there are."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files

import pytest

from karlint.errors import UsageError
from karlint.schema import SchemaSet, available_versions, default_version
from karlint.schema.served import build_table, load_served, to_text

from .build import findings, resource

ALL = tuple(f"1.{minor}" for minor in range(25, 38))

# First and last minor in which Kubernetes has the API, from its deprecation guide and release notes; None: it is there
# in the newest packed minor.
BORDERS = [
    ("autoscaling/v2beta2", "HorizontalPodAutoscaler", 25, 25),
    ("autoscaling/v2", "HorizontalPodAutoscaler", 25, None),
    ("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema", 25, 25),
    ("flowcontrol.apiserver.k8s.io/v1beta2", "FlowSchema", 25, 28),
    ("flowcontrol.apiserver.k8s.io/v1beta3", "PriorityLevelConfiguration", 26, 31),
    ("flowcontrol.apiserver.k8s.io/v1", "FlowSchema", 29, None),
    ("storage.k8s.io/v1beta1", "CSIStorageCapacity", 25, 26),
    ("resource.k8s.io/v1alpha1", "ResourceClaim", 26, 26),
    ("resource.k8s.io/v1alpha2", "ResourceClaim", 27, 30),
    ("resource.k8s.io/v1alpha2", "ResourceClass", 27, 30),
    ("resource.k8s.io/v1alpha3", "ResourceClaim", 31, 33),
    ("resource.k8s.io/v1alpha3", "PodSchedulingContext", 31, 31),
    ("resource.k8s.io/v1beta1", "ResourceClaimTemplate", 32, None),
    ("resource.k8s.io/v1beta2", "ResourceClaimTemplate", 33, None),
    ("resource.k8s.io/v1", "ResourceClaim", 34, None),
    ("resource.k8s.io/v1", "DeviceClass", 34, None),
    ("admissionregistration.k8s.io/v1alpha1", "ValidatingAdmissionPolicy", 26, 31),
    ("admissionregistration.k8s.io/v1beta1", "ValidatingAdmissionPolicy", 28, 33),
    ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", 30, None),
    ("scheduling.k8s.io/v1alpha1", "Workload", 35, 35),
    ("batch/v1", "CronJob", 25, None),
    ("policy/v1", "PodDisruptionBudget", 25, None),
]
NEVER = [
    ("policy/v1beta1", "PodDisruptionBudget"),
    ("policy/v1beta1", "PodSecurityPolicy"),
    ("batch/v1beta1", "CronJob"),
    ("scheduling.k8s.io/v1alpha1", "PodGroup"),
    ("v1", "Container"),
    ("meta/v1", "Status"),
    ("v1", "Status"),
    ("v1", "ConfigMapList"),
]


def test_every_packed_minor_is_offered_in_order() -> None:
    assert available_versions()[: len(ALL)] == ALL
    assert default_version() == available_versions()[-1]


def test_an_unpacked_target_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match=r"Kubernetes 1\.24") as caught:
        SchemaSet(["1.24"], [])
    assert caught.value.hint.startswith("Choose from 1.25 to ")


def test_table_is_what_the_schemas_say() -> None:
    committed = files("karlint.schema").joinpath("served.json").read_bytes()
    assert committed == to_text(build_table()), "run: python -m karlint.schema.served"


@pytest.mark.parametrize(("api_version", "kind", "first", "last"), BORDERS)
def test_borders(api_version: str, kind: str, first: int, last: int | None) -> None:
    newest = int(default_version().partition(".")[2])
    assert load_served().minors(api_version, kind) == (first, last or newest)


@pytest.mark.parametrize(("api_version", "kind"), NEVER)
def test_never_served(api_version: str, kind: str) -> None:
    assert load_served().minors(api_version, kind) is None


def test_a_nested_type_named_like_a_kind_is_no_kind() -> None:
    """1.35 packs ``podgroup-scheduling-v1alpha1.json``, which is an entry of a Workload's list."""
    pod_group = {"apiVersion": "scheduling.k8s.io/v1alpha1", "kind": "PodGroup", "name": "g", "policy": {"basic": {}}}
    (finding,) = findings(pod_group, "1.35")
    assert finding.rule == "core/api-version-not-served"
    assert finding.message == "scheduling.k8s.io/v1alpha1 PodGroup is not served by Kubernetes 1.35."

    workload = {
        "apiVersion": "scheduling.k8s.io/v1alpha1",
        "kind": "Workload",
        "metadata": {"name": "w"},
        "spec": {"podGroups": [{"name": "g", "policy": {"gang": {"minCount": 4}}}]},
    }
    assert findings(workload, "1.35") == ()


@pytest.mark.parametrize("kind", ["List", "Config", "Template", "ConfigMapList"])
def test_the_core_group_is_often_borrowed(kind: str) -> None:
    """kubeconfig, OpenShift templates and lists say ``apiVersion: v1`` too."""
    verdict = SchemaSet(["1.36"], []).validate(resource({"apiVersion": "v1", "kind": kind}))
    assert verdict.known is False
    assert verdict.findings == ()


@pytest.mark.parametrize(
    "api_version",
    ["metrics.k8s.io/v1beta1", "gateway.networking.k8s.io/v1", "kueue.x-k8s.io/v1beta1", "audit.k8s.io/v1"],
)
def test_groups_that_are_not_packed_are_unknown(api_version: str) -> None:
    verdict = SchemaSet(["1.36"], []).validate(resource({"apiVersion": api_version, "kind": "Deployment"}))
    assert (verdict.known, verdict.findings) == (False, ())


def test_the_heavy_libraries_stay_out() -> None:
    code = "import sys, karlint.schema as s; s.available_versions(); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert "karlint.schema.pack" in modules
    assert {"kubernetes_validate", "jsonschema", "yaml"}.isdisjoint(modules)
