"""Rules on accelerators say what holds in the minors in which it holds: asked for on both sides of each border.

The borders of API versions are those of Kubernetes' own schemas. Those of feature gates are the defaults of
pkg/features/kube_features.go in each release.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from karlint.api import lint
from karlint.config import Config, Settings
from karlint.config.types import RuleConfig
from karlint.prepared import load_rule_book
from karlint.schema import available_versions
from karlint.schema.pack import raw_definitions

if TYPE_CHECKING:
    from pathlib import Path

MINORS = [int(version.partition(".")[2]) for version in available_versions()]
PACK = {"access", "device", "dra", "network", "placement", "quota", "sharing"}

HEAD = "apiVersion: resource.k8s.io/v1\nkind: %s\nmetadata: {name: it, namespace: ml}\nspec: "
CLAIM = (
    HEAD % "ResourceClaim" + "{devices: {requests: [{name: gpu, exactly: {deviceClassName: gpu.nvidia.com, %s}}]%s}}\n"
)
NVIDIA = "selectors: [{cel: {expression: 'device.driver == \"gpu.nvidia.com\"'}}]"
CLASSES = "".join(
    f"---\napiVersion: resource.k8s.io/v1\nkind: DeviceClass\nmetadata: {{name: {name}}}\n"
    f"spec: {{extendedResourceName: example.com/gpu, {NVIDIA}}}\n"
    for name in ("gpu.nvidia.com", "large.example.com")
)
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: it, namespace: ml}\nspec: {%s}\n"
GPU = "containers: [{name: main, image: a.example/b:1, resources: {limits: {nvidia.com/gpu: 1}}%s}]"
BY_CLAIM = "containers: [{name: main, image: a.example/b:1, resources: {claims: [{name: gpu}]}}]"
TEMPLATE = (
    "---\n"
    + HEAD % "ResourceClaimTemplate"
    + ("{spec: {devices: {requests: [{name: gpu, exactly: {deviceClassName: gpu.nvidia.com}}]}}}\n")
)
QUOTA = "---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {name: it, namespace: ml}\nspec: {hard: {%s}}\n"
CLAIMED = POD % (f"resourceClaims: [{{name: gpu, %s}}], {BY_CLAIM}")
SLICE = HEAD % "ResourceSlice" + "{driver: a.example, pool: {name: a, generation: 1, resourceSliceCount: 1}, %s}\n"
DEVICE = "allNodes: true, devices: [{name: a, %s}]"
TOLERATION = "tolerations: [{%s}]"
MANY = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: it, namespace: ml}\n" + (
    "spec: {replicas: %d, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, "
    f"spec: {{resourceClaims: [{{name: gpu, resourceClaimName: it}}], {BY_CLAIM}}}}}}}\n---\n"
    + CLAIM
    % ("count: 1", "")
)
FIRST = "{devices: {requests: [{name: gpu, firstAvailable: [{name: a}]}]}}\n"
CHOICES = ", ".join(f"{{name: c{number}, deviceClassName: gpu.nvidia.com}}" for number in range(9))
FEATURE, VALUE, TAINT = "dra/feature-not-enabled", "dra/claim-value-rejected", "dra/device-taint-too-wide"
NAMESPACE = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ml}\n"


def beta(text: str) -> str:
    """Return a manifest in the version that Kubernetes 1.33 has."""
    return text.replace("resource.k8s.io/v1\n", "resource.k8s.io/v1beta2\n")


# Rule, first and last minor in which it says it (None: in all that there are), and what it says it of.
STATEMENTS: list[tuple[str, int | None, int | None, str]] = [
    (FEATURE, 33, 33, beta(CLAIM % ("adminAccess: true", ""))),
    (FEATURE, 33, 33, beta(HEAD % "ResourceClaim" + FIRST)),
    (FEATURE, 33, 35, beta(CLAIM % (TOLERATION % "key: a.example/b, operator: Exists", ""))),
    (FEATURE, 34, 35, CLAIM % (TOLERATION % "key: a.example/b, operator: Exists", "")),
    (FEATURE, 34, 35, CLAIM % ("capacity: {requests: {memory: 1Gi}}", "")),
    (FEATURE, 34, 35, CLAIM % ("count: 2", ", constraints: [{distinctAttribute: a.example/b}]")),
    (FEATURE, 37, None, CLAIM % ("derivedAttributes: [{name: a}]", "")),
    (FEATURE, 34, 35, CLASSES),
    (FEATURE, 33, 35, beta(SLICE % "sharedCounters: [{name: a}], allNodes: true")),
    (FEATURE, 33, 35, beta(SLICE % (DEVICE % "consumesCounters: [{counterSet: a}]"))),
    (FEATURE, 33, 35, beta(SLICE % (DEVICE % "taints: [{key: a.example/b, effect: NoSchedule}]"))),
    (FEATURE, 34, 35, SLICE % (DEVICE % "allowMultipleAllocations: true")),
    (FEATURE, 34, 35, SLICE % (DEVICE % "bindsToNode: true")),
    (FEATURE, 34, 35, SLICE % (DEVICE % "bindingConditions: [a.example/b]")),
    (
        FEATURE,
        36,
        None,
        "apiVersion: scheduling.k8s.io/v1alpha2\nkind: PodGroup\nmetadata: {name: a}\n"
        "spec: {resourceClaims: [{name: a}]}\n",
    ),
    (VALUE, 31, None, CLAIM % ("allocationMode: all", "")),
    (VALUE, 31, None, CLAIM % ("count: 1", ", constraints: [{matchAttribute: pcieRoot}]")),
    (VALUE, 36, None, CLAIM % ("count: 1", ", constraints: [{distinctAttribute: pcieRoot}]")),
    (VALUE, 36, None, CLAIM % (TOLERATION % "key: a.example/b, operator: Exists, value: c", "")),
    (VALUE, 36, None, CLAIM % (TOLERATION % "key: a.example/b, operator: In", "")),
    (VALUE, 36, None, CLAIM % (TOLERATION % "key: a.example/b, effect: PreferNoSchedule", "")),
    (
        VALUE,
        34,
        None,
        HEAD % "ResourceClaim" + f"{{devices: {{requests: [{{name: gpu, firstAvailable: [{CHOICES}]}}]}}}}\n",
    ),
    (TAINT, 36, None, CLAIM % (TOLERATION % "operator: Exists", "")),
    (
        TAINT,
        33,
        None,
        "apiVersion: resource.k8s.io/v1alpha3\nkind: DeviceTaintRule\nmetadata: {name: a}\n"
        "spec: {deviceSelector: {driver: a.example}, taint: {key: a.example/b, effect: NoExecute}}\n",
    ),
    ("dra/extended-name-taken-twice", 36, None, CLASSES),
    ("dra/claim-not-found", 31, None, CLAIMED % "resourceClaimTemplateName: lost" + TEMPLATE),
    (
        "dra/device-class-not-found",
        31,
        None,
        CLAIM.replace("gpu.nvidia.com", "lost.example.com") % ("count: 1", "") + CLASSES,
    ),
    ("dra/one-claim-many-pods", 31, None, MANY % 2),
    (
        "dra/request-shape",
        31,
        None,
        HEAD % "ResourceClaim" + "{devices: {requests: [{name: gpu, deviceClassName: gpu.nvidia.com}]}}\n",
    ),
    (
        "dra/selector-never-matches",
        31,
        None,
        CLAIM % ('selectors: [{cel: {expression: \'device.capacity["memory"] > quantity("1")\'}}]', ""),
    ),
    (
        "dra/driver-config-rejected",
        31,
        None,
        CLAIM % ("count: 1", ", config: [{opaque: {driver: gpu.nvidia.com, parameters: {apiVersion: a.example/v1}}}]"),
    ),
    (
        "dra/legacy-device-plugin",
        34,
        None,
        POD
        % (
            "resourceClaims: [{name: gpu, resourceClaimTemplateName: it}], "
            "containers: [{name: main, image: a.example/b:1, "
            "resources: {limits: {nvidia.com/gpu: 1}, claims: [{name: gpu}]}}]"
        )
        + TEMPLATE,
    ),
    # The driver's own class serves the resource name from 1.36 on, so a class of the vendor alone says nothing then.
    ("dra/legacy-device-plugin", 34, 35, POD % (GPU % "") + TEMPLATE.replace("gpu.nvidia.com", "mig.nvidia.com")),
    (
        "dra/prefer-claim",
        34,
        None,
        POD % (GPU % "") + CLASSES.replace("extendedResourceName: example.com/gpu, ", ""),
    ),
    ("access/admin-access-misplaced", 34, None, CLAIM % ("adminAccess: true", "") + NAMESPACE),
    (
        "access/admin-access-misplaced",
        34,
        None,
        NAMESPACE.replace("{name: ml}", '{name: ml, labels: {resource.k8s.io/admin-access: "true"}}').removeprefix(
            "---\n"
        ),
    ),
    (
        "quota/all-counts-as-most",
        32,
        None,
        CLAIM % ("allocationMode: All", "") + QUOTA % 'gpu.nvidia.com.deviceclass.resource.k8s.io/devices: "8"',
    ),
    (
        "quota/all-counts-as-most",
        36,
        None,
        CLAIM % ("allocationMode: All", "") + QUOTA % 'requests.example.com/gpu: "8"' + CLASSES,
    ),
    (
        "quota/bypass-by-dra",
        32,
        None,
        CLAIMED % "resourceClaimTemplateName: it" + TEMPLATE + QUOTA % 'requests.nvidia.com/gpu: "8"',
    ),
    # From 1.36 on claims of a class with an extended resource are charged to it as well.
    (
        "quota/bypass-by-dra",
        32,
        35,
        CLAIMED % "resourceClaimTemplateName: it" + TEMPLATE + QUOTA % 'requests.nvidia.com/gpu: "8"' + CLASSES,
    ),
    ("device/cannot-be-resized", 33, None, POD % (GPU % ", resizePolicy: [{resourceName: nvidia.com/gpu}]")),
    ("device/cannot-be-resized", 34, None, POD % ("resources: {limits: {nvidia.com/gpu: 1}}, " + GPU % "")),
    ("dra/inline-pseudo-claim", None, None, POD % ("resourceClaims: [{name: a, deviceClassName: b}], " + GPU % "")),
    ("dra/claim-not-wired", None, None, POD % (BY_CLAIM.replace("claims:", "limits: {nvidia.com/gpu: 1}, claims:"))),
    ("dra/request-without-limit", None, None, POD % (GPU.replace("limits", "requests") % "")),
    ("quota/counts-nothing", None, None, (QUOTA % 'limits.nvidia.com/gpu: "8"').removeprefix("---\n")),
]


def said_in(tree: Path, rule: str, text: str, enabled: tuple[str, ...] = ()) -> list[int]:
    """Return the minors in which *rule* finds something in *text*."""
    (tree / "it.yaml").write_text(text, "utf-8")
    config = Config(rules={FEATURE: RuleConfig(params={"enabled": list(enabled)})})
    versions = available_versions()
    select = (rule, FEATURE)
    settings = Settings(root=tree, paths=(str(tree),), versions=versions, select=select, jobs=1, config=config)
    report = lint(settings)
    assert report.failures == ()
    told = {version for found in report.findings if found.rule == rule for version in found.versions or versions}
    return sorted(int(version.partition(".")[2]) for version in told)


@pytest.mark.parametrize(("rule", "first", "last", "text"), STATEMENTS, ids=lambda value: str(value)[:40])
def test_a_statement_is_made_where_it_holds(
    rule: str, first: int | None, last: int | None, text: str, tmp_path: Path
) -> None:
    expected = [minor for minor in MINORS if (first or 0) <= minor <= (last or 999)]
    assert said_in(tmp_path, rule, text) == expected


def test_every_versioned_rule_is_asked_about_its_borders() -> None:
    asked = {rule for rule, *_ in STATEMENTS} | {"dra/api-version-not-served"}
    book = [rule for rule in load_rule_book().rules.values() if rule.category in PACK]
    assert {rule.id for rule in book if rule.versioned or rule.since or rule.until} - asked == set()


SERVED = {
    (match[1], match[2], minor)
    for minor in MINORS
    for name in raw_definitions(f"1.{minor}")
    if (match := re.fullmatch(r"io\.k8s\.api\.resource\.(v\w+)\.(\w+)", name))
}
# Parts of classic DRA that came later than the rest: what the rule leaves to the schemas.
LATE = {"ResourceClaimParameters", "ResourceClassParameters"}
KINDS = [
    ("ResourceClaim", ["v1alpha1", "v1alpha2", "v1alpha3", "v1beta1", "v1beta2", "v1"]),
    ("ResourceClaimTemplate", ["v1alpha1", "v1alpha2", "v1alpha3", "v1beta1", "v1beta2", "v1"]),
    ("ResourceClass", ["v1alpha1", "v1alpha2"]),
    ("PodSchedulingContext", ["v1alpha2", "v1alpha3"]),
    ("DeviceClass", ["v1alpha3", "v1beta1", "v1beta2", "v1"]),
    ("ResourceSlice", ["v1alpha3", "v1beta1", "v1beta2", "v1"]),
    ("DeviceTaintRule", ["v1alpha3", "v1beta2", "v1"]),
]


@pytest.mark.parametrize(("kind", "version"), [(kind, version) for kind, versions in KINDS for version in versions])
def test_an_api_version_is_refused_where_kubernetes_lacks_it(kind: str, version: str, tmp_path: Path) -> None:
    text = f"apiVersion: resource.k8s.io/{version}\nkind: {kind}\nmetadata: {{name: a, namespace: b}}\nspec: {{}}\n"
    (tmp_path / "it.yaml").write_text(text, "utf-8")
    rule = "dra/api-version-not-served"
    settings = Settings(
        root=tmp_path, paths=(str(tmp_path),), versions=available_versions(), select=(rule,), config=Config()
    )
    report = lint(settings)
    refused, off = set(), set()
    for found in report.findings:
        minors = {int(name.partition(".")[2]) for name in found.versions}
        (refused if found.severity.value == "error" else off).update(minors)
    assert refused == {minor for minor in MINORS if (version, kind, minor) not in SERVED}
    served = set(MINORS) - refused
    late = {minor for minor in served if minor >= (0 if kind == "DeviceTaintRule" else 34)}
    assert off == (late if "alpha" in version or "beta" in version else set())


def test_clusters_that_turn_a_gate_on_are_told_what_holds_there(tmp_path: Path) -> None:
    text = CLAIM % (TOLERATION % "operator: Exists", "")
    assert said_in(tmp_path, FEATURE, text, enabled=("DRADeviceTaints",)) == []
    assert said_in(tmp_path, TAINT, text, enabled=("DRADeviceTaints",)) == [minor for minor in MINORS if minor >= 33]
