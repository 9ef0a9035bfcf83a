"""Renders a chart with ``helm template``, version 3 or 4."""

from __future__ import annotations

import glob
import os
import posixpath
import re
import shutil
from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson
from msgspec.structs import replace

from karlint.model.source import Span
from karlint.render import kustomize, reasons
from karlint.render.outcome import Failure, Output
from karlint.render.words import shortened, stopped, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from karlint import _proc
    from karlint.model.unit import HelmSource, Unit, ValuesLayer
    from karlint.render.kitchen import Kitchen
    from karlint.render.origins.helm import Changes

_PLACE = re.compile(
    r"(?P<path>[\w.+@-]+(?:/[\w.+@ -]+)+\.(?:ya?ml|tpl|json|txt))(?::(?P<line>\d+))?(?::(?P<column>\d+))?"
)
_MISSING = re.compile(r"found in Chart\.yaml, but missing in charts/ directory: (?P<names>[^\n]*)")
_REFUSES = re.compile(r"execution error at|values don't meet the specifications of the schema")
_DEEPEST = 20
_MOST_DEPENDENCIES = 100
_SETS = {"set": "--set", "set-string": "--set-string", "set-json": "--set-json"}


def render(unit: Unit, source: HelmSource, kitchen: Kitchen, inputs: frozenset[str]) -> Output:
    """Return what ``helm template`` prints for *source*. Raises EnvironmentProblem where there is no helm."""
    helm = kitchen.tools.need("helm", f"The chart {source.chart or '.'}")
    scratch = kitchen.sandbox.make("helm")
    chart = _assembled(source, kitchen.root, kitchen, scratch)
    argv = [*helm.argv, "template", *arguments(source, kitchen.root, scratch, kitchen.kube_version, chart)]
    done = kitchen.run(argv, scratch)
    if done.why_stopped or done.code:
        return Output(unit, inputs=inputs, failure=_failure(unit, source, done, kitchen))
    if not source.post:
        return Output(unit, done.stdout, done.stdout, inputs, before=done.stdout)
    after = kustomize.post_render(done.stdout, source.post, kitchen)
    if after.why_stopped or after.code:
        message = f"The post-renderers of {unit.id} failed: {shortened(words_of(after, kitchen))}"
        place = source.post[0].place
        return Output(unit, inputs=inputs, failure=Failure(message, place.file, at=place.at, ordinal=place.ordinal))
    plain = kustomize.without_origins(after.stdout)
    return Output(unit, plain, plain, inputs, before=done.stdout)


def render_changed(source: HelmSource, kitchen: Kitchen, changes: Changes) -> bytes | None:
    """Return what the chart renders to with *changes*, made in a scratch copy; None where it does not render."""
    helm = kitchen.tools.need("helm", f"The chart {source.chart or '.'}")
    scratch = kitchen.sandbox.make("changed")
    root = kitchen.root
    if changes.files:
        root = scratch / "tree"
        for directory in (source.chart, *_changed(source.chart, changes, kitchen)):
            shutil.copytree(kitchen.root / directory, root / directory, symlinks=False, dirs_exist_ok=True)
        for path, data in changes.files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    again = replace(source, layers=(*source.layers, *changes.layers))
    chart = _assembled(source, root, kitchen, scratch)
    arguments_ = arguments(again, kitchen.root, scratch, kitchen.kube_version, chart)
    done = kitchen.run([*helm.argv, "template", *arguments_], scratch)
    shutil.rmtree(scratch, ignore_errors=True)
    return None if done.why_stopped or done.code else done.stdout


def _changed(chart: str, changes: Changes, kitchen: Kitchen) -> set[str]:
    """Return the directories of the dependencies by ``file://`` in which *changes* change something."""
    found = {directory for _, directory, _ in islice(_unpacked(chart, kitchen), _MOST_DEPENDENCIES)}
    return {one for one in found if any(path.startswith(f"{one}/" if one else "") for path in changes.files)}


def arguments(source: HelmSource, root: Path, scratch: Path, kube_version: str, chart: Path | None = None) -> list[str]:
    """Return the arguments of ``helm template`` for *source*; values that are no files are written to *scratch*.

    Args:
        chart: where the chart lies, if elsewhere than in the tree.
    """
    found = [f"--namespace={source.namespace}"] if source.namespace else []
    found += _values(source.layers, root, scratch)
    version = source.kube_version or kube_version
    if version:
        found.append(f"--kube-version={version}")
    found += [f"--api-versions={version}" for version in source.api_versions]
    flags = {
        "--include-crds": source.include_crds,
        "--no-hooks": source.skip_hooks,
        "--skip-tests": source.skip_tests,
        "--skip-schema-validation": source.skip_schema_validation,
    }
    found += [flag for flag, wanted in flags.items() if wanted]
    return [*found, "--", source.release, str(chart or root / source.chart)]


def _assembled(source: HelmSource, root: Path, kitchen: Kitchen, scratch: Path) -> Path:
    """Return where the chart can be rendered: a copy with its dependencies where these lie elsewhere in the tree.

    That is what ``helm dependency build`` would do with dependencies by ``file://``, which it does in the tree itself.
    A copy without its values.yaml where that does not count.
    """
    chart = source.chart
    missing = list(_unpacked(chart, kitchen))
    if not missing and source.own_values:
        return root / chart
    copy = scratch / "assembled" / (posixpath.basename(chart) or "chart")
    shutil.copytree(root / chart, copy, symlinks=False)
    if not source.own_values:
        (copy / "values.yaml").unlink(missing_ok=True)
    for depth, (name, directory, alias_of) in enumerate(missing):
        if depth >= _MOST_DEPENDENCIES:
            break
        target = copy.joinpath(*alias_of, "charts", name)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(root / directory if (root / directory).is_dir() else kitchen.root / directory, target)
    return copy


def _unpacked(chart: str, kitchen: Kitchen, above: tuple[str, ...] = ()) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield name, directory and place of each dependency by ``file://`` that is not in the chart's ``charts/``."""
    if len(above) > _DEEPEST:
        return
    for name, directory in kitchen.dependencies(chart):
        there = kitchen.root / chart / "charts"
        if (there / name).exists() or any(there.glob(f"{glob.escape(name)}-*.tgz")):
            continue
        if kitchen.graph.resolve("", directory) is None or not (kitchen.root / directory).is_dir():
            continue
        yield name, directory, above
        yield from _unpacked(directory, kitchen, (*above, "charts", name))


def _values(layers: Sequence[ValuesLayer], root: Path, scratch: Path) -> Iterator[str]:
    for number, layer in enumerate(layers):
        if layer.unknown:
            continue
        if layer.kind == "file":
            yield f"--values={root / layer.place.file}"
        elif layer.kind in _SETS:
            yield f"{_SETS[layer.kind]}={layer.target}={_parameter(layer)}"
        else:
            file = scratch / f"values-{number}.yaml"
            text = layer.values.encode() if isinstance(layer.values, str) else orjson.dumps(layer.values or {})
            file.write_bytes(text)
            yield f"--values={file}"


def _parameter(layer: ValuesLayer) -> str:
    """Return a parameter's value as helm reads it: commas are escaped, for they end it, unless it is a ``{list}``."""
    if layer.kind == "set-json":
        return orjson.dumps(layer.values).decode()
    value: Any = layer.values
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null" if layer.kind == "set" else ""
    text = str(value)
    return text if text.startswith("{") else re.sub(r"(?<!\\),", r"\,", text)


def _failure(unit: Unit, source: HelmSource, done: _proc.Done, kitchen: Kitchen) -> Failure:
    chart_file = f"{source.chart}/Chart.yaml".lstrip("/")
    if done.why_stopped:
        return Failure(stopped("helm", done.why_stopped, kitchen.sandbox.bounds), chart_file)
    words = words_of(done, kitchen)
    missing = _MISSING.search(words)
    if missing is not None:
        names = missing["names"].strip()
        help_text = reasons.HELP[reasons.NO_DEPENDENCIES].replace("CHART", source.chart or ".")
        message = f"The chart depends on {names}, which is not in its charts/ directory."
        return Failure(message, chart_file, reason=reasons.NO_DEPENDENCIES, help=help_text)
    file, span = _place(words, source, kitchen)
    if unit.declared is None and not source.layers and _REFUSES.search(words):
        # The chart cannot be installed with its own values alone, which many are not meant to be.
        message = f"The chart cannot be rendered with its own values: {shortened(words)}"
        help_text = reasons.HELP[reasons.NEEDS_VALUES]
        return Failure(message, file or chart_file, span, reasons.NEEDS_VALUES, help_text)
    return Failure(f"helm template failed: {shortened(words)}", file or chart_file, span)


def _place(words: str, source: HelmSource, kitchen: Kitchen) -> tuple[str, Span | None]:
    """Return the file of the tree that helm names last, with a line if it names one, and the place in it."""
    found: tuple[str, Span | None] = ("", None)
    for match in _PLACE.finditer(words):
        inner = match["path"].partition("/")[2]
        for path in (f"{source.chart}/{inner}".lstrip("/"), match["path"]):
            if not os.path.isfile(kitchen.root / path):  # noqa: PTH113
                continue
            line, column = int(match["line"] or 0), int(match["column"] or 0) + 1
            if line or found[1] is None:
                found = path, (Span(line, column, line, column) if line else None)
            break
    return found
