"""What a tree deploys: what was rendered, which resources that is, and which files it accounts for."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct, field

from karlint.model.resource import Environment, Resource, ResourceRef
from karlint.model.scopes import is_cluster_scoped
from karlint.model.source import SourceFile
from karlint.model.unit import HelmSource, KustomizeSource
from karlint.source import Limits, commented_documents

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path as FilePath

    from karlint.config import Settings
    from karlint.discover import Discovery, Layout
    from karlint.findings import CommentedFile
    from karlint.model.finding import FileFinding, Finding
    from karlint.model.origin import OriginMap
    from karlint.model.unit import NotRendered, Unit
    from karlint.render import Output
    from karlint.source import LoadedFile


_STDIN = "<stdin>"
_TELLING = (b"# Source: ", b"config.kubernetes.io/origin: ")
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_MANIFESTS = (".yaml", ".yml", ".json")


class Part(Struct, frozen=True):
    """What one unit rendered to.

    Attributes:
        loaded: its stream, read; of plain manifests, the files.
        origins: where the values of the stream come from; None for plain manifests.
        homes: ordinal to the file that the document was made of.
    """

    output: Output
    loaded: tuple[LoadedFile, ...]
    origins: OriginMap | None
    homes: Mapping[int, str]

    @property
    def tool(self) -> str:
        """What rendered it: helm, kustomize, or nothing."""
        kinds = {HelmSource: "helm", KustomizeSource: "kustomize"}
        return kinds.get(type(self.output.unit.source), "files")

    def text(self) -> bytes:
        """Return what it rendered to; of plain manifests, their text."""
        if self.origins is not None:
            return self.output.stream
        return b"---\n".join(_with_end(file.file.read()) for file in self.loaded)

    def resources(self, first: int) -> Iterator[Resource]:
        """Yield its resources, numbered from *first*."""
        environment = environment_of(self.output.unit)
        landing = landing_of(self.output.unit)
        plain = self.origins is None
        for item in (item for file in self.loaded if file.skip_reason is None for item in file.documents):
            home = "" if plain else self.homes.get(item.document.ordinal) or made_of(self.output.unit)
            for head in item.heads:
                before, slash, version = head.api_version.rpartition("/")
                group = before if slash else ""
                namespace = head.namespace or ("" if is_cluster_scoped(group, head.kind) else landing)
                yield Resource(
                    first,
                    ResourceRef(group, version, head.kind, namespace, head.name),
                    item.document,
                    head.prefix,
                    item.comments if plain else (),
                    environment=environment,
                    origins=self.origins,
                    home=home,
                )
                first += 1


class Deployed(Struct, frozen=True, dict=True):
    """What was rendered, and what could not be.

    Attributes:
        parts: what rendered.
        owned: files that the parts account for, which are not linted as they stand.
        findings: renderers that gave up, and what was not rendered.
        not_rendered: what could not be looked at.
        tools: name to version of the renderers.
        notices: remarks for the report, one sentence each.
        asked: tells whether a file is asked for, where only a part of the tree is; None for everything.
        unseen: gives the files of which something is made that could not be rendered.
    """

    parts: tuple[Part, ...] = ()
    owned: frozenset[str] = frozenset()
    findings: tuple[FileFinding, ...] = ()
    not_rendered: tuple[NotRendered, ...] = ()
    tools: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    asked: Callable[[str], bool] | None = None
    unseen: Callable[[], frozenset[str]] = frozenset

    def concerns(self, finding: Finding) -> bool:
        """Tell whether *finding* is about what was asked for.

        Naming a manifest or a template asks for what is wrong in it, or comes through it. Naming anything else that
        goes into an environment (a kustomization, a patch, values, an Application) asks for all of that environment.
        """
        if self.asked is None or not finding.environments:
            return True
        places = (finding.location, *(related.location for related in finding.related))
        return not self._whole.isdisjoint(finding.environments) or any(self.asked(place.path) for place in places)

    @cached_property
    def _whole(self) -> frozenset[str]:
        """Names of the environments that were asked for by what makes them one."""
        found = set()
        for part in self.parts:
            unit = part.output.unit
            files = (part.output.inputs - {*part.homes.values()}) | unit.said_in
            if self.asked is not None and any(map(self.asked, files)):
                found.add(unit.id)
        return frozenset(found)

    def resources(self, first: int) -> list[Resource]:
        """Return everything that was rendered, numbered from *first*."""
        found: list[Resource] = []
        for part in self.parts:
            found += part.resources(first + len(found))
        return found

    def commented(self, root: FilePath) -> tuple[CommentedFile, ...]:
        """Return the files that were rendered and that hold suppression comments."""
        from karlint.findings import CommentedFile  # noqa: PLC0415 - loaded while charts and overlays are rendered

        found = []
        for path in sorted(self.owned):
            file = SourceFile(path, root / path)
            documents = commented_documents(file, Limits())
            if documents:
                found.append(CommentedFile(file, documents))
        return tuple(found)


def _with_end(text: bytes) -> bytes:
    return text if text.endswith(b"\n") or not text else text + b"\n"


def environment_of(unit: Unit) -> Environment:
    """Return the environment that a unit is."""
    source = unit.source
    home = source.chart if isinstance(source, HelmSource) else source.directory
    return Environment(unit.id, home, unit.cluster)


def landing_of(unit: Unit) -> str:
    """Return the namespace of what *unit* renders without one; "" where that is not known.

    It is that of a Helm release, or the destination of an Application; what Flux is given a targetNamespace for has it
    written into it.
    """
    namespace = unit.source.namespace if isinstance(unit.source, HelmSource) else unit.namespace
    return "" if any(mark in namespace for mark in "{$") else namespace


def made_of(unit: Unit, inputs: Collection[str] = ()) -> str:
    """Return the file that makes a unit one: the Chart.yaml, or the kustomization among *inputs*."""
    source = unit.source
    if isinstance(source, HelmSource):
        return f"{source.chart}/Chart.yaml".lstrip("/")
    names = [f"{source.directory}/{name}".lstrip("/") for name in _KUSTOMIZATIONS]
    return next((name for name in names if name in inputs), names[0])


def may_deploy(discovery: Discovery, paths: Sequence[str] = ()) -> bool:
    """Tell whether there may be something to render: a kustomization, a chart, or an object that names one.

    Where only *paths* are asked for, whether any of that may be made of them. A changed manifest that nothing names is
    what hooks ask for most, and the code that renders is not loaded for it.
    """
    layout = discovery.layout
    if not (layout.kustomizations or layout.charts) and not any(map(_may_declare, discovery.files)):
        return False
    names = _names(discovery, paths)
    return names is None or _are_read(names, discovery)


def _names(discovery: Discovery, paths: Sequence[str]) -> frozenset[bytes] | None:
    """Return the names of *paths* where all are manifests outside of charts; None where more is asked for."""
    root, layout = str(discovery.root), discovery.layout
    names: set[str] = set()
    for path in paths:
        real = os.path.realpath(path)
        inside = os.path.relpath(real, root)
        name = os.path.basename(real)  # noqa: PTH119
        ordinary = inside in layout.files and name.endswith(_MANIFESTS) and inside not in layout.kustomizations
        if not ordinary or any(not chart or inside.startswith(f"{chart}/") for chart in layout.charts):
            return None
        names |= {name, os.path.basename(path)}  # noqa: PTH119
    return frozenset(map(os.fsencode, names)) or None


def _are_read(names: frozenset[bytes], discovery: Discovery) -> bool:
    """Tell whether a kustomization holds one of *names*, or something of the tree may take in what it does not name."""
    root, layout = discovery.root, discovery.layout
    for path in layout.kustomizations:
        data = _bytes_of(root / path)
        if any(name in data for name in names):
            return True
    return any(map(_declares, (_bytes_of(root / path) for path in layout.files)))


def _may_declare(file: SourceFile) -> bool:
    return file.location is not None and _declares(_bytes_of(file.location))


def _declares(data: bytes) -> bool:
    return b"argoproj.io/" in data or b"fluxcd.io/" in data


def _bytes_of(file: FilePath) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def deployed_by(settings: Settings, discovery: Discovery, meanwhile: Callable[[], object] | None = None) -> Deployed:
    """Render what there is to render. Most of the code for that is not even loaded where there is nothing.

    *meanwhile* is called while renderers run, if any does; what it raises ends them.
    """
    sets = settings.config.render.charts
    named = bool(sets) and not settings.paths  # a chart that is named and not there is told
    if not settings.render or not (named or may_deploy(discovery, () if sets else settings.paths)):
        return Deployed()
    from karlint.rollout import deploy  # noqa: PLC0415

    return deploy(settings, discovery, meanwhile)


def piped(
    settings: Settings, loaded: Sequence[LoadedFile], resources: list[Resource], layout: Callable[[], Layout]
) -> list[Resource]:
    """Return *resources*, those of a pipe with their origins in the tree where its text tells them."""
    stream = next((file for file in loaded if file.file.path == _STDIN), None)
    if stream is None or not settings.render or not any(mark in (settings.stdin or b"") for mark in _TELLING):
        return resources
    from karlint.piped import traced  # noqa: PLC0415

    return traced(resources, stream, settings.root, layout())
