"""From a tree to what is deployed: which charts and kustomizations are rendered, and what they render to."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import orjson

from karlint.findings import CommentedFile
from karlint.model.finding import FileFinding
from karlint.model.resource import Environment, Resource, ResourceRef
from karlint.model.source import SourceFile
from karlint.model.unit import HelmSource, KustomizeSource, NotRendered, Place
from karlint.render import (
    Bounds,
    ChartSet,
    Graph,
    Kitchen,
    Output,
    Sandbox,
    Tools,
    chart_units,
    inputs_of,
    kustomize_units,
    render_all,
)
from karlint.render.origins.bydocument import DocumentOrigins, annotated_files, sources_of
from karlint.render.plan import NAMESPACE, RELEASE
from karlint.source import Limits, Positions, commented_documents, load_file, load_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path as FilePath

    from karlint.config import ChartSet as ConfiguredSet
    from karlint.config import Settings
    from karlint.discover import Discovery
    from karlint.model.origin import OriginMap
    from karlint.model.source import Document
    from karlint.model.unit import Unit
    from karlint.source import LoadedFile

RENDER_FAILED = "core/render-failed"
NOT_RENDERED = "core/not-rendered"
_STREAM_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """What one unit rendered to.

    Attributes:
        loaded: its stream, read.
        origins: where the values of the stream come from.
        homes: ordinal to the file that the document was made of.
    """

    output: Output
    loaded: LoadedFile
    origins: OriginMap
    homes: Mapping[int, str]

    def resources(self, first: int) -> Iterator[Resource]:
        """Yield its resources, numbered from *first*."""
        environment = environment_of(self.output.unit)
        for item in self.loaded.documents:
            home = self.homes.get(item.document.ordinal) or made_of(self.output.unit)
            for head in item.heads:
                group, slash, version = head.api_version.rpartition("/")
                yield Resource(
                    first,
                    ResourceRef(group if slash else "", version, head.kind, head.namespace, head.name),
                    item.document,
                    head.prefix,
                    environment=environment,
                    origins=self.origins,
                    home=home,
                )
                first += 1


@dataclass(frozen=True, slots=True)
class Deployed:
    """What was rendered, and what could not be.

    Attributes:
        parts: what rendered.
        owned: files that the parts account for, which are not linted as they stand.
        findings: renderers that gave up, and what was not rendered.
        not_rendered: what could not be looked at.
        tools: name to version of the renderers.
    """

    parts: tuple[Part, ...] = ()
    owned: frozenset[str] = frozenset()
    findings: tuple[FileFinding, ...] = ()
    not_rendered: tuple[NotRendered, ...] = ()
    tools: Mapping[str, str] = field(default_factory=dict)

    @property
    def streams(self) -> dict[str, OriginMap]:
        """Path of each stream to its origins."""
        return {part.loaded.file.path: part.origins for part in self.parts}

    def resources(self, first: int) -> list[Resource]:
        """Return everything that was rendered, numbered from *first*."""
        found: list[Resource] = []
        for part in self.parts:
            found += part.resources(first + len(found))
        return found

    def commented(self, root: FilePath) -> tuple[CommentedFile, ...]:
        """Return the files that were rendered and that hold suppression comments."""
        found = []
        for path in sorted(self.owned):
            file = SourceFile(path, root / path)
            documents = commented_documents(file, Limits())
            if documents:
                found.append(CommentedFile(file, documents))
        return tuple(found)


def deploy(
    settings: Settings, discovery: Discovery, progress: Callable[[int, int, str], None] | None = None
) -> Deployed:
    """Render what *discovery* found, as far as *settings* ask for it. Raises EnvironmentProblem."""
    layout = discovery.layout
    if not settings.render or not (layout.kustomizations or layout.charts):
        return Deployed()
    bounds = Bounds(seconds=settings.config.render.timeout_seconds)
    with Sandbox(settings.network, bounds) as sandbox:
        tree = Tree(discovery.root)
        kitchen = Kitchen(discovery.root, Tools(sandbox), sandbox, Graph(str(discovery.root), tree.read, tree.value))
        units = [
            unit
            for unit in _units(settings, discovery, kitchen, tree)
            if _wanted(unit, settings, discovery.root, kitchen)
        ]
        if not units:
            return Deployed()
        outputs = render_all(units, kitchen, settings.jobs, progress)
        return _gathered(outputs, kitchen, tree, settings)


class Tree:
    """Reads files of the tree by their repository-relative paths."""

    def __init__(self, root: FilePath) -> None:
        self.root = root
        self._documents: dict[str, list[tuple[int, Any]]] = {}

    def read(self, path: str) -> bytes:
        """Return the bytes of a file. Raises OSError."""
        return (self.root / path).read_bytes()

    @staticmethod
    def value(data: bytes) -> Any:
        """Return the value of the first document of a text. Raises ValueError where it cannot be read."""
        loaded = load_file(SourceFile("<text>", None, data), Limits())
        if loaded.findings:
            raise ValueError(loaded.findings[0].message)
        if loaded.skip_reason is not None:
            raise ValueError(loaded.skip_reason)
        return orjson.loads(loaded.documents[0].document.json) if loaded.documents else None

    def documents(self, path: str) -> list[tuple[int, Any]]:
        """Return ordinal and value of the documents of a file; empty for one that cannot be read."""
        if path not in self._documents:
            loaded = load_file(SourceFile(path, self.root / path), Limits())
            self._documents[path] = [
                (item.document.ordinal, orjson.loads(item.document.json)) for item in loaded.documents
            ]
        return self._documents[path]


def environment_of(unit: Unit) -> Environment:
    """Return the environment that a unit is."""
    source = unit.source
    home = source.chart if isinstance(source, HelmSource) else source.directory
    return Environment(unit.id, home, unit.cluster)


def stream_path(unit: Unit) -> str:
    """Return what the rendered stream of a unit is called where a file's path is wanted."""
    return f"<{unit.id}>"


def made_of(unit: Unit) -> str:
    """Return the file that makes a unit one: the Chart.yaml, or where a kustomization lies."""
    source = unit.source
    if isinstance(source, HelmSource):
        return f"{source.chart}/Chart.yaml".lstrip("/")
    return f"{source.directory}/kustomization.yaml".lstrip("/")


def _units(settings: Settings, discovery: Discovery, kitchen: Kitchen, tree: Tree) -> list[Unit]:
    layout = discovery.layout
    graph = kitchen.graph
    directories = {posixpath.dirname(path) for path in layout.kustomizations}
    inflated = graph.closure_of(sorted(directories)).charts
    sets = [_chart_set(item) for item in settings.config.render.charts]
    charts = chart_units(layout.charts, layout.files, lambda chart: _metadata(chart, tree), sets, inflated)
    return [*kustomize_units(directories, graph), *charts]


def _chart_set(item: ConfiguredSet) -> ChartSet:
    return ChartSet(
        item.name,
        item.chart,
        item.values,
        tuple(item.set.items()),
        item.release or RELEASE,
        item.namespace or NAMESPACE,
        item.kube_version,
        item.api_versions,
        item.crds,
        item.hooks,
        item.tests,
    )


def _metadata(chart: str, tree: Tree) -> dict[str, Any]:
    """Return what a Chart.yaml says; dependencies that stand in a requirements.yaml are added."""
    found: dict[str, Any] = {}
    for name in ("requirements.yaml", "Chart.yaml"):
        try:
            value = tree.value(tree.read(posixpath.join(chart, name)))
        except (OSError, ValueError):
            continue
        found |= value if isinstance(value, dict) else {}
    return found


def _wanted(unit: Unit, settings: Settings, root: FilePath, kitchen: Kitchen) -> bool:
    """Tell whether something that *unit* is made of is asked for."""
    if not settings.paths:
        return True
    asked = [inside for name in settings.paths if name != "-" and (inside := _inside(name, root)) is not None]
    directories = tuple(f"{path}/" if path else "" for path in asked if (root / path).is_dir())
    files = set(asked)
    inputs = inputs_of(unit, kitchen)
    return not files.isdisjoint(inputs) or any(path.startswith(directories) for path in inputs if directories)


def _inside(name: str, root: FilePath) -> str | None:
    real = os.path.realpath(name)
    if real == str(root):
        return ""
    return os.path.relpath(real, root) if real.startswith(f"{str(root).rstrip('/')}/") else None


def _gathered(outputs: Sequence[Output], kitchen: Kitchen, tree: Tree, settings: Settings) -> Deployed:
    good = [output for output in outputs if output.failure is None]
    limits = replace(Limits(**settings.limits), max_bytes=_STREAM_BYTES)
    files = [SourceFile(stream_path(output.unit), None, output.stream) for output in good]
    loaded = load_files(files, limits, settings.jobs)
    parts = tuple(_part(output, item, kitchen, tree) for output, item in zip(good, loaded, strict=True))
    failed = [output for output in outputs if output.failure is not None]
    rendered = {path for output in good for path in output.inputs}
    return Deployed(
        parts=parts,
        owned=frozenset(rendered),
        findings=(*_complaints(failed, tree), *_in_streams(parts)),
        not_rendered=tuple(_not_rendered(failed)),
        tools=kitchen.tools.used(),
    )


def _part(output: Output, loaded: LoadedFile, kitchen: Kitchen, tree: Tree) -> Part:
    source = output.unit.source
    homes: dict[int, str] = {}
    if isinstance(source, HelmSource):
        found = sources_of(output.stream)
        homes = {number: f"{source.chart}/{path.partition('/')[2]}".lstrip("/") for number, path in found.items()}
    elif isinstance(source, KustomizeSource):
        for number, path in annotated_files(output.annotated).items():
            inside = kitchen.graph.resolve("", posixpath.join(output.base, path))
            if inside is not None:
                homes[number] = inside
    bodies = {item.document.ordinal: item.document for item in loaded.documents}
    origins = DocumentOrigins(homes, _Bodies(bodies), tree.documents, made_of(output.unit))
    return Part(output, loaded, origins, homes)


class _Bodies(Mapping[int, Any]):
    """The values of the documents of a stream, decoded when they are asked for."""

    def __init__(self, documents: Mapping[int, Document]) -> None:
        self._documents = documents

    def __getitem__(self, ordinal: int) -> Any:
        return orjson.loads(self._documents[ordinal].json)

    def __iter__(self) -> Iterator[int]:
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)


def _complaints(failed: Iterable[Output], tree: Tree) -> Iterator[FileFinding]:
    """Yield a finding for each renderer that gave up; the same words about one file are said once."""
    seen: set[tuple[str, str]] = set()
    for output in failed:
        failure = output.failure
        if failure is None or (failure.file, failure.message) in seen:
            continue
        seen.add((failure.file, failure.message))
        span = failure.span
        if failure.at is not None:
            span = Positions(SourceFile(failure.file, tree.root / failure.file)).locate(0, failure.at).span
        rule = NOT_RENDERED if failure.reason else RENDER_FAILED
        yield FileFinding(rule, failure.file, span, failure.message, failure.help)


def _not_rendered(failed: Iterable[Output]) -> Iterator[NotRendered]:
    for output in failed:
        failure = output.failure
        if failure is not None:
            reason = failure.reason or "the renderer gave up"
            yield NotRendered(output.unit.id, reason, failure.help, Place(failure.file, 0, failure.at or ()))


def _in_streams(parts: Iterable[Part]) -> Iterator[FileFinding]:
    """Yield what is wrong with the text of streams, each at the file that the text was made of."""
    for part in parts:
        for finding in part.loaded.findings:
            line = finding.span.line if finding.span is not None else 1
            before = [item.document for item in part.loaded.documents if item.document.line <= line]
            home = part.homes.get(before[-1].ordinal) if before else None
            message = f"In what {part.output.unit.id} renders to: {finding.message}"
            yield FileFinding(finding.rule, home or made_of(part.output.unit), None, message, finding.help)
