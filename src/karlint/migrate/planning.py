"""From a pod template to its claims: which templates they need, and the operations that put them in place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from karlint.migrate.layout import Segment, quantity, segments_of
from karlint.migrate.selection import removals, select
from karlint.model.fix import Operation, OperationKind
from karlint.model.migration import DeviceRequest, Moved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from karlint.migrate.mapping import Classes, Source
    from karlint.migrate.selection import Selection
    from karlint.model.path import Path
    from karlint.model.workload import PodTemplate

_NOT_NAME = re.compile(r"[^a-z0-9]+")
_LONGEST = 40


class PodClaim(Struct, frozen=True):
    """An entry of ``spec.resourceClaims``.

    Attributes:
        name: pod-local name.
        requests: of the claim template that it needs.
        word: what the template is called, before that is made unique.
    """

    name: str
    requests: tuple[DeviceRequest, ...]
    word: str


class Planned(Struct, frozen=True):
    """What becomes of one pod template.

    Attributes:
        claims: claims of the pod, in order.
        uses: container's place to the claims that it uses, each with a request or "" for all of them.
        moved: what each container asked for.
        gains: what claims bring.
        notes: what a person should know.
        operations: on the resource, those that name claim templates left out.
    """

    claims: tuple[PodClaim, ...]
    uses: Mapping[int, tuple[tuple[str, str], ...]]
    moved: tuple[Moved, ...]
    gains: tuple[str, ...]
    notes: tuple[str, ...]
    removed: tuple[Operation, ...]
    taints: tuple[str, ...]


class _Part(Struct, frozen=True):
    """A segment with what it selects, and the name of its request."""

    segment: Segment
    selection: Selection
    name: str


class _Names(Struct):
    """Names that are still free."""

    taken: set[str] = field(default_factory=set)

    def free(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self.taken:
            number += 1
            name = f"{wanted}-{number}"
        self.taken.add(name)
        return name


def plan_template(template: PodTemplate, classes: Classes, sources: Mapping[str, Source]) -> Planned:
    """Return what becomes of *template*, whose requests are known.

    Args:
        template: the pod template.
        classes: what node labels say of devices.
        sources: extended resource to what takes its place, for each that the template asks for.
    """
    parts = _parts(template, classes, sources)
    claims, uses = _claims(template, parts)
    selections = list({part.segment.resource: part.selection for part in parts}.values())
    replaced = list({demand.at: demand for selection in selections for demand in selection.replaced}.values())
    return Planned(
        claims=claims,
        uses=uses,
        moved=tuple(_moved(template, selections, claims, uses)),
        gains=tuple(_gains(template, selections, parts)),
        notes=tuple(_notes(template, selections)),
        removed=tuple(removals(template.spec, replaced)),
        taints=tuple(dict.fromkeys(selection.source.taint for selection in selections)),
    )


def _parts(template: PodTemplate, classes: Classes, sources: Mapping[str, Source]) -> list[_Part]:
    parts: list[_Part] = []
    names = _Names()
    for resource in template.accelerators:
        selection = select(sources[resource], template.spec, classes)
        for segment in segments_of(template.containers, resource):
            parts.append(_Part(segment, selection, ""))
    if len(parts) == 1:
        return [_Part(parts[0].segment, parts[0].selection, word_of(parts[0].selection.source.name))]
    named = []
    for part in parts:
        users = [template.containers[user].name for user in part.segment.users]
        own = users[0] if len(users) == 1 else part.selection.source.name
        named.append(_Part(part.segment, part.selection, names.free(word_of(own))))
    return named


def word_of(text: str) -> str:
    """Return *text* as a part of a name: lower case, digits and single dashes, cut where a word ends."""
    word = _NOT_NAME.sub("-", text.lower()).strip("-")
    if len(word) > _LONGEST:
        word = word[: _LONGEST + 1].rpartition("-")[0] or word[:_LONGEST]
    return word or "device"


def _claims(
    template: PodTemplate, parts: Sequence[_Part]
) -> tuple[tuple[PodClaim, ...], dict[int, tuple[tuple[str, str], ...]]]:
    """Return the claims of the pod, and which of them each container uses.

    A container may name a claim once only, with one of its requests or with all. Where it needs some, each request
    becomes a claim of its own.
    """
    taken = _Names({claim.name for claim in template.claims})
    uses: dict[int, list[_Part]] = {}
    for part in parts:
        for user in part.segment.users:
            uses.setdefault(user, []).append(part)
    all_of_it = all(len(used) == len(parts) for used in uses.values())
    if all_of_it or all(len(used) == 1 for used in uses.values()):
        words = {part.selection.source.name for part in parts}
        name = taken.free(word_of(words.pop() if len(words) == 1 else "devices"))
        claim = PodClaim(name, tuple(map(_request, parts)), _word(parts))
        return (claim,), {user: ((name, "" if all_of_it else used[0].name),) for user, used in uses.items()}
    names = {id(part): taken.free(part.name) for part in parts}
    claims = tuple(
        PodClaim(names[id(part)], (_request(part, word_of(part.selection.source.name)),), _word([part]))
        for part in parts
    )
    return claims, {user: tuple((names[id(part)], "") for part in used) for user, used in uses.items()}


def _request(part: _Part, name: str = "") -> DeviceRequest:
    selection = part.selection
    source = selection.source
    return DeviceRequest(
        name or part.name, source.device_class, part.segment.count, tuple(selection.selectors), source.is_whole
    )


def _word(parts: Sequence[_Part]) -> str:
    words: list[str] = []
    for part in parts:
        word, number = word_of(part.selection.word), f"x{part.segment.count}"
        number = "all" if part.selection.source.is_whole else number
        words += [number] if words and word == words[0] else [word, number]
    return "-".join(words)


def _moved(
    template: PodTemplate,
    selections: Iterable[Selection],
    claims: Sequence[PodClaim],
    uses: Mapping[int, tuple[tuple[str, str], ...]],
) -> Iterator[Moved]:
    by_resource = {selection.source.resource: selection for selection in selections}
    for place, container in enumerate(template.containers):
        for resource, selection in by_resource.items():
            number = quantity(container, resource)
            if number:
                used = _claims_for(selection, claims, uses[place])
                device_class = selection.source.device_class
                yield Moved(container.name, container.role, resource, number, device_class, tuple(used))


def _claims_for(selection: Selection, claims: Iterable[PodClaim], used: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield those of the claims that a container uses by which it gets what *selection* asks for."""
    asked = (selection.source.device_class, selection.selectors)
    requests = {claim.name: claim.requests for claim in claims}
    for claim, name in used:
        if any((r.device_class, r.selectors) == asked for r in requests[claim] if name in ("", r.name)):
            yield f"{claim}/{name}" if name else claim


def _gains(template: PodTemplate, selections: Sequence[Selection], parts: Sequence[_Part]) -> Iterator[str]:
    """Yield what the claims can do that device plugins cannot."""
    if any(selection.replaced for selection in selections):
        yield "selection"
    running = {(part.segment.resource, user) for part in parts for user in part.segment.users}
    running = {(resource, user) for resource, user in running if template.containers[user].role != "init"}
    if len(running) > len({resource for resource, _ in running}):
        yield "sharing"  # an init container leaves its devices to the others with a device plugin, too
    if template.claims or any(_is_network(key) for c in template.containers for key in _limits(c.body)):
        yield "alignment"
    if any(selection.choices > 1 for selection in selections) or _prefers(template.spec):
        yield "fallback"


def _is_network(resource: str) -> bool:
    return bool(re.search(r"^rdma/|hostdev|rdma|sriov|^vpc\.amazonaws\.com/efa", resource))


def _limits(body: Mapping[str, Any]) -> Mapping[str, Any]:
    resources = body.get("resources")
    limits = resources.get("limits") if isinstance(resources, dict) else None
    return limits if isinstance(limits, dict) else {}


def _prefers(spec: Mapping[str, Any]) -> bool:
    affinity = spec.get("affinity")
    node = affinity.get("nodeAffinity") if isinstance(affinity, dict) else None
    preferred = node.get("preferredDuringSchedulingIgnoredDuringExecution") if isinstance(node, dict) else None
    return bool(preferred) and "gpu" in str(preferred)


def _notes(template: PodTemplate, selections: Sequence[Selection]) -> Iterator[str]:
    for selection in selections:
        for demand in selection.replaced:
            yield f"The node label {demand.label} is asked of the device instead."
        if selection.source.is_whole:
            yield f"{selection.source.resource}: the claim is for all chips of a node, which go out together."
        if selection.source.driver_class == "mig.nvidia.com":
            yield "MIG devices must be there beforehand, unless the driver makes them (its gate DynamicMIG)."
        if selection.source.device_class == "gpu.amd.com":
            yield "The class gpu.amd.com has partitions, too, where AMD's driver makes them (its gate AutoPartition)."
        if selection.source.is_share:
            yield f"Each share of {selection.source.resource} becomes a device of its own."
    images = [container for container in template.containers if container.role == "ephemeral"]
    if images:
        yield "Ephemeral containers see no claimed device."


def operations(template: PodTemplate, plan: Planned, names: Mapping[str, str]) -> list[Operation]:
    """Return the operations on the resource that do *plan*; *names* are those of the claim templates by claim."""
    spec_path, spec = template.spec_path, template.spec
    entries = [{"name": claim.name, "resourceClaimTemplateName": names[claim.name]} for claim in plan.claims]
    found = list(_added(spec, spec_path, "resourceClaims", entries))
    for place, used in plan.uses.items():
        found += _for_container(template, place, used)
    found += _tolerated(spec, spec_path, plan.taints)
    found += [Operation(item.kind, (*spec_path, *item.at), item.value) for item in plan.removed]
    return found


def _added(holder: Mapping[str, Any], path: Path, key: str, entries: Sequence[Any]) -> Iterator[Operation]:
    """Yield what adds *entries* to the list *key*, which may not be there."""
    there = holder.get(key)
    if isinstance(there, list) and there:
        for number, entry in enumerate(entries, len(there)):
            yield Operation(OperationKind.ADD, (*path, key, number), entry)
    elif key in holder:
        yield Operation(OperationKind.SET, (*path, key), list(entries))
    else:
        yield Operation(OperationKind.ADD, (*path, key), list(entries))


def _for_container(template: PodTemplate, place: int, used: Sequence[tuple[str, str]]) -> Iterator[Operation]:
    """Yield what gives a container its claims, and takes its extended resources away."""
    container = template.containers[place]
    path, resources = (*container.path, "resources"), container.body["resources"]
    claims = [{"name": claim, "request": request} if request else {"name": claim} for claim, request in used]
    yield from _added(resources, path, "claims", claims)
    gone = {request.resource for request in container.accelerators}
    for part in ("limits", "requests"):
        amounts = resources.get(part)
        named = [name for name in amounts if name in gone] if isinstance(amounts, dict) else []
        if named and len(named) == len(amounts):
            yield Operation(OperationKind.REMOVE, (*path, part))
        else:
            yield from (Operation(OperationKind.REMOVE, (*path, part, name)) for name in named)


def _tolerated(spec: Mapping[str, Any], path: Path, taints: Iterable[str]) -> Iterator[Operation]:
    """Yield what tolerates the taints of nodes with devices.

    For extended resources an admission plugin of the API server may do so (ExtendedResourceToleration, on in GKE); for
    claims none does.
    """
    there = spec.get("tolerations")
    listed = there if isinstance(there, list) else []
    missing = [key for key in taints if not any(_tolerates(entry, key) for entry in listed)]
    entries = [{"key": key, "operator": "Exists", "effect": "NoSchedule"} for key in missing]
    if entries:
        yield from _added(spec, path, "tolerations", entries)


def _tolerates(entry: Any, key: str) -> bool:
    """Tell whether a toleration is about the taint: whoever wrote one for the key knows its value."""
    return isinstance(entry, dict) and (entry.get("key") == key or not entry.get("key"))
