"""What of a tree is rendered by itself: kustomizations that no other builds on, and charts that nothing refers to."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from karlint.model.unit import HelmSource, KustomizeSource, Place, Unit, ValuesLayer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from karlint.render.kustgraph import Graph

RELEASE, NAMESPACE = "release-name", "default"
"""What ``helm template CHART`` takes where nobody says otherwise."""

_CI_VALUES = re.compile(r"ci/[^/]*values\.ya?ml")
_FILE_REPOSITORY = "file://"


class ChartSet(Struct, frozen=True):
    """How the configuration wants a chart to be rendered.

    Attributes:
        name: what tells this set from others of the chart.
        chart: repository-relative directory of the chart.
        values: repository-relative values files, the later wins.
        set: dotted path to value, over the files.
        place: its entry in the configuration; None where that lies outside of the tree.
    """

    name: str
    chart: str
    values: tuple[str, ...] = ()
    set: tuple[tuple[str, Any], ...] = ()
    release: str = RELEASE
    namespace: str = NAMESPACE
    kube_version: str = ""
    api_versions: tuple[str, ...] = ()
    crds: bool = True
    hooks: bool = True
    tests: bool = False
    place: Place | None = None


def kustomize_units(directories: Collection[str], graph: Graph, taken: Collection[str] = ()) -> list[Unit]:
    """Return a unit for each of *directories* that is the root of something.

    Components are none, and neither are kustomizations that another one builds on or that are *taken*: rendered by
    something that declares them. Of a circle, where each builds on the next, the first is one.
    """
    used = {use for directory in directories for use in _uses(directory, graph)}
    roots = [directory for directory in sorted(directories) if directory not in used]
    reached = set(graph.closure_of([*roots, *taken]).directories)
    for directory in sorted(directories):
        if directory not in reached:  # a circle that nothing outside of it leads to
            roots.append(directory)
            reached.update(graph.closure(directory).directories)
    found = [(directory, graph.at(directory)) for directory in sorted(roots) if directory not in taken]
    return [
        Unit(directory or ".", KustomizeSource(directory))
        for directory, kustomization in found
        if kustomization is not None and not kustomization.is_component
    ]


def _uses(directory: str, graph: Graph) -> Iterable[str]:
    kustomization = graph.at(directory)
    return [use for use in kustomization.uses if use != directory] if kustomization is not None else []


def chart_units(
    charts: Collection[str],
    files: Collection[str],
    metadata: Callable[[str], Mapping[str, Any]],
    sets: Sequence[ChartSet] = (),
    taken: Collection[str] = (),
) -> list[Unit]:
    """Return the units of the charts that stand for themselves.

    They are rendered with the sets of the configuration, else with their own values and with each file in ``ci/``.

    Args:
        charts: directories that hold a Chart.yaml.
        files: every file of the tree.
        metadata: returns what the Chart.yaml of a directory says, dependencies of a requirements.yaml included.
        sets: what the configuration declares.
        taken: charts that something in the tree refers to.
    """
    dependencies = {path for chart in charts for path in local_dependencies(chart, metadata(chart))}
    units: list[Unit] = []
    for chart in sorted(charts):
        declared = [item for item in sets if item.chart == chart]
        if declared:
            units += (_declared(item) for item in declared)
        elif chart in taken or chart in dependencies or _is_subchart(chart, charts):
            continue
        elif metadata(chart).get("type") != "library":
            units += _by_files(chart, files)
    return units


def local_dependencies(chart: str, metadata: Mapping[str, Any]) -> Iterator[str]:
    """Yield the directories that a chart names as dependencies by ``file://``."""
    entries = metadata.get("dependencies")
    for entry in entries if isinstance(entries, list) else []:
        repository = entry.get("repository") if isinstance(entry, dict) else None
        if isinstance(repository, str) and repository.startswith(_FILE_REPOSITORY):
            path = posixpath.normpath(posixpath.join(chart, repository.removeprefix(_FILE_REPOSITORY)))
            yield "" if path == "." else path


def _is_subchart(chart: str, charts: Collection[str]) -> bool:
    above, found, _ = f"/{chart}".rpartition("/charts/")
    return bool(found) and above.lstrip("/") in charts


def _by_files(chart: str, files: Collection[str]) -> Iterator[Unit]:
    prefix = f"{chart}/" if chart else ""
    shown = chart or "."
    yield Unit(shown, HelmSource(chart, RELEASE, NAMESPACE))
    for path in sorted(file for file in files if file.startswith(f"{prefix}ci/")):
        inner = path[len(prefix) :]
        if _CI_VALUES.fullmatch(inner):
            layer = ValuesLayer("file", Place(path))
            yield Unit(f"{shown} ({inner})", HelmSource(chart, RELEASE, NAMESPACE, (layer,)))


def _declared(item: ChartSet) -> Unit:
    layers = [
        ValuesLayer("file", Place(path), named=below(item.place, "values", number))
        for number, path in enumerate(item.values)
    ]
    layers += (ValuesLayer("set", Place(""), value, path) for path, value in item.set)
    source = HelmSource(
        item.chart,
        item.release,
        item.namespace,
        tuple(layers),
        item.kube_version,
        item.api_versions,
        item.crds,
        not item.hooks,
        not item.tests,
    )
    return Unit(f"{item.chart or '.'} ({item.name})", source)


def below(place: Place | None, *steps: str | int) -> Place | None:
    """Return the entry of *place* that *steps* lead to."""
    return Place(place.file, place.ordinal, (*place.at, *steps)) if place is not None else None
