"""Which resource refers to which, worked out for a resource when it is asked for.

Nothing is kept but indexes, so that memory grows with the number of resources and not with that of their references.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING, Any

from karlint.inventory.commandline import is_unknown
from karlint.inventory.labels import LabelIndex, Labelled, Selecting, Selector, SelectorIndex, read_selector
from karlint.inventory.names import SHOWN, Answer, Names, Near, Wanted, nearest, stated_kind
from karlint.inventory.paths import value_at
from karlint.inventory.podlabels import pod_labels
from karlint.inventory.ports import Ports
from karlint.inventory.references import WORKLOAD, ReferenceTable, find
from karlint.inventory.shelf import alike
from karlint.model.reference import Reference, Referrer, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from karlint.inventory.lookup import Lookup
    from karlint.inventory.references import Found, Place, Row
    from karlint.inventory.scopes import Scopes
    from karlint.model.path import Path
    from karlint.model.resource import Resource
    from karlint.model.workload import PodTemplate, Workload

_SERVICE = "Service"


class Graph:
    """The references of a tree."""

    def __init__(
        self,
        table: ReferenceTable,
        resources: Sequence[Resource],
        lookup: Lookup,
        scopes: Scopes,
        kinds: Collection[str],
        workload: Callable[[Resource], Workload | None],
        assume: Mapping[str, Collection[str] | str],
    ) -> None:
        """Take what there is; nothing is worked out yet.

        Args:
            table: kinds of references.
            resources: all resources, in the order of their index.
            lookup: the same by kind and name.
            scopes: which directories belong together.
            kinds: kinds that make pods.
            workload: normalises a resource of such a kind.
            assume: group/kind to names that the cluster has by the word of the settings, or "*".
        """
        self._table = table
        self._resources = resources
        self._lookup = lookup
        self._kinds = kinds
        self._workload = workload
        self._near = Near(scopes)
        self._names = Names(lookup, self._near, table, assume)
        self._ports = Ports(table.labels_as_written, workload)
        self._rows: dict[str, list[Row]] = defaultdict(list)
        self._port_rows: dict[str, list[Row]] = defaultdict(list)
        for row in table.rows:
            for origin in row.origins:
                self._rows[origin].append(row)
            if row.of:
                self._port_rows[row.of].append(row)
        self._labelled: dict[str, LabelIndex] = {}
        self._known: dict[tuple[str, str, str], frozenset[str]] = {}
        self._selecting: dict[int, SelectorIndex] = {}
        self._referring: dict[int, dict[int, list[Referrer]]] = {}

    def references(self, resource: Resource, kinds: frozenset[str] | None = None) -> tuple[Reference, ...]:
        """Return what *resource* refers to, in the order of the table; with *kinds*, only to one of these."""
        found: list[Reference] = []
        for row in self._rows_of(resource):
            if kinds is None or row.stated or not kinds.isdisjoint(row.to):
                found += self._of_row(row, resource)
        return tuple(one for one in found if kinds is None or one.group_kind in kinds)

    def referrers(self, resource: Resource, kinds: frozenset[str] | None = None) -> tuple[Referrer, ...]:
        """Return what refers to *resource* with a resolved reference; with *kinds*, only resources of these kinds."""
        group_kind = resource.ref.group_kind
        stands_for = {group_kind, *(kind for kind, _ in self._table.makes.get(group_kind, ()))}
        is_workload = group_kind in self._kinds
        found: list[Referrer] = []
        for number, row in enumerate(self._table.rows):
            wanted = kinds is None or any(origin in kinds for origin in row.origins)
            if not wanted or row.of or not row.may_mean(stands_for, workload=is_workload):
                continue
            found += self._selecting_it(number, row, resource) if row.selector else self._naming(number, row, resource)
        return tuple(found)

    def _rows_of(self, resource: Resource) -> Iterable[Row]:
        group_kind = resource.ref.group_kind
        own = self._rows.get(group_kind, ())
        if group_kind not in self._kinds:
            return own
        return [*own, *(row for row in self._rows[WORKLOAD] if group_kind not in row.origins)]

    def _of_row(self, row: Row, resource: Resource) -> Iterator[Reference]:
        if row.selector:
            yield from self._by_labels(row, resource)
        elif not (row.unless and any(find(resource.body, row.unless))):
            for place in row.at:
                for found in self.places(place, resource):
                    reference = self._by_name(row, resource, found)
                    if reference is not None:
                        yield reference

    def places(self, place: Place, resource: Resource) -> Iterator[Found]:
        """Yield what stands at *place*; what a workload borrows from another resource stands there."""
        if not place.base:
            yield from find(resource.body, place.steps)
            return
        workload = self._workload(resource)
        for template in workload.templates if workload else ():
            for body, path in () if template.borrowed else _beginnings(place.base, template, resource):
                yield from find(body, place.steps, path)

    # ---- by name ----

    def _by_name(self, row: Row, resource: Resource, found: Found) -> Reference | None:
        name = found.value
        if not isinstance(name, str) or not name:
            return None
        kinds: tuple[str, ...] = row.to
        if row.stated is not None:
            kind = stated_kind(row, found.beside)
            if kind is None:
                return None
            kinds = (kind,)
        stated = found.beside.get(row.namespace) if row.namespace else None
        has_namespace = isinstance(stated, str) and not is_unknown(stated)
        namespace = stated if isinstance(stated, str) and has_namespace else "" if stated else self._namespace(resource)
        wanted = Wanted(
            kinds,
            namespace,
            name,
            loose=not has_namespace and not self._table.kind(resource.ref.group_kind).namespaced,
            optional=row.implicit or (row.optional and _is_optional(found)),
            by=row.by,
            where=row.where,
        )
        status, closed, targets = self._names.resolve(wanted, resource)
        return Reference(row.edge, found.at, kinds[0], namespace, name, status, closed, targets)

    def _namespace(self, resource: Resource) -> str:
        return resource.ref.namespace if self._table.kind(resource.ref.group_kind).namespaced else ""

    def _naming(self, number: int, row: Row, resource: Resource) -> Iterable[Referrer]:
        """Return those that refer to *resource* by name, from an index of the row that is made when it is asked for."""
        if number not in self._referring:
            index: dict[int, list[Referrer]] = defaultdict(list)
            for origin in self._origins(row):
                for reference in self._of_row(row, origin):
                    for target in reference.targets if reference.status is Status.RESOLVED else ():
                        index[target].append(_referrer(row.edge, reference.at, origin))
            self._referring[number] = dict(index)
        return self._referring[number].get(resource.index, ())

    def _origins(self, row: Row) -> Iterator[Resource]:
        kinds = [kind for kind in row.origins if kind != WORKLOAD]
        if WORKLOAD in row.origins:
            kinds += [kind for kind in self._kinds if kind not in kinds]
        for kind in kinds:
            for resources in self._lookup.by_kind.get(kind, {}).values():
                yield from resources

    # ---- by labels ----

    def _by_labels(self, row: Row, resource: Resource) -> Iterator[Reference]:
        written = next(find(resource.body, row.selector), None)
        selector = None if written is None else read_selector(written.value, row.form, selects_all=row.selects_all)
        if written is None or selector is None:
            return
        namespaces = self._selected_namespaces(row, resource)
        status, closed, targets = self._select(row, resource, selector, namespaces)
        namespace = self._namespace(resource) if namespaces is None or resource.ref.namespace in namespaces else ""
        yield Reference(row.edge, written.at, row.to[0], namespace, "", status, closed, targets)
        if status is Status.RESOLVED:
            resources = [self._resources[target] for target in targets]
            for port in self._port_rows.get(row.edge, ()):
                yield from self._ports.references(port, resource, resources, row.to[0])

    def _select(self, row: Row, resource: Resource, selector: Selector, namespaces: Collection[str] | None) -> Answer:
        if selector.unknown:
            return Status.UNKNOWN, False, ()
        scope = self._near(resource.directory)
        things = self._things(row.to[0])
        found = [thing.resource for thing in things.select(selector, namespaces, scope)]
        if found:
            return Status.RESOLVED, False, nearest(found, resource, resource.ref.namespace)
        known = self._known_labels(row.to[0], resource, scope)
        sure = bool(selector.keys) and known >= selector.keys and namespaces is not None
        closed = sure and not self._names.brought(namespaces, scope)
        if not closed or resource.document.file.partial:
            return Status.OUTSIDE, False, ()
        elsewhere = list(islice(things.everywhere(selector), 4 * SHOWN))
        if elsewhere:
            others = nearest([thing.resource for thing in elsewhere], resource, resource.ref.namespace)[:SHOWN]
            closed = all(_in_another_namespace(thing, resource) for thing in things.everywhere(selector))
            return Status.ELSEWHERE, closed, others
        return Status.MISSING, True, ()

    def _known_labels(self, kind: str, resource: Resource, scope: frozenset[str]) -> frozenset[str]:
        """Return the labels that things of *kind* around *resource* have, none where some may have more than written.

        A label that none of them has may be one that a controller or the pod itself sets as it runs.
        """
        key = (kind, resource.ref.namespace, resource.directory)
        if key not in self._known:
            around = list(self._things(kind).near((resource.ref.namespace,), scope))
            whole = all(map(self._is_as_written, around))
            self._known[key] = frozenset(label for thing in around for label in thing.labels) if whole else frozenset()
        return self._known[key]

    def _is_as_written(self, thing: Labelled) -> bool:
        """Tell whether something has the labels that stand in the tree, and no controller adds others."""
        kind = thing.resource.ref.group_kind
        return (
            not thing.resource.document.file.partial
            and (kind == _SERVICE or kind in self._table.labels_as_written)
            and not any(isinstance(value, str) and is_unknown(value) for value in thing.labels.values())
        )

    def _selected_namespaces(self, row: Row, resource: Resource) -> tuple[str, ...] | None:
        """Return the namespaces in which a selector selects, None for any."""
        own = alike(self._namespace(resource))
        if not row.namespaces:
            return own
        value = value_at(resource.body, row.namespaces)
        if not isinstance(value, dict):
            return own
        if value.get("any"):
            return None
        names = value.get("matchNames")
        listed = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
        if any(map(is_unknown, listed)):
            return None
        return (*listed, "") if listed else own

    def _things(self, kind: str) -> LabelIndex:
        """Return what selectors for *kind* choose from."""
        if kind not in self._labelled:
            if kind == WORKLOAD:
                names = [names for group_kind in self._kinds if (names := self._lookup.by_kind.get(group_kind))]
            else:
                names = [self._lookup.by_kind.get(kind, {})]
            resources = [resource for by_name in names for found in by_name.values() for resource in found]
            self._labelled[kind] = LabelIndex(
                thing for resource in resources for thing in self._labels_of(kind, resource)
            )
        return self._labelled[kind]

    def _labels_of(self, kind: str, resource: Resource) -> Iterator[Labelled]:
        directory = resource.directory
        if kind != WORKLOAD:
            labels = value_at(resource.body, ("metadata", "labels"))
            yield Labelled(resource, directory, labels if isinstance(labels, dict) else {})
            return
        for labels, path in pod_labels(resource, self._workload(resource), self._table.adds_labels):
            yield Labelled(resource, directory, labels, path)

    def _selecting_it(self, number: int, row: Row, resource: Resource) -> Iterator[Referrer]:
        """Yield those that select *resource*, from an index of their selectors by one label."""
        if number not in self._selecting:
            self._selecting[number] = SelectorIndex(
                one for origin in self._origins(row) for one in self._selecting_by(row, origin)
            )
        scope = self._near(resource.directory)
        for thing in self._labels_of(row.to[0], resource):
            for one in self._selecting[number].selecting(thing, scope):
                yield _referrer(row.edge, row.selector, one.resource, thing.template)

    def _selecting_by(self, row: Row, resource: Resource) -> Iterator[Selecting]:
        written = next(find(resource.body, row.selector), None)
        selector = None if written is None else read_selector(written.value, row.form, selects_all=row.selects_all)
        if selector is not None and not selector.unknown:
            yield Selecting(resource, resource.directory, selector, self._selected_namespaces(row, resource))


def read_graph(table: Mapping[str, Any], *others: Any) -> Graph:
    """Return the graph for the content of ``references.json`` and the other arguments of Graph."""
    return Graph(ReferenceTable.read(table), *others)


def _beginnings(base: str, template: PodTemplate, resource: Resource) -> Iterator[tuple[Any, Path]]:
    """Yield where the places of *base* begin: values and their paths."""
    if base == "pod":
        yield template.spec, template.spec_path
    elif base == "template":
        yield value_at(resource.body, template.path), template.path
    else:
        for container in template.containers:
            yield container.body, container.path


def _is_optional(found: Found) -> bool:
    """Tell whether a reference to a ConfigMap or Secret may lead nowhere, or is one that never must lead anywhere.

    A pull secret that is not there is passed over: https://kubernetes.io/docs/concepts/containers/images/.
    """
    return found.beside.get("optional") is True or "imagePullSecrets" in found.at


def _in_another_namespace(thing: Labelled, resource: Resource) -> bool:
    own = thing.resource.ref.namespace
    return bool(own) and bool(resource.ref.namespace) and own != resource.ref.namespace


def _referrer(edge: str, at: Path, resource: Resource, template: Path = ()) -> Referrer:
    ref = resource.ref
    return Referrer(edge, tuple(at), resource.index, ref.group_kind, ref.namespace, ref.name, template)
