"""Renders a kustomization with ``kustomize build``, and learns which file each resource came from.

The tree is never written to. A wrapper kustomization in a scratch directory takes the directory as its only resource,
adds what an Application or Flux object adds, and asks for origin annotations, which kustomize gives at the top only.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from typing import TYPE_CHECKING, Any

import orjson
from msgspec.structs import replace

from karlint.model.unit import KustomizeSource
from karlint.render import reasons
from karlint.render.kustgraph import is_inflator, references
from karlint.render.outcome import Failure, Output
from karlint.render.words import shortened, stopped, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from karlint import _proc
    from karlint.model.path import Path as Path_
    from karlint.model.unit import Edit, Unit
    from karlint.render.kitchen import Kitchen
    from karlint.render.kustgraph import Kustomization

ORIGIN = "config.kubernetes.io/origin"
_NO_PROGRAMS = 8
"""ST_NOEXEC, which ``os`` has on Linux only."""
_RESTRICTED = "is not in or below"
_NO_PULL = "the chart is not in the repository, and is not fetched"
_NAMED = frozenset({"images", "replicas"})
_TOP_ONLY = ("sortOptions", "openapi")
_ORIGIN_BLOCK = re.compile(rb"^    config\.kubernetes\.io/origin: \|\n(?:      .*\n|\n)+", re.MULTILINE)
_TOLD_BLOCK = re.compile(
    rb"^    (?:config\.kubernetes\.io/origin|alpha\.config\.kubernetes\.io/transformations): \|\n(?:      .*\n|\n)+",
    re.MULTILINE,
)
_TOLD_PATH = re.compile(rb"^( +(?:- )?(?:path|configuredIn): )(\.\./.*)$", re.MULTILINE)
_EMPTIED = re.compile(rb"^  annotations:\n(?!    )", re.MULTILINE)
_PLUGIN = re.compile(
    r"external plugins disabled|unable to load external plugin|fn-runner|enable-exec|enable-alpha-plugins"
)
_ACCUMULATED = re.compile(r"(?:accumulating|merging) resources from [\\]*'([^'\\]+)")
_GONE = re.compile(r"(?:evalsymlink failure on [\\]*'|lstat |open )([^'\s:\\]+)")
_RECURSED = re.compile(r"recursed accumulation of path [\\]*'[^'\\]*[\\]*'")
_RECURSED_PATH = re.compile(r"recursed accumulation of path [\\]*'([^'\\]*)[\\]*'")


def render(unit: Unit, source: KustomizeSource, kitchen: Kitchen, inputs: frozenset[str]) -> Output:
    """Return what ``kustomize build`` prints for *source*. Raises EnvironmentProblem where there is no kustomize."""
    if source.edits and not source.any_path and _strays(source, kitchen):
        # Edits are made elsewhere here, where kustomize cannot tell what it may read; Argo CD makes them in the place.
        refused = render(unit, replace(source, edits=()), kitchen, inputs)
        if refused.failure is not None and _RESTRICTED in refused.failure.message:
            return refused
    scratch = kitchen.sandbox.make("kustomize")
    (scratch / "kustomization.yaml").write_bytes(orjson.dumps(top_for(source, kitchen, scratch)))
    done = build(scratch, source, kitchen)
    if done.why_stopped or done.code:
        return Output(unit, inputs=inputs, failure=_failure(source, done, kitchen, scratch))
    asked = _asked_for(source, kitchen)
    plain = done.stdout if "originAnnotations" in asked else without_origins(done.stdout)
    if asked:
        plain = _from_there(plain, kitchen.root / source.directory, scratch)
    return Output(unit, plain, done.stdout, inputs, str(scratch))


def _strays(source: KustomizeSource, kitchen: Kitchen) -> bool:
    """Tell whether a kustomization of *source* names a file that does not lie below it."""
    for directory in kitchen.graph.of_source(source).directories:
        found = kitchen.graph.at(directory)
        if directory and found is not None and any(not path.startswith(f"{directory}/") for path in found.inputs):
            return True
    return False


def build(scratch: Path, source: KustomizeSource, kitchen: Kitchen) -> _proc.Done:
    """Run kustomize on the kustomization in *scratch*."""
    kustomize = kitchen.tools.need("kustomize", f"The kustomization {source.directory or '.'}")
    argv = [*kustomize.argv] if len(kustomize.argv) > 1 else [*kustomize.argv, "build"]
    if source.any_path or source.generated or source.edits:
        # What it reads was looked at before, and all of it lies in the tree.
        argv.append("--load-restrictor=LoadRestrictionsNone")
    if kitchen.graph.of_source(source).charts:
        helm = kitchen.tools.need("helm", f"A chart of the kustomization {source.directory or '.'}")
        argv += ["--enable-helm", f"--helm-command={_helm_that_fetches_nothing(helm.argv[0], scratch)}"]
    return kitchen.run([*argv, "."], scratch)


def _helm_that_fetches_nothing(helm: str, scratch: Path) -> str:
    """Return a program that does what *helm* does, but for ``helm pull``: kustomize has charts put into the tree.

    Charts that are not there are refused before. A generator that is itself generated may still ask for one.
    """
    if os.statvfs(scratch).f_flag & _NO_PROGRAMS:
        return helm
    program = scratch / "helm"
    program.write_text(
        f'#!/bin/sh\n[ "$1" != pull ] || {{ echo "{_NO_PULL}" >&2; exit 1; }}\nexec {shlex.quote(helm)} "$@"\n'
    )
    program.chmod(0o700)
    return str(program)


def post_render(stream: bytes, edits: Sequence[Edit], kitchen: Kitchen) -> _proc.Done:
    """Run what a chart rendered through a kustomization with *edits*, as Flux' post-renderers do."""
    scratch = kitchen.sandbox.make("post")
    (scratch / "all.yaml").write_bytes(stream)
    top: dict[str, Any] = {"resources": ["all.yaml"]}
    for edit in edits:
        apply(edit, top)
    (scratch / "kustomization.yaml").write_bytes(orjson.dumps(top))
    return build(scratch, KustomizeSource(""), kitchen)


def top_for(source: KustomizeSource, kitchen: Kitchen, scratch: Path) -> dict[str, Any]:
    """Return the kustomization to build in *scratch*.

    Without edits it takes in the one of the directory. With edits it is that one with the edits made to it, as Argo CD
    and Flux make them in their checkouts, its paths leading back into the tree.
    """
    base = kitchen.root / source.directory
    own = kitchen.graph.at(source.directory)
    if source.edits or source.generated:
        top = {"resources": kitchen.graph.generated(source.directory)} if own is None else dict(own.value)
        for edit in source.edits:
            apply(edit, top)
        generators = _led_back(top.get("generators"), source.directory, kitchen, scratch)
        top = _moved(top, base, scratch)
        for index, texts in reversed(generators.items()):
            top["generators"][index : index + 1] = texts
    else:
        top = {"resources": [_from(scratch, base)]}
        for key in _TOP_ONLY if own is not None else ():
            if own is not None and key in own.value:
                top[key] = own.value[key]
        if "openapi" in top:
            top["openapi"] = _copied_schema(top["openapi"], source, kitchen, scratch)
    return {**top, "buildMetadata": [*dict.fromkeys([*_asked_for(source, kitchen), "originAnnotations"])]}


def _copied_schema(openapi: Any, source: KustomizeSource, kitchen: Kitchen, scratch: Path) -> Any:
    """Return *openapi* with its file copied to *scratch*: kustomize reads files at or below a kustomization only."""
    path = openapi.get("path") if isinstance(openapi, dict) else None
    inside = kitchen.graph.resolve(source.directory, path) if isinstance(path, str) else None
    file = kitchen.root / inside if inside is not None else None
    if file is None or not file.is_file():
        return openapi
    copy = scratch / f"openapi{file.suffix}"
    shutil.copyfile(file, copy)
    return {**openapi, "path": copy.name}


def apply(edit: Edit, kustomization: dict[str, Any]) -> None:
    """Make *edit* to a kustomization, as ``kustomize edit`` does: images and replicas replace those of their name."""
    known, value = kustomization.get(edit.field), edit.value
    if isinstance(value, list):
        named = {item.get("name") for item in value if isinstance(item, dict) and edit.field in _NAMED}
        kept = [item for item in known or [] if not (isinstance(item, dict) and item.get("name") in named)]
        kustomization[edit.field] = [*kept, *value]
    elif isinstance(value, dict):
        kustomization[edit.field] = {**(known if isinstance(known, dict) else {}), **value}
    else:
        kustomization[edit.field] = value


def _moved(value: Mapping[str, Any], base: Path, scratch: Path) -> dict[str, Any]:
    """Return a kustomization with the paths in it, which start from *base*, starting from *scratch*."""
    moved: dict[str, Any] = orjson.loads(orjson.dumps(value))
    for text, at, _ in references(value):
        if not os.path.lexists(base / text):
            continue
        holder: Any = moved
        for step in at[:-1]:
            holder = holder[step]
        path = _from(scratch, base / text)
        key, equals, _ = str(holder[at[-1]]).partition("=")
        holder[at[-1]] = f"{key}={path}" if equals and key != text else path
    settings = moved.get("helmGlobals")
    if moved.get("helmCharts") or moved.get("helmChartInflationGenerator"):
        home = settings.get("chartHome") if isinstance(settings, dict) else None
        home = _from(scratch, base / (home if isinstance(home, str) and home else "charts"))
        moved["helmGlobals"] = {**(settings if isinstance(settings, dict) else {}), "chartHome": home}
    return moved


def _led_back(entries: Any, directory: str, kitchen: Kitchen, scratch: Path) -> dict[int, list[str]]:
    """Return the generators of charts among *entries* by their index, inline, their paths leading back into the tree.

    What they name is looked for from the kustomization that lists them.
    """
    base = kitchen.root / directory
    found: dict[int, list[str]] = {}
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        configs = kitchen.graph.generators(directory, entry)
        if any(map(is_inflator, configs)):
            moved = (_moved_values(config, base, scratch) if is_inflator(config) else config for config in configs)
            found[index] = [orjson.dumps(config).decode() for config in moved if config is not None]
    return found


def _moved_values(config: Mapping[str, Any], base: Path, scratch: Path) -> dict[str, Any]:
    moved = {"chartHome": "charts", **config}
    for key in ("chartHome", "valuesFile"):
        if isinstance(moved.get(key), str) and moved[key]:
            moved[key] = _from(scratch, base / moved[key])
    more = moved.get("additionalValuesFiles")
    if isinstance(more, list):
        moved["additionalValuesFiles"] = [_from(scratch, base / str(path)) for path in more]
    return moved


def _asked_for(source: KustomizeSource, kitchen: Kitchen) -> list[str]:
    """Return what the kustomization itself wants to be told about resources, in annotations and labels of theirs."""
    own = kitchen.graph.at(source.directory)
    metadata = own.value.get("buildMetadata") if own is not None else None
    return [item for item in metadata if isinstance(item, str)] if isinstance(metadata, list) else []


def _from_there(stream: bytes, base: Path, scratch: Path) -> bytes:
    """Return *stream* with the paths in annotations of kustomize's starting from *base* instead of *scratch*."""

    def moved(found: re.Match[bytes]) -> bytes:
        return found[1] + os.path.relpath(scratch / os.fsdecode(found[2]), base).encode()

    return _TOLD_BLOCK.sub(lambda found: _TOLD_PATH.sub(moved, found[0]), stream)


def without_origins(stream: bytes) -> bytes:
    """Return *stream* without origin annotations, byte for byte as kustomize prints it when it is not asked for them.

    What kustomize prints is JSON turned into YAML: keys sorted, two columns a level, so that an annotation of a
    resource is a block of lines at a known depth. Mappings that would be empty are not printed.
    """
    if b"config.kubernetes.io/origin" not in stream:
        return stream
    return _EMPTIED.sub(b"", _ORIGIN_BLOCK.sub(b"", stream))


def _from(scratch: Path, path: Path) -> str:
    return os.path.relpath(os.path.realpath(path), scratch)


def _failure(source: KustomizeSource, done: _proc.Done, kitchen: Kitchen, scratch: Path) -> Failure:
    own = kitchen.graph.at(source.directory)
    file = own.file if own is not None else source.directory
    if done.why_stopped:
        return Failure(stopped("kustomize", done.why_stopped, kitchen.sandbox.bounds), file)
    words = words_of(done, kitchen, scratch, source.directory)
    named = _RECURSED_PATH.findall(words)
    directory = kitchen.graph.resolve("", named[-1]) if named else None
    inner = kitchen.graph.at(directory) if directory is not None else own
    file = inner.file if inner is not None else file
    at = _named_in(words, inner) if inner is not None else None
    # What it was doing on the way to the directory that it could not build says nothing about the reason.
    words = shortened(_unquoted(_RECURSED.split(words)[-1].lstrip(": ")))
    if _PLUGIN.search(words):
        return Failure(f"kustomize build failed: {words}", file, None, reasons.PLUGIN, reasons.HELP[reasons.PLUGIN])
    return Failure(f"kustomize build failed: {words}", file, at=at)


def _named_in(words: str, kustomization: Kustomization) -> Path_ | None:
    """Return the entry of *kustomization* that *words* are about; None where they name none, or several alike."""
    named = set(_ACCUMULATED.findall(words))
    gone = {os.path.normpath(path) for path in _GONE.findall(words)}
    home = os.path.dirname(kustomization.file)  # noqa: PTH120
    found = [
        at
        for text, at, _ in references(kustomization.value)
        if text in named or os.path.normpath(os.path.join(home, text)) in gone  # noqa: PTH118
    ]
    return found[0] if len(found) == 1 else None


def _unquoted(words: str) -> str:
    """Return *words* without the quotes that are left of those around them: the same, however deep it was said."""
    plain = re.sub(r'\\+"', '"', words)
    inner = plain.rstrip('"')
    return inner + '"' if inner.count('"') % 2 else inner
