"""The inventory of a run: workloads, look-ups, and the two documents that Rego sees."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING, Any

import orjson

from karlint.inventory.accelerators import AcceleratorTable
from karlint.inventory.kinds import read_kinds
from karlint.inventory.lookup import Lookup
from karlint.inventory.workloads import Context, workload_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from karlint.model.resource import Resource
    from karlint.model.workload import PodTemplate, Workload

_QUEUE_LABEL = "kueue.x-k8s.io/queue-name"


class Inventory:
    """Everything that rules may ask about.

    Attributes:
        resources: all resources, in the order of their index.
        workloads: resource index to workload, for the kinds that make pods.
    """

    def __init__(self, resources: Sequence[Resource], tables: Mapping[str, Any]) -> None:
        self.resources = resources
        self._tables = tables
        self.lookup = Lookup(resources)
        self.accelerators = AcceleratorTable.read(tables["accelerators"])
        context = Context(
            read_kinds(tables["workloads"]), self.accelerators, tables["servers"], self.lookup
        )
        self.workloads: dict[int, Workload] = {}
        for resource in resources:
            workload = workload_of(resource, context)
            if workload is not None:
                self.workloads[resource.index] = workload

    def traits(self, resource: Resource) -> Iterable[str]:
        """Yield the names under which rules may ask for *resource*: its group/kind and what it is."""
        yield resource.ref.group_kind
        workload = self.workloads.get(resource.index)
        if workload is None:
            return
        yield "workload"
        if any(template.accelerators or template.claims for template in workload.templates):
            yield "accelerator-workload"
        if any(container.server for template in workload.templates for container in template.containers):
            yield "model-server"

    def input_for(self, resource: Resource) -> dict[str, Any]:
        """Return the Rego input of one resource, JSON-ready for orjson (dataclasses and Fragments inside)."""
        ref = resource.ref
        return {
            "resource": {
                "index": resource.index,
                "group": ref.group,
                "version": ref.version,
                "kind": ref.kind,
                "namespace": ref.namespace,
                "name": ref.name,
                "file": resource.path,
                "directory": dirname(resource.path),
                "partial": resource.document.file.partial,
            },
            "object": resource.body if resource.prefix else orjson.Fragment(resource.document.json),
            "workload": self.workloads.get(resource.index),
        }

    def data(self, kinds: Iterable[str], mentioning: Sequence[str] = ()) -> dict[str, Any]:
        """Return ``data.inventory``: the resources of *kinds* by kind, namespace and name, and the demand.

        With *mentioning*, only the resources whose JSON holds one of these strings.
        """
        words = [word.encode() for word in mentioning]
        by_kind: dict[str, dict[str, dict[str, list[dict[str, Any]]]]] = {}
        for kind in sorted(set(kinds)):
            names = by_kind.setdefault(kind, {})
            for found in self.lookup.by_kind.get(kind, {}).values():
                for resource in found:
                    if words and not any(word in resource.document.json for word in words):
                        continue
                    entries = names.setdefault(resource.ref.namespace, {}).setdefault(resource.ref.name, [])
                    entry = self.input_for(resource)
                    entries.append({**entry["resource"], "object": entry["object"]})
        return {"by_kind": by_kind, "demand": self._demand()}

    def _demand(self) -> dict[str, list[dict[str, Any]]]:
        rows: dict[str, list[dict[str, Any]]] = {}
        for index, workload in self.workloads.items():
            resource = self.resources[index]
            for template in workload.templates:
                for row in _demand_rows(template):
                    rows.setdefault(resource.ref.namespace, []).append(
                        {
                            "index": index,
                            "group": resource.ref.group,
                            "kind": resource.ref.kind,
                            "name": resource.ref.name,
                            "file": resource.path,
                            "directory": dirname(resource.path),
                            "queue": _queue(resource),
                            "pods": template.pods,
                            **row,
                        }
                    )
        return rows


def _queue(resource: Resource) -> str:
    metadata = resource.body.get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    queue = labels.get(_QUEUE_LABEL) if isinstance(labels, dict) else None
    return queue if isinstance(queue, str) else ""


def _demand_rows(template: PodTemplate) -> Iterable[dict[str, Any]]:
    first_path = {
        request.resource: request.path for container in template.containers for request in container.accelerators
    }
    for name, quantity in template.accelerators.items():
        known = quantity is not None and template.pods is not None
        total = quantity * template.pods if known and quantity is not None and template.pods is not None else None
        yield {"resource": name, "quantity": total, "per_pod": quantity, "at": first_path[name]}
    for claim in template.claims:
        for device_class in dict.fromkeys(claim.device_classes):
            # One class and a known count: otherwise the share of each class is unknown.
            single = claim.devices if len(set(claim.device_classes)) == 1 else None
            pods = 1 if claim.shared else template.pods
            total = single * pods if single is not None and pods is not None else None
            yield {
                "resource": f"{device_class}.deviceclass.resource.k8s.io/devices",
                "quantity": total,
                "per_pod": single,
                "at": claim.path,
            }
