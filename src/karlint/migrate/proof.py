"""What proves a migration: as many devices as before, and nothing found that was not."""

from __future__ import annotations

import posixpath
from collections import Counter
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from karlint.migrate.naming import TEMPLATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from karlint.inventory import Inventory
    from karlint.migrate.units import Unit
    from karlint.model.finding import Finding
    from karlint.model.report import Report
    from karlint.model.resource import Resource

_Key = tuple[str, ...]
MIXED = "dra/legacy-device-plugin"
"""Finds workloads that stay with the device plugin beside those that do not: what the user may allow."""

_NAMES = (
    "Where kustomize changes names, tell it by a nameReference from ResourceClaimTemplate to "
    "resourceClaims/resourceClaimTemplateName (configurations) that these belong together."
)


class State(Struct, frozen=True):
    """A tree as a run saw it.

    Attributes:
        devices: workload to its devices: in all, and of each pod template with its pods.
        starts: file to the lines on which its resources begin, each with its kind, namespace and name.
        templates: claim templates: environment, or file where none is rendered; namespace and name.
        named: workload to the claim templates that its pods name.
    """

    report: Report
    devices: Mapping[_Key, Any]
    starts: Mapping[str, Sequence[tuple[int, _Key]]]
    templates: frozenset[_Key] = frozenset()
    named: Mapping[_Key, frozenset[str]] = field(default_factory=dict)


class Blame(Struct, frozen=True):
    """What went wrong, and the units that may have caused it; none for unknown.

    Attributes:
        mixed: True where it is that others keep asking the device plugin.
        help: what a person could do about it, a sentence; "" for nothing.
    """

    why: str
    units: tuple[int, ...]
    mixed: bool = False
    help: str = ""


def state_of(report: Report, inventory: Inventory) -> State:
    """Return what there is to compare."""
    seen: Counter[_Key] = Counter()
    devices: dict[_Key, Any] = {}
    names: dict[_Key, frozenset[str]] = {}
    for index, workload in inventory.workloads.items():
        key = _key(inventory.resources[index])
        seen[key] += 1
        templates = [(t.role, t.pods, t.max_pods, t.devices) for t in workload.templates]
        devices[(*key, str(seen[key]))] = (workload.devices, templates)
        claims = {claim.template for t in workload.templates if not t.borrowed for claim in t.claims}
        names[key] = names.get(key, frozenset()) | claims.difference({""})
    starts: dict[str, list[tuple[int, _Key]]] = {}
    for resource in inventory.resources:
        ref = (resource.ref.kind, resource.ref.namespace, resource.ref.name)
        starts.setdefault(resource.path, []).append((resource.document.line, ref))
    listed = (item for found in inventory.lookup.by_kind.get(TEMPLATE, {}).values() for item in found)
    named: frozenset[_Key] = frozenset((_where(item), item.ref.namespace, item.ref.name) for item in listed)
    return State(report, devices, starts, named, names)


def _where(resource: Resource) -> str:
    """Return what a claim and its template must have in common."""
    return resource.path if resource.environment is None else resource.environment.key


def _key(resource: Resource) -> _Key:
    ref = resource.ref
    environment = resource.environment.name if resource.environment is not None else ""
    return (resource.path, ref.group_kind, ref.namespace, ref.name, environment)


def faults(before: State, after: State, units: Sequence[Unit], inventory: Inventory) -> list[Blame]:
    """Return what is worse after *units* were migrated; *inventory* is that of the tree as it was."""
    found = [*_failures(before.report, after.report), *_of_templates(before, after, units)]
    whole = {_key(resource) for unit in units if _claims_all(unit) for resource in unit.resources}
    for key, was in before.devices.items():
        now = after.devices.get(key)
        if now != was and not (key[:5] in whole and now is not None and _as_many(was, now)):
            found.append(_of_devices(key, was, now, units))
    found += _of_findings(before.report, after, units, inventory)
    return found


def _of_templates(before: State, after: State, units: Sequence[Unit]) -> Iterator[Blame]:
    """Yield the workloads whose claim template is not called so where they are: kustomize renames it, and no claim."""
    for place, unit in enumerate(units):
        for resource in unit.resources:
            key = _key(resource)
            for name in sorted(after.named.get(key, frozenset()) - before.named.get(key, frozenset())):
                if (_where(resource), resource.ref.namespace, name) not in after.templates:
                    where = resource.environment.name if resource.environment is not None else resource.path
                    yield Blame(f"the claim template {name} has another name in {where}", (place,), help=_NAMES)


def _claims_all(unit: Unit) -> bool:
    return any(request.every for claim in unit.templates.values() for request in claim.requests)


def _as_many(was: Any, now: Any) -> bool:
    """Tell whether two states are the same where all devices of a node, an unknown number, count as what was asked.

    That a node has that many is known by its topology, or the workload would have been refused.
    """
    alike = [old[:3] == new[:3] and new[3] in (old[3], None) for old, new in zip(was[1], now[1], strict=False)]
    return len(was[1]) == len(now[1]) and all(alike) and now[0] in (was[0], None)


def _failures(before: Report, after: Report) -> Iterator[Blame]:
    if len(after.failures) > len(before.failures):
        yield Blame(f"a rule could not be evaluated any more ({after.failures[-1].message})", ())
    if len(after.not_rendered) > len(before.not_rendered):
        yield Blame(f"{after.not_rendered[-1].what} could not be rendered any more", ())


def _of_devices(key: _Key, was: Any, now: Any, units: Sequence[Unit]) -> Blame:
    path, group_kind, namespace, name, environment = key[:5]
    own = [place for place, unit in enumerate(units) if any(_key(resource) == key[:5] for resource in unit.resources)]
    near = own or [place for place, unit in enumerate(units) if unit.file == path]
    label = f"{group_kind.rpartition('/')[2]} {namespace}/{name}".replace(" /", " ")
    where = f" in {environment}" if environment else ""
    counts = "is not there any more" if now is None else f"has {_numbers(now)} devices instead of {_numbers(was)}"
    return Blame(f"{label}{where} {counts} after it", tuple(near))


def _numbers(state: Any) -> str:
    """Return the devices of each pod template."""
    _, templates = state
    return "+".join("?" if devices is None else str(devices) for *_, devices in templates) or "?"


def _of_findings(before: Report, after: State, units: Sequence[Unit], inventory: Inventory) -> Iterator[Blame]:
    known = Counter(map(_told, _all(before)))
    now = Counter(map(_told, _all(after.report)))
    fresh = {told for told in now if now[told] > known[told]}
    open_before, open_now = Counter(map(_told, before.findings)), Counter(map(_told, after.report.findings))
    fresh |= {told for told in open_now if open_now[told] > open_before[told]}  # its suppression may have gone
    for finding in _all(after.report):
        told = _told(finding)
        if told not in fresh:
            continue
        fresh.discard(told)
        if finding.rule == MIXED and finding.resource is not None:
            label = f"{finding.resource} ({finding.location.path})"
            yield Blame(label, tuple(_beside(finding, units, inventory)), mixed=True)
        else:
            yield Blame(f"{finding.rule} would be found: {finding.message}", tuple(_near(finding, after, units)))


def _beside(finding: Finding, units: Sequence[Unit], inventory: Inventory) -> Iterator[int]:
    """Yield the units in the namespace and scope of a finding."""
    scope = set(inventory.scope_of(posixpath.dirname(finding.location.path)))
    namespace = finding.resource.namespace if finding.resource is not None else ""
    for place, unit in enumerate(units):
        same = any(resource.ref.namespace == namespace for resource in unit.resources)
        if same and (posixpath.dirname(unit.file) in scope or any(r.directory in scope for r in unit.resources)):
            yield place


def _all(report: Report) -> Iterable[Finding]:
    return (*report.findings, *report.suppressed)


def _told(finding: Finding) -> _Key:
    """Return what a finding says, without the place in the resource and the numbers that change."""
    ref = finding.resource
    where = finding.location.path
    return (finding.rule, where) if ref is None else (finding.rule, where, ref.kind, ref.namespace, ref.name)


def _near(finding: Finding, after: State, units: Sequence[Unit]) -> list[int]:
    """Return the units that a finding is about, or that it names, or else those of its file, its namespace."""
    ref = finding.resource
    here = [place for place, unit in enumerate(units) if unit.file == finding.location.path]
    if ref is None:
        return here
    if ref.kind == "ResourceClaimTemplate":
        users = [place for place in here if ref.name in units[place].templates]
        return users or here
    named: set[_Key] = {(ref.kind, ref.namespace, ref.name)}
    own = _called(named, units)
    if own:
        return [place for place in own if place in here] or own
    for related in finding.related:
        starts = after.starts.get(related.location.path, ())
        before = [start for start in starts if start[0] <= related.location.span.line]
        named |= {max(before)[1]} if before else set()
    return _called(named, units) or here or _of_namespace(ref.namespace, units)


def _called(names: set[_Key], units: Sequence[Unit]) -> list[int]:
    return [
        place
        for place, unit in enumerate(units)
        if any((r.ref.kind, r.ref.namespace, r.ref.name) in names for r in unit.resources)
    ]


def _of_namespace(namespace: str, units: Sequence[Unit]) -> list[int]:
    return [place for place, unit in enumerate(units) if any(r.ref.namespace == namespace for r in unit.resources)]
