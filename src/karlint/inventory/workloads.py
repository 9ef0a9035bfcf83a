"""From a resource to its normalised workload."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from karlint.inventory.accelerators import AcceleratorTable, claimed_devices, requested
from karlint.inventory.commandline import known_words, segments_of
from karlint.inventory.kinds import (
    KindRow,
    Match,
    TemplateRow,
    fill,
    matches,
    pods_of,
    product,
    total,
    value_at,
    whole_number,
    within_reason,
)
from karlint.inventory.servers import server_of
from karlint.model.workload import AcceleratorRequest, ClaimRequest, Container, PodTemplate, Workload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from karlint.inventory.lookup import Lookup
    from karlint.model.path import Path
    from karlint.model.resource import Resource

_EMPTY: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Context:
    """What it takes to read a workload: the tables and the other resources."""

    kinds: Mapping[str, KindRow]
    accelerators: AcceleratorTable
    servers: Mapping[str, Any]
    lookup: Lookup


def workload_of(resource: Resource, context: Context) -> Workload | None:
    """Return the normalised workload, None for a kind that makes no pods."""
    row = context.kinds.get(resource.ref.group_kind)
    if row is None:
        return None
    found = [
        (template, match)
        for template in row.templates
        for match in matches(resource.body, template.path)
        if isinstance(value_at(resource.body, match.path), dict)
    ]
    templates = tuple(_template(resource, template, match, context) for template, match in found)
    whole = bool(templates) and not _gaps(row, resource.body, [match for _, match in found])
    return Workload(
        templates=templates,
        pods=total(template.pods for template in templates) if whole else None,
        devices=_devices_of(templates) if whole else None,
        operator_probes=row.operator_probes,
    )


def _gaps(row: KindRow, body: Any, found: Sequence[Match]) -> bool:
    """Tell whether a part of the workload (a task, a role) has no template of its own, so that its pods are unknown."""
    filled = {match.wildcards for match in found}
    parts = {
        part.wildcards
        for template in row.templates
        for part in matches(body, template.path[: template.parts])
        if part.wildcards
    }
    return not parts <= filled


def _devices_of(templates: Iterable[PodTemplate]) -> int | None:
    """Return the devices of all pods: a claim by name is one and the same for all of them."""
    numbers: list[int | None] = []
    shared: dict[str, int | None] = {}
    for template in templates:
        own = [*template.accelerators.values(), *(claim.devices for claim in template.claims if not claim.shared)]
        numbers.append(product((template.pods, total(own))))
        shared |= {claim.claim: claim.devices for claim in template.claims if claim.shared and template.pods != 0}
    return total([*numbers, *shared.values()])


def _template(resource: Resource, row: TemplateRow, match: Match, context: Context) -> PodTemplate:
    body = resource.body
    spec_path = match.path if row.podspec else (*match.path, "spec")
    spec = _mapping(value_at(body, spec_path))
    metadata_at = match.path if row.metadata is None else fill(row.metadata, match.wildcards)
    holder = _mapping(value_at(body, metadata_at))
    metadata = holder if row.podspec else _mapping(holder.get("metadata"))
    containers = tuple(_containers(spec, spec_path, row, context))
    claims = tuple(_claims(resource, spec, spec_path, context))
    accelerators = _accelerators_of_pod(containers)
    pods, max_pods = pods_of(row, body, match)
    return PodTemplate(
        role=_role(row, body, match),
        path=match.path,
        spec_path=spec_path,
        pods=pods,
        max_pods=max_pods,
        labels=_mapping(metadata.get("labels")),
        annotations=_mapping(metadata.get("annotations")),
        spec=spec,
        containers=containers,
        claims=claims,
        accelerators=accelerators,
        devices=total([*accelerators.values(), *_claimed_by_pod(claims)]),
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else _EMPTY


def _role(row: TemplateRow, body: Any, match: Match) -> str:
    """Return what the kind calls the template: a fixed word, the map's key, or a field of the list item."""
    if not row.role or not match.wildcards:
        return row.role
    if row.role == "key":
        return str(match.wildcards[0])
    steps = row.path.index("[*]") + 1 if "[*]" in row.path else len(row.path)
    named = value_at(body, (*fill(row.path[:steps], match.wildcards), row.role))
    return named if isinstance(named, str) else ""


def _containers(spec: Mapping[str, Any], path: Path, row: TemplateRow, context: Context) -> Iterator[Container]:
    for field_name, default_role in (
        ("containers", "main"),
        ("initContainers", "init"),
        ("ephemeralContainers", "ephemeral"),
    ):
        items = spec.get(field_name)
        for index, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, dict):
                role = "sidecar" if default_role == "init" and item.get("restartPolicy") == "Always" else default_role
                yield _container(item, role, (*path, field_name, index), context)
    for name in row.containers:
        if isinstance(spec.get(name), dict):
            yield _container(spec[name], "main", (*path, name), context)


def _container(body: Mapping[str, Any], role: str, path: Path, context: Context) -> Container:
    accelerators = tuple(
        AcceleratorRequest(resource=name, vendor=vendor, quantity=whole_number(amount), path=at)
        for name, vendor, amount, at in requested(body, path, context.accelerators)
    )
    claims = value_at(body, ("resources", "claims"))
    commands = segments_of(body)
    return Container(
        name=body["name"] if isinstance(body.get("name"), str) else "",
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


def _claimed_by_pod(claims: Iterable[ClaimRequest]) -> list[int | None]:
    """Return the devices of each claim of a pod; the same claim under two names is one."""
    by_claim = {claim.claim if claim.shared else claim.path: claim.devices for claim in claims}
    return list(by_claim.values())


def _accelerators_of_pod(containers: tuple[Container, ...]) -> dict[str, int | None]:
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


def _claims(resource: Resource, spec: Mapping[str, Any], path: Path, context: Context) -> Iterator[ClaimRequest]:
    entries = spec.get("resourceClaims")
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if not isinstance(entry, dict):
            continue
        claim = entry.get("resourceClaimName")
        template = entry.get("resourceClaimTemplateName")
        devices, classes = _resolve(resource, claim, template, context)
        yield ClaimRequest(
            name=str(entry.get("name", "")),
            path=(*path, "resourceClaims", index),
            claim=claim if isinstance(claim, str) else "",
            template=template if isinstance(template, str) else "",
            devices=devices,
            device_classes=classes,
            shared=isinstance(claim, str),
        )


def _resolve(resource: Resource, claim: Any, template: Any, context: Context) -> tuple[int | None, tuple[str, ...]]:
    """Return devices and classes of the claim (template) that an entry names, unknown where it is not in the tree."""
    kind, name, spec_path = (
        ("ResourceClaimTemplate", template, ("spec", "spec"))
        if isinstance(template, str)
        else ("ResourceClaim", claim, ("spec",))
    )
    if not isinstance(name, str):
        return None, ()
    found = context.lookup.nearest(f"resource.k8s.io/{kind}", resource.ref.namespace, name, resource.path)
    if found is None:
        return None, ()
    rows = claimed_devices(value_at(found.body, spec_path))
    counts = [count for name, count in rows if not _is_other_class(name, resource, context)]
    return total(counts), tuple(name for name, _ in rows if name)


def _is_other_class(name: str, resource: Resource, context: Context) -> bool:
    """True for a device class that hands out something else than accelerators, going by its name or its driver."""
    definition = context.lookup.nearest("resource.k8s.io/DeviceClass", "", name, resource.path)
    return context.accelerators.is_other_class(name, None if definition is None else definition.body)
