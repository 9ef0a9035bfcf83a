"""From a resource to its normalised workload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from karlint.inventory.claims import claimed_by_pod, claims_of
from karlint.inventory.containers import Context, accelerators_of_pod, containers_of, with_own_devices
from karlint.inventory.expressions import number_of
from karlint.inventory.kinds import KindRow, TemplateRow, places, pods_of, role_of
from karlint.inventory.paths import Match, exists, fill, find, matches, product, total, value_at
from karlint.inventory.runtimes import training_templates
from karlint.model.workload import ClaimRequest, Container, PodTemplate, Workload

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from karlint.model.path import Path
    from karlint.model.resource import Resource

__all__ = ["Context", "workload_of"]

_EMPTY: Mapping[str, Any] = {}
_SHARES = ("gpu-fraction", "gpu-memory")
"""Annotations by which the KAI scheduler gives a pod a part of a device (pkg/common/constants of KAI-Scheduler)."""
_POD_CLAIMS = ("resourceClaims",)
_DEEPEST = 3
"""Manifests that wrap manifests, and resources that borrow from borrowers, end here."""


class _Parts(Struct, frozen=True):
    """What a resource, or a manifest inside it, makes pods of; *whole* if every part of it could be read."""

    templates: tuple[PodTemplate, ...] = ()
    whole: bool = False
    probes: bool = False
    shm: bool = False


def workload_of(resource: Resource, context: Context) -> Workload | None:
    """Return the normalised workload, None for a kind that makes no pods."""
    row = context.kinds.get(resource.ref.group_kind)
    if row is None:
        return None
    parts = _parts_of(resource, resource.body, row, context, _DEEPEST)
    whole = bool(parts.templates) and parts.whole
    return Workload(
        templates=parts.templates,
        pods=total(template.pods for template in parts.templates) if whole else None,
        devices=_devices_of(parts.templates) if whole else None,
        operator_probes=row.operator_probes or parts.probes,
        operator_shm=row.operator_shm or parts.shm,
        scale=row.scale or None,
    )


def _parts_of(resource: Resource, body: Any, row: KindRow, context: Context, depth: int) -> _Parts:
    """Return the templates of *body*, with paths from its own root."""
    found = [
        (template, place, source)
        for template in row.templates
        for place in places(template, body)
        if (source := _source(template, body, place)) is not None
    ]
    templates = [_template(resource, body, *item, context) for item in found]
    inner = list(_inside(resource, body, row, context, depth)) if depth else []
    templates += [template for parts in inner for template in parts.templates]
    if row.borrows and depth:
        templates += _borrowed(resource, body, row, context, depth)
    if row.runtime:
        templates += training_templates(resource, body, context, _assembled)
    return _Parts(
        templates=tuple(templates),
        whole=not _gaps(row, body, [place for _, place, _ in found]) and all(parts.whole for parts in inner),
        probes=any(parts.probes for parts in inner),
        shm=any(parts.shm for parts in inner),
    )


def _source(row: TemplateRow, body: Any, place: Match) -> Path | None:
    """Return where the template really is, None where what stands there is none."""
    value = value_at(body, place.path)
    if row.named_in is None:
        return place.path if isinstance(value, dict) or (value is None and row.optional) else None
    for match in matches(body, (*row.named_in, "[*]")):
        item = value_at(body, match.path)
        if isinstance(item, dict) and item.get("name") == value and isinstance(item.get("template"), dict):
            return (*match.path, "template")
    return None


def _gaps(row: KindRow, body: Any, found: Sequence[Match]) -> bool:
    """Tell whether a part of the workload (a task, a role) has no template of its own, so that its pods are unknown."""
    filled = {match.wildcards[:end] for match in found for end in range(1, len(match.wildcards) + 1)}
    parts = {
        part.wildcards
        for template in row.templates
        for part in matches(body, template.path[: template.parts])
        if part.wildcards and (not template.having or _makes_pods(template, body, part))
    }
    return not parts <= filled


def _makes_pods(row: TemplateRow, body: Any, part: Match) -> bool:
    return any(exists(value_at(body, (*part.path, *row.path[row.parts :], field))) for field in row.having)


def _inside(resource: Resource, body: Any, row: KindRow, context: Context, depth: int) -> Iterator[_Parts]:
    """Yield what the manifests inside *body* make pods of."""
    for holder in row.manifests:
        for match in matches(body, holder.at):
            manifest = value_at(body, match.path)
            kind = context.kinds.get(_group_kind(manifest))
            if kind is None:
                # What cannot be read may make pods; a Service makes none.
                yield _Parts(whole=isinstance(manifest, dict) and isinstance(manifest.get("kind"), str))
                continue
            parts = _parts_of(resource, manifest, kind, context, depth - 1)
            times = number_of(holder.times, body, match.wildcards)
            moved = [_moved(template, match.path) for template in parts.templates]
            yield _Parts(
                templates=tuple(replace(t, pods=product((times, t.pods)), max_pods=_times(times, t)) for t in moved),
                whole=parts.whole and bool(parts.templates),
                probes=kind.operator_probes or parts.probes,
                shm=kind.operator_shm or parts.shm,
            )


def _times(times: int | None, template: PodTemplate) -> int | None:
    return product((times, template.max_pods))


def _group_kind(manifest: Any) -> str:
    if not isinstance(manifest, dict):
        return ""
    group = str(manifest.get("apiVersion", "")).rpartition("/")[0]
    return f"{group}/{manifest.get('kind', '')}" if group else str(manifest.get("kind", ""))


def _borrowed(resource: Resource, body: Any, row: KindRow, context: Context, depth: int) -> Iterator[PodTemplate]:
    """Yield the templates of the resource that *body* names."""
    for loan in row.borrows:
        name = value_at(body, loan.name)
        if not isinstance(name, str):
            continue
        lender = context.lookup.nearest_to(resource, loan.kind, resource.ref.namespace, name)
        kind = context.kinds.get(loan.kind)
        if lender is None or kind is None:
            continue
        pods = number_of(loan.pods, body, ())
        for template in _parts_of(lender, lender.body, kind, context, depth - 1).templates:
            yield replace(_moved(template, loan.name), pods=pods, max_pods=pods, borrowed=True)
        return


def _moved(template: PodTemplate, below: Path) -> PodTemplate:
    """Return the template with *below* at the head of all its paths."""
    return replace(
        template,
        path=(*below, *template.path),
        spec_path=(*below, *template.spec_path),
        claims=tuple(replace(claim, path=(*below, *claim.path)) for claim in template.claims),
        containers=tuple(
            replace(
                container,
                path=(*below, *container.path),
                accelerators=tuple(
                    replace(request, path=(*below, *request.path)) for request in container.accelerators
                ),
            )
            for container in template.containers
        ),
    )


def _devices_of(templates: Iterable[PodTemplate]) -> int | None:
    """Return the devices of all pods: a claim by name is one and the same for all of them."""
    numbers: list[int | None] = []
    shared: dict[str, int | None] = {}
    for template in templates:
        own = [*template.accelerators.values(), *(claim.devices for claim in template.claims if not claim.shared)]
        hidden = template.devices is None and None not in own
        numbers.append(product((template.pods, None if hidden else total(own))))
        shared |= {claim.claim: claim.devices for claim in template.claims if claim.shared and template.pods != 0}
    return total([*numbers, *shared.values()])


def _template(
    resource: Resource, body: Any, row: TemplateRow, place: Match, source: Path, context: Context
) -> PodTemplate:
    spec_path = (*source, *row.spec)
    spec = _mapping(value_at(body, spec_path))
    metadata_at = source if row.metadata is None else fill(row.metadata, place.wildcards)
    holder = _mapping(value_at(body, metadata_at))
    containers = tuple(containers_of(spec, spec_path, row.containers, context))
    containers = with_own_devices(containers, row, body, place, spec_path, context)
    claims = tuple(claims_of(resource, spec, spec_path, row.claims, context))
    if row.claims != _POD_CLAIMS:
        containers = _wired(containers, claims)
    pods, max_pods = pods_of(row, body, place)
    template = PodTemplate(
        role=role_of(row, body, place),
        path=source,
        spec_path=spec_path,
        pods=pods,
        max_pods=max_pods,
        labels=_EMPTY,
        annotations=_EMPTY,
        spec=spec,
        containers=containers,
        claims=claims,
        accelerators=_EMPTY,
        devices=None,
    )
    template = _assembled(template, holder if row.spec == () or row.metadata else _mapping(holder.get("metadata")))
    return replace(template, devices=None) if _hides_devices(row, body, place, template) else template


def _assembled(template: PodTemplate, metadata: Mapping[str, Any]) -> PodTemplate:
    """Return the template with its labels, and with what its containers and claims add up to."""
    accelerators = accelerators_of_pod(template.containers)
    annotations = _mapping(metadata.get("annotations"))
    parts_of_devices = not accelerators and any(name in annotations for name in _SHARES)
    return replace(
        template,
        labels=_mapping(metadata.get("labels")),
        annotations=annotations,
        accelerators=accelerators,
        devices=None if parts_of_devices else total([*accelerators.values(), *claimed_by_pod(template.claims)]),
    )


def _wired(containers: tuple[Container, ...], claims: tuple[ClaimRequest, ...]) -> tuple[Container, ...]:
    """Return the containers, the main one with the claims that the kind's operator gives it."""
    names = tuple(claim.name for claim in claims)
    return (replace(containers[0], claims=names), *containers[1:]) if names and containers else containers


def _hides_devices(row: TemplateRow, body: Any, place: Match, template: PodTemplate) -> bool:
    """Tell whether the pods may ask for devices that the manifest does not show."""
    if any(_speaks_of_resources(find(body, dotted, place.wildcards)) for dotted in row.unknown_in_patch):
        return True
    if template.accelerators or (template.claims and row.claims != _POD_CLAIMS):
        return False
    if any(claim.devices for claim in template.claims):
        return False  # it says itself what it gets, as limits would
    return any(_may_add(find(body, at, place.wildcards), unless) for at, unless in row.unknown_with)


def _may_add(value: Any, unless: re.Pattern[str] | None) -> bool:
    return exists(value) and not (unless is not None and isinstance(value, str) and unless.search(value))


def _speaks_of_resources(patch: Any) -> bool:
    if isinstance(patch, dict):
        return any(key in ("resources", "resourceClaims") or _speaks_of_resources(patch[key]) for key in patch)
    if isinstance(patch, list):
        return any(map(_speaks_of_resources, patch))
    return isinstance(patch, str) and ("${" in patch or "{{" in patch)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else _EMPTY


def borrowed_places(workload: Workload) -> Iterator[Path]:
    """Yield the places of borrowed templates: what is wrong below them is said of the resource that lends them."""
    for template in workload.templates:
        if template.borrowed:
            yield template.spec_path
            yield from (container.path for container in template.containers)
