"""``karlint migrate dra``: plans, tries in a copy of the tree, keeps what that proves good."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from karlint._scratch import Scratch
from karlint.census import is_counted, whole_of
from karlint.discover.reasons import KUSTOMIZE_PATCH
from karlint.errors import UsageError
from karlint.fix import RefusedError
from karlint.fix.files import copy_tree, replace_file, sweep
from karlint.locate import Locator
from karlint.migrate.mapping import Classes
from karlint.migrate.naming import Naming, document
from karlint.migrate.proof import faults, state_of
from karlint.migrate.quotas import QuotaChange, Quotas
from karlint.migrate.refusals import ALLOWABLE, Refusals
from karlint.migrate.summary import Summary
from karlint.migrate.surroundings import DEVICE_CLASS, Surroundings
from karlint.migrate.texts import Texts, edited
from karlint.migrate.units import Drafting, Unit
from karlint.migrate.unseen import unread, unseen
from karlint.model.fix import ChangedFile
from karlint.model.migration import Refusal
from karlint.model.source import Anchor, SourceFile
from karlint.prepared import load_rule_book, prepare, tables_with, with_policies
from karlint.reading import discover_files
from karlint.rules import data_dir
from karlint.schema import SchemaSet
from karlint.since import settings_at
from karlint.verdict import report_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path as FilePath

    from karlint.config import Settings
    from karlint.migrate.proof import Blame, State
    from karlint.model.migration import Migration
    from karlint.model.path import Path
    from karlint.model.resource import Resource
    from karlint.prepared import Prepared
    from karlint.rules import RuleBook

OLDEST = 34
"""The minor from which claims work without a switch."""

API_VERSION = "resource.k8s.io/v1"
"""Served by default from that minor on; the beta versions are not, and go away one after the other."""

_CRD = "apiextensions.k8s.io/CustomResourceDefinition"
_MOST_ROUNDS = 12


class Options(Struct, frozen=True):
    """What the user decides.

    Attributes:
        write: False to leave the tree as it is.
        allow: codes of refusals that do not count.
        gaining: leave alone what claims bring nothing.
        classes: DeviceClasses that the user says the cluster has.
    """

    write: bool = False
    allow: frozenset[str] = frozenset()
    gaining: bool = False
    classes: frozenset[str] = field(default_factory=frozenset)


def migrate_dra(settings: Settings, options: Options) -> Migration:
    """Move requests to device plugins to DRA, as far as that is sure to be the same.

    Raises:
        UsageError: standard input, a target before 1.34, an unknown word to allow, or a DeviceClass that nobody
            confirms, with ``write``.
        EnvironmentProblem: a file cannot be written; it is as it was, and so are those that come after it.
    """
    unknown = sorted(options.allow.difference(ALLOWABLE))
    if unknown:
        raise UsageError(f"there is nothing called {unknown[0]} to allow", f"Choose of {', '.join(ALLOWABLE)}.")
    if settings.stdin is not None:
        raise UsageError("what standard input brings has no file to change", "Name files or directories.")
    if options.write:
        sweep(settings.root)
    run = _Run(settings, options)
    migration = run.plan()
    if not options.write or not migration.files:
        return migration
    if migration.classes:
        names = ", ".join(migration.classes)
        flags = " ".join(f"--device-class {name}" for name in migration.classes)
        raise UsageError(
            f"nothing is written, since nothing says that the cluster has the DeviceClass {names}",
            f"Install the driver, then confirm with {flags}, or with assume in .karlint.yaml.",
        )
    notices = _write(settings.root, migration.files)
    return replace(migration, written=True, notes=(*migration.notes, *notices))


def _write(root: FilePath, files: Sequence[ChangedFile]) -> list[str]:
    """Write *files*. Return remarks on those that somebody else wrote meanwhile: theirs counts."""
    remarks = []
    for file in files:
        target = root / file.path
        if SourceFile(file.path, target).read() == file.before:
            replace_file(target, file.after)
        else:
            remarks.append(f"{file.path} was changed meanwhile, so it is left as it is.")
    return remarks


class _Run:
    """One run: what the tree holds, and what becomes of it."""

    def __init__(self, settings: Settings, options: Options) -> None:
        self.asked = settings
        self.options = options
        self.settings, self.counted, self.prepared, self.book = _read(settings)
        versions = self.prepared.versions
        oldest = min(int(version.partition(".")[2]) for version in versions)
        if oldest < OLDEST:
            raise UsageError(
                f"claims are not served by default in Kubernetes 1.{oldest}", f"Choose targets from 1.{OLDEST} on: -k."
            )
        self.tables: dict[str, Any] = tables_with(self.book.tables, settings)
        self.classes = Classes.read(self.tables["migration"], settings.config.accelerators)
        assumed = settings.config.assume.get(DEVICE_CLASS, ())
        confirmed = options.classes | {c.device_class for c in self.classes.configured.values()}
        confirmed |= set() if assumed == "*" else set(assumed)
        self.any_class = assumed == "*"
        self.around = Surroundings(self.prepared.inventory, self.tables["migration"], confirmed)
        self.texts = Texts(self.prepared.discovery.root)
        self.locate = Locator(self.prepared.discovery.root)
        self.notes: list[str] = []
        self.quotas: list[QuotaChange] = []
        self.drafting = self._drafting()

    def _drafting(self) -> Drafting:
        everything = [*self.prepared.resources, *self.prepared.context]
        crds = [resource for resource in everything if resource.ref.group_kind == _CRD]
        schemas = SchemaSet(self.prepared.versions, crds, data_dir() / "schemas", self.prepared.locations)
        parts = self.prepared.deployed.parts
        return Drafting(
            classes=self.classes,
            refusals=Refusals(self.classes, self.around, self.tables["accelerators"]),
            schemas=schemas,
            texts=self.texts,
            allowed=self.options.allow,
            rendered={part.output.unit.id: part.output.unit for part in parts},
            patches=frozenset(s.path for s in self.prepared.discovery.skipped if s.reason == KUSTOMIZE_PATCH),
        )

    def plan(self) -> Migration:
        """Return what is to be done, proven."""
        inventory = self.prepared.inventory
        asked = [r for r in self.prepared.resources if is_counted(r, self.counted) and inventory.makes_pods(r)]
        workloads = ((resource, inventory.workload(resource)) for resource in asked)
        units = self.drafting.units((r, workload) for r, workload in workloads if workload is not None)
        if self.options.gaining:
            for unit in units:
                if unit.is_open and not any(plan.gains for plan in unit.plans):
                    unit.refuse("no-gain", "Claims would bring it nothing.", "Let a DeviceClass serve its requests.")
        files = self._proven(units)
        summary = Summary(
            classes=self.classes,
            around=self.around,
            line=lambda resource: self._line(resource, ("metadata", "name")),
            versions=self.prepared.versions,
            api_version=API_VERSION,
            any_class=self.any_class,
            served_from=self.tables["dra"]["gates"]["DRAExtendedResource"]["on"],
        )
        notes = [*(self.notes if files else ()), *self._unseen()]
        return summary.migration(units, self.quotas if files else (), notes, files)

    def _unseen(self) -> Iterator[str]:
        """Yield what is to be said of what could not be rendered."""
        prepared = self.prepared
        missing = [item for item in prepared.deployed.not_rendered if item.place.file in self.counted]
        yield from unread(file for file in prepared.loaded if file.file.path in self.counted)
        yield from unseen(missing, [*prepared.resources, *prepared.context], prepared.inventory)

    def _line(self, resource: Resource, at: Path) -> int:
        return self.locate(resource, at, Anchor.VALUE).location.span.line

    def _proven(self, units: list[Unit]) -> tuple[ChangedFile, ...]:
        """Try the open ones in a copy of the tree, and refuse those that do harm there."""
        if not any(unit.is_open for unit in units):
            return ()
        before = state_of(report_on(self.prepared, self.book, self.settings), self.prepared.inventory)
        with Scratch() as scratch:
            tree = scratch.directory / (self.settings.root.resolve().name or "tree")
            copy_tree(self.settings.root, tree)
            there = settings_at(self.settings, tree)
            if there is None:
                return ()
            touched: set[str] = set()
            for number in range(_MOST_ROUNDS):
                files = self._files(units)
                self._put(tree, files, touched)
                if not files or not self._blame(units, before, there, harsh=number >= _MOST_ROUNDS // 2):
                    return files
        for unit in units:
            if unit.is_open:
                unit.refuse("proof", "It was tried together with others that did harm, and taken back.")
        return ()

    def _put(self, tree: FilePath, files: Sequence[ChangedFile], touched: set[str]) -> None:
        """Make the copy say what *files* say, and else what the tree says."""
        new = {file.path: file.after for file in files}
        touched.update(new)
        for path in touched:
            replace_file(tree / path, new.get(path, self.texts.bytes_of(path)))

    def _blame(self, units: list[Unit], before: State, there: Settings, *, harsh: bool) -> bool:
        """Refuse the units that make things worse; tell whether there were any."""
        prepared = prepare(there, self.book)
        after = state_of(report_on(prepared, self.book, there), prepared.inventory)
        open_units = [unit for unit in units if unit.is_open]
        found = faults(before, after, open_units, self.prepared.inventory)
        found = [fault for fault in found if not (fault.mixed and "device-plugin" in self.options.allow)]
        for fault in found:
            blamed = list(fault.units) or list(range(len(open_units)))
            if harsh:
                files = {open_units[place].file for place in blamed}
                blamed = [place for place, unit in enumerate(open_units) if unit.file in files]
            for place in blamed:
                if open_units[place].is_open:
                    open_units[place].refusals.append(_taken_back(fault))
        return bool(found)

    def _files(self, units: Sequence[Unit]) -> tuple[ChangedFile, ...]:
        """Name the claim templates, and return the files with what is open done in them."""
        naming = Naming(self.prepared.inventory, API_VERSION)
        for unit in units:
            if unit.is_open:
                self.drafting.name(unit, naming)
        open_units = [unit for unit in units if unit.is_open]
        self.notes.clear()
        quotas = Quotas(self.around, self.texts, lambda quota: self._line(quota, ("spec", "hard")), self.notes)
        self.quotas = quotas.follow(open_units)
        found = []
        for path in sorted({unit.file for unit in open_units} | {change.entry.file for change in self.quotas}):
            file = self._file(path, [unit for unit in open_units if unit.file == path])
            if file is not None:
                found.append(file)
        return tuple(found)

    def _file(self, path: str, units: Sequence[Unit]) -> ChangedFile | None:
        new = {(unit.namespace, name): claim.requests for unit in units for name, claim in unit.templates.items()}
        there = {(ns, name) for ns, name in new if self._is_there(path, ns, name)}
        documents = [document(API_VERSION, *key, requests) for key, requests in new.items() if key not in there]
        groups = [unit.changes for unit in units]
        groups += [change.changes for change in self.quotas if change.entry.file == path]
        try:
            text = edited(path, self.texts[path], groups, documents)
        except RefusedError as error:
            for unit in units:
                unit.refuse("text", f"Its file cannot be edited without changing more: {error.reason}.")
            self.quotas = [change for change in self.quotas if change.entry.file != path]
            return None
        return ChangedFile(path, self.texts.bytes_of(path), self.texts.encoded(path, text))

    def _is_there(self, path: str, namespace: str, name: str) -> bool:
        """Tell whether the file holds a claim template of that name already, which naming found to be the same."""
        kind = posixpath.join("resource.k8s.io", "ResourceClaimTemplate")
        named = self.prepared.inventory.lookup.by_kind.get(kind, {}).get(name, ())
        return any(item.path == path and item.ref.namespace == namespace for item in named)


def _taken_back(fault: Blame) -> Refusal:
    if not fault.mixed:
        return Refusal("proof", f"It was tried and taken back: {fault.why.rstrip('.')}.", fault.help)
    return Refusal(
        "device-plugin",
        f"{fault.why} beside it stays with the device plugin, which has the devices of the nodes that it runs on for "
        "itself.",
        "Migrate that too, or keep their nodes apart, then --allow device-plugin.",
        allow=True,
    )


def _read(settings: Settings) -> tuple[Settings, set[str], Prepared, RuleBook]:
    """Return the settings that suffice, the files that are asked for, and what the tree holds.

    Quotas, device classes and what else a workload depends on are looked for in the whole repository.
    """
    book = with_policies(load_rule_book(), settings)
    found = discover_files(settings)
    named = {file.path for file in found.files}
    counted = named | {item.path for item in found.skipped}
    whole = whole_of(settings)
    prepared = prepare(whole, book)
    if not named <= {file.path for file in prepared.discovery.files}:
        whole, prepared = settings, prepare(settings, book)  # named outright, and left out otherwise
    return whole, counted, prepared, book
