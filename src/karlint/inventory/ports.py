"""References to ports by their names: of a Service to those of its pods, of a monitor to those of a Service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karlint.inventory.commandline import is_unknown
from karlint.inventory.references import find, steps
from karlint.model.reference import Reference, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from karlint.inventory.references import Row
    from karlint.model.resource import Resource
    from karlint.model.workload import Workload

_OF_CONTAINER = steps("ports[*].name")


class Ports:
    """The named ports of Services and pods."""

    def __init__(self, as_written: Collection[str], workload: Callable[[Resource], Workload | None]) -> None:
        """Take the kinds whose pods are as their templates say, and what normalises a workload."""
        self._as_written = as_written
        self._workload = workload

    def references(
        self, row: Row, resource: Resource, holders: Sequence[Resource], group_kind: str
    ) -> Iterator[Reference]:
        """Yield the references of *resource* to ports of *holders*, resources of *group_kind*, one of which must do."""
        for place in row.at:
            for found in find(resource.body, place.steps):
                if isinstance(found.value, str) and found.value and not found.value.isdigit():
                    status, targets = self._resolve(found.value, row, resource, holders)
                    closed = status is Status.MISSING
                    namespace = resource.ref.namespace
                    yield Reference(row.edge, found.at, group_kind, namespace, found.value, status, closed, targets)

    def _resolve(
        self, name: str, row: Row, resource: Resource, holders: Sequence[Resource]
    ) -> tuple[Status, tuple[int, ...]]:
        if is_unknown(name):
            return Status.UNKNOWN, ()
        named = [(holder, list(self._named(row, holder))) for holder in holders]
        targets = tuple(holder.index for holder, ports in named if name in ports)
        if targets:
            return Status.RESOLVED, targets
        known = not resource.document.file.partial and all(self._is_known(row, *one) for one in named)
        return (Status.MISSING if known else Status.OUTSIDE), ()

    def _named(self, row: Row, holder: Resource) -> Iterator[str]:
        if row.names != ("pods",):
            for found in find(holder.body, row.names):
                if isinstance(found.value, str):
                    yield found.value
            return
        workload = self._workload(holder)
        for template in workload.templates if workload else ():
            for container in template.containers:
                for found in find(container.body, _OF_CONTAINER):
                    if isinstance(found.value, str):
                        yield found.value

    def _is_known(self, row: Row, holder: Resource, ports: Sequence[str]) -> bool:
        """Tell whether the ports of *holder* are those that stand in the tree: nothing is added or filled in."""
        if holder.document.file.partial or any(map(is_unknown, ports)):
            return False
        return row.names != ("pods",) or holder.ref.group_kind in self._as_written
