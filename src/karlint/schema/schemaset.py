"""The schemas of one run: Kubernetes' kinds for each target, the kinds that the tree defines, the kinds we know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema_rs
from msgspec import Struct
from msgspec.structs import replace

from karlint.model.finding import RawFinding, RawRelated
from karlint.model.rule import Severity
from karlint.model.source import Anchor
from karlint.schema.compiled import Compiled
from karlint.schema.crds import Crd, CrdIndex, filled_by_webhook, nearest
from karlint.schema.deprecated import DEPRECATED, outdated, problem_of
from karlint.schema.embedded import EmbeddedTypes
from karlint.schema.explain import explain
from karlint.schema.fields import Fields
from karlint.schema.files import BadSchemaError, read_schema
from karlint.schema.history import field_history
from karlint.schema.locations import SchemaLocation
from karlint.schema.moves import Move, move
from karlint.schema.notserved import not_served
from karlint.schema.pack import Schema, check_version, core_schema, definitions, self_contained
from karlint.schema.problem import Problem
from karlint.schema.released import doubtful
from karlint.schema.served import load_served

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path as FilePath

    from karlint.model.resource import Resource, ResourceRef

SCHEMA_INVALID = "core/schema-invalid"
NOT_SERVED = "core/api-version-not-served"

_MOST = 20


class SchemaVerdict(Struct, frozen=True):
    """What the schemas say about a resource.

    Attributes:
        known: False when there is no schema for its kind, so that nothing was checked.
        findings: `core/schema-invalid`, `core/api-version-not-served` and `core/api-version-deprecated`.
    """

    known: bool
    findings: tuple[RawFinding, ...] = ()


_UNKNOWN = SchemaVerdict(known=False)


class SchemaSet:
    """Validates resources for one or more Kubernetes minors.

    Args:
        versions: the targets, e.g. ("1.35", "1.36").
        crds: the CustomResourceDefinitions of the tree.
        data_dir: the directory that holds our own schemas, see `locations.LAYOUT`; None for none.
        locations: where the user has schemas of custom resources; the first that has the kind counts.

    A custom resource is judged by the user's schema, or else by the definition in the tree, which is demonstrably what
    is deployed, or else by ours.

    Raises UsageError for a target that has no schemas.
    """

    def __init__(
        self,
        versions: Sequence[str],
        crds: Iterable[Resource],
        data_dir: FilePath | None = None,
        locations: Sequence[SchemaLocation] = (),
    ) -> None:
        for version in versions:
            check_version(version)
        self._versions = tuple(dict.fromkeys(versions))
        self._crds = CrdIndex(crds)
        self._given = tuple(locations)
        self._own = (SchemaLocation(".", data_dir),) if data_dir else ()
        self._definitions: dict[str, dict[str, Schema]] = {}
        self._embedded: EmbeddedTypes | None = None
        self._core: dict[tuple[str, str], Compiled] = {}
        self._custom: dict[tuple[int, str], Compiled | None] = {}
        self._from_files: dict[tuple[bool, str, str], Compiled | None] = {}
        self._notices: dict[str, None] = {}
        self._failures: dict[str, None] = {}

    @property
    def failures(self) -> tuple[str, ...]:
        """Which of the user's schemas cannot be used, and why; complete once every resource has been validated."""
        return tuple(self._failures)

    @property
    def notices(self) -> tuple[str, ...]:
        """What could not be checked, and why; complete once every resource has been validated."""
        return tuple(self._notices)

    def validate(self, resource: Resource) -> SchemaVerdict:
        """Judge *resource* for every target. Never raises on account of its content.

        That a field is missing, or has to go with another, is not said of a partial file: a kustomization may add
        labels, a namespace or patches.
        """
        verdict = self._judge(resource)
        if any(_is_directive(finding) for finding in verdict.findings):
            # Only a strategic merge patch holds one, and what a patch changes is not here to be seen.
            self._notices[f"{resource.path}: {resource.ref} is a patch, so it was not checked against a schema."] = None
            return _UNKNOWN
        if not resource.document.file.partial:
            return replace(verdict, findings=(*verdict.findings, *self._deprecated(resource, verdict)))
        absent = {"missing-field", "rule"}
        kept = tuple(finding for finding in verdict.findings if (finding.args or {})["problem"] not in absent)
        return SchemaVerdict(verdict.known, kept)

    def _deprecated(self, resource: Resource, verdict: SchemaVerdict) -> Iterator[RawFinding]:
        """Yield that the project behind a custom resource has given up its version, where the newer one is there."""
        row = outdated(resource.ref)
        if row is None or any(finding.rule == NOT_SERVED for finding in verdict.findings):
            return
        group, _, version = row.better.rpartition("/")
        crds = self._crds.find(group, resource.ref.kind)
        serving = [crd for crd in crds if version in crd.served]
        if crds and not serving:
            return
        problem, way = problem_of(resource.ref, row), move(resource.body, row.better)
        ref = replace(resource.ref, group=group, version=version)
        compiled = (
            self._custom_schema(nearest(serving, resource.path)[0], version)
            if serving
            else self._schema_from_files(self._given, ref) or self._schema_from_files(self._own, ref)
        )
        fits = way is not None and compiled is not None and not _unfilled(resource, _problems(compiled, way.body))
        if way and fits:  # an operator that nothing tells of may be of a release before the newer version
            problem = replace(_moving(problem, way), safe=way.safe and bool(serving))
        found = self._finding(DEPRECATED, resource, problem, [])
        yield replace(found, severity=Severity.WARNING) if row.gone else found

    def _judge(self, resource: Resource) -> SchemaVerdict:
        ref = resource.ref
        if load_served().is_core_group(ref.group):
            return self._validate_core(resource)
        given = self._schema_from_files(self._given, ref)
        if given is not None:
            return self._validate_by(given, resource)
        crds = self._crds.find(ref.group, ref.kind)
        if crds:
            return self._validate_custom(resource, crds)
        own = self._schema_from_files(self._own, ref)
        return _UNKNOWN if own is None else self._validate_by(own, resource, ours=True)

    def _validate_by(self, compiled: Compiled, resource: Resource, *, ours: bool = False) -> SchemaVerdict:
        try:
            problems = _problems(compiled, resource.body)
        except RecursionError:
            self._failures[f"The schema of {resource.ref.api_version} {resource.ref.kind} never ends."] = None
            return _UNKNOWN
        kept = _unfilled(resource, problems)
        if not ours:
            return SchemaVerdict(True, self._findings(resource, {None: kept}))
        told = [(doubtful(resource.ref, problem), problem) for problem in kept]
        sure = self._findings(resource, {None: [problem for doubt, problem in told if doubt is None]})
        unsure = self._findings(resource, {None: [doubt for doubt, _ in told if doubt is not None]})
        return SchemaVerdict(True, (*sure, *(replace(found, severity=Severity.WARNING) for found in unsure)))

    def _validate_core(self, resource: Resource) -> SchemaVerdict:
        served = load_served()
        problems: dict[str | None, list[Problem]] = {}
        missing = []
        for version in self._versions:
            name = served.definition(version, resource.ref)
            if name is None:
                missing.append(version)
            else:
                compiled = self._core_schema(version, name)
                problems[version] = _problems(compiled, resource.body, version)
        findings = self._findings(resource, problems)
        known = bool(problems)
        for problem, best, versions in not_served(served, resource.ref, missing):
            known = True
            way = move(resource.body, best) if best else None
            told = _moving(problem, way) if way and self._fits(resource, way, versions) else problem
            findings = (*findings, self._finding(NOT_SERVED, resource, told, versions))
        return SchemaVerdict(known, findings)

    def _fits(self, resource: Resource, way: Move, versions: Sequence[str]) -> bool:
        """Tell whether the API servers of *versions* take what *way* makes of *resource*."""
        group, _, version = way.api_version.rpartition("/")
        ref = replace(resource.ref, group=group, version=version)
        names = [(target, load_served().definition(target, ref)) for target in versions]
        return all(name and not _problems(self._core_schema(target, name), way.body, target) for target, name in names)

    def _validate_custom(self, resource: Resource, crds: list[Crd]) -> SchemaVerdict:
        version = resource.ref.version
        serving = [crd for crd in crds if version in crd.served]
        if not serving:
            return SchemaVerdict(True, (self._crd_does_not_serve(resource, nearest(crds, resource.path)[0]),))
        verdicts = [
            _problems(compiled, resource.body)
            for crd in nearest(serving, resource.path)
            if (compiled := self._custom_schema(crd, version)) is not None
        ]
        if not verdicts:
            return _UNKNOWN
        common = [problem for problem in verdicts[0] if all(problem in other for other in verdicts[1:])]
        return SchemaVerdict(True, self._findings(resource, {None: _unfilled(resource, common)}))

    def _findings(self, resource: Resource, problems: dict[str | None, list[Problem]]) -> tuple[RawFinding, ...]:
        """Merge what is wrong for several targets; None as a target means whatever the target."""
        merged: dict[Problem, tuple[Problem, list[str]]] = {}
        for version, found in problems.items():
            for problem in found:
                # advice may differ: a field may come later for one, never for another
                same = replace(problem, help="", fix=())
                first, versions = merged.get(same, (problem, []))
                merged[same] = (problem if problem.help else first, [*versions, *([version] if version else [])])
        return tuple(
            self._finding(SCHEMA_INVALID, resource, problem, versions)
            for problem, versions in _capped(list(merged.values()))
        )

    def _finding(self, rule: str, resource: Resource, problem: Problem, versions: list[str]) -> RawFinding:
        return RawFinding(
            rule=rule,
            resource=resource.index,
            at=problem.at,
            anchor=problem.anchor,
            args={"problem": problem.code, "field": problem.subject},
            message=problem.message,
            help=problem.help or None,
            versions=tuple(versions) if len(self._versions) > 1 else (),
            fix=problem.fix,
            safe=problem.safe if problem.fix else None,
        )

    def _crd_does_not_serve(self, resource: Resource, crd: Crd) -> RawFinding:
        ref = resource.ref
        message = f"The CustomResourceDefinition of {ref.kind} does not serve {ref.api_version}."
        use = [f"{ref.group}/{name}" for name in crd.served]
        advice = f"Use {' or '.join(use)}." if use else ""
        problem = Problem("not-served", ("apiVersion",), Anchor.VALUE, ref.api_version, message, advice)
        ways = [way for name in crd.served if (way := self._way(resource, crd, name)) is not None]
        told = _moving(problem, ways[0]) if len(ways) == 1 else problem
        related = RawRelated(crd.resource.index, ("spec",), "The definition.")
        return replace(self._finding(NOT_SERVED, resource, told, []), related=(related,))

    def _way(self, resource: Resource, crd: Crd, version: str) -> Move | None:
        """Return the way of *resource* to a version that *crd* serves; None where that takes more than is known."""
        way = move(resource.body, f"{resource.ref.group}/{version}")
        compiled = self._custom_schema(crd, version)
        if way is None or compiled is None:
            return None
        return None if _unfilled(resource, _problems(compiled, way.body)) else way

    def _core_schema(self, version: str, name: str) -> Compiled:
        key = (version, name)
        if key not in self._core:
            self._core[key] = Compiled(core_schema(self._defs(version), name))
        return self._core[key]

    def _custom_schema(self, crd: Crd, version: str) -> Compiled | None:
        key = (crd.resource.index, version)
        if key not in self._custom:
            source = f"{crd.resource.path}: {crd.resource.ref.name}"
            schema = crd.json_schema(version)
            try:
                self._custom[key] = None if schema is None else self._compile(schema, source)
            except BadSchemaError as error:
                self._notices[f"{source}: the schema is not used: {error}."] = None
                self._custom[key] = None
        return self._custom[key]

    def _schema_from_files(self, locations: tuple[SchemaLocation, ...], ref: ResourceRef) -> Compiled | None:
        """Return the schema of the first location that has the kind. It may refer to Kubernetes' own types."""
        key = (locations is self._own, ref.api_version, ref.kind)
        if locations and key not in self._from_files:
            found = (location.find(ref.group, ref.kind, ref.version) for location in locations)
            file = next((file for file in found if file), None)
            self._from_files[key] = self._read(file) if file else None
        return self._from_files.get(key)

    def _read(self, file: FilePath) -> Compiled | None:
        try:
            return self._compile(read_schema(file), str(file))
        except BadSchemaError as error:
            self._failures[f"The schema {file} is not used: {error}."] = None
            return None

    def _compile(self, schema: Schema, source: str) -> Compiled:
        """Make a schema of a custom resource ready. Raises BadSchemaError."""
        # ObjectMeta and pod templates hardly change between minors; the newest target's know the most fields.
        try:
            compiled = Compiled(self_contained(self._embedded_types(), schema), custom=True)
        except KeyError as error:
            raise BadSchemaError(f"it refers to {error.args[0]}, which nothing defines") from error
        except jsonschema_rs.ValidationError as error:
            raise BadSchemaError(f"it makes no sense: {error.message.strip()}") from error
        for pattern in compiled.dropped:
            self._notices[f"{source}: the pattern {pattern} cannot be compiled, so it is not checked."] = None
        return compiled

    def _embedded_types(self) -> EmbeddedTypes:
        if self._embedded is None:
            self._embedded = EmbeddedTypes(self._defs(self._versions[-1]))
        return self._embedded

    def _defs(self, version: str) -> dict[str, Schema]:
        if version not in self._definitions:
            self._definitions[version] = definitions(version)
        return self._definitions[version]


def _unfilled(resource: Resource, problems: list[Problem]) -> list[Problem]:
    kind = resource.ref.group_kind
    return [problem for problem in problems if not filled_by_webhook(kind, problem.at, problem.subject)]


def _is_directive(finding: RawFinding) -> bool:
    return (finding.args or {})["field"] in {"$patch", "$retainKeys"}


def _problems(compiled: Compiled, body: dict[str, Any], version: str | None = None) -> list[Problem]:
    errors, repeated = compiled.errors(body), compiled.repeated(body)
    if not errors and not repeated:
        return []
    history = None if version is None else lambda name, field: field_history(name, field, version)
    return explain(errors, body, Fields(compiled.schema, history), repeated)


def _capped(listed: list[tuple[Problem, list[str]]]) -> list[tuple[Problem, list[str]]]:
    """Leave the first few, and say in the last how many there are."""
    if len(listed) <= _MOST:
        return listed
    last, versions = listed[_MOST - 1]
    rest = len(listed) - _MOST
    message = f"{last.message} {rest} more schema errors in this resource are not shown."
    shown = Problem(last.code, last.at, last.anchor, last.subject, message, last.help)
    return [*listed[: _MOST - 1], (shown, versions)]


def _moving(problem: Problem, way: Move) -> Problem:
    return replace(problem, fix=way.operations, safe=way.safe)
