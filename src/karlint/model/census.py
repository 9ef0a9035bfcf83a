"""The AI workloads of a tree: what ``karlint inventory`` tells. None stands for unknown wherever a number is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from karlint.model.path import Path
    from karlint.model.reference import Status


class Accelerators(Struct, frozen=True):
    """Devices of one type that the pods of one template ask for.

    Attributes:
        role: what the kind calls the template; "" where there is only one.
        type: resource name or device classes; for an unresolved claim, its kind and name.
        by: "resource" for extended resources, "claim" for Dynamic Resource Allocation, "unresolved-claim" where the
            claim is not in the tree.
        per_pod: devices of a pod; for a claim that all pods share, its devices.
        pods: pods of the template.
        total: devices of all its pods.
    """

    role: str
    type: str
    by: str
    per_pod: int | None
    pods: int | None
    total: int | None


class Server(Struct, frozen=True):
    """A model server that the workload runs.

    Attributes:
        engine: key of the table of model servers; "" where only the model is known.
        title: the engine's name.
        container: the container that runs it.
        model: its model, as the command line or the resource names it; None when it cannot be read.
        served_as: name that clients ask for, where it is another; None when it is not said.
    """

    engine: str
    title: str
    container: str
    model: str | None
    served_as: str | None


class Queue(Struct, frozen=True):
    """The queue that a workload names, a LocalQueue or that of another scheduler."""

    group_kind: str
    name: str


class AIWorkload(Struct, frozen=True):
    """A workload that asks for accelerators, runs a model server, or is of a kind that is made for AI.

    Attributes:
        file: repository-relative path.
        environment: what it is deployed to, as the tree tells; "" for none.
        pods: pods of all templates.
        needs: ids of what the cluster must offer.
    """

    group: str
    kind: str
    namespace: str
    name: str
    file: str
    environment: str
    queue: Queue | None
    pods: int | None
    accelerators: tuple[Accelerators, ...]
    servers: tuple[Server, ...]
    needs: tuple[str, ...]


class Devices(Struct, frozen=True):
    """Devices of a type, added up.

    Attributes:
        known: sum of the numbers that are known.
        unknown: workloads whose number is not known, so that the true sum may be larger.
    """

    type: str
    known: int
    unknown: int


class Total(Struct, frozen=True):
    """What belongs together, added up.

    Attributes:
        name: the namespace, queue or environment; "" for those that name none.
        pods: sum of the numbers that are known.
        pods_unknown: workloads whose pods are not known.
    """

    name: str
    workloads: int
    pods: int
    pods_unknown: int
    devices: tuple[Devices, ...]


class Need(Struct, frozen=True):
    """Something that a cluster must offer, and how many workloads need it."""

    id: str
    title: str
    workloads: int


class Unresolved(Struct, frozen=True):
    """A reference that leads to nothing in the tree.

    Attributes:
        file: where the referring resource stands.
        line: line of the reference, for one that is known to lead nowhere; else None.
        resource: the referring resource, as messages show it.
        edge: kind of the reference.
        at: path of the reference.
        group_kind: kind that is referred to; "workload" for pods.
        name: name that is referred to; "" for a selector.
        status: missing, elsewhere, outside, optional or unknown.
        closed: True where it is known to lead nowhere.
        elsewhere: the nearest objects that bear the name, in other namespaces or parts of the tree; three at most.
    """

    file: str
    line: int | None
    resource: str
    edge: str
    at: Path
    group_kind: str
    namespace: str
    name: str
    status: Status
    closed: bool
    elsewhere: tuple[str, ...]


class Unread(Struct, frozen=True):
    """A file, or a part of it, that could not be read, so that workloads may be missing."""

    file: str
    line: int | None
    message: str


class Census(Struct, frozen=True):
    """The AI workloads of a tree, and what they add up to.

    Attributes:
        resources: resources that were looked at.
        total: all workloads together.
        references: references of all resources that are not resolved.
    """

    resources: int
    workloads: tuple[AIWorkload, ...]
    total: Total
    namespaces: tuple[Total, ...]
    queues: tuple[Total, ...]
    environments: tuple[Total, ...]
    needs: tuple[Need, ...]
    references: tuple[Unresolved, ...]
    unread: tuple[Unread, ...]
