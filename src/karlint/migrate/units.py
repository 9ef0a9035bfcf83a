"""Workloads as they stand in files, each with what becomes of it or why nothing does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from msgspec import Struct, field
from msgspec.structs import replace

from karlint.fix import RefusedError, mend
from karlint.fix.mend import DIFFERS
from karlint.locate import changes_for
from karlint.migrate.operators import instead
from karlint.migrate.planning import operations, plan_template
from karlint.model.intended import intended
from karlint.model.migration import Refusal
from karlint.model.resource import Resource
from karlint.model.source import Anchor
from karlint.model.unit import HelmSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from karlint.migrate.mapping import Classes
    from karlint.migrate.naming import Naming
    from karlint.migrate.planning import Planned, PodClaim
    from karlint.migrate.refusals import Refusals
    from karlint.migrate.texts import Texts
    from karlint.model.fix import Change, Operation
    from karlint.model.origin import OriginMap
    from karlint.model.path import Path
    from karlint.model.unit import Unit as Rendered
    from karlint.model.workload import PodTemplate, Workload
    from karlint.schema import SchemaSet

_CLUSTER_WIDE = ("LLMInferenceServiceConfig",)
"""Kinds whose pods may run in another namespace than their own."""

_MOST_DEVICES = 32
"""Devices of one claim: ``AllocationResultsMaxSize`` in k8s.io/api/resource/v1, which the scheduler heeds."""


class Unit(Struct):
    """A workload as it is written; a base may be rendered several times.

    Attributes:
        file, ordinal, prefix: where it is written; ordinal -1 where that is not sure.
        resources: what it is in each environment, or the resource as it stands.
        workload: of the first of these.
        asking: its pod templates that ask device plugins for devices.
        plans: what becomes of them.
        namespace: as the file writes it.
        changes: what is to be done in the file.
        templates: names of the claim templates that it uses, with what they hold.
        refusals: why nothing is done.
        written: file and document of what a refused rendered workload asks for.
    """

    file: str
    ordinal: int
    prefix: Path
    resources: list[Resource]
    workload: Workload
    asking: tuple[PodTemplate, ...]
    plans: tuple[Planned, ...] = ()
    namespace: str = ""
    changes: tuple[Change, ...] = ()
    templates: dict[str, PodClaim] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    written: frozenset[tuple[str, int]] = frozenset()

    @property
    def is_open(self) -> bool:
        """True where nothing stands in the way."""
        return not self.refusals

    def refuse(self, code: str, reason: str, advice: str = "") -> None:
        """Leave it alone."""
        self.refusals.append(Refusal(code, reason, advice))


class Drafting(Struct):
    """Makes units of resources.

    Attributes:
        allowed: codes of refusals that do not count.
        rendered: name of each environment to what it was rendered from.
        patches: files that a kustomization uses as patches.
    """

    classes: Classes
    refusals: Refusals
    schemas: SchemaSet
    texts: Texts
    allowed: frozenset[str]
    rendered: Mapping[str, Rendered]
    patches: frozenset[str]

    def units(self, workloads: Iterable[tuple[Resource, Workload]]) -> list[Unit]:
        """Return the units of all *workloads* that ask device plugins for devices, by file and place."""
        found: dict[Any, Unit] = {}
        for resource, workload in workloads:
            asking = tuple(
                t for t in workload.templates if not t.borrowed and any(c.accelerators for c in t.containers)
            )
            elsewhere = () if workload.templates else tuple(self.refusals.of_fields(resource))
            if not asking and not elsewhere:
                continue
            unit = self._draft(resource, workload, asking, elsewhere)
            key = (unit.file, unit.ordinal, unit.prefix) if unit.ordinal >= 0 else _told(unit)
            if key in found:
                _join(found[key], unit)
            else:
                found[key] = unit
        _hold_back(list(found.values()))
        return sorted(
            found.values(), key=lambda unit: (unit.file, unit.ordinal, str(unit.prefix), str(unit.resources[0].ref))
        )

    def _draft(
        self,
        resource: Resource,
        workload: Workload,
        asking: tuple[PodTemplate, ...],
        known: tuple[Refusal, ...],
    ) -> Unit:
        unit = Unit(resource.path, -1, (), [resource], workload, asking)
        refusals = [*known, *self.refusals.of_workload(resource, workload), *_of_scope(resource)]
        for template in asking:
            refusals += self.refusals.of_template(resource, template)
        kept = (item for item in refusals if not (item.allow and item.code in self.allowed))
        unit.refusals = list(dict.fromkeys(kept))
        if unit.is_open:
            unit.plans = tuple(self._plan(resource, template) for template in asking)
            unit.refusals += dict.fromkeys(_too_many(unit.plans))
        if unit.is_open:
            self._place(unit, resource)
        elif resource.origins is None:
            unit.ordinal, unit.prefix = resource.document.ordinal, resource.prefix
        else:
            unit.written = frozenset(_written(resource, resource.origins, asking))
        if unit.is_open:
            self._check_schema(unit, resource)
        return unit

    def _plan(self, resource: Resource, template: PodTemplate) -> Planned:
        found = ((name, self.refusals.around.source(resource, self.classes, name)) for name in template.accelerators)
        return plan_template(template, self.classes, {name: source for name, source in found if source is not None})

    def _place(self, unit: Unit, resource: Resource) -> None:
        """Find out where a workload is written, and whether it can be edited there."""
        draft = self._operations(unit, {claim.name: claim.word for plan in unit.plans for claim in plan.claims})
        if resource.environment is not None and resource.origins is not None:
            source = self.rendered.get(resource.environment.name)
            if source is not None and isinstance(source.source, HelmSource):
                unit.refuse(
                    "chart",
                    f"The chart {source.source.chart or '.'} makes it, and templates of charts are not edited.",
                    "Let the chart take resourceClaims and claims from its values, or its own option for DRA.",
                )
                return
        changes = changes_for(resource, tuple(draft))
        places = {(change.file, change.ordinal) for change in changes}
        if len(places) != 1:
            unit.refuse(
                "origin",
                "What it renders to is put together of several places, or of one that more hangs on."
                if places or resource.origins is not None
                else "It has no place to edit.",
                "Write its devices in one place, the base, and migrate that.",
            )
            return
        unit.file, unit.ordinal = places.pop()
        first = changes[0].operations[0].at
        head = len(first) - len(draft[0].at)
        unit.prefix = first[: max(head, 0)]
        if any(change.operations[0].at[:head] != unit.prefix for change in changes):
            unit.refuse("origin", "It is put together of several objects.", "Write it as one.")
        elif unit.file in self.patches:
            unit.refuse(
                "origin",
                "A patch writes its devices, and a patch cannot bring a claim template along.",
                "Write the devices in the base, or the claims by hand.",
            )
        elif unit.file.startswith(("/", "../")):
            unit.refuse(
                "origin", "It stands outside of the repository.", "Run karlint in the repository that holds it."
            )
        else:
            self._read(unit)

    def _read(self, unit: Unit) -> None:
        try:
            value = self.texts.document(unit.file, unit.ordinal)
        except RefusedError as error:
            unit.refuse("text", f"The file cannot be edited: {error.reason}.")
            return
        for step in unit.prefix:
            value = value[step]
        metadata = value.get("metadata") if isinstance(value, dict) else None
        namespace = metadata.get("namespace") if isinstance(metadata, dict) else None
        unit.namespace = namespace if isinstance(namespace, str) else ""

    def _operations(self, unit: Unit, names: Mapping[str, str]) -> list[Operation]:
        return [
            operation
            for template, plan in zip(unit.asking, unit.plans, strict=True)
            for operation in (*operations(template, plan, names), *instead(unit.resources[0], template))
        ]

    def _check_schema(self, unit: Unit, resource: Resource) -> None:
        """Refuse what the schema of the kind does not take: many kinds know no claims."""
        body: Any = resource.body
        try:
            for operation in self._operations(unit, _words(unit)):
                body = intended(body, operation)
        except RefusedError as error:
            unit.refuse("text", f"It cannot be edited: {error.reason}.")
            return
        document = replace(resource.document, json=orjson.dumps(body))
        changed = Resource(resource.index, resource.ref, document, context=resource.context)
        verdict = self.schemas.validate(changed)
        if not verdict.known:
            unit.refuse(
                "schema-unknown",
                f"Whether {resource.ref.api_version} {resource.ref.kind} takes claims is not known: there is no schema "
                "for it.",
                "Name one by schema_locations, or make it by `karlint schema import`.",
            )
            return
        known = [finding.message for finding in self.schemas.validate(resource).findings]
        new = [str(finding.message) for finding in verdict.findings if finding.message not in known]
        if new:
            unit.refuse(
                "schema",
                f"{resource.ref.kind} does not take claims: {new[0]}",
                "Its operator would have to pass them on; see whether it has an option for DRA.",
            )

    def name(self, unit: Unit, naming: Naming) -> None:
        """Give the claim templates of *unit* their names, and say what is to be done in its file."""
        names: dict[int, dict[str, str]] = {}
        unit.templates = {}
        owner = unit.resources[0].ref.name
        for place, plan in enumerate(unit.plans):
            for claim in plan.claims:
                name = naming.name(unit.file, unit.namespace, owner, claim.word, claim.requests)
                names.setdefault(place, {})[claim.name] = name
                unit.templates[name] = claim
        done = [
            operation
            for place, (template, plan) in enumerate(zip(unit.asking, unit.plans, strict=True))
            for operation in (*operations(template, plan, names[place]), *instead(unit.resources[0], template))
        ]
        unit.changes = changes_for(unit.resources[0], tuple(done))
        try:
            mend(unit.file, self.texts[unit.file], unit.changes)
        except RefusedError as error:
            if error.reason == DIFFERS:
                unit.refuse(
                    "origin",
                    "It is rendered with other values than its file has: a replacement, a patch or the like changes "
                    "them.",
                    "Write its devices in one place, the base, and migrate that.",
                )
                return
            unit.refuse(
                "text",
                f"Its text cannot be edited without changing more: {error.reason}.",
                "Write that out plainly first, or the claims by hand.",
            )


def _written(resource: Resource, origins: OriginMap, templates: Iterable[PodTemplate]) -> Iterator[tuple[str, int]]:
    """Yield file and document of each request of a rendered workload."""
    for template in templates:
        for container in template.containers:
            for request in container.accelerators:
                at = (*resource.prefix, *request.path)
                spot = origins.locate(resource.document.ordinal, at, Anchor.VALUE).primary
                yield spot.file, spot.ordinal


def _hold_back(units: Iterable[Unit]) -> None:
    """Refuse what would be changed together with something that is refused: another overlay of the same base."""
    refused = [unit for unit in units if unit.written]
    for unit in units:
        other = next((item for item in refused if (unit.file, unit.ordinal) in item.written), None)
        if other is not None and unit.is_open:
            first = other.resources[0]
            where = first.environment.name if first.environment is not None else first.path
            unit.refuse(
                "origin",
                f"{first.ref} in {where} is made of it too, and is refused ({other.refusals[0].code}).",
                "See what stands in the way there.",
            )


def _words(unit: Unit) -> dict[str, str]:
    return {claim.name: claim.word for plan in unit.plans for claim in plan.claims}


def _told(unit: Unit) -> tuple[Any, ...]:
    """Return what tells a workload that cannot be placed from others; its overlays are one."""
    ref = unit.resources[0].ref
    return (unit.file, tuple(unit.refusals), ref.group_kind, ref.name)


def _join(unit: Unit, other: Unit) -> None:
    """Add what the same text is elsewhere, which must become the same."""
    unit.resources += other.resources
    for refusal in other.refusals:
        if refusal not in unit.refusals:
            unit.refusals.append(refusal)
    if unit.is_open and unit.plans != other.plans:
        unit.refuse(
            "origin",
            f"{unit.resources[0].ref} and {other.resources[0].ref} are made of it with different devices.",
            "Write the devices in one place, or the claims by hand.",
        )


def _too_many(plans: Iterable[Planned]) -> Iterator[Refusal]:
    for claim in (claim for plan in plans for claim in plan.claims):
        number = sum(request.count for request in claim.requests if not request.every)
        if number > _MOST_DEVICES:
            yield Refusal(
                "too-many",
                f"Its pod asks for {number} devices, and no claim is given more than {_MOST_DEVICES}.",
                "Split it into claims of fewer devices by hand, or ask for larger ones.",
            )


def _of_scope(resource: Resource) -> Iterator[Refusal]:
    if resource.ref.kind.startswith("Cluster") or resource.ref.kind in _CLUSTER_WIDE:
        yield Refusal(
            "cluster-scoped",
            "Pods of any namespace are made of it, and each of these would need the claim template.",
            "Write the claim templates into those namespaces, and the claims here, by hand.",
        )
