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
        yield ClaimRequest(
            name=str(entry.get("name") or ("" if field == ("resourceClaims",) else claim or template or index)),
            path=(*path, *field, index),
            claim=claim if isinstance(claim, str) else "",
            template=template if isinstance(template, str) else "",
            devices=devices,
            device_classes=classes,
            shared=isinstance(claim, str),
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
