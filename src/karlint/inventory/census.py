"""From an inventory to its census: the AI workloads, what they ask for, and what that adds up to."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from karlint.inventory.needs import Around, is_kind, needs_of
from karlint.inventory.paths import product
from karlint.inventory.references import find, steps
from karlint.model.census import Accelerators, AIWorkload, Census, Devices, Need, Queue, Server, Total, Unresolved
from karlint.model.reference import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from karlint.inventory.build import Inventory
    from karlint.model.census import Unread
    from karlint.model.path import Path
    from karlint.model.reference import Reference
    from karlint.model.resource import Resource
    from karlint.model.workload import Container, PodTemplate, Workload

    Line = Callable[[Resource, Path], int | None]


def take_census(
    inventory: Inventory, resources: Sequence[Resource], tables: Mapping[str, Any], line: Line, unread: Sequence[Unread]
) -> Census:
    """Return the census of *resources*.

    Args:
        inventory: of these and of what they may refer to.
        resources: what is counted.
        tables: the tables ``capabilities`` and ``servers``.
        line: tells where a path of a resource stands.
        unread: what could not be read.
    """
    taker = _Taker(inventory, tables["capabilities"], tables["servers"]["engines"])
    workloads: list[AIWorkload] = []
    unresolved: list[Unresolved] = []
    for resource in resources:
        references = inventory.graph.references(resource)
        lost = [one for one in references if one.status is not Status.RESOLVED]
        unresolved += (_unresolved(one, resource, inventory.resources, line) for one in lost)
        if taker.counts(resource):
            workloads.append(taker.entry(resource, references))
    workloads.sort(key=lambda one: (one.namespace, one.kind, one.name, one.file))
    return Census(
        resources=len(resources),
        workloads=tuple(workloads),
        total=_total("", workloads),
        namespaces=_totals(workloads, lambda one: one.namespace),
        queues=_totals(workloads, _queue_name),
        environments=_totals(workloads, lambda one: one.environment),
        needs=tuple(taker.needs(workloads)),
        references=tuple(unresolved),
        unread=tuple(unread),
    )


class _Taker:
    """Reads AI workloads by the table of capabilities."""

    def __init__(self, inventory: Inventory, table: Mapping[str, Any], engines: Mapping[str, Any]) -> None:
        self._inventory = inventory
        self._table = table
        self._engines = engines
        self._model_places = [steps(path) for path in table["model_places"]]

    def counts(self, resource: Resource) -> bool:
        """Tell whether *resource* is a workload of AI that runs by itself."""
        kind = resource.ref.group_kind
        if not self._inventory.makes_pods(resource) or is_kind(kind, self._table["only_templates"]):
            return False
        traits = {"accelerator-workload", "model-server"}
        return is_kind(kind, self._table["ai_kinds"]) or not traits.isdisjoint(self._inventory.traits(resource))

    def entry(self, resource: Resource, references: Sequence[Reference]) -> AIWorkload:
        """Return what is told of *resource*."""
        ref = resource.ref
        workload = self._inventory.workload(resource)
        around = Around(resource, references, self._inventory.graph.referrers(resource))
        return AIWorkload(
            group=ref.group,
            kind=ref.kind,
            namespace=ref.namespace,
            name=_name(resource),
            file=resource.path,
            environment=self._inventory.environment_of(resource),
            queue=self._queue(references),
            pods=workload.pods if workload else None,
            accelerators=tuple(_accelerators(workload, self._channels(references))) if workload else (),
            servers=tuple(self._servers(resource, workload)),
            needs=needs_of(around, self._table["needs"], self._inventory),
        )

    def _channels(self, references: Iterable[Reference]) -> set[Path]:
        """Return the paths of claims for the channel that a ComputeDomain opens between devices asked for otherwise."""
        resources = self._inventory.resources
        return {
            one.at[:-1]
            for one in references
            if one.edge == "resource-claim-template"
            and any(resources[target].ref.kind == "ComputeDomain" for target in one.targets)
        }

    def _queue(self, references: Iterable[Reference]) -> Queue | None:
        named = [one for one in references if one.edge in self._table["queues"]]
        return Queue(named[0].group_kind, named[0].name) if named else None

    def _servers(self, resource: Resource, workload: Workload | None) -> Iterator[Server]:
        model = self._stated_model(resource)
        found = False
        for template in workload.templates if workload else ():
            for container in template.containers:
                if container.server is not None:
                    found = True
                    yield self._server(container, model)
        if model is not None and not found:
            yield Server("", "", "", model, None)

    def _server(self, container: Container, stated: str | None) -> Server:
        engine, flags = container.server.engine, container.server.flags  # type: ignore[union-attr]
        named = (flags.get(flag) for flag in self._table["model_flags"].get(engine, ()))
        served = (flags.get(flag) for flag in self._table["served_as_flags"])
        return Server(
            engine=engine,
            title=self._engines.get(engine, {}).get("title", engine),
            container=container.name,
            model=next(filter(None, named), stated),
            served_as=next(filter(None, served), None),
        )

    def _stated_model(self, resource: Resource) -> str | None:
        """Return the model that the resource itself names, as the kinds of model servers do."""
        if not is_kind(resource.ref.group_kind, self._table["ai_kinds"]):
            return None
        found = (one.value for place in self._model_places for one in find(resource.body, place))
        return next((value for value in found if isinstance(value, str) and value), None)

    def needs(self, workloads: Sequence[AIWorkload]) -> Iterator[Need]:
        """Yield what *workloads* need, in the order of the table."""
        for need in self._table["needs"]:
            number = sum(need["id"] in one.needs for one in workloads)
            if number:
                yield Need(need["id"], need["title"], number)


def _name(resource: Resource) -> str:
    metadata = resource.body.get("metadata")
    prefix = metadata.get("generateName") if isinstance(metadata, dict) else None
    return resource.ref.name or (f"{prefix}*" if isinstance(prefix, str) else "")


def _accelerators(workload: Workload, channels: set[Path]) -> Iterator[Accelerators]:
    """Yield what each template asks for; the claims at *channels* stand for no accelerators."""
    for template in workload.templates:
        for name, quantity in template.accelerators.items():
            yield Accelerators(
                template.role, name, "resource", quantity, template.pods, product((quantity, template.pods))
            )
        yield from _claimed(template, channels)


def _claimed(template: PodTemplate, channels: set[Path]) -> Iterator[Accelerators]:
    for claim in template.claims:
        if claim.path in channels:
            continue
        kind, name = ("ResourceClaim", claim.claim) if claim.claim else ("ResourceClaimTemplate", claim.template)
        classes = " + ".join(dict.fromkeys(claim.device_classes))
        if claim.devices == 0 and claim.device_classes:
            continue  # of a class that hands out something else than accelerators
        total = claim.devices if claim.shared else product((claim.devices, template.pods))
        by = "claim" if classes else "unresolved-claim"
        yield Accelerators(template.role, classes or f"{kind} {name}", by, claim.devices, template.pods, total)


def _queue_name(workload: AIWorkload) -> str:
    """Return the queue's name, with the namespace where the kind of queue has one."""
    if workload.queue is None:
        return ""
    local = workload.queue.group_kind.endswith("/LocalQueue") and workload.namespace
    return f"{workload.namespace}/{workload.queue.name}" if local else workload.queue.name


def _totals(workloads: Iterable[AIWorkload], key: Callable[[AIWorkload], str]) -> tuple[Total, ...]:
    groups: dict[str, list[AIWorkload]] = defaultdict(list)
    for workload in workloads:
        groups[key(workload)].append(workload)
    return tuple(_total(name, groups[name]) for name in sorted(groups))


def _total(name: str, workloads: Sequence[AIWorkload]) -> Total:
    known: dict[str, int] = defaultdict(int)
    unknown: dict[str, int] = defaultdict(int)
    for workload in workloads:
        vague = set()
        for row in workload.accelerators:
            device = row.type if row.by != "unresolved-claim" else "in unresolved claims"
            known[device] += row.total or 0
            if row.total is None:
                vague.add(device)
        for device in vague:
            unknown[device] += 1
    return Total(
        name=name,
        workloads=len(workloads),
        pods=sum(workload.pods or 0 for workload in workloads),
        pods_unknown=sum(workload.pods is None for workload in workloads),
        devices=tuple(Devices(device, known[device], unknown[device]) for device in sorted(known)),
    )


def _unresolved(one: Reference, resource: Resource, resources: Sequence[Resource], line: Line) -> Unresolved:
    return Unresolved(
        file=resource.path,
        line=line(resource, one.at) if one.closed else None,
        resource=str(resource.ref),
        edge=one.edge,
        at=one.at,
        group_kind=one.group_kind,
        namespace=one.namespace,
        name=one.name,
        status=one.status,
        closed=one.closed,
        elsewhere=tuple(dict.fromkeys(str(resources[target].ref) for target in one.targets))[:3],
    )
