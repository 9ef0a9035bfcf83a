"""What kustomizations read: bases, components, files, charts. It is read off before kustomize runs."""

from __future__ import annotations

import os
import posixpath
import re
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from karlint.render.realpaths import RealPaths
from karlint.render.reasons import CHANGED, CHART_REMOTE, OUTSIDE, REMOTE_BASE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from karlint.model.path import Path
    from karlint.model.unit import KustomizeSource

    ReadFile = Callable[[str], bytes]
    ReadYaml = Callable[[bytes], Any]

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_FORGES = r"(?:github|gitlab)\.com|bitbucket\.org"
_REMOTE = re.compile(
    rf"^(?:[a-z][a-z0-9+]*://|git::|[\w.-]+@[\w.-]+:|(?:{_FORGES})[/:])|\?(?:ref|version|timeout)=|\.git(?:/|$)"
)
_DIRECTORIES = ("resources", "bases", "components")
_LISTING = frozenset({"apiVersion", "kind", "metadata", "resources"})
_VALUES = ("valuesFile", "values", "additionalValuesFiles")
_MAYBE_FILES = ("crds", "configurations", "generators", "transformers", "validators", "patchesStrategicMerge")


class Obstacle(Struct, frozen=True):
    """Why a kustomization cannot be built here: a reason, what it is about, and the path of the entry."""

    reason: str
    what: str
    at: Path


class Kustomization(Struct, frozen=True):
    """A kustomization file and what it names. Paths are relative to the root; those that do not exist are left out.

    Attributes:
        file: the kustomization file.
        value: what it says; {} where it cannot be read, about which kustomize has its own words.
        uses: directories of other kustomizations.
        inputs: files that it names, itself included.
        charts: directories of charts that it inflates.
        obstacles: what keeps it from being built.
    """

    file: str
    value: Mapping[str, Any]
    uses: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()

    @property
    def is_component(self) -> bool:
        """Tell whether it is made to be built into others only."""
        return self.value.get("kind") == "Component"


class Closure(Struct):
    """Everything that building a directory reads.

    Attributes:
        directories: of kustomizations, its own first.
        inputs: files.
        charts: directories of charts.
        obstacles: what keeps it from being built, with the file of each.
    """

    directories: list[str] = field(default_factory=list)
    inputs: set[str] = field(default_factory=set)
    charts: set[str] = field(default_factory=set)
    obstacles: list[tuple[str, Obstacle]] = field(default_factory=list)


class _Found(Struct):
    uses: list[str] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    charts: list[str] = field(default_factory=list)
    obstacles: list[Obstacle] = field(default_factory=list)


class Graph:
    """The kustomizations of a tree, each read once and when asked for, by whichever thread renders it."""

    def __init__(self, root: str, read: ReadFile, read_yaml: ReadYaml) -> None:
        self._paths = RealPaths(root)
        self._root = self._paths.root
        self._read = read
        self._read_yaml = read_yaml
        self._known: dict[str, Kustomization | None] = {}
        self._closures: dict[str, Closure] = {}
        self._reading = threading.RLock()  # nobody takes a kustomization that is being read for none

    def at(self, directory: str) -> Kustomization | None:
        """Return the kustomization of *directory*; None where it has none."""
        with self._reading:
            if directory not in self._known:
                self._known[directory] = None  # for a circle: generators are looked into meanwhile
                file = next((path for name in NAMES if self._is_file(path := posixpath.join(directory, name))), None)
                self._known[directory] = None if file is None else self._parse(directory, file)
            return self._known[directory]

    def closure(self, directory: str) -> Closure:
        """Return what building *directory* reads. Circles are gone round once."""
        if directory not in self._closures:
            self._closures[directory] = self._walk([directory])
        return self._closures[directory]

    def closure_of(self, directories: Iterable[str]) -> Closure:
        """Return what building all of *directories* reads."""
        return self._walk(list(directories))

    def generated(self, directory: str) -> list[str]:
        """Return what Flux lists in the kustomization that it makes for *directory*, relative to it.

        That is each directory below with a kustomization of its own, which is not looked into, and each other manifest.
        """
        found: list[str] = []
        top = os.path.join(self._root, directory)  # noqa: PTH118
        for above, directories, files in os.walk(top):
            inside = os.path.relpath(above, top)
            inside = "" if inside == "." else f"{inside}/"
            if inside and any(name in NAMES for name in files):
                found.append(inside.rstrip("/"))
                directories.clear()
                continue
            directories[:] = sorted(name for name in directories if name != ".git")
            found += (inside + name for name in files if name.endswith((".yaml", ".yml")))
        return sorted(found)

    def of_source(self, source: KustomizeSource) -> Closure:
        """Return what building *source* reads: of a directory without a kustomization, what Flux takes of it."""
        if not source.generated:
            extra = [
                target
                for edit in source.edits
                if edit.field == "components"
                for path in edit.value
                if isinstance(path, str) and (target := self.resolve(source.directory, path)) is not None
            ]
            return self.closure_of([source.directory, *extra]) if extra else self.closure(source.directory)
        paths = [posixpath.join(source.directory, path) for path in self.generated(source.directory)]
        closure = self.closure_of([path for path in paths if self._is_directory(path)])
        closure.inputs.update(path for path in paths if not self._is_directory(path))
        return closure

    def resolve(self, directory: str, reference: str) -> str | None:
        """Return what *reference* means in *directory*, links followed; None when it lies outside of the root."""
        return self._paths.inside(posixpath.join(directory, reference))

    def _walk(self, waiting: list[str]) -> Closure:
        closure = Closure()
        seen: set[str] = set()
        while waiting:
            here = waiting.pop(0)
            if here in seen:
                continue
            seen.add(here)
            found = self.at(here)
            if found is None:
                continue
            closure.directories.append(here)
            closure.inputs.update(found.inputs)
            closure.charts.update(found.charts)
            closure.obstacles += ((found.file, obstacle) for obstacle in found.obstacles)
            waiting += found.uses
        return closure

    def _is_file(self, path: str) -> bool:
        return os.path.isfile(os.path.join(self._root, path))  # noqa: PTH113, PTH118

    def _is_directory(self, path: str) -> bool:
        return os.path.isdir(os.path.join(self._root, path))  # noqa: PTH112, PTH118

    def _exists(self, directory: str, reference: str) -> bool:
        return os.path.lexists(os.path.join(self._root, directory, reference))  # noqa: PTH118

    def _parse(self, directory: str, file: str) -> Kustomization:
        try:
            value = self._read_yaml(self._read(file))
        except (OSError, ValueError):
            value = None
        if not isinstance(value, dict):
            return Kustomization(file, {}, inputs=(file,))
        found = _Found(inputs=[file])
        for reference, at, is_base in references(value):
            self._add(directory, reference, at, is_base, found)
        self._add_charts(directory, value, found)
        self._add_generated_charts(directory, value, found)
        return Kustomization(
            file, value, tuple(found.uses), tuple(found.inputs), tuple(found.charts), tuple(found.obstacles)
        )

    def _add(self, directory: str, reference: str, at: Path, is_base: bool, found: _Found) -> None:
        if not self._exists(directory, reference):
            if _REMOTE.search(reference):
                found.obstacles.append(Obstacle(REMOTE_BASE, reference, at))
            return
        target = self.resolve(directory, reference)
        if target is None:
            found.obstacles.append(Obstacle(OUTSIDE, reference, at))
        elif self._is_directory(target):
            if is_base:
                found.uses.append(target)
        else:
            found.inputs.append(target)

    def _add_charts(self, directory: str, value: Mapping[str, Any], found: _Found) -> None:
        settings = value.get("helmGlobals")
        home = settings.get("chartHome") if isinstance(settings, dict) else None
        home = home if isinstance(home, str) and home else "charts"
        for key in ("helmCharts", "helmChartInflationGenerator"):
            entries = value.get(key)
            for index, entry in enumerate(entries if isinstance(entries, list) else []):
                if isinstance(entry, dict):
                    self._add_chart(directory, home, entry, (key, index), found)

    def _add_generated_charts(self, directory: str, value: Mapping[str, Any], found: _Found) -> None:
        """Add what generators of charts read, which they look for from the kustomization that lists them."""
        entries = value.get("generators")
        for index, entry in enumerate(entries if isinstance(entries, list) else []):
            at: Path = ("generators", index)
            inflators = [config for config in self.generators(directory, entry) if is_inflator(config)]
            if inflators and self.is_changed(directory, entry):
                found.obstacles.append(Obstacle(CHANGED, entry, at))
            for config in inflators:
                self._add_chart(directory, "charts", config, at, found)
                for path, _, _ in _fields([config], at, _VALUES):
                    self._add(directory, path, at, False, found)

    def generators(self, directory: str, entry: Any) -> list[Any]:
        """Return what an entry of ``generators`` configures: inline, in a file, or in the files of a kustomization."""
        if not isinstance(entry, str):
            return []
        if "\n" in entry or entry.startswith("{"):
            return list(self._documents(entry.encode()))
        target = self.resolve(directory, entry)
        files = [] if target is None else [target] if self._is_file(target) else sorted(self._walk([target]).inputs)
        files = [file for file in files if posixpath.basename(file) not in NAMES]
        found: list[Any] = []
        for file in files:
            with suppress(OSError):
                found += self._documents(self._read(file))
        return found

    def is_changed(self, directory: str, entry: str) -> bool:
        """Tell whether *entry* is a directory whose kustomization does more than to list files."""
        target = self.resolve(directory, entry) if "\n" not in entry else None
        found = self.at(target) if target is not None and self._is_directory(target) else None
        return found is not None and bool(found.uses or found.value.keys() - _LISTING)

    def _documents(self, data: bytes) -> Iterator[Any]:
        for text in re.split(rb"^---", data, flags=re.MULTILINE):
            with suppress(ValueError):
                yield self._read_yaml(text)

    def _add_chart(self, directory: str, home: str, entry: Mapping[str, Any], at: Path, found: _Found) -> None:
        name = entry.get("name") or entry.get("chartName")
        if not isinstance(name, str) or not name:
            return
        own = entry.get("chartHome")
        home = own if isinstance(own, str) and own else home
        version = entry.get("version") or entry.get("chartVersion")
        # Only what has both is looked for in a directory of its own, and fetched where it is not there.
        if version and (entry.get("repo") or entry.get("chartRepoUrl")):
            home = f"{home}/{name}-{version}"
        place = f"{home}/{name}"
        if not self._is_directory(posixpath.join(directory, place)):
            found.obstacles.append(Obstacle(CHART_REMOTE, name, at))
            return
        target = self.resolve(directory, place)
        if target is None or self.escape_below(target) is not None:
            found.obstacles.append(Obstacle(OUTSIDE, place, at))
        else:
            found.charts.append(target)

    def escape_below(self, directory: str) -> str | None:
        """Return a link in or below *directory* that leads out of the root; helm would follow it."""
        for above, directories, files in os.walk(os.path.join(self._root, directory)):  # noqa: PTH118
            for name in (*directories, *files):
                path = os.path.join(above, name)  # noqa: PTH118
                if os.path.islink(path) and self.resolve("", path) is None:  # noqa: PTH114
                    return os.path.relpath(path, self._root)
        return None


def is_inflator(config: Any) -> bool:
    """Tell whether a generator's configuration inflates a chart: it is an entry of ``helmCharts`` by itself."""
    return (
        isinstance(config, dict)
        and config.get("apiVersion") == "builtin"
        and config.get("kind") == "HelmChartInflationGenerator"
    )


def references(value: Mapping[str, Any]) -> Iterator[tuple[str, Path, bool]]:
    """Yield each path that a kustomization names, where it does, and whether it may be another kustomization."""
    for key in _DIRECTORIES:
        for at, text in _texts(value.get(key), (key,)):
            yield text, at, True
    for key in _MAYBE_FILES:
        for at, text in _texts(value.get(key), (key,)):
            yield text, at, key in {"generators", "transformers", "validators"}
    for key in ("patches", "patchesJson6902", "replacements", "patchesStrategicMerge"):
        yield from _fields(value.get(key), (key,), ("path",))
    openapi = value.get("openapi")
    if isinstance(openapi, dict) and isinstance(openapi.get("path"), str):
        yield openapi["path"], ("openapi", "path"), False
    for key in ("configMapGenerator", "secretGenerator"):
        for text, at, _ in _fields(value.get(key), (key,), ("files", "envs", "env")):
            yield text.partition("=")[2] or text, at, False
    for key in ("helmCharts", "helmChartInflationGenerator"):
        yield from _fields(value.get(key), (key,), _VALUES)


def _fields(entries: Any, above: Path, keys: tuple[str, ...]) -> Iterator[tuple[str, Path, bool]]:
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        if not isinstance(entry, dict):
            continue
        for key in keys:
            at = (*above, index, key)
            if isinstance(entry.get(key), str) and "\n" not in entry[key]:
                yield entry[key], at, False
            for inner, text in _texts(entry.get(key), at):
                yield text, inner, False


def _texts(entries: Any, above: Path) -> Iterator[tuple[Path, str]]:
    """Yield the strings of a list that can be paths: text over several lines is a resource or a patch by itself."""
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        if isinstance(entry, str) and entry and "\n" not in entry:
            yield (*above, index), entry
