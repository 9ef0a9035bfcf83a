"""The resource claims of a pod template, and the devices that they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karlint.inventory.accelerators import claimed_devices
from karlint.inventory.paths import total, value_at
from karlint.model.workload import ClaimRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from karlint.inventory.containers import Context
    from karlint.inventory.paths import Wild
    from karlint.model.path import Path
    from karlint.model.resource import Resource

_CHANNEL = "compute-domain-default-channel.nvidia.com"


def claims_of(
    resource: Resource, spec: Mapping[str, Any], path: Path, field: Wild, context: Context
) -> Iterator[ClaimRequest]:
    """Yield the claims that the list *field* of a pod spec names, with what they resolve to."""
    entries = value_at(spec, field)
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if not isinstance(entry, dict):
            continue
        claim = entry.get("resourceClaimName")
        template = entry.get("resourceClaimTemplateName")
        devices, classes = _resolve(resource, claim, template, context)
        if _of_group(resource, spec, entry, context):
            devices = None
        yield ClaimRequest(
            name=str(entry.get("name") or ("" if field == ("resourceClaims",) else claim or template or index)),
            path=(*path, *field, index),
            claim=claim if isinstance(claim, str) else "",
            template=template if isinstance(template, str) else "",
            devices=devices,
            device_classes=classes,
            shared=isinstance(claim, str),
        )


def _of_group(resource: Resource, spec: Mapping[str, Any], entry: Mapping[str, Any], context: Context) -> bool:
    """Tell whether the pod group has a claim of that name, which its pods then may share instead of one each.

    Whether they do is up to a feature gate (https://kep.k8s.io/5729).
    """
    name = value_at(spec, ("schedulingGroup", "podGroupName"))
    if not isinstance(name, str):
        return False
    group = context.lookup.nearest_to(resource, "scheduling.k8s.io/PodGroup", resource.ref.namespace, name)
    claims = value_at(group.body, ("spec", "resourceClaims")) if group else None
    return any(
        isinstance(claim, dict) and claim.get("name") == entry.get("name")
        for claim in (claims if isinstance(claims, list) else ())
    )


def claimed_by_pod(claims: Iterable[ClaimRequest]) -> list[int | None]:
    """Return the devices of each claim of a pod; the same claim under two names is one."""
    by_claim = {claim.claim if claim.shared else claim.path: claim.devices for claim in claims}
    return list(by_claim.values())


def _resolve(resource: Resource, claim: Any, template: Any, context: Context) -> tuple[int | None, tuple[str, ...]]:
    """Return devices and classes of the claim (template) that an entry names, unknown where it is not in the tree."""
    kind, name, spec_path = (
        ("ResourceClaimTemplate", template, ("spec", "spec"))
        if isinstance(template, str)
        else ("ResourceClaim", claim, ("spec",))
    )
    if not isinstance(name, str):
        return None, ()
    found = context.lookup.nearest_to(resource, f"resource.k8s.io/{kind}", resource.ref.namespace, name)
    if found is None:
        return (0, (_CHANNEL,)) if _is_channel(resource, name, context) else (None, ())
    rows = claimed_devices(value_at(found.body, spec_path))
    counts = [count for name, count in rows if not _is_other_class(name, resource, context)]
    return total(counts), tuple(name for name, _ in rows if name)


def _is_channel(resource: Resource, name: str, context: Context) -> bool:
    """Tell whether a ComputeDomain of the tree makes the claim template; channels are no devices."""
    domains = context.lookup.by_kind.get("resource.nvidia.com/ComputeDomain", {})
    path = ("spec", "channel", "resourceClaimTemplate", "name")
    return any(
        value_at(domain.body, path) == name
        and (not domain.ref.namespace or not resource.ref.namespace or domain.ref.namespace == resource.ref.namespace)
        for same_name in domains.values()
        for domain in same_name
    )


def _is_other_class(name: str, resource: Resource, context: Context) -> bool:
    """True for a device class that hands out something else than accelerators, going by its name or its driver."""
    definition = context.lookup.nearest_to(resource, "resource.k8s.io/DeviceClass", "", name)
    return context.accelerators.is_other_class(name, None if definition is None else definition.body)
