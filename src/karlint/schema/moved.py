"""What changes in the bodies of kinds whose fields moved from one apiVersion to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karlint.model.fix import Operation, OperationKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from karlint.model.path import Path


def ingress(body: Mapping[str, Any]) -> Iterator[Operation]:
    """Yield what makes an Ingress of v1beta1 one of v1.

    A backend has a service in it, the one of the spec is called defaultBackend, and the type of a path is stated; what
    v1beta1 takes where it is not is ImplementationSpecific. Source: k8s.io/api networking/v1 and networking/v1beta1.
    """
    spec = _mapping(body.get("spec"))
    if isinstance(spec.get("backend"), dict):
        yield _rename(("spec", "backend"), "defaultBackend")
        yield from _backend(("spec", "defaultBackend"), spec["backend"])
    for number, rule in enumerate(_list(spec.get("rules"))):
        for place, path in enumerate(_list(_mapping(_mapping(rule).get("http")).get("paths"))):
            at: Path = ("spec", "rules", number, "http", "paths", place)
            if isinstance(path, dict):
                if "pathType" not in path:
                    yield Operation(OperationKind.ADD, (*at, "pathType"), "ImplementationSpecific")
                yield from _backend((*at, "backend"), _mapping(path.get("backend")))


def _backend(at: Path, backend: Mapping[str, Any]) -> Iterator[Operation]:
    keys = [key for key in backend if key in {"serviceName", "servicePort"}]
    if not keys:
        return
    if "servicePort" in keys:
        named = isinstance(backend["servicePort"], str)
        yield _rename((*at, "servicePort"), "name" if named else "number")
        yield _wrap(at, "port", ["name" if named else "number"])
    if "serviceName" in keys:
        yield _rename((*at, "serviceName"), "name")
    yield _wrap(at, "service", ["name" if key == "serviceName" else "port" for key in keys])


def hpa(body: Mapping[str, Any]) -> Iterator[Operation]:
    """Yield what makes a HorizontalPodAutoscaler of v2beta1 one of v2.

    What is wanted of a metric stands under target, with its type. Source: k8s.io/api autoscaling/v2 and v2beta1.
    """
    for number, metric in enumerate(_list(_mapping(body.get("spec")).get("metrics"))):
        for source in ("resource", "containerResource", "pods", "object", "external"):
            at: Path = ("spec", "metrics", number, source)
            told = _mapping(_mapping(metric).get(source))
            if told:
                yield from _metric(at, source, told)


_TARGETS = {
    "targetAverageUtilization": ("averageUtilization", "Utilization"),
    "targetAverageValue": ("averageValue", "AverageValue"),
    "targetValue": ("value", "Value"),
}


def _metric(at: Path, source: str, told: Mapping[str, Any]) -> Iterator[Operation]:
    if source == "object" and "target" in told:
        yield _rename((*at, "target"), "describedObject")
    if "metricName" in told:
        yield _rename((*at, "metricName"), "name")
        selector = "metricSelector" if source == "external" else "selector"
        if selector in told:
            if selector != "selector":
                yield _rename((*at, selector), "selector")
            yield _wrap(at, "metric", [key for key in _renamed(told) if key in {"name", "selector"}])
        else:
            yield _wrap(at, "metric", ["name"])
    wanted = [name for name in _TARGETS if name in told]
    for name in wanted[:1]:
        field, kind = _TARGETS[name]
        yield _rename((*at, name), field)
        yield _wrap(at, "target", [field])
        yield Operation(OperationKind.ADD, (*at, "target", "type"), kind)


def _renamed(told: Mapping[str, Any]) -> list[str]:
    names = {"metricName": "name", "metricSelector": "selector"}
    return [names.get(key, key) for key in told]


def kueue(body: Mapping[str, Any]) -> Iterator[Operation]:
    """Yield what makes a ClusterQueue of v1beta1 one of v1beta2.

    Source: apis/kueue/v1beta1 and v1beta2 of kubernetes-sigs/kueue, with the conversion between them.
    """
    spec = _mapping(body.get("spec"))
    if "cohort" in spec:
        yield _rename(("spec", "cohort"), "cohortName")
    checks = _list(spec.get("admissionChecks"))
    if checks:
        yield _rename(("spec", "admissionChecks"), "admissionChecksStrategy")
        names = [{"name": check} for check in checks]
        yield Operation(OperationKind.SET, ("spec", "admissionChecksStrategy"), {"admissionChecks": names})
    for field, old in (("whenCanBorrow", "Borrow"), ("whenCanPreempt", "Preempt")):
        if _mapping(spec.get("flavorFungibility")).get(field) == old:
            yield Operation(OperationKind.SET, ("spec", "flavorFungibility", field), "MayStopSearch")


def sandbox(body: Mapping[str, Any]) -> Iterator[Operation]:
    """Yield what makes a Sandbox of v1alpha1 one of v1beta1. Source: docs/api-migration-guide.md of agent-sandbox."""
    replicas = _mapping(body.get("spec")).get("replicas")
    if replicas is not None:
        yield _rename(("spec", "replicas"), "operatingMode")
        mode = "Suspended" if replicas == 0 else "Running"
        yield Operation(OperationKind.SET, ("spec", "operatingMode"), mode)


def selectors(body: Mapping[str, Any]) -> Iterator[Operation]:
    """Yield what makes a Deployment and its like of an earlier version one of apps/v1.

    The selector is no longer that of the template's labels where it is left out. Source: k8s.io/api apps/v1beta1.
    """
    spec = _mapping(body.get("spec"))
    labels = _mapping(_mapping(_mapping(spec.get("template")).get("metadata")).get("labels"))
    if "selector" not in spec and labels:
        yield Operation(OperationKind.ADD, ("spec", "selector"), {"matchLabels": dict(labels)})
    for gone in ("rollbackTo", "templateGeneration"):
        if gone in spec:
            yield Operation(OperationKind.REMOVE, ("spec", gone))


def _rename(at: Path, name: str) -> Operation:
    return Operation(OperationKind.RENAME, at, name=name)


def _wrap(at: Path, name: str, keys: list[str]) -> Operation:
    return Operation(OperationKind.WRAP, at, keys, name)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
