"""From a resource to its normalised workload."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from karlint.inventory.accelerators import AcceleratorTable, claimed_devices, requested
from karlint.inventory.kinds import KindRow, Match, TemplateRow, fill, matches, pods_of, value_at, whole_number
from karlint.inventory.servers import server_of, tokens_of
from karlint.model.workload import AcceleratorRequest, ClaimRequest, Container, PodTemplate, Workload

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
    templates = tuple(
        _template(resource, template, match, context)
        for template in row.templates
        for match in matches(resource.body, template.path)
        if isinstance(value_at(resource.body, match.path), dict)
    )
    return Workload(
        templates=templates,
        pods=_total(template.pods for template in templates),
        devices=_total(_times(template.pods, template.devices) for template in templates),
        operator_probes=row.operator_probes,
    )


def _total(numbers: Iterator[int | None]) -> int | None:
    total = 0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total


def _times(pods: int | None, devices: int | None) -> int | None:
    """Return the product; no devices a pod are no devices, however many pods there may be."""
    if devices == 0:
        return 0
    return None if pods is None or devices is None else pods * devices


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
        devices=_total(iter([*accelerators.values(), *(claim.devices for claim in claims)])),
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
    for field_name, default_role in (("containers", "main"), ("initContainers", "init"), ("ephemeralContainers", "ephemeral")):
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
    return Container(
        name=body["name"] if isinstance(body.get("name"), str) else "",
        role=role,
        path=path,
        accelerators=accelerators,
        claims=tuple(
            str(claim["name"]) for claim in (claims if isinstance(claims, list) else ())
            if isinstance(claim, dict) and "name" in claim
        ),
        server=server_of(body, role=role, table=context.servers),
        tokens=tokens_of(body),
        body=body,
    )


def _accelerators_of_pod(containers: tuple[Container, ...]) -> dict[str, int | None]:
    """Return devices a pod by resource name.

    Init containers run one after the other and before the rest, so the pod needs the larger of their largest request
    and the sum of all that run together (https://kubernetes.io/docs/concepts/workloads/pods/init-containers/).
    """
    together: dict[str, int | None] = defaultdict(int)
    before: dict[str, int | None] = defaultdict(int)
    for container in containers:
        for request in container.accelerators:
            if container.role == "init":
                before[request.resource] = _larger(before[request.resource], request.quantity)
            elif container.role != "ephemeral":
                together[request.resource] = _sum(together[request.resource], request.quantity)
    return {name: _larger(together[name], before[name]) for name in dict.fromkeys([*together, *before])}


def _sum(left: int | None, right: int | None) -> int | None:
    return None if left is None or right is None else left + right


def _larger(left: int | None, right: int | None) -> int | None:
    return None if left is None or right is None else max(left, right)


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
    devices, classes = claimed_devices(value_at(found.body, spec_path))
    definitions = {
        name: context.lookup.nearest("resource.k8s.io/DeviceClass", "", name, resource.path) for name in classes
    }
    if classes and all(
        context.accelerators.is_other_class(name, None if found is None else found.body)
        for name, found in definitions.items()
    ):
        return 0, classes
    return devices, classes
