"""Quotas that follow: what limits an extended resource is to limit the devices of its class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from karlint.fix import RefusedError, mend
from karlint.inventory.paths import whole_number
from karlint.locate import changes_for
from karlint.model.fix import Operation, OperationKind
from karlint.model.migration import QuotaEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from karlint.migrate.surroundings import Surroundings
    from karlint.migrate.texts import Texts
    from karlint.migrate.units import Unit
    from karlint.model.fix import Change
    from karlint.model.resource import Resource

_SUFFIX = ".deviceclass.resource.k8s.io/devices"
_COUNTED = "requests."


class QuotaChange(Struct, frozen=True):
    """What a quota gains, and the edit that does it."""

    entry: QuotaEntry
    changes: tuple[Change, ...]


class Quotas(Struct):
    """Finds the quotas of migrated workloads.

    Attributes:
        line: tells the line of an entry.
        notes: what had to be left to a person.
    """

    around: Surroundings
    texts: Texts
    line: Callable[[Resource], int]
    notes: list[str]

    def follow(self, units: Sequence[Unit]) -> list[QuotaChange]:
        """Return what the quotas of the workloads gain; the same text is changed once."""
        found: dict[tuple[Any, ...], QuotaChange] = {}
        for quota in self.around.of_kind("ResourceQuota"):
            for change in self._entries(quota, units):
                first = change.changes[0]
                found.setdefault((first.file, first.ordinal, change.entry.key), change)
        return list(found.values())

    def _entries(self, quota: Resource, units: Iterable[Unit]) -> Iterator[QuotaChange]:
        spec = quota.body.get("spec")
        hard = spec.get("hard") if isinstance(spec, dict) else None
        if not isinstance(spec, dict) or not isinstance(hard, dict) or quota.context:
            return
        for device_class, resources in sorted(self._moved(quota, units, hard).items()):
            key = f"{device_class}{_SUFFIX}"
            keys = [f"{_COUNTED}{name}" for name in sorted(resources)]
            if key in hard:
                continue
            values = [whole_number(hard[name]) for name in keys]
            total = sum(value for value in values if value is not None)
            if spec.get("scopes") or spec.get("scopeSelector"):
                self._say(f"{quota.ref} has scopes, which claims do not match, so that it cannot limit {key}.")
                continue
            if None in values:
                self._say(f"{quota.ref}: set {key} by hand, since the number of {keys[0]} is not known.")
                continue
            value = total if isinstance(hard[keys[0]], int) else str(total)
            operations = (Operation(OperationKind.ADD, ("spec", "hard", key), value),)
            changes = changes_for(quota, operations)
            if not changes or not self._takes(changes):
                self._say(f"{quota.ref} ({quota.path}): add {key}: {total} by hand; its text cannot be edited.")
                continue
            entry = QuotaEntry(changes[0].file, self.line(quota), str(quota.ref), key, str(total), tuple(keys))
            yield QuotaChange(entry, changes)

    def _say(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def _takes(self, changes: tuple[Change, ...]) -> bool:
        try:
            mend(changes[0].file, self.texts[changes[0].file], changes)
        except RefusedError:
            return False
        return True

    def _moved(self, quota: Resource, units: Iterable[Unit], hard: dict[str, Any]) -> dict[str, set[str]]:
        """Return device class to the extended resources that the quota limits and that moved to it."""
        scope = set(self.around.inventory.scope_of(quota.directory))
        found: dict[str, set[str]] = {}
        for unit in units:
            if not any(_limits(quota, resource, scope) for resource in unit.resources):
                continue
            for moved in (item for plan in unit.plans for item in plan.moved):
                if f"{_COUNTED}{moved.resource}" in hard:
                    found.setdefault(moved.device_class, set()).add(moved.resource)
        return found


def _limits(quota: Resource, resource: Resource, scope: set[str]) -> bool:
    """Tell whether a quota limits a workload: the same namespace; without one only the same directory is sure to be."""
    if quota.ref.namespace != resource.ref.namespace:
        return False
    return resource.directory in scope if quota.ref.namespace else resource.directory == quota.directory
