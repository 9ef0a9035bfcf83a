"""A migration for people: does it pay, what changes, what does not and why, what is left to do."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import TYPE_CHECKING

from karlint.report.sanitise import defuse, encodable, one_line
from karlint.report.wording import count, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karlint.model.migration import Migration, OtherWay, WorkloadMigration

_GAINS = {
    "selection": "devices are chosen by what they are, not by labels of their node",
    "sharing": "containers that run at the same time can be given the same devices",
    "alignment": "devices and network can be asked to lie close together",
    "fallback": "a list of devices in order of preference can be asked for",
}


def render_text(migration: Migration, columns: int, *, ci_guard: bool = False) -> str:
    """Return *migration* as text whose lines keep to *columns* where they can.

    Args:
        migration: what to show.
        columns: width.
        ci_guard: break up what a CI runner would read as a command.
    """
    lines = [encodable(line) for line in _lines(migration, columns)]
    return "\n".join(defuse(line) if ci_guard else line for line in lines) + "\n"


def _lines(migration: Migration, columns: int) -> Iterator[str]:
    migrated, refused = migration.migrated, migration.refused
    if not migration.workloads:
        yield "No workload asks a device plugin for devices."
        yield from _to_do(migration, columns)
        return
    now = "takes" if len(migrated) == 1 else "take"
    done = now if migration.written else "can take"
    asking = count(len(migration.workloads), "workload")
    yield from _wrapped(
        f"{asking} {'asks' if len(migration.workloads) == 1 else 'ask'} device plugins for devices: "
        f"{len(migrated)} {done} them through DRA, {len(refused)} cannot.",
        columns,
    )
    if migrated:
        yield ""
        yield from _worth(migration, columns)
        yield ""
        yield "Migrated" if migration.written else "Would be migrated"
        for workload in migrated:
            yield from _workload(workload, columns)
    if migration.templates:
        yield ""
        yield from _templates(migration, columns)
    if migration.quotas:
        yield ""
        yield from _quotas(migration, columns)
    if refused:
        yield ""
        yield from _refused(refused, columns)
    yield from _to_do(migration, columns)


def _worth(migration: Migration, columns: int) -> Iterator[str]:
    gaining = [workload for workload in migration.migrated if workload.gains]
    rest = len(migration.migrated) - len(gaining)
    yield "What it gains"
    gains = Counter(gain for workload in gaining for gain in workload.gains)
    for gain, number in sorted(gains.items(), key=lambda item: (-item[1], item[0])):
        yield from _wrapped(f"{gain} for {count(number, 'workload')}: {_GAINS[gain]}", columns, 2)
    if not rest:
        return
    yield from _wrapped(
        f"Nothing for {count(rest, 'workload')}, as far as the manifests tell. They can stay as they are where a "
        f"DeviceClass serves their requests: on by default from Kubernetes 1.{migration.served_from}, before that "
        "behind the feature gate DRAExtendedResource. `--only-gaining` leaves them alone. For that:",
        columns,
        2,
    )
    for way in migration.other_ways:
        yield from _other_way(way, columns)


def _other_way(way: OtherWay, columns: int) -> Iterator[str]:
    if way.there:
        done = f"DeviceClass {way.device_class} serves {way.resource} already, for {count(way.workloads, 'workload')}"
        yield from _wrapped(done, columns, 4)
        return
    if not way.selector:
        yield from _wrapped(
            f"set extendedResourceName: {way.resource} on DeviceClass {way.device_class}, where its driver does not do "
            "so itself",
            columns,
            4,
        )
        return
    yield from _wrapped(
        f"DeviceClass {way.device_class} with extendedResourceName: {way.resource} and the selector {way.selector}",
        columns,
        4,
    )


def _workload(workload: WorkloadMigration, columns: int) -> Iterator[str]:
    place = f"{workload.file}:{workload.line}"
    where = f" (in {', '.join(workload.environments)})" if workload.environments else ""
    yield f"  {one_line(workload.label)}  {one_line(place)}{one_line(where)}"
    for moved in workload.moved:
        yield from _wrapped(
            f"{moved.role} container {moved.container}: {moved.quantity} {moved.resource} -> {moved.device_class}, "
            f"claim {', '.join(moved.claims)}",
            columns,
            4,
        )
    yield from _wrapped(f"claim templates: {', '.join(workload.templates)}", columns, 4)
    if workload.gains:
        yield from _wrapped(f"gains: {', '.join(workload.gains)}", columns, 4)
    for note in workload.notes:
        yield from _wrapped(note, columns, 4)


def _templates(migration: Migration, columns: int) -> Iterator[str]:
    yield f"Claim templates ({migration.api_version} ResourceClaimTemplate)"
    for template in migration.templates:
        name = f"{template.namespace}/{template.name}" if template.namespace else template.name
        yield from _wrapped(f"{name}  {template.file}, for {', '.join(template.used_by)}", columns, 2)
        for request in template.requests:
            selectors = f" where {' and '.join(request.selectors)}" if request.selectors else ""
            number = f"all {request.count} of a node," if request.every else f"{request.count}"
            yield from _wrapped(f"{request.name}: {number} of {request.device_class}{selectors}", columns, 4)


def _quotas(migration: Migration, columns: int) -> Iterator[str]:
    yield "Quotas"
    for entry in migration.quotas:
        beside = ", ".join(entry.beside)
        yield from _wrapped(
            f"{entry.quota}  {entry.file}:{entry.line} gains {entry.key}: {entry.value}, beside {beside}, which stays: "
            "the two add up until nothing asks the device plugin any more",
            columns,
            2,
        )


def _refused(refused: tuple[WorkloadMigration, ...], columns: int) -> Iterator[str]:
    codes = Counter(refusal.code for workload in refused for refusal in workload.refusals[:1])
    yield from _wrapped(f"Not migrated ({some(codes.items(), 12)})", columns)
    for workload in refused:
        where = f" (in {', '.join(workload.environments)})" if workload.environments else ""
        yield f"  {one_line(workload.label)}  {one_line(f'{workload.file}:{workload.line}')}{one_line(where)}"
        for refusal in workload.refusals:
            yield from _wrapped(f"{refusal.code}: {refusal.reason} {refusal.help}".rstrip(), columns, 4)


def _to_do(migration: Migration, columns: int) -> Iterator[str]:
    notes = list(migration.notes)
    if migration.classes and not migration.written:
        flags = " ".join(f"--device-class {name}" for name in migration.classes)
        notes.append(
            f"Nothing says that the cluster has the DeviceClass {', '.join(migration.classes)}: install the driver, "
            f"and confirm with {flags}, without which --write writes nothing."
        )
    if not notes:
        return
    yield ""
    yield "To see to"
    for note in notes:
        yield from _wrapped(note, columns, 2)


def _wrapped(text: str, columns: int, indent: int = 0) -> Iterator[str]:
    """Yield *text* in lines of at most *columns*; words stay whole."""
    blanks = " " * indent
    lines = textwrap.wrap(
        one_line(text),
        columns,
        initial_indent=blanks,
        subsequent_indent=blanks + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    yield from lines or [blanks]
