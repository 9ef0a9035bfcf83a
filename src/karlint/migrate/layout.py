"""Which devices of a pod each of its containers has, so that a claim can hand out the same.

Devices are numbered: those of sidecars come first, then those of the main containers, each of which has its own. An
init container runs beside the sidecars that started before it and before everything else, so it may use any other
device. Where the stretches begin and end, the devices are cut into segments: a segment is a request, and a container
uses the segments that its stretch is made of. The segments add up to what the pod asks device plugins for, by the same
arithmetic (``karlint.inventory.containers.accelerators_of_pod``).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from karlint.model.workload import Container


class Segment(Struct, frozen=True):
    """Devices that the same containers use.

    Attributes:
        resource: the extended resource.
        count: devices.
        users: places of the containers in the pod template.
    """

    resource: str
    count: int
    users: tuple[int, ...]


def segments_of(containers: Sequence[Container], resource: str) -> list[Segment]:
    """Return the segments of *resource*, in the order of their devices. Quantities must be known."""
    stretches = _stretches(containers, resource)
    cuts = sorted({cut for stretch in stretches.values() for cut in stretch})
    return [
        Segment(resource, end - start, tuple(sorted(n for n, (a, b) in stretches.items() if a <= start and end <= b)))
        for start, end in pairwise(cuts)
    ]


def quantity(container: Container, resource: str) -> int:
    """Return how many of *resource* a container asks for; 0 where it is unknown."""
    return sum(request.quantity or 0 for request in container.accelerators if request.resource == resource)


def _stretches(containers: Sequence[Container], resource: str) -> dict[int, tuple[int, int]]:
    """Return place of each container that asks for *resource* to its first device and the one behind its last."""
    found: dict[int, tuple[int, int]] = {}
    behind_sidecars = 0
    for place, container in enumerate(containers):
        if container.role in ("init", "sidecar"):
            end = behind_sidecars + quantity(container, resource)
            found[place] = (behind_sidecars, end)
            behind_sidecars = end if container.role == "sidecar" else behind_sidecars
    start = behind_sidecars
    for place, container in enumerate(containers):
        if container.role == "main":
            end = start + quantity(container, resource)
            found[place] = (start, end)
            start = end
    return {place: (start, end) for place, (start, end) in found.items() if end > start}
