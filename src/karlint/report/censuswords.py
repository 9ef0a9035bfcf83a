"""The census in words: what its tables say in their cells, for the terminal and for Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karlint.model.path import to_text
from karlint.report.wording import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from karlint.model.census import AIWorkload, Census, Devices, Total, Unresolved

WORKLOAD_HEADS = ("Namespace", "Kind", "Name", "Pods", "Accelerators", "Queue", "Serves")
TOTAL_HEADS = ("Workloads", "Pods", "Accelerators")


def workload_cells(workload: AIWorkload) -> tuple[str, ...]:
    """Return the cells below WORKLOAD_HEADS."""
    return (
        workload.namespace,
        workload.kind,
        workload.name,
        _number(workload.pods),
        ", ".join(_accelerators(workload)),
        workload.queue.name if workload.queue else "",
        ", ".join(dict.fromkeys(_serves(workload))),
    )


def _number(number: int | None) -> str:
    return "?" if number is None else f"{number:,}"


def _accelerators(workload: AIWorkload) -> Iterator[str]:
    """Yield ``16 nvidia.com/gpu (8/pod)`` for each type; a number is left out where pods of different roles differ."""
    for kind in dict.fromkeys(row.type for row in workload.accelerators):
        rows = [row for row in workload.accelerators if row.type == kind]
        totals = [row.total for row in rows]
        total = None if None in totals else sum(number or 0 for number in totals)
        each = {row.per_pod for row in rows}
        share = f" ({_number(each.pop())}/pod)" if len(each) == 1 else ""
        yield f"{_number(total)} {kind}{share}"


def _serves(workload: AIWorkload) -> Iterator[str]:
    for server in workload.servers:
        name = server.model or server.served_as or ("?" if server.title else "")
        if server.model and server.served_as not in (None, server.model):
            name = f"{name} as {server.served_as}"
        yield f"{server.title} {name}".strip()


def needs_text(workload: AIWorkload, titles: Mapping[str, str]) -> str:
    """Return what the workload needs, in words."""
    return ", ".join(titles.get(need, need) for need in workload.needs)


def total_cells(total: Total) -> tuple[str, ...]:
    """Return the cells below TOTAL_HEADS."""
    return (
        f"{total.workloads:,}",
        _sum(total.pods, total.pods_unknown),
        ", ".join(f"{_devices(device)} {device.type}" for device in total.devices),
    )


def _devices(devices: Devices) -> str:
    return _sum(devices.known, devices.unknown)


def _sum(known: int, unknown: int) -> str:
    """Return ``16``, ``16+?`` where some are not known, ``?`` where none is."""
    if not unknown:
        return f"{known:,}"
    return f"{known:,}+?" if known else "?"


def groups(census: Census) -> Iterator[tuple[str, tuple[Total, ...]]]:
    """Yield the totals by what they are added up, with a title; those that would tell nothing are left out."""
    for title, totals in (
        ("Namespace", census.namespaces),
        ("Queue", census.queues),
        ("Environment", census.environments),
    ):
        if any(total.name for total in totals):
            yield title, totals


def summary(census: Census) -> str:
    """Return one line about it all."""
    workloads, pods, devices = total_cells(census.total)
    noun = "AI workload" if census.total.workloads == 1 else "AI workloads"
    if not census.workloads:
        return f"No AI workloads among {count(census.resources, 'resource')}."
    asked = f", {devices}" if devices else ", no accelerators"
    made = f"{pods} {'pod' if pods == '1' else 'pods'}"
    return f"{workloads} {noun} among {count(census.resources, 'resource')}: {made}{asked}."


def reference_text(one: Unresolved) -> str:
    """Return a reference in words: ``missing: Job ml/train -> LocalQueue gpu (metadata.labels["..."])``."""
    kind = "pods" if one.group_kind == "workload" else one.group_kind.rpartition("/")[2]
    name = f"{kind} {one.name}" if one.name else f"{kind} by labels"
    there = f", there is {', '.join(one.elsewhere)}" if one.elsewhere else ""
    return f"{one.status}: {one.resource} -> {name}{there} ({one.edge} at {to_text(one.at)})"
