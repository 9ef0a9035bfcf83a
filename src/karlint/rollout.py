"""From a tree to what it deploys: what is rendered, read, traced to its origins, and complained about."""

from __future__ import annotations

import os
import posixpath
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import orjson
from msgspec.structs import replace

from karlint.delivery import Delivery
from karlint.deployed import Deployed, Part, made_of
from karlint.minors import default_version
from karlint.model.finding import FileFinding
from karlint.model.source import Anchor, SourceFile
from karlint.model.unit import DirectorySource, KustomizeSource, NotRendered, Place
from karlint.reading import discover_files
from karlint.render import Bounds, ChartSet, Graph, Kitchen, Output, Sandbox, Tools, inputs_of
from karlint.render.chain import stream_of
from karlint.render.origins.bydocument import DocumentOrigins
from karlint.render.plan import NAMESPACE, RELEASE
from karlint.render.reasons import NO_TOOL
from karlint.report.sanitise import one_line
from karlint.source import Limits, load_files
from karlint.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path as FilePath

    from karlint.config import ChartSet as ConfiguredSet
    from karlint.config import Settings
    from karlint.discover import Discovery
    from karlint.model.unit import Unit
    from karlint.source import LoadedFile
    from karlint.traced import Tracer

RENDER_FAILED = "core/render-failed"
NOT_RENDERED = "core/not-rendered"
_STREAM_BYTES = 64 << 20
_LISTED = 5
_PATIENCE = 1.0
_BASES = frozenset({"base", "bases", "component", "components"})
_TERMINAL = 78


def deploy(settings: Settings, discovery: Discovery, meanwhile: Callable[[], object] | None = None) -> Deployed:
    """Render what *discovery* found, as far as *settings* ask for it. Raises EnvironmentProblem.

    *meanwhile* is called while renderers run, if any does; what it raises ends them.
    """
    delivery = _delivery(settings, discovery, meanwhile)
    with _told(delivery):
        delivery.run()
    return _gathered(delivery, settings)


def render_tree(settings: Settings) -> Deployed:
    """Render what *settings* name, and what of it nothing renders by itself: a base, say, that is named outright."""
    discovery = discover_files(settings)
    delivery = _delivery(settings, discovery)
    with _told(delivery):
        delivery.run()
        named = [inside for name in settings.paths if (inside := _inside(name, discovery.root)) is not None]
        delivery.also(named)
    return _gathered(delivery, settings)


def _delivery(settings: Settings, discovery: Discovery, meanwhile: Callable[[], object] | None = None) -> Delivery:
    sandbox = Sandbox(settings.network, Bounds(seconds=settings.config.render.timeout_seconds))
    tree = Tree(discovery.root)
    graph = Graph(str(discovery.root), tree.read, tree.value)
    kitchen = Kitchen(
        discovery.root,
        Tools(sandbox),
        sandbox,
        graph,
        lambda chart: _metadata(chart, tree),
        _newest(settings),
        do_without=settings.do_without,
    )
    return Delivery(
        discovery.layout,
        kitchen,
        tree,
        settings.jobs,
        lambda outputs, jobs: _load(outputs, settings, jobs),
        [_chart_set(item, _entry(settings, number)) for number, item in enumerate(settings.config.render.charts)],
        settings.config.render.repositories,
        _asked(settings, discovery.root),
        meanwhile=lambda: _get_ready(settings, meanwhile),
    )


def _newest(settings: Settings) -> str:
    """Return the version that charts are told: the newest of the targets, so that it does not depend on the helm."""
    versions = settings.versions or (default_version(),)
    return max(versions, key=lambda version: [int(part) for part in version.split(".") if part.isdecimal()])


def _get_ready(settings: Settings, meanwhile: Callable[[], object] | None) -> None:
    """Load what is needed only when everything is rendered: there is nothing else to do until then."""
    if meanwhile is not None:
        meanwhile()
    import karlint.traced  # noqa: PLC0415
    import karlint.verdict  # noqa: F401, PLC0415
    from karlint.schema import read_ahead  # noqa: PLC0415

    read_ahead(settings.versions or (default_version(),))


@contextmanager
def _told(delivery: Delivery) -> Iterator[None]:
    """Tell on a terminal how far rendering is, once that takes long."""
    stream = sys.stderr
    if stream is None or not stream.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return
    started = time.monotonic()
    shown = 0

    def tell(done: int, total: int, name: str) -> None:
        nonlocal shown
        if time.monotonic() - started > _PATIENCE:
            line = one_line(f"rendering {done} of {total}: {name}")[:_TERMINAL]
            stream.write(f"\r{line.ljust(shown)}")
            stream.flush()
            shown = len(line)

    delivery.progress = tell
    try:
        yield
    finally:
        if shown:
            stream.write(f"\r{' ' * shown}\r")
            stream.flush()


def _is_base(unit: Unit) -> bool:
    """Tell whether a kustomization that nothing here builds on is made to be built on, going by its directory."""
    source = unit.source
    if unit.declared is not None or not isinstance(source, KustomizeSource):
        return False
    return not _BASES.isdisjoint(source.directory.split("/"))


def _load(outputs: Sequence[Output], settings: Settings, jobs: int) -> list[LoadedFile]:
    limits = replace(Limits(**settings.limits), max_bytes=_STREAM_BYTES)
    files = [SourceFile(stream_of(one.unit), None, one.stream, partial=_is_base(one.unit)) for one in outputs]
    return load_files(files, limits, jobs)


def _entry(settings: Settings, number: int) -> Place | None:
    """Return where the configuration declares a set; None where it lies outside of the tree, as ``--config`` may."""
    origin = settings.config.origin
    if origin is None or origin.path.startswith(("../", "/")):
        return None
    return Place(origin.path, 0, ("render", "charts", number))


def _chart_set(item: ConfiguredSet, place: Place | None) -> ChartSet:
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
        place,
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


def _asked(settings: Settings, root: FilePath) -> Callable[[str], bool] | None:
    """Return what tells whether a file is asked for; None where all of the tree is."""
    if not settings.paths:
        return None
    inside = [path for name in settings.paths if name != "-" and (path := _inside(name, root)) is not None]
    if "" in inside:
        return None
    files = frozenset(inside)
    directories = tuple(f"{path}/" for path in inside if (root / path).is_dir())
    return lambda path: path in files or path.startswith(directories)


def _inside(name: str, root: FilePath) -> str | None:
    real = os.path.realpath(name)
    if real == str(root):
        return ""
    return os.path.relpath(real, root) if real.startswith(f"{str(root).rstrip('/')}/") else None


def _gathered(delivery: Delivery, settings: Settings) -> Deployed:
    if not delivery.outputs and not delivery.missing:
        return Deployed()
    from karlint.traced import Tracer  # noqa: PLC0415 - a run that renders nothing does not pay for it

    tracer = Tracer(delivery.tree, delivery.kitchen)
    parts = []
    outputs = [output for output in delivery.outputs.values() if delivery.is_asked(output.unit)]
    for output in delivery.outputs.values():
        if output.failure is None and not isinstance(output.unit.source, DirectorySource):
            tracer.add(output)
    for output in outputs:
        if output.failure is None:
            parts.append(_part(output, delivery, tracer, settings))
    failed = [output for output in outputs if output.failure is not None]
    missing = list(_settled(delivery.missing.values(), delivery, tracer))
    asked = delivery.asked
    missing = [item for item in missing if asked is None or asked(item.place.file)]
    return Deployed(
        parts=tuple(parts),
        owned=frozenset(path for part in parts for path in part.output.inputs),
        findings=(*_complaints(failed, tracer), *_missing(missing, tracer), *_in_streams(parts)),
        not_rendered=(*_not_rendered(failed), *missing),
        tools=delivery.kitchen.tools.used(),
        notices=tuple(_without_tools(failed)),
        asked=asked,
        unseen=lambda: frozenset(path for one in failed for path in inputs_of(one.unit, delivery.kitchen)),
    )


def _without_tools(failed: Sequence[Output]) -> Iterator[str]:
    """Yield a sentence for each tool that is missing, with what it would have rendered."""
    for tool, reason in NO_TOOL.items():
        names = [output.unit.id for output in failed if output.failure is not None and output.failure.reason == reason]
        if names:
            shown = ", ".join(names[:_LISTED])
            more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
            yield f"{tool} is not installed, so this was not rendered, and not linted as it is deployed: {shown}{more}."


def _settled(missing: Iterable[NotRendered], delivery: Delivery, tracer: Tracer) -> Iterator[NotRendered]:
    """Yield *missing* with places in the tree.

    What is not rendered is mostly declared by what a kustomization puts out, by the hundred in some repositories. For
    these it is enough to find the object in its file: to build each kustomization again would take as long as all else.
    """
    streams = {stream_of(output.unit): output for output in delivery.outputs.values()}
    known: dict[str, DocumentOrigins] = {}
    for item in missing:
        place = item.place
        output = streams.get(place.file)
        if output is None or not isinstance(output.unit.source, KustomizeSource):
            spot = tracer.place(place)
        else:
            if place.file not in known:
                documents = {one.document.ordinal: one for one in delivery.loaded[output.unit.id].documents}
                bodies = {number: orjson.loads(one.document.json) for number, one in documents.items()}
                known[place.file] = DocumentOrigins(
                    delivery.homes(output), bodies, delivery.numbered, made_of(output.unit, output.inputs)
                )
            spot = known[place.file].locate(place.ordinal, place.at, Anchor.VALUE).primary
        yield replace(item, place=Place(spot.file, spot.ordinal, spot.at or ()))


def _part(output: Output, delivery: Delivery, tracer: Tracer, settings: Settings) -> Part:
    source = output.unit.source
    if isinstance(source, DirectorySource):
        root = delivery.kitchen.root
        files = [SourceFile(path, root / path) for path in source.files]
        return Part(output, tuple(load_files(files, Limits(**settings.limits), settings.jobs)), None, {})
    loaded = delivery.loaded.get(output.unit.id)
    return Part(output, (loaded,) if loaded is not None else (), tracer.origins(output.unit), delivery.homes(output))


def _complaints(failed: Iterable[Output], tracer: Tracer) -> Iterator[FileFinding]:
    """Yield a finding for each renderer that gave up; the same words about one place are said once."""
    seen: set[tuple[str, str]] = set()
    for output in failed:
        failure = output.failure
        if failure is None or failure.reason in NO_TOOL.values():  # a notice tells, once for all
            continue
        at, file, span = failure.at, failure.file, failure.span
        if at is not None:
            location = tracer.location(Place(file, failure.ordinal, at))
            file, span = location.path, location.span
        rule = NOT_RENDERED if failure.reason else RENDER_FAILED
        # Of one remote base that many overlays build on, one finding tells enough; all of them are counted.
        about = failure.message.partition(": ")[2] if failure.reason else failure.message
        if (file, about) not in seen:
            seen.add((file, about))
            yield FileFinding(rule, file, span, failure.message, failure.help)


def _missing(missing: Iterable[NotRendered], tracer: Tracer) -> Iterator[FileFinding]:
    for item in missing:
        location = tracer.location(item.place)
        yield FileFinding(
            NOT_RENDERED, location.path, location.span, f"{item.what} is not linted: {item.reason}.", item.help
        )


def _not_rendered(failed: Iterable[Output]) -> Iterator[NotRendered]:
    for output in failed:
        failure = output.failure
        if failure is not None:
            reason = failure.reason or "the renderer gave up"
            yield NotRendered(
                output.unit.id, reason, failure.help, Place(failure.file, 0, failure.at or ()), failure.message
            )


def _in_streams(parts: Iterable[Part]) -> Iterator[FileFinding]:
    """Yield what is wrong with texts: of manifests as it stands, of streams at the file that they were made of."""
    seen: set[FileFinding] = set()
    for part in parts:
        for loaded in part.loaded:
            for finding in loaded.findings:
                shown = finding if part.origins is None else _at_home(finding, part, loaded)
                if shown not in seen:
                    seen.add(shown)
                    yield shown


def _at_home(finding: FileFinding, part: Part, loaded: LoadedFile) -> FileFinding:
    line = finding.span.line if finding.span is not None else 1
    before = [item.document for item in loaded.documents if item.document.line <= line]
    home = part.homes.get(before[-1].ordinal) if before else None
    message = f"In what {part.output.unit.id} renders to: {finding.message}"
    return FileFinding(finding.rule, home or made_of(part.output.unit), None, message, finding.help)
