"""The inventory of a run: workloads, look-ups, and the two documents that Rego sees."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import orjson

from karlint.inventory.accelerators import AcceleratorTable
from karlint.inventory.containers import Context
from karlint.inventory.kinds import Kinds
from karlint.inventory.lookup import Lookup
from karlint.inventory.paths import value_at
from karlint.inventory.scopes import Scopes
from karlint.inventory.workloads import borrowed_places, workload_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from karlint.inventory.graph import Graph
    from karlint.model.path import Path
    from karlint.model.resource import Resource
    from karlint.model.workload import PodTemplate, Workload

_ByKind = dict[str, dict[str, dict[str, list[dict[str, Any]]]]]
_QUEUE_LABEL = "kueue.x-k8s.io/queue-name"


class Inventory:
    """Everything that rules may ask about.

    Attributes:
        resources: all resources, in the order of their index.
    """

    def __init__(
        self,
        resources: Sequence[Resource],
        tables: Mapping[str, Any],
        assume: Mapping[str, Collection[str] | str] | None = None,
    ) -> None:
        self.resources = resources
        rendered = {resource.environment for resource in resources if resource.environment is not None}
        plain = {resource.directory for resource in resources if resource.environment is None}
        self._scopes = Scopes(plain, sorted(rendered, key=lambda environment: environment.key))
        self.lookup = Lookup(resources, self._scopes)
        self.accelerators = AcceleratorTable.read(tables["accelerators"])
        self._context = Context(Kinds(tables["workloads"]), self.accelerators, tables["servers"], self.lookup)
        self._workloads: dict[int, Workload | None] = {}
        self._references: Mapping[str, Any] = tables["references"]
        self._assume = assume or {}
        self._graph: Graph | None = None
        self._standing: dict[str, set[str]] = {}

    @property
    def graph(self) -> Graph:
        """What refers to what; made, and its modules imported, when a rule or command wants it."""
        if self._graph is None:
            read: Callable[..., Graph] = import_module("karlint.inventory.graph").read_graph
            kinds = self._context.kinds
            others = (self.resources, self.lookup, self._scopes, kinds, self.workload, self._assume)
            self._graph = read(self._references, *others)
        return self._graph

    def makes_pods(self, resource: Resource) -> bool:
        """Tell whether *resource* is of a kind that makes pods."""
        return resource.ref.group_kind in self._context.kinds

    def workload(self, resource: Resource) -> Workload | None:
        """Return the normalised workload of *resource*, worked out when asked for; None for kinds that make no pods."""
        if resource.index not in self._workloads:
            self._workloads[resource.index] = workload_of(resource, self._context)
        return self._workloads[resource.index]

    def environment_of(self, resource: Resource) -> str:
        """Return what *resource* is deployed to, as far as the tree tells; "" where it does not."""
        if resource.environment is not None:
            return resource.environment.name
        return self._scopes.environments.get(resource.directory, "")

    def scope_of(self, directory: str) -> list[str]:
        """Return the directories, and keys of environments, that belong together with *directory*, itself included."""
        return self._scopes.of(directory)

    def lenders(self, resources: Iterable[Resource]) -> set[str]:
        """Return the kinds whose pod templates *resources* use, as group/kind."""
        return {lender for resource in resources for lender in self._context.kinds.lenders(resource.ref.group_kind)}

    def is_said_elsewhere(self, resource: Resource, at: Path) -> bool:
        """Tell whether what stands at *at* is written in another resource, which lends *resource* its pod template."""
        workload = self.workload(resource)
        return (
            workload is not None
            and any(at[: len(place)] == place for place in borrowed_places(workload))
            and value_at(resource.body, at) is None
        )

    def has(self, kinds: Iterable[str]) -> bool:
        """Tell whether the tree holds a resource of one of *kinds* (group/kind)."""
        return any(kind in self.lookup.by_kind for kind in kinds)

    def has_near(self, resource: Resource, kinds: Collection[str]) -> bool:
        """Tell whether the tree holds a resource of one of *kinds* (group/kind) in the scope of *resource*."""
        scope = self._scopes.of(resource.directory)
        return any(not self._directories(kind).isdisjoint(scope) for kind in kinds)

    def _directories(self, kind: str) -> set[str]:
        if kind not in self._standing:
            named = self.lookup.by_kind[kind].values() if kind in self.lookup.by_kind else ()
            self._standing[kind] = {resource.directory for found in named for resource in found}
        return self._standing[kind]

    @property
    def workloads(self) -> dict[int, Workload]:
        """All workloads, by the index of their resource."""
        found = {resource.index: self.workload(resource) for resource in self.resources if self.makes_pods(resource)}
        return {index: workload for index, workload in found.items() if workload is not None}

    def traits(self, resource: Resource) -> Iterable[str]:
        """Yield the names under which rules may ask for *resource*: its group/kind and what it is."""
        yield resource.ref.group_kind
        workload = self.workload(resource)
        if workload is None:
            return
        yield "workload"
        if self._context.kinds.lenders(resource.ref.group_kind):
            yield "borrower"
        if any(map(_asks_for_devices, workload.templates)):
            yield "accelerator-workload"
        if any(container.server for template in workload.templates for container in template.containers):
            yield "model-server"

    def input_for(self, resource: Resource, graph: Mapping[str, frozenset[str]] | None = None) -> dict[str, Any]:
        """Return the Rego input of one resource, JSON-ready for orjson (structs and Fragments inside).

        *graph* tells what of the reference graph it is to hold: "references", "referrers", and of which kinds.
        """
        shown: dict[str, Any] = {
            "resource": {**self._identity(resource), "scope": self._scopes.of(resource.directory)},
            "object": _object(resource),
            "workload": self.workload(resource),
        }
        for part, kinds in (graph or {}).items():
            ask = self.graph.references if part == "references" else self.graph.referrers
            shown[part] = ask(resource, kinds.union(self._context.kinds) if "workload" in kinds else kinds)
        return shown

    def _identity(self, resource: Resource) -> dict[str, Any]:
        ref = resource.ref
        return {
            "index": resource.index,
            "group": ref.group,
            "version": ref.version,
            "kind": ref.kind,
            "namespace": ref.namespace,
            "name": ref.name,
            "file": resource.path,
            "directory": resource.directory,
            "partial": resource.document.file.partial,
        }

    def data(self, kinds: Iterable[str]) -> dict[str, Any]:
        """Return ``data.inventory``: the resources of *kinds* by kind, namespace and name, and the demand.

        Demand is of interest beside a ResourceQuota only. Without one it is left out, which spares most trees the work.
        """
        by_kind = self.by_kind(kinds)
        return {
            "by_kind": by_kind,
            "by_directory": _by_directory(by_kind),
            "demand": self.demand() if "ResourceQuota" in self.lookup.by_kind else {},
            "environments": self._scopes.environments,
        }

    def by_kind(self, kinds: Iterable[str], mentioning: Sequence[str] = ()) -> _ByKind:
        """Return the resources of *kinds* by kind, namespace and name.

        With *mentioning*, only the resources whose JSON holds one of these strings.
        """
        words = [word.encode() for word in mentioning]
        by_kind: _ByKind = {}
        for kind in sorted(set(kinds)):
            names = by_kind.setdefault(kind, {})
            for found in self.lookup.by_kind.get(kind, {}).values():
                for resource in found:
                    if words and not any(word in resource.document.json for word in words):
                        continue
                    entries = names.setdefault(resource.ref.namespace, {}).setdefault(resource.ref.name, [])
                    entries.append({**self._identity(resource), "object": _object(resource)})
        return by_kind

    def demand(self) -> dict[str, list[dict[str, Any]]]:
        """Return namespace to what its workloads ask for: a row for each pod template and kind of device."""
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
                            "directory": resource.directory,
                            "queue": _queue(resource),
                            "pods": template.pods,
                            **row,
                        }
                    )
        return rows


def _object(resource: Resource) -> Any:
    """Return the resource's value for orjson: as it was encoded already, wherever that is all of its document."""
    return resource.body if resource.prefix else orjson.Fragment(resource.document.json)


def _by_directory(by_kind: _ByKind) -> dict[str, dict[str, list[dict[str, str]]]]:
    """Return kind and directory to the namespaces and names that stand there."""
    found: dict[str, dict[str, list[dict[str, str]]]] = {}
    for kind, namespaces in by_kind.items():
        places = found.setdefault(kind, {})
        for namespace, names in namespaces.items():
            for name, entries in names.items():
                for directory in sorted({entry["directory"] for entry in entries}):
                    places.setdefault(directory, []).append({"namespace": namespace, "name": name})
    return found


def _asks_for_devices(template: PodTemplate) -> bool:
    """Tell whether a template asks for devices, also by a claim that it forgets to declare."""
    return bool(template.accelerators or template.claims or any(container.claims for container in template.containers))


def _queue(resource: Resource) -> str:
    metadata = resource.body.get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    queue = labels.get(_QUEUE_LABEL) if isinstance(labels, dict) else None
    return queue if isinstance(queue, str) else ""


def _demand_rows(template: PodTemplate) -> Iterable[dict[str, Any]]:
    first_path: dict[str, Path] = {}
    for container in template.containers:
        for request in container.accelerators:
            first_path.setdefault(request.resource, request.path)
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
