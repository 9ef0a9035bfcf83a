"""What a run tells: each workload, what is added, and what is left to a person."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from karlint.inventory.accelerators import drivers_of_class
from karlint.inventory.paths import value_at
from karlint.migrate.operators import instead
from karlint.migrate.planning import word_of
from karlint.migrate.refusals import QUEUE_LABEL
from karlint.model.migration import ClaimTemplate, Migration, OtherWay, WorkloadMigration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from karlint.migrate.mapping import Classes
    from karlint.migrate.quotas import QuotaChange
    from karlint.migrate.surroundings import Surroundings
    from karlint.migrate.units import Unit
    from karlint.model.fix import ChangedFile
    from karlint.model.resource import Resource

_READERS = (
    "autoscaling/HorizontalPodAutoscaler",
    "keda.sh/ScaledObject",
    "monitoring.coreos.com/PrometheusRule",
)
"""Kinds that speak of extended resources, where a claim does not show."""

_IMMUTABLE = ("Pod", "batch/Job")
"""Kinds whose containers and claims the API server does not let change."""


class Summary(Struct, frozen=True):
    """Puts together what a run found.

    Attributes:
        line: tells the line of a workload.
        any_class: True where the configuration says that the cluster has every DeviceClass.
        served_from: the minor from which DeviceClasses serve extended resources without a switch.
    """

    classes: Classes
    around: Surroundings
    line: Callable[[Resource], int]
    versions: tuple[str, ...]
    api_version: str
    any_class: bool
    served_from: int

    def migration(
        self,
        units: Sequence[Unit],
        quotas: Sequence[QuotaChange],
        notes: Sequence[str],
        files: tuple[ChangedFile, ...],
    ) -> Migration:
        """Return the outcome."""
        open_units = [unit for unit in units if unit.is_open]
        used = {
            request.device_class
            for unit in open_units
            for claim in unit.templates.values()
            for request in claim.requests
            if not all(self.around.is_there(request.device_class, resource) for resource in unit.resources)
        }
        return Migration(
            versions=self.versions,
            api_version=self.api_version,
            workloads=tuple(sorted(map(self._workload, units), key=lambda item: (item.file, item.line, item.label))),
            templates=tuple(_templates(open_units)),
            quotas=tuple(change.entry for change in quotas),
            other_ways=tuple(self._other_ways(open_units)),
            served_from=self.served_from,
            classes=() if self.any_class else tuple(sorted(used)),
            notes=tuple(dict.fromkeys([*notes, *self._notes(open_units)])),
            files=files,
        )

    def _workload(self, unit: Unit) -> WorkloadMigration:
        first = unit.resources[0]
        environments = {r.environment.name for r in unit.resources if r.environment is not None}
        plans = unit.plans
        return WorkloadMigration(
            kind=first.ref.kind,
            namespace=unit.namespace or first.ref.namespace,
            name=first.ref.name or _prefix(first),
            file=unit.file,
            line=self.line(first),
            environments=tuple(sorted(environments)),
            devices=unit.workload.devices,
            moved=tuple(moved for plan in plans for moved in plan.moved),
            templates=tuple(unit.templates) if unit.is_open else (),
            gains=tuple(dict.fromkeys(gain for plan in plans for gain in plan.gains)),
            notes=tuple(dict.fromkeys(_notes_of(unit))) if unit.is_open else (),
            refusals=tuple(unit.refusals),
        )

    def _other_ways(self, units: Sequence[Unit]) -> Iterator[OtherWay]:
        """Yield how the requests of workloads that gain nothing could stay as they are."""
        numbers: Counter[tuple[str, str]] = Counter()
        for unit in units:
            if any(plan.gains for plan in unit.plans):
                continue
            for resource in {moved.resource for plan in unit.plans for moved in plan.moved}:
                source = self.classes.source(resource)
                serving = self.around.serving_class(unit.resources[0], source) if source is not None else ""
                numbers[resource, serving] += 1
        for (resource, serving), number in sorted(numbers.items()):
            source = self.classes.source(resource)
            if source is None:
                continue
            own = serving or not source.serving
            name = (serving or source.device_class) if own else f"{word_of(source.name)}.{_domain(source.serving)}"
            yield OtherWay(resource, name, "" if own else source.serving, number, bool(serving))

    def _notes(self, units: Sequence[Unit]) -> Iterator[str]:
        if any(unit.resources[0].ref.group_kind in _IMMUTABLE for unit in units):
            yield "Pods and Jobs that exist already have to be made anew, since theirs cannot be changed in place."
        for unit in units:
            names = {moved.resource for plan in unit.plans for moved in plan.moved}
            classes = sorted({moved.device_class for plan in unit.plans for moved in plan.moved})
            for resource in unit.resources:
                for other, word in self.around.mentions(resource, _READERS, sorted(names)):
                    yield f"{other.ref} ({other.path}) speaks of {word}, where claims do not show: look into it."
                if _is_queued(resource) and not all(map(self.around.kueue_maps, classes)):
                    yield (
                        "Kueue admits these workloads only with resources.deviceClassMappings in its Configuration: "
                        + "; ".join(
                            f"{{name: {name}, deviceClassNames: [{', '.join(classes)}]}}" for name in sorted(names)
                        )
                        + "."
                    )


def _prefix(resource: Resource) -> str:
    """Return what names made by the API server begin with, and a star."""
    prefix = value_at(resource.body, ("metadata", "generateName"))
    return f"{prefix}*" if isinstance(prefix, str) and prefix else ""


def _notes_of(unit: Unit) -> Iterator[str]:
    for template, plan in zip(unit.asking, unit.plans, strict=True):
        yield from plan.notes
        if any(True for _ in instead(unit.resources[0], template)):
            yield "num-gpus says outright what KubeRay reads off the limits."


def _is_queued(resource: Resource) -> bool:
    labels = value_at(resource.body, ("metadata", "labels"))
    return isinstance(labels, dict) and QUEUE_LABEL in labels


def _templates(units: Sequence[Unit]) -> Iterator[ClaimTemplate]:
    users: dict[tuple[str, str, str], list[str]] = {}
    for unit in units:
        for name in unit.templates:
            users.setdefault((unit.file, unit.namespace, name), []).append(str(unit.resources[0].ref))
    for unit in units:
        for name, claim in unit.templates.items():
            key = (unit.file, unit.namespace, name)
            if key in users:
                yield ClaimTemplate(*key, claim.requests, tuple(users.pop(key)))


def _domain(selector: str) -> str:
    """Return the driver that a selector of a class asks for."""
    return next(iter(drivers_of_class({"spec": {"selectors": [{"cel": {"expression": selector}}]}})), "")
