"""Real manifests, each made wrong in one way: what a rule must find although nobody wrote it for the rule."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from karlint.config import Config, Settings
from karlint.prepared import Prepared, prepare
from tests.policies.examples import all_examples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from karlint.model.resource import Resource

GPU = "nvidia.com/gpu"
INFRASTRUCTURE = re.compile(rb"device-plugin|dcgm|exporter|toolkit|driver|gpu-operator|mps-")
"""What rules on access leave alone."""
CLAIMS = {"resource.k8s.io/ResourceClaim": ("spec",), "resource.k8s.io/ResourceClaimTemplate": ("spec", "spec")}
ALONE = frozenset({"Pod", "apps/Deployment", "batch/Job"})


@dataclass(frozen=True)
class Place:
    """A manifest that may be made wrong: its value, and the part that mutations change.

    Attributes:
        kind: group/kind.
        body: a copy of the whole value, to be changed.
        spec: its first pod spec, its claim (of a ResourceClaim or a template), or its data (of a ConfigMap).
        container: the first container that asks for GPUs, inside *spec*; empty for the others.
    """

    kind: str
    body: dict[str, Any]
    spec: dict[str, Any]
    container: dict[str, Any]


@dataclass(frozen=True)
class Mutation:
    """One way to be wrong.

    Attributes:
        rule: what must find it.
        change: makes the place wrong; False where it does not apply.
        extra: resources that stand beside it.
        version: the Kubernetes minor in which it is wrong.
    """

    rule: str
    change: Callable[[Place], bool]
    extra: tuple[Mapping[str, Any], ...] = ()
    version: str = "1.36"


def resources(root: Path) -> list[tuple[Prepared, Resource]]:
    """Return what may be made wrong: everything under *root*, or the good examples where it is not there."""
    roots = [root] if root.is_dir() else [example.path for example in all_examples() if example.good]
    found = []
    for place in roots:
        base = place if place.is_dir() else place.parent
        settings = Settings(root=base, paths=(str(place),), versions=("1.36",), jobs=1, render=False, config=Config())
        prepared = prepare(settings)
        found += [(prepared, resource) for resource in prepared.resources]
    return found


def places(found: list[tuple[Prepared, Resource]]) -> Iterator[Place]:
    """Yield a fresh place for each workload that asks for whole NVIDIA GPUs, each current claim, and each ConfigMap."""
    for prepared, resource in found:
        kind = resource.ref.group_kind
        if resource.document.file.partial or kind.startswith("nvidia.com/"):
            continue
        if kind == "ConfigMap" and isinstance(resource.body.get("data"), dict):
            body = copy.deepcopy(dict(resource.body))
            yield Place(kind, body, body["data"], {})
        elif kind in CLAIMS and resource.ref.version == "v1":
            body = copy.deepcopy(dict(resource.body))
            claim = _at(body, CLAIMS[kind])
            if claim and isinstance(claim.get("devices"), dict) and claim["devices"].get("requests"):
                yield Place(kind, body, claim, {})
        elif not INFRASTRUCTURE.search(resource.document.json):
            yield from _pods(prepared, resource, kind)


def _pods(prepared: Prepared, resource: Resource, kind: str) -> Iterator[Place]:
    """Yield the first container of a workload that asks for GPUs and nothing else of the kind."""
    workload = prepared.inventory.workload(resource)
    for template in workload.templates if workload else ():
        for container in template.containers:
            asked = [request.resource for request in container.accelerators]
            if container.role == "main" and asked == [GPU]:
                body = copy.deepcopy(dict(resource.body))
                spec, part = _at(body, template.spec_path), _at(body, container.path)
                if spec is not None and part is not None and "resources" in part:
                    yield Place(kind, body, spec, part)
                return


def _at(body: Any, path: tuple[str | int, ...]) -> Any:
    """Return the map at *path*; None where it is borrowed from another resource."""
    for step in path:
        try:
            body = body[step]
        except (KeyError, IndexError, TypeError):
            return None
    return body if isinstance(body, dict) else None


def ask(place: Place, **amounts: Any) -> None:
    """Let the container ask for these and nothing else."""
    place.container["resources"] = {"limits": amounts}


def gpus(place: Place, number: int) -> None:
    ask(place, **{GPU: number})


def env(place: Place, name: str, text: str) -> None:
    place.container["env"] = [{"name": name, "value": text}]


def request(place: Place) -> dict[str, Any] | None:
    """Return the body of the claim's first request, None where it has choices."""
    first = place.spec["devices"]["requests"][0] if place.kind in CLAIMS else None
    return first.get("exactly") if isinstance(first, dict) else None


def on_pod(change: Callable[[Place], Any], kinds: frozenset[str] | None = None) -> Callable[[Place], bool]:
    """Return *change* for pods that ask for GPUs, of these kinds alone where some are named."""

    def applied(place: Place) -> bool:
        if not place.container or (kinds is not None and place.kind not in kinds):
            return False
        change(place)
        return True

    return applied


def on_request(change: Callable[[Place, dict[str, Any]], Any]) -> Callable[[Place], bool]:
    """Return *change* for claims whose first request is for exactly one thing."""

    def applied(place: Place) -> bool:
        body = request(place)
        if body is None:
            return False
        change(place, body)
        return True

    return applied


def plain(place: Place) -> None:
    """Leave nothing of the pod that could keep a rule quiet."""
    for field in ("affinity", "nodeSelector", "tolerations", "volumes", "hostIPC", "runtimeClassName"):
        place.spec.pop(field, None)
    for field in ("volumeMounts", "env", "envFrom", "securityContext"):
        place.container.pop(field, None)
