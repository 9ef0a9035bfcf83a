"""Renders units, several at once, in the order that they were asked for."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from msgspec.structs import replace

from karlint import _proc
from karlint._interrupt import in_one_piece
from karlint.errors import ToolMissing
from karlint.model.unit import HelmSource, KustomizeSource, Place
from karlint.render import helm, kustomize, reasons
from karlint.render.envsubst import SubstitutionError
from karlint.render.outcome import Failure, Output
from karlint.render.substitution import substitute_stream

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence
    from concurrent.futures import Future

    from karlint.model.unit import Unit, ValuesLayer
    from karlint.render.kitchen import Kitchen

Built = dict[KustomizeSource, "Future[Output]"]

_WAKE = 0.2  # seconds


def render_each(
    units: Sequence[Unit],
    kitchen: Kitchen,
    jobs: int,
    progress: Callable[[int, int, str], None] | None = None,
    meanwhile: Callable[[], None] | None = None,
    built: Built | None = None,
) -> Generator[list[Output], None, None]:
    """Yield what each of *units* renders to, in their order: one by one while others are being rendered, and at the end
    all that is left at once, when nothing runs any more. Nothing is left running, however this ends.

    Args:
        progress: told how many of how many are done, and the name of the one that was.
        meanwhile: called once the first are being rendered.
        built: what kustomizations without edits were built to before, or will be; those of *units* are added.

    Raises:
        ToolMissing: a tool that is needed is not there, and the kitchen does not do without.
    """
    # One more than there are to be running, so that what lies between two programs costs nobody a turn.
    workers = jobs + 1 if jobs > 1 else 1
    built = {} if built is None else built
    pool = ThreadPoolExecutor(max(1, min(workers, len(units))), thread_name_prefix="render")
    try:
        with in_one_piece():  # a thread whose start is broken off is one that nobody waits for
            waiting = deque((unit, _submitted(unit, kitchen, pool, built)) for unit in units)
            if meanwhile is not None:
                meanwhile()
        while waiting:
            unit, future = waiting[0]
            output = _of(unit, _awaited(future))
            if progress is not None:
                progress(len(units) - len(waiting) + 1, len(units), output.unit.id)
            waiting.popleft()
            if all(future.done() for _, future in reversed(waiting)):
                break
            yield [output]
        pool.shutdown()
        yield [output, *(_of(unit, future.result()) for unit, future in waiting)] if units else []
    except BaseException:
        _proc.stop_all()
        pool.shutdown(wait=True, cancel_futures=True)
        _proc.allow()
        raise


def _awaited(future: Future[Output]) -> Output:
    """Return the result of *future*. A signal that comes just before Python begins to wait is seen when it wakes."""
    while not future.done():
        wait([future], _WAKE)
    return future.result()


def _submitted(unit: Unit, kitchen: Kitchen, pool: ThreadPoolExecutor, built: Built) -> Future[Output]:
    """Have *unit* rendered. A kustomization is built once, however many objects deploy it as it is."""
    source = unit.source
    if not isinstance(source, KustomizeSource) or source.edits or unit.variables is not None:
        return pool.submit(render_unit, unit, kitchen)
    if source not in built:
        built[source] = pool.submit(render_unit, unit, kitchen)
    return built[source]


def _of(unit: Unit, output: Output) -> Output:
    """Return *output*, which may be that of another unit with the same source, as that of *unit*."""
    return output if output.unit is unit else replace(output, unit=unit)


def render_unit(unit: Unit, kitchen: Kitchen) -> Output:
    """Render one unit, unless something that it reads lies where it must not be read."""
    try:
        output = _rendered(unit, kitchen)
    except ToolMissing as error:
        if not kitchen.do_without:
            raise
        reason = reasons.NO_TOOL[error.tool]
        return Output(unit, failure=Failure(error.message, _file_of(unit), reason=reason, help=error.hint))
    except OSError as error:
        return Output(
            unit,
            failure=Failure(f"{_file_of(unit) or '.'} cannot be rendered: {error.strerror or error}.", _file_of(unit)),
        )
    if unit.variables is None or output.failure is not None:
        return output
    try:
        filled = substitute_stream(output.stream.decode("utf-8", "replace"), unit.variables)
    except SubstitutionError as error:
        place = unit.declared or Place(_file_of(unit))
        message = f"Flux cannot fill in the variables of {unit.id}: {error}."
        return replace(output, failure=Failure(message, place.file, at=place.at, ordinal=place.ordinal))
    return replace(output, stream=filled.encode(), before=output.stream)


def _rendered(unit: Unit, kitchen: Kitchen) -> Output:
    source = unit.source
    inputs = inputs_of(unit, kitchen)
    failure: Failure | None = None
    if isinstance(source, KustomizeSource):
        failure = _kustomize_obstacle(source, kitchen)
        if failure is None:
            return kustomize.render(unit, source, kitchen, inputs)
    elif isinstance(source, HelmSource):
        failure = _helm_obstacle(source, kitchen)
        if failure is None:
            return helm.render(unit, source, kitchen, inputs)
    return Output(unit, inputs=inputs, failure=failure)


def inputs_of(unit: Unit, kitchen: Kitchen) -> frozenset[str]:
    """Return the files that rendering *unit* reads, as far as that can be told before."""
    source = unit.source
    if isinstance(source, KustomizeSource):
        closure = kitchen.graph.of_source(source)
        inside = (file for chart in closure.charts for file in _below(chart, kitchen))
        return frozenset((*closure.inputs, *inside))
    if isinstance(source, HelmSource):
        # What an object says of itself is not made into something else: the object is to be linted as it stands.
        layers = (layer.place.file for layer in source.layers if layer.kind == "file")
        nearby = (file for chart in _dependencies(source.chart, kitchen) for file in _below(chart, kitchen))
        return frozenset((*_below(source.chart, kitchen), *nearby, *layers))
    return frozenset(source.files)


def _dependencies(chart: str, kitchen: Kitchen) -> list[str]:
    """Return the directories of the charts that *chart* builds on by ``file://``, and those build on in turn."""
    found: list[str] = []
    waiting = [chart]
    while waiting:
        for _, directory in kitchen.dependencies(waiting.pop()):
            if directory not in found and directory != chart:
                found.append(directory)
                waiting.append(directory)
    return found


def _below(directory: str, kitchen: Kitchen) -> Iterable[str]:
    top = kitchen.root / directory
    for above, _, files in os.walk(top):
        for name in files:
            yield os.path.relpath(os.path.join(above, name), kitchen.root)  # noqa: PTH118


def _file_of(unit: Unit) -> str:
    source = unit.source
    return source.chart if isinstance(source, HelmSource) else source.directory


def _kustomize_obstacle(source: KustomizeSource, kitchen: Kitchen) -> Failure | None:
    for file, obstacle in kitchen.graph.of_source(source).obstacles:
        if obstacle.reason == reasons.REMOTE_BASE and kitchen.sandbox.network:
            continue
        message = f"{source.directory or '.'} is not built: {obstacle.what} is a {obstacle.reason}."
        if obstacle.reason == reasons.OUTSIDE:
            message = f"{source.directory or '.'} is not built: {obstacle.what} lies outside of the repository."
        if obstacle.reason == reasons.CHART_REMOTE:
            message = f"{source.directory or '.'} is not built: the chart {obstacle.what} is not in the repository."
        return Failure(message, file, None, obstacle.reason, reasons.HELP[obstacle.reason], at=obstacle.at)
    return None


def _helm_obstacle(source: HelmSource, kitchen: Kitchen) -> Failure | None:
    shown = source.chart or "."
    help_text = reasons.HELP[reasons.OUTSIDE]
    resolved = kitchen.graph.resolve("", source.chart)
    link = None if resolved is None else kitchen.graph.escape_below(source.chart)
    if resolved is None or link is not None:
        message = f"The chart {shown} is not rendered: {link or shown} leads out of the repository."
        return Failure(message, f"{source.chart}/Chart.yaml".lstrip("/"), None, reasons.OUTSIDE, help_text)
    return next((failure for layer in source.layers if (failure := _layer_obstacle(layer, source, kitchen))), None)


def _layer_obstacle(layer: ValuesLayer, source: HelmSource, kitchen: Kitchen) -> Failure | None:
    """Return what keeps a chart from a values file, told where the configuration names it, if that does."""
    if layer.kind != "file" or layer.unknown:
        return None
    file, at = f"{source.chart}/Chart.yaml".lstrip("/"), None
    if layer.named is not None:
        file, at = layer.named.file, layer.named.at
    path, what = layer.place.file, f"The chart {source.chart or '.'} is not rendered"
    if kitchen.graph.resolve("", path) is None:
        message = f"{what}: its values {path} lie outside of the repository."
        return Failure(message, file, None, reasons.OUTSIDE, reasons.HELP[reasons.OUTSIDE], at=at)
    if layer.named is not None and not (kitchen.root / path).is_file():
        return Failure(f"{what}: there is no values file {path}.", file, help="Paths start at the root.", at=at)
    return None
