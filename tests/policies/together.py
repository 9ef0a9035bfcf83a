"""Mutations of rules that look at several resources: a real manifest, changed, and what is wrong with it beside it."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING, Any

from tests.policies.mutations import ALONE, GPU, Mutation, Place, ask, gpus, on_pod, on_request, plain

if TYPE_CHECKING:
    from collections.abc import Callable

HOME = "users"
"""The namespace that the test gives another name in each tree."""
DEPLOYMENTS = frozenset({"apps/Deployment"})
CLAIM = "one-gpu"


def manifest(api_version: str, kind: str, name: str, spec: dict[str, Any], namespace: str = HOME) -> dict[str, Any]:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}


def quota(namespace: str = HOME, **hard: str) -> dict[str, Any]:
    return manifest("v1", "ResourceQuota", "devices", {"hard": hard}, namespace)


def limits(**item: Any) -> dict[str, Any]:
    return manifest("v1", "LimitRange", "devices", {"limits": [item]})


def device_class(name: str) -> dict[str, Any]:
    selector = {"cel": {"expression": 'device.driver == "gpu.example.com"'}}
    spec = {"extendedResourceName": "example.com/gpu", "selectors": [selector]}
    return manifest("resource.k8s.io/v1", "DeviceClass", name, spec, "")


DEVICES = {"devices": {"requests": [{"name": "gpu", "exactly": {"deviceClassName": "gpu.nvidia.com"}}]}}
TEMPLATE = manifest("resource.k8s.io/v1", "ResourceClaimTemplate", CLAIM, {"spec": DEVICES})
SHARED = manifest("resource.k8s.io/v1", "ResourceClaim", CLAIM, DEVICES)

NVIDIA_CLASS = manifest(
    "resource.k8s.io/v1",
    "DeviceClass",
    "large-gpus",
    {"selectors": [{"cel": {"expression": 'device.driver == "gpu.nvidia.com"'}}]},
    "",
)

TARGET = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "workload"}

PLUGIN_FILES = cycle(
    [
        "version: v1\nsharing: {timeSlicing: {resources: [{name: nvidia.com/gpu, replicas: 0}]}}\n",
        "version: v2\nflags: {migStrategy: none}\n",
        "version: v1\nsharing: {timeslicing: {resources: [{name: nvidia.com/gpu, replicas: 4}]}}\n",
        "version: v1\nflags: {migStrategy: mixed}\nsharing: {mps: {resources: [{name: gpu, replicas: 4}]}}\n",
        "version: v1\nsharing: {timeSlicing: {resources: [{name: nvidia.com/gpu, replica: 4}]}}\n",
    ]
)


def at_home(change: Callable[[Place], Any], kinds: frozenset[str] = ALONE) -> Callable[[Place], bool]:
    """Return *change* for pods that ask for GPUs, moved to the namespace of the tree, without marks of their own."""

    def moved(place: Place) -> None:
        metadata = place.body["metadata"]
        for field in ("labels", "annotations", "generateName"):
            metadata.pop(field, None)
        metadata.update(name="workload", namespace=HOME)
        plain(place)
        place.spec["containers"] = [place.container]
        for field in ("initContainers", "resources"):
            place.spec.pop(field, None)
        change(place)

    return on_pod(moved, kinds)


def claims(place: Place, **reference: str) -> None:
    """Let the container take its devices by a claim alone."""
    place.spec["resourceClaims"] = [{"name": "gpu", **reference}]
    place.container["resources"] = {"claims": [{"name": "gpu"}]}


def with_replicas(place: Place, number: int) -> None:
    place.body["spec"].update(replicas=number)
    place.body["spec"].pop("strategy", None)


def shares(place: Place) -> bool:
    """Put a file of the device plugin that is wrong in one of several ways into a ConfigMap."""
    if place.kind != "ConfigMap":
        return False
    place.spec["gpus.yaml"] = next(PLUGIN_FILES)
    return True


TOGETHER = [
    Mutation(
        "dra/claim-not-found", at_home(lambda place: claims(place, resourceClaimTemplateName="one-gup")), (TEMPLATE,)
    ),
    Mutation(
        "dra/claim-not-wired", at_home(lambda place: place.container["resources"].update(claims=[{"name": "gpu"}]))
    ),
    Mutation(
        "dra/inline-pseudo-claim",
        on_pod(lambda place: place.spec.update(resourceClaims=[{"name": "gpu", "deviceClassName": "gpu.nvidia.com"}])),
    ),
    Mutation(
        "dra/legacy-device-plugin",
        at_home(
            lambda place: (
                claims(place, resourceClaimTemplateName=CLAIM),
                place.container["resources"].update(limits={GPU: 1}),
            )
        ),
        (TEMPLATE,),
    ),
    Mutation("dra/prefer-claim", at_home(lambda place: gpus(place, 2)), (NVIDIA_CLASS,)),
    Mutation(
        "dra/one-claim-many-pods",
        at_home(lambda place: (with_replicas(place, 3), claims(place, resourceClaimName=CLAIM)), DEPLOYMENTS),
        (SHARED,),
    ),
    Mutation(
        "dra/extended-name-taken-twice",
        on_request(lambda _, body: body.update(deviceClassName="first.example.com")),
        (device_class("first.example.com"), device_class("second.example.com")),
    ),
    Mutation(
        "dra/api-version-not-served",
        on_request(lambda place, _: place.body.update(apiVersion="resource.k8s.io/v1beta2")),
    ),
    Mutation(
        "device/unbounded-memory-volume",
        at_home(
            lambda place: (
                gpus(place, 1),
                place.spec.update(volumes=[{"name": "shm", "emptyDir": {"medium": "Memory"}}]),
                place.container.update(volumeMounts=[{"name": "shm", "mountPath": "/dev/shm"}]),
            )
        ),
    ),
    Mutation(
        "device/evicted-by-autoscaler",
        at_home(lambda place: (with_replicas(place, 3), gpus(place, 2)), DEPLOYMENTS),
        (manifest("autoscaling.k8s.io/v1", "VerticalPodAutoscaler", "it", {"targetRef": TARGET}),),
    ),
    Mutation(
        "quota/all-counts-as-most",
        on_request(
            lambda place, body: (
                place.body["metadata"].update(namespace=HOME),
                body.update(deviceClassName="gpu.nvidia.com", allocationMode="All"),
                body.pop("count", 0),
            )
        ),
        (quota(**{"gpu.nvidia.com.deviceclass.resource.k8s.io/devices": "8"}),),
    ),
    Mutation(
        "quota/bypass-by-dra",
        at_home(lambda place: claims(place, resourceClaimTemplateName=CLAIM)),
        (TEMPLATE, quota(**{f"requests.{GPU}": "4"})),
    ),
    Mutation("quota/counts-nothing", at_home(lambda place: gpus(place, 1)), (quota(**{f"limits.{GPU}": "4"}),)),
    Mutation(
        "quota/demand-exceeds-quota",
        at_home(lambda place: (with_replicas(place, 3), gpus(place, 2)), DEPLOYMENTS),
        (quota(**{f"requests.{GPU}": "4"}),),
    ),
    Mutation(
        "quota/namespace-without-quota",
        at_home(lambda place: gpus(place, 1)),
        (quota("others", **{f"requests.{GPU}": "4"}),),
    ),
    Mutation(
        "quota/no-room-for-update",
        at_home(lambda place: (with_replicas(place, 2), gpus(place, 2)), DEPLOYMENTS),
        (quota(**{f"requests.{GPU}": "4"}),),
    ),
    Mutation(
        "quota/limit-range-refuses",
        at_home(lambda place: gpus(place, 4)),
        (limits(type="Container", max={GPU: "2"}, default={GPU: "0"}),),
    ),
    Mutation(
        "quota/limit-range-for-all",
        at_home(lambda place: ask(place, memory="4Gi")),
        (limits(type="Container", max={GPU: "2"}),),
    ),
    Mutation("sharing/plugin-config-ignored", shares),
]
"""Where real manifests hold no such resource at all (a quota, a LimitRange), it is put beside one that it is about."""
