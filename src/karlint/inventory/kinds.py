"""The table of workload kinds: where the pod templates of a kind are, and how many pods it makes of each.

One row of ``policies/tables/workloads/*.json`` is all that a new kind needs; what may stand in a row is said by
``policies/tables/schemas/workloads.schema.json``. Paths are those of ``karlint.inventory.paths``, numbers those of
``karlint.inventory.expressions``.

A kind that wraps another one (a RayJob its RayCluster, a JobSet its Jobs) says ``like``: it has the templates of the
other kind, with the path ``at`` in place of ``spec``, as often as ``times`` says.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from karlint.inventory.expressions import ABSENT, number_of
from karlint.inventory.paths import Match, Wild, exists, fill, matches, split, value_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


RUNTIMES = ("trainer.kubeflow.org/ClusterTrainingRuntime", "trainer.kubeflow.org/TrainingRuntime")
"""Kinds that a TrainJob may name."""


class ContainerRow(Struct, frozen=True):
    """A container that stands outside of ``containers``.

    Attributes:
        at: where it is in the pod spec; the spec itself where the kind keeps the container's fields there.
        name: what its operator calls it, where the manifest does not.
        only: fields that are the container's, where it shares its map with others; None for all.
    """

    at: Wild
    name: str
    only: frozenset[str] | None


class DeviceRow(Struct, frozen=True):
    """Accelerators that a kind expresses by a field of its own.

    Attributes:
        at: places of the field, from the root of the resource; the first that exists counts.
        resource: resource name of what the operator asks for.
        resource_at: place of a field that names another one; None for none.
        named: patterns of the field's text to resource names, for a field that says what but not how many.
        per_name: the field is a map of resource names to quantities.
        count: number of devices, ABSENT for the field's own value.
    """

    at: tuple[str, ...]
    resource: str
    resource_at: str | None
    named: tuple[tuple[re.Pattern[str], str], ...]
    per_name: bool
    count: Any


class TemplateRow(Struct, frozen=True):
    """One place where a kind keeps a pod template.

    Attributes:
        path: where the template is.
        parts: steps of *path* down to its last wildcard: the tasks, roles or groups that the workload consists of.
        spec: where the pod spec is in the template.
        metadata: what holds labels and annotations, where it is not the template's ``metadata``.
        optional: the operator makes the pods also where the template is left out.
        having: fields of the template of which one must be there, else it makes no pods.
        named_in: list of the same resource that holds the template, found by the name at *path*.
        claims: where the claims of the pods are in the pod spec.
        version: API versions that have this template; empty for all.
        unknown_with: places that may add devices which the manifest does not show, each with a pattern of texts that
            do not; None for no such text.
        unknown_in_patch: patches of the template: those that speak of resources make its devices unknown.
    """

    path: Wild
    parts: int
    pods: Any
    max_pods: Any
    role: str
    spec: Wild
    metadata: Wild | None
    optional: bool
    having: tuple[str, ...]
    named_in: Wild | None
    containers: tuple[ContainerRow, ...]
    devices: tuple[DeviceRow, ...]
    claims: Wild
    version: tuple[str, ...]
    unknown_with: tuple[tuple[str, re.Pattern[str] | None], ...]
    unknown_in_patch: tuple[str, ...]


class ManifestRow(Struct, frozen=True):
    """Where a kind holds whole manifests, which say themselves what they are."""

    at: Wild
    times: Any


class BorrowRow(Struct, frozen=True):
    """Another resource whose pod templates the kind uses.

    Attributes:
        kind: group/kind of the lender.
        name: place of the lender's name.
        pods: number of pods of each template.
    """

    kind: str
    name: Wild
    pods: Any


class KindRow(Struct, frozen=True):
    """One workload kind."""

    templates: tuple[TemplateRow, ...]
    manifests: tuple[ManifestRow, ...]
    borrows: tuple[BorrowRow, ...]
    runtime: bool
    operator_probes: bool
    operator_shm: bool
    scale: Wild


class Kinds:
    """The rows of ``policies/tables/workloads`` by group/kind, each read when its kind turns up."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._written: Mapping[str, Any] = table["kinds"]
        self._rows: dict[str, KindRow] = {}

    def __contains__(self, kind: str) -> bool:
        return kind in self._written

    def __iter__(self) -> Iterator[str]:
        return iter(self._written)

    def lenders(self, kind: str) -> set[str]:
        """Return the kinds whose pod templates *kind* uses, and theirs."""
        row = self.get(kind)
        if row is None:
            return set()
        direct = {loan.kind for loan in row.borrows} | (set(RUNTIMES) if row.runtime else set())
        return direct.union(*map(self.lenders, direct))

    def get(self, kind: str) -> KindRow | None:
        """Return the row of *kind*, None for a kind that makes no pods."""
        if kind not in self._rows and kind in self._written:
            self._rows[kind] = _kind_row(self._written[kind], self._written)
        return self._rows.get(kind)


def _kind_row(row: Mapping[str, Any], kinds: Mapping[str, Any]) -> KindRow:
    return KindRow(
        templates=tuple(_template_row(entry) for entry in _expanded(row.get("templates", ()), kinds)),
        manifests=tuple(ManifestRow(split(entry["at"]), entry.get("times", 1)) for entry in row.get("manifests", ())),
        borrows=tuple(
            BorrowRow(entry["kind"], split(entry["name"]), entry.get("pods")) for entry in row.get("borrows", ())
        ),
        runtime=bool(row.get("training_runtime", False)),
        operator_probes=bool(row.get("operator_probes", False)),
        operator_shm=bool(row.get("operator_shm", False)),
        scale=split(row.get("scale", "")),
    )


def _expanded(entries: Iterable[Mapping[str, Any]], kinds: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the entries of a row, those of another kind in place of a ``like``."""
    for entry in entries:
        if "like" not in entry:
            yield entry
            continue
        for template in _expanded(kinds[entry["like"]]["templates"], kinds):
            moved: dict[str, Any] = _moved(template, entry["at"])
            if "times" in entry:
                for field in ("pods", "max"):
                    if field in moved:
                        moved[field] = None if entry["times"] is None else ["*", entry["times"], moved[field]]
            yield moved | ({"role": entry["role"]} if "role" in entry else {})


def _moved(value: Any, at: str) -> Any:
    """Return a part of a row with *at* in place of ``spec`` at the head of each of its paths."""
    if isinstance(value, dict):
        return {key: _moved(item, at) for key, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, at) for item in value]
    if isinstance(value, str) and re.match(r"spec(?![A-Za-z])", value):
        return at + value[len("spec") :]
    return value


def _template_row(entry: Mapping[str, Any]) -> TemplateRow:
    metadata = entry.get("metadata")
    path = split(entry["path"])
    named_in = entry.get("named_in")
    return TemplateRow(
        path=path,
        parts=max((number for number, step in enumerate(path, 1) if step in ("*", "[*]")), default=0),
        pods=entry["pods"],
        max_pods=entry.get("max", ABSENT),
        role=entry.get("role", ""),
        spec=() if entry.get("podspec") else split(entry.get("below", "spec")),
        metadata=None if metadata is None else split(metadata),
        optional=bool(entry.get("optional", False)),
        having=tuple(entry.get("having", ())),
        named_in=None if named_in is None else split(named_in),
        containers=tuple(_container_row(item) for item in entry.get("containers", ())),
        devices=tuple(_device_row(item) for item in entry.get("devices", ())),
        claims=split(entry.get("claims", "resourceClaims")),
        version=tuple(entry.get("version", ())),
        unknown_with=tuple(_unknown_row(item) for item in entry.get("unknown_with", ())),
        unknown_in_patch=tuple(entry.get("unknown_in_patch", ())),
    )


def _container_row(entry: str | Mapping[str, Any]) -> ContainerRow:
    if isinstance(entry, str):
        return ContainerRow(split(entry), "", None)
    only = entry.get("only")
    return ContainerRow(split(entry["at"]), entry.get("name", ""), None if only is None else frozenset(only))


def _unknown_row(entry: str | Mapping[str, Any]) -> tuple[str, re.Pattern[str] | None]:
    return (entry, None) if isinstance(entry, str) else (entry["at"], re.compile(entry["unless"]))


def _device_row(entry: Mapping[str, Any]) -> DeviceRow:
    at = entry["at"]
    return DeviceRow(
        at=(at,) if isinstance(at, str) else tuple(at),
        resource=entry.get("resource", ""),
        resource_at=entry.get("resource_at"),
        named=tuple((re.compile(pattern), name) for pattern, name in entry.get("named", {}).items()),
        per_name=bool(entry.get("per_name", False)),
        count=entry.get("count", ABSENT),
    )


def places(row: TemplateRow, body: Any) -> Iterator[Match]:
    """Yield where *body* has the template of *row*, or makes pods without it where that is optional."""
    if row.version and str(value_at(body, ("apiVersion",))).rpartition("/")[2] not in row.version:
        return
    if not row.optional:
        found = matches(body, row.path)
    else:
        rest = row.path[row.parts :]
        found = (Match((*part.path, *rest), part.wildcards) for part in matches(body, row.path[: row.parts]))
    for match in found:
        if not row.having or any(exists(value_at(body, (*match.path, field))) for field in row.having):
            yield match


def pods_of(row: TemplateRow, body: Any, match: Match) -> tuple[int | None, int | None]:
    """Return the pods made from a template, as written and at the upper bound of its own autoscaling."""
    pods = number_of(row.pods, body, match.wildcards)
    return pods, pods if row.max_pods is ABSENT else number_of(row.max_pods, body, match.wildcards)


def role_of(row: TemplateRow, body: Any, match: Match) -> str:
    """Return what the kind calls the template: a fixed word, the map's key, or a field of the list item.

    A word for the items of a list has a ``=`` before it, since it would name a field.
    """
    if not row.role or not match.wildcards or row.role[0] == "=":
        return row.role.lstrip("=")
    if row.role == "key":
        return str(match.wildcards[0])
    steps = row.path.index("[*]") + 1 if "[*]" in row.path else len(row.path)
    named = value_at(body, (*fill(row.path[:steps], match.wildcards), row.role))
    return named if isinstance(named, str) else ""
