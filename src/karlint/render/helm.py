"""Renders a chart with ``helm template``, version 3 or 4."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import orjson

from karlint.model.source import Span
from karlint.render import reasons
from karlint.render.outcome import Failure, Output
from karlint.render.words import stopped, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from karlint import _proc
    from karlint.model.unit import HelmSource, Unit, ValuesLayer
    from karlint.render.kitchen import Kitchen

_PLACE = re.compile(
    r"(?P<path>[\w.+@-]+(?:/[\w.+@ -]+)+\.(?:ya?ml|tpl|json|txt))(?::(?P<line>\d+))?(?::(?P<column>\d+))?"
)
_MISSING = re.compile(r"found in Chart\.yaml, but missing in charts/ directory: (?P<names>[^\n]*)")
_SETS = {"set": "--set", "set-string": "--set-string", "set-json": "--set-json"}


def render(unit: Unit, source: HelmSource, kitchen: Kitchen, inputs: frozenset[str]) -> Output:
    """Return what ``helm template`` prints for *source*. Raises EnvironmentProblem where there is no helm."""
    helm = kitchen.tools.need("helm", f"The chart {source.chart or '.'}")
    scratch = kitchen.sandbox.make("helm")
    argv = [*helm.argv, "template", *arguments(source, kitchen.root, scratch, kitchen.kube_version)]
    done = kitchen.run(argv, scratch)
    if done.why_stopped or done.code:
        return Output(unit, inputs=inputs, failure=_failure(source, done, kitchen))
    return Output(unit, done.stdout, done.stdout, inputs)


def arguments(source: HelmSource, root: Path, scratch: Path, kube_version: str) -> list[str]:
    """Return the arguments of ``helm template`` for *source*; values that are no files are written to *scratch*."""
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
    return [*found, "--", source.release, str(root / source.chart)]


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


def _failure(source: HelmSource, done: _proc.Done, kitchen: Kitchen) -> Failure:
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
    return Failure(f"helm template failed: {words}", file or chart_file, span)


def _place(words: str, source: HelmSource, kitchen: Kitchen) -> tuple[str, Span | None]:
    """Return the file that helm names last, where it is in the tree, and the place in it."""
    found: tuple[str, Span | None] = ("", None)
    for match in _PLACE.finditer(words):
        inner = match["path"].partition("/")[2]
        for path in (f"{source.chart}/{inner}".lstrip("/"), match["path"]):
            if not os.path.isfile(kitchen.root / path):  # noqa: PTH113
                continue
            line, column = int(match["line"] or 0), int(match["column"] or 0) + 1
            found = path, (Span(line, column, line, column) if line else None)
            break
    return found
