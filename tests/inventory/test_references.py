"""References: each row of the table resolved and not; what namespaces, scopes and settings make of a name."""

# ruff: noqa: E501 - a case a line

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from tests.inventory.referring import CONTAINER, POD, POD_IT, REFERRING, UNRESOLVED
from tests.inventory.support import inventory_of, tables
from tests.inventory.test_wrong_types import mutants

from karlint.config import Config, Settings
from karlint.inventory import Inventory
from karlint.inventory.references import ReferenceTable, Row, fill_in, find, steps
from karlint.model.encode import to_json
from karlint.prepared import prepare

if TYPE_CHECKING:
    from pathlib import Path

    from karlint.model.reference import Reference

TABLE = ReferenceTable.read(tables()["references"])
_SHORT = re.compile(r"^(\S+) (\S+) (?:(\S*)/)?(\S+?)(?: (\{.*\}))?$", re.DOTALL)


def manifest(short: str) -> str:
    """Return a manifest for ``apiVersion Kind namespace/name {rest}``."""
    api_version, kind, namespace, name, rest = _SHORT.match(short).groups()  # type: ignore[union-attr]
    placed = f", namespace: {namespace}" if namespace else ""
    inner = rest[1:-1] if rest else ""
    labels = re.match(r"metadata: \{(.*?\})\}(?:, )?", inner)
    if labels:
        placed, inner = f"{placed}, {labels[1]}", inner[labels.end() :]
    return (
        f"{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: {name}{placed}}}{', ' if inner else ''}{inner}}}"
    )


def tree(*shorts: str, file: str = "it.yaml") -> dict[str, str]:
    return {file: "\n---\n".join(map(manifest, shorts))}


def references(files: dict[str, str], edge: str, index: int = 0, **assume: Any) -> list[Reference]:
    inventory = inventory_of(files)
    if assume:
        inventory = Inventory(inventory.resources, tables(), assume["assume"])
    return [one for one in inventory.graph.references(inventory.resources[index]) if one.edge == edge]


def status(files: dict[str, str], edge: str, index: int = 0, **assume: Any) -> str:
    (one,) = references(files, edge, index, **assume)
    return f"{one.status}, closed" if one.closed and one.status != "missing" else str(one.status)


def ported(edge: str, referring: str) -> str:
    """Let the selectors of the port rows select what is there."""
    return referring.replace("selector: {}", "selector: {app: w}") if edge.endswith("-port") else referring


def meant(edge: str, target: str) -> str:
    return target.replace("{app: it}", "{app: w}") if edge.endswith("-port") else target


def monitor(referring: str) -> str:
    return (
        referring.replace("selector: {app: w}", "selector: {matchLabels: {app: w}}")
        if "Monitor" in referring
        else referring
    )


CASES = [(edge, monitor(ported(edge, referring)), meant(edge, target)) for edge, referring, target in REFERRING]


@pytest.mark.parametrize(("edge", "referring", "target"), CASES)
def test_what_is_there_is_found_from_both_ends(edge: str, referring: str, target: str) -> None:
    inventory = inventory_of(tree(referring, target))
    resource, found = inventory.resources
    (one,) = [one for one in inventory.graph.references(resource) if one.edge == edge]
    assert (str(one.status), one.targets) == ("resolved", (found.index,))
    assert one.at, "the place of the name"
    if not edge.endswith("-port"):
        assert edge in [back.edge for back in inventory.graph.referrers(found) if back.resource == resource.index]


@pytest.mark.parametrize(("edge", "referring", "target"), CASES)
def test_what_is_not_there_is_told_as_what_it_is(edge: str, referring: str, target: str) -> None:
    other = re.sub(r"\bit\b", "other", target)
    assert status(tree(referring, other), edge) == UNRESOLVED.get(edge, "missing")
    if not edge.endswith("-port") and edge != "parent-queue":  # itself one of the kind
        assert status(tree(referring), edge) in ("outside", "optional"), "nobody manages the kind here"


def test_every_row_has_its_case() -> None:
    covered = {(edge, " ".join(referring.split(" ", 2)[:2])) for edge, referring, _ in REFERRING}
    assert [row.edge for row in TABLE.rows if not any(_is_of(row, *one) for one in covered)] == []


def _is_of(row: Row, edge: str, who: str) -> bool:
    api_version, kind = who.split(" ")
    group = api_version.rpartition("/")[0]
    group_kind = f"{group}/{kind}" if group else kind
    of_workload = "workload" in row.origins and group_kind in tables()["workloads"]["kinds"]
    return row.edge == edge and (group_kind in row.origins or of_workload or bool(row.of))


QUEUE = "kueue.x-k8s.io/v1beta2 LocalQueue %s/%s"
JOB = "batch/v1 Job %sj {metadata: {labels: {kueue.x-k8s.io/queue-name: %s}}}"
CLUSTER_QUEUE = "kueue.x-k8s.io/v1beta2 ClusterQueue %s"
LOCAL = "kueue.x-k8s.io/v1beta2 LocalQueue a/l {spec: {clusterQueue: it}}"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        # One namespace that is left out may become any.
        (tree(JOB % ("", "it"), QUEUE % ("a", "it")), "resolved"),
        (tree(JOB % ("a/", "it"), QUEUE % ("", "it")), "resolved"),
        (tree(JOB % ("a/", "it"), QUEUE % ("b", "it")), "elsewhere"),
        (tree(JOB % ("a/", "it"), QUEUE % ("b", "it"), QUEUE % ("a", "other")), "elsewhere, closed"),
        (tree(JOB % ("a/", "it"), QUEUE % ("b", "other")), "outside"),
        (tree(JOB % ("a/", "'${QUEUE}'"), QUEUE % ("a", "other")), "unknown"),
        # Another part of the tree may be another cluster.
        ({**tree(JOB % ("a/", "it"), file="x/j.yaml"), **tree(QUEUE % ("a", "it"), file="y/q.yaml")}, "elsewhere"),
        ({**tree(JOB % ("a/", "it"), file="x/j.yaml"), **tree(QUEUE % ("a", "it"), file="q.yaml")}, "resolved"),
        ({**tree(JOB % ("a/", "it"), file="x/j.yaml"), **tree(QUEUE % ("a", "other"), file="y/q.yaml")}, "outside"),
        (
            {
                **tree(JOB % ("a/", "it"), file="clusters/p/apps/j.yaml"),
                **tree(QUEUE % ("a", "it"), file="clusters/p/queues/q.yaml"),
            },
            "resolved",
        ),
    ],
)  # fmt: skip
def test_namespaces_and_scopes(files: dict[str, str], expected: str) -> None:
    assert status(files, "local-queue") == expected


@pytest.mark.parametrize(
    ("shorts", "expected"),
    [
        ((LOCAL, CLUSTER_QUEUE % "it"), "resolved"),
        ((LOCAL, CLUSTER_QUEUE % "stray/it"), "resolved"),  # the API server knows no such namespace
        ((LOCAL, CLUSTER_QUEUE % "other"), "missing"),
        ((LOCAL,), "outside"),
    ],
)
def test_cluster_scoped_kinds_have_no_namespace(shorts: tuple[str, ...], expected: str) -> None:
    assert status(tree(*shorts), "cluster-queue") == expected


@pytest.mark.parametrize(
    ("assumed", "expected"), [(["it"], "outside"), (["*"], "outside"), ("*", "outside"), (["x"], "missing")]
)
def test_what_the_settings_assume_is_outside(assumed: Any, expected: str) -> None:
    files = tree(JOB % ("a/", "it"), QUEUE % ("a", "other"))
    assert status(files, "local-queue", assume={"kueue.x-k8s.io/LocalQueue": assumed}) == expected


@pytest.mark.parametrize(
    ("edge", "body"),
    [
        ("config-map", POD % "volumes: [{name: v, configMap: {name: it, optional: true}}]"),
        ("secret", CONTAINER % "envFrom: [{secretRef: {name: it, optional: true}}]"),
        ("secret", CONTAINER % "env: [{name: T, valueFrom: {secretKeyRef: {name: it, key: k, optional: true}}}]"),
        ("secret", POD % "imagePullSecrets: [{name: it}]"),
    ],
)
def test_optional_is_heeded(edge: str, body: str) -> None:
    kind = "ConfigMap" if edge == "config-map" else "Secret"
    assert status(tree(body), edge) == "optional"
    assert status(tree(body, f"v1 {kind} a/it"), edge) == "resolved"


RELEASE = "helm.toolkit.fluxcd.io/v2 HelmRelease %s/r {spec: {targetNamespace: %s}}"
ROUTE = "gateway.networking.k8s.io/v1 HTTPRoute a/r {spec: {rules: [{backendRefs: [{name: %s}]}]}}"
OTHER_SERVICE = "v1 Service a/other"


@pytest.mark.parametrize(
    ("edge", "shorts", "expected"),
    [
        ("secret", (POD % "volumes: [{secret: {secretName: it}}]", "external-secrets.io/v1 ExternalSecret a/it"), "resolved"),
        ("secret", (POD % "volumes: [{secret: {secretName: it}}]", "external-secrets.io/v1 ExternalSecret a/x {spec: {target: {name: it}}}"), "resolved"),
        ("resource-claim-template", (POD % "resourceClaims: [{name: c, resourceClaimTemplateName: it}]", "resource.nvidia.com/v1beta1 ComputeDomain a/d {spec: {channel: {resourceClaimTemplate: {name: it}}}}"), "resolved"),
        ("route-backend", (ROUTE % "it-predictor", OTHER_SERVICE, "serving.kserve.io/v1beta1 InferenceService a/it"), "resolved"),
        ("route-backend", (ROUTE % "it-predictor", OTHER_SERVICE, "serving.kserve.io/v1beta1 InferenceService b/it"), "missing"),
        ("route-backend", (ROUTE % "it", OTHER_SERVICE), "missing"),
        # A chart brings what it brings.
        ("route-backend", (ROUTE % "it", OTHER_SERVICE, RELEASE % ("a", "a")), "outside"),
        ("route-backend", (ROUTE % "it", OTHER_SERVICE, RELEASE % ("flux", "a")), "outside"),
        ("route-backend", (ROUTE % "it", OTHER_SERVICE, RELEASE % ("a", "b")), "missing"),
        # What a kustomization's namePrefix would make of another.
        ("route-backend", (ROUTE % "prod-other", OTHER_SERVICE), "outside"),
        # What clusters come with.
        ("priority-class", (POD % "priorityClassName: system-node-critical", "scheduling.k8s.io/v1 PriorityClass other"), "outside"),
        ("service-account", (POD % "serviceAccountName: default", "v1 ServiceAccount a/other"), "outside"),
        # A template that serves every namespace says nothing of one.
        ("volume-claim", ("serving.kserve.io/v1alpha1 ClusterServingRuntime r {spec: {containers: [], volumes: [{name: v, persistentVolumeClaim: {claimName: it}}]}}", "v1 PersistentVolumeClaim other"), "outside"),
    ],
)  # fmt: skip
def test_what_something_else_may_bring(edge: str, shorts: tuple[str, ...], expected: str) -> None:
    assert status(tree(*shorts), edge) == expected


SELECTOR = "v1 Service a/s {spec: {selector: {app: %s}}}"
BUDGET = "policy/v1 PodDisruptionBudget a/b {spec: {selector: %s}}"
OTHER_POD = POD_IT.replace("app: it", "app: other")


@pytest.mark.parametrize(
    ("edge", "shorts", "expected"),
    [
        ("service", (SELECTOR % "it", OTHER_POD), "missing"),
        ("service", (SELECTOR % "it", OTHER_POD.replace("a/w", "b/w")), "outside"),
        ("service", (SELECTOR % "it", OTHER_POD, POD_IT.replace("a/w", "b/w")), "elsewhere, closed"),
        ("service", (SELECTOR % "it", POD_IT.replace("a/w", "w")), "resolved"),
        ("service", (SELECTOR % "'${APP}'", OTHER_POD), "unknown"),
        ("service", (SELECTOR % "it", OTHER_POD, RELEASE % ("a", "a")), "outside"),
        ("service", (SELECTOR % "it", "ray.io/v1 RayCluster a/r {spec: {headGroupSpec: {template: {spec: {}}}}}"), "outside"),
        ("service", ("v1 Service a/s {spec: {selector: {ray.io/cluster: r, ray.io/node-type: head}}}", "ray.io/v1 RayCluster a/r {spec: {headGroupSpec: {template: {spec: {}}}}}"), "resolved"),
        ("disruption-budget", (BUDGET % "{matchExpressions: [{key: app, operator: Exists}, {key: app, operator: NotIn, values: [x]}]}", POD_IT), "resolved"),
        ("disruption-budget", (BUDGET % "{matchExpressions: [{key: app, operator: DoesNotExist}]}", POD_IT), "outside"),
        # A label that no pod has is perhaps one that the pod sets itself, such as that of a leader.
        ("service", ("v1 Service a/s {spec: {selector: {app: it, role: leader}}}", POD_IT), "outside"),
        ("network-policy", ("networking.k8s.io/v1 NetworkPolicy a/n {spec: {podSelector: {}}}", POD_IT), "resolved"),
        ("service-monitor", ("monitoring.coreos.com/v1 ServiceMonitor m/m {spec: {namespaceSelector: {matchNames: [a]}, selector: {matchLabels: {app: it}}}}", "v1 Service a/s {metadata: {labels: {app: it}}}"), "resolved"),
        ("service-monitor", ("monitoring.coreos.com/v1 ServiceMonitor m/m {spec: {namespaceSelector: {any: true}, selector: {matchLabels: {app: it}}}}", "v1 Service z/s {metadata: {labels: {app: it}}}"), "resolved"),
        ("service-monitor", ("monitoring.coreos.com/v1 ServiceMonitor m/m {spec: {selector: {matchLabels: {app: it}}}}", "v1 Service z/s {metadata: {labels: {app: it}}}"), "outside"),
    ],
)  # fmt: skip
def test_selectors(edge: str, shorts: tuple[str, ...], expected: str) -> None:
    assert status(tree(*shorts), edge) == expected


@pytest.mark.parametrize(
    "selector", ["{}", "{app: [x]}", "[a]", "x", "{matchLabels: {a: 1}}", "{matchExpressions: [{}]}"]
)
def test_a_selector_that_selects_nothing_is_no_reference(selector: str) -> None:
    assert references(tree(BUDGET % selector, POD_IT), "disruption-budget") == []


def test_the_nearest_is_named_first() -> None:
    files = {
        **tree(ROUTE % "s", file="apps/x/route.yaml"),
        **tree("v1 Service /s", file="apps/other.yaml"),
        **tree("v1 Service a/s", file="apps/x/service.yaml"),
    }
    (one,) = references(files, "route-backend")
    assert one.targets == (2, 1)


def test_only_kinds_that_are_asked_for() -> None:
    inventory = inventory_of(tree(POD % "serviceAccountName: x, priorityClassName: high", SELECTOR % "it"))
    pod = inventory.resources[0]
    assert [one.edge for one in inventory.graph.references(pod)] == ["priority-class", "service-account"]
    assert [one.edge for one in inventory.graph.references(pod, frozenset({"ServiceAccount"}))] == ["service-account"]
    shown = inventory.input_for(pod, {"references": frozenset({"ServiceAccount"}), "referrers": frozenset()})
    assert [one.edge for one in shown["references"]] == ["service-account"]
    assert shown["referrers"] == ()
    assert "references" not in inventory.input_for(pod)


def test_referrers_tell_the_template_that_is_selected() -> None:
    ray = "ray.io/v1 RayCluster a/r {spec: {headGroupSpec: {template: {metadata: {labels: {app: it}}, spec: {}}}}}"
    inventory = inventory_of(tree(ray, SELECTOR % "it"))
    (one,) = inventory.graph.referrers(inventory.resources[0])
    assert (one.edge, one.resource, one.template) == ("service", 1, ("spec", "headGroupSpec", "template"))


@pytest.mark.parametrize(("edge", "referring", "target"), CASES)
def test_no_value_breaks_a_reference(edge: str, referring: str, target: str) -> None:
    values = [orjson.loads(resource.document.json) for resource in inventory_of(tree(referring, target)).resources]
    for place, value in enumerate(values):
        for mutant in mutants(value, 5):
            if not isinstance(mutant.get("metadata"), dict):
                continue
            texts = [orjson.dumps(mutant if number == place else other).decode() for number, other in enumerate(values)]
            inventory = inventory_of("\n---\n".join(texts))
            for resource in inventory.resources:
                to_json([inventory.graph.references(resource), inventory.graph.referrers(resource)])


def test_places_and_texts() -> None:
    body = {"a": [{"b.c/d": "x"}, 3, {"b.c/d": None}], "e": {"f": "g"}}
    assert [(one.at, one.value) for one in find(body, steps('a[*]["b.c/d"]'))] == [(("a", 0, "b.c/d"), "x")]
    assert [one.at for one in find(body, steps("a[*]"))] == [("a", 0), ("a", 1), ("a", 2)]
    assert fill_in("{z.y|e.f}-svc", body) == "g-svc"
    assert fill_in("{z.y}-svc", body) == ""


@pytest.mark.corpus
def test_both_ends_agree_on_real_manifests(corpus: Path) -> None:
    settings = Settings(root=corpus, paths=(str(corpus),), versions=("1.35",), jobs=1, config=Config(), render=False)
    inventory = prepare(settings).inventory
    forward, backward = set(), set()
    for resource in inventory.resources:
        for one in inventory.graph.references(resource):
            assert one.closed or one.status != "missing"
            if one.status == "resolved" and not one.edge.endswith("-port"):
                forward |= {(one.edge, one.at, resource.index, target) for target in one.targets}
        for back in inventory.graph.referrers(resource):
            backward.add((back.edge, back.at, back.resource, resource.index))
    assert len(forward) > 1000
    assert forward == backward
