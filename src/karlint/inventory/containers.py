"""The containers of a pod template, and the accelerators that they, or fields of the kind's own, ask for."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from karlint.inventory.accelerators import AcceleratorTable, requested
from karlint.inventory.commandline import known_words, segments_of
from karlint.inventory.expressions import ABSENT, number_of
from karlint.inventory.paths import Match, exists, fill, find, matches, split, value_at, whole_number, within_reason
from karlint.inventory.servers import server_of
from karlint.model.workload import AcceleratorRequest, Container

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from karlint.inventory.kinds import ContainerRow, DeviceRow, Kinds, TemplateRow
    from karlint.inventory.lookup import Lookup
    from karlint.model.path import Path


class Context(Struct, frozen=True):
    """What it takes to read a workload: the tables and the other resources."""

    kinds: Kinds
    accelerators: AcceleratorTable
    servers: Mapping[str, Any]
    lookup: Lookup


def containers_of(
    spec: Mapping[str, Any], path: Path, rows: Iterable[ContainerRow], context: Context
) -> Iterator[Container]:
    """Yield the containers of a pod spec, and those that the kind keeps elsewhere in it."""
    for field_name, default_role in (
        ("containers", "main"),
        ("initContainers", "init"),
        ("ephemeralContainers", "ephemeral"),
    ):
        items = spec.get(field_name)
        for index, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, dict):
                role = "sidecar" if default_role == "init" and item.get("restartPolicy") == "Always" else default_role
                yield container_of(item, role, (*path, field_name, index), context)
    for row in rows:
        for match in matches(spec, row.at):
            body = value_at(spec, match.path)
            if isinstance(body, dict):
                own = body if row.only is None else {key: body[key] for key in body if key in row.only}
                yield container_of(own, "main", (*path, *match.path), context, row.name)


def container_of(body: Mapping[str, Any], role: str, path: Path, context: Context, name: str = "") -> Container:
    """Return the container at *path*; *name* is what it is called where it does not say so itself."""
    accelerators = tuple(
        AcceleratorRequest(resource=resource, vendor=vendor, quantity=whole_number(amount), path=at)
        for resource, vendor, amount, at in requested(body, path, context.accelerators)
    )
    claims = value_at(body, ("resources", "claims"))
    commands = segments_of(body)
    return Container(
        name=body["name"] if isinstance(body.get("name"), str) else name,
        role=role,
        path=path,
        accelerators=accelerators,
        claims=tuple(
            str(claim["name"])
            for claim in (claims if isinstance(claims, list) else ())
            if isinstance(claim, dict) and "name" in claim
        ),
        server=server_of(body, role, context.servers, commands),
        tokens=known_words(commands),
        body=body,
    )


def with_own_devices(
    containers: tuple[Container, ...], row: TemplateRow, body: Any, match: Match, path: Path, context: Context
) -> tuple[Container, ...]:
    """Return the containers, the main one with the accelerators that fields of the kind's own ask for.

    What the container asks for itself under the same name has the last word. Where there is no container, one without
    a body stands for what the operator makes.
    """
    if not row.devices:
        return containers
    fields = [request for device in row.devices for request in _own(device, body, match, context.accelerators)]
    known = {request.resource for container in containers for request in container.accelerators}
    fields = [request for request in fields if request.resource not in known]
    if not fields:
        return containers
    main = next((container for container in containers if container.role == "main"), None)
    if main is None:
        name = row.containers[0].name if row.containers else ""
        at = (*path, *row.containers[0].at) if row.containers else path
        main = Container(name, "main", at, (), (), None, (), {})
        containers = (*containers, main)
    equipped = replace(main, accelerators=(*main.accelerators, *fields))
    return tuple(equipped if container is main else container for container in containers)


def _own(device: DeviceRow, body: Any, match: Match, table: AcceleratorTable) -> Iterator[AcceleratorRequest]:
    for dotted in device.at:
        path = fill(split(dotted), match.wildcards)
        value = value_at(body, path)
        if exists(value):
            yield from _requests(device, value, path, body, match, table)
            return


def _requests(
    device: DeviceRow, value: Any, path: Path, body: Any, match: Match, table: AcceleratorTable
) -> Iterator[AcceleratorRequest]:
    if device.per_name:
        for name, amount in value.items() if isinstance(value, dict) else ():
            if table.vendor(name) and whole_number(amount) != 0:
                yield AcceleratorRequest(name, table.vendor(name), whole_number(amount), (*path, name))
        return
    resource = device.resource
    if device.named:
        resource = next(
            (name for pattern, name in device.named if isinstance(value, str) and pattern.search(value)), ""
        )
    named = find(body, device.resource_at, match.wildcards) if device.resource_at else None
    if isinstance(named, str) and named:
        resource = named
    count = whole_number(value) if device.count is ABSENT else number_of(device.count, body, match.wildcards)
    if table.vendor(resource) and count != 0:
        yield AcceleratorRequest(resource, table.vendor(resource), count, path)


def accelerators_of_pod(containers: tuple[Container, ...]) -> dict[str, int | None]:
    """Return devices a pod by resource name.

    Init containers run one after the other, each beside the sidecars started before it; so the pod needs the larger of
    that and of the sum of all that run together
    (https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers).
    """
    if not any(container.accelerators for container in containers):
        return {}
    mains, sidecars, peak = Counter[str](), Counter[str](), Counter[str]()
    unknown: set[str] = set()
    for container in containers:
        for request in container.accelerators:
            if container.role == "ephemeral":
                continue
            if request.quantity is None:
                unknown.add(request.resource)
            amount = request.quantity or 0
            if container.role == "init":
                peak[request.resource] = max(peak[request.resource], sidecars[request.resource] + amount)
            else:
                (mains if container.role == "main" else sidecars)[request.resource] += amount
    return {
        name: None if name in unknown else within_reason(max(mains[name] + sidecars[name], peak[name]))
        for name in dict.fromkeys([*mains, *sidecars, *peak])
    }
