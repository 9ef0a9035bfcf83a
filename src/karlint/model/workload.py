"""The normalised workload: pod templates of any kind, their containers, and the accelerators these ask for.

None stands for *unknown* wherever a number is expected: a value that cannot be read off the manifest (a template
token, an `allocationMode: All`, an autoscaled role). Unknown is never 0 and never 1; rules stay quiet on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karlint.model.path import Path


class AcceleratorRequest(Struct, frozen=True):
    """One extended resource that a container asks for.

    Attributes:
        resource: the resource name, e.g. ``nvidia.com/gpu``.
        vendor: vendor key of the accelerator table, e.g. ``nvidia``.
        quantity: devices asked for; None when unknown.
        path: where it is asked for, from the root of the resource: the limit if there is one, else the request.
    """

    resource: str
    vendor: str
    quantity: int | None
    path: Path


class ClaimRequest(Struct, frozen=True):
    """One entry of a pod's ``spec.resourceClaims`` with what it resolves to.

    Attributes:
        name: the pod-local name.
        path: path of the entry.
        claim, template: the ResourceClaim or ResourceClaimTemplate named; "" for none.
        devices: devices that the claim allocates; None when unknown or not found in the tree.
        device_classes: device classes it asks for, in order; empty when not found.
        shared: True for a ResourceClaim (one for all pods), False for a template (one for each pod).
    """

    name: str
    path: Path
    claim: str
    template: str
    devices: int | None
    device_classes: tuple[str, ...]
    shared: bool


class ModelServer(Struct, frozen=True):
    """The model server that a container runs.

    Attributes:
        engine: key of the server table: vllm, sglang, tgi, triton, trtllm, nim, torchserve, tfserving, ollama,
            llamacpp, tei, dynamo.
        port: HTTP port it listens on; None when unknown.
        flags: command-line flags, names with dashes (``tensor-parallel-size``), value "" for a bare switch,
            None for a value that is unknown.
    """

    engine: str
    port: int | None
    flags: Mapping[str, str | None]


class Container(Struct, frozen=True):
    """A container of a pod template.

    Attributes:
        role: "main", "init", "sidecar" (an init container that keeps running) or "ephemeral".
        path: path of the container, from the root of the resource.
        tokens: command and args as words, a shell string split into words; None when a token is unknown.
        body: the container as written.
    """

    name: str
    role: str
    path: Path
    accelerators: tuple[AcceleratorRequest, ...]
    claims: tuple[str, ...]
    server: ModelServer | None
    tokens: tuple[str, ...] | None
    body: Mapping[str, Any]


class PodTemplate(Struct, frozen=True):
    """A pod template, or what a kind has in its place.

    Attributes:
        role: what the kind calls it: "worker", "leader", a task's name; "" where there is only one.
        path: path of the template (the map that holds ``metadata`` and ``spec``), from the root of the resource.
        spec_path: path of the pod spec; nothing stands there where the operator makes it up.
        pods: pods made from it, all replicas of the owner counted; None when unknown.
        max_pods: the same at the upper bound of the kind's own autoscaling; None when unknown or unbounded.
        accelerators: devices a pod, by resource name, extended resources only; None for an unknown quantity.
        devices: devices a pod, extended resources and claims together; None when unknown.
        borrowed: True for the template of another resource that this one names, unless the accelerators come from here.
            Its paths name no place in this resource below the reference, and what is wrong with it is said where it is
            written.
    """

    role: str
    path: Path
    spec_path: Path
    pods: int | None
    max_pods: int | None
    labels: Mapping[str, Any]
    annotations: Mapping[str, Any]
    spec: Mapping[str, Any]
    containers: tuple[Container, ...]
    claims: tuple[ClaimRequest, ...]
    accelerators: Mapping[str, int | None]
    devices: int | None
    borrowed: bool = False


class Workload(Struct, frozen=True):
    """A resource that makes pods.

    Attributes:
        templates: its pod templates; empty when it borrows them from elsewhere and they were not found.
        pods: pods of all templates; None when one is unknown.
        devices: accelerators of all pods; None when one is unknown.
        operator_probes: True when the kind's operator adds probes to the pods it makes.
        operator_shm: True when the kind's operator mounts shared memory into the pods it makes.
        scale: path of the number of replicas that the kind's scale subresource sets; None where it has none.
    """

    templates: tuple[PodTemplate, ...]
    pods: int | None
    devices: int | None
    operator_probes: bool
    operator_shm: bool
    scale: Path | None

    @property
    def uses_accelerators(self) -> bool:
        """True when it asks for a device, also when it cannot be known for how many."""
        return self.devices is None or self.devices > 0
