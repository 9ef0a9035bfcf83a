"""Renders a kustomization with ``kustomize build``, and learns which file each resource came from.

The tree is never written to. A wrapper kustomization in a scratch directory takes the directory as its only resource,
adds what an Application or Flux object adds, and asks for origin annotations, which kustomize gives at the top only.
"""

from __future__ import annotations

import os
import posixpath
import re
from typing import TYPE_CHECKING, Any

import orjson

from karlint.render import reasons
from karlint.render.outcome import Failure, Output
from karlint.render.words import stopped, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from karlint import _proc
    from karlint.model.unit import Edit, KustomizeSource, Unit
    from karlint.render.kitchen import Kitchen

ORIGIN = "config.kubernetes.io/origin"
_LISTS = frozenset({"images", "patches", "labels", "components", "replicas", "resources", "transformers"})
_TOP_ONLY = ("sortOptions", "openapi")
_ORIGIN_BLOCK = re.compile(rb"^    config\.kubernetes\.io/origin: \|\n(?:      .*\n|\n)+", re.MULTILINE)
_EMPTIED = re.compile(rb"^  annotations:\n(?!    )", re.MULTILINE)
_PLUGIN = re.compile(
    r"external plugins disabled|unable to load external plugin|fn-runner|enable-exec|enable-alpha-plugins"
)
_QUOTED = re.compile(r"[\w.+@-]+(?:/[\w.+@-]+)*\.(?:ya?ml|json|env|properties)")


def render(unit: Unit, source: KustomizeSource, kitchen: Kitchen, inputs: frozenset[str]) -> Output:
    """Return what ``kustomize build`` prints for *source*. Raises EnvironmentProblem where there is no kustomize."""
    scratch = kitchen.sandbox.make("kustomize")
    resources = [_from(scratch, kitchen.root / path) for path in _resources(source, inputs)]
    wrapper = wrapper_for(source, resources, kitchen, scratch)
    (scratch / "kustomization.yaml").write_bytes(orjson.dumps(wrapper))
    done = build(scratch, source, kitchen)
    if done.why_stopped or done.code:
        return Output(unit, inputs=inputs, failure=_failure(source, done, kitchen))
    return Output(unit, without_origins(done.stdout), done.stdout, inputs, str(scratch))


def build(scratch: Path, source: KustomizeSource, kitchen: Kitchen) -> _proc.Done:
    """Run kustomize on the wrapper in *scratch*."""
    kustomize = kitchen.tools.need("kustomize", f"The kustomization {source.directory or '.'}")
    argv = [*kustomize.argv] if len(kustomize.argv) > 1 else [*kustomize.argv, "build"]
    if source.any_path or source.generated:
        argv.append("--load-restrictor=LoadRestrictionsNone")
    if kitchen.graph.closure(source.directory).charts:
        helm = kitchen.tools.need("helm", f"A chart of the kustomization {source.directory or '.'}")
        argv += ["--enable-helm", f"--helm-command={helm.argv[0]}"]
    return kitchen.run([*argv, "."], scratch)


def wrapper_for(source: KustomizeSource, resources: Sequence[str], kitchen: Kitchen, scratch: Path) -> dict[str, Any]:
    """Return the kustomization that builds *resources* and adds the edits of *source*."""
    wrapper: dict[str, Any] = {"resources": list(resources), "buildMetadata": ["originAnnotations"]}
    own = kitchen.graph.at(source.directory)
    for key in _TOP_ONLY if own is not None else ():
        if own is not None and key in own.value:
            wrapper[key] = own.value[key]
    schema = wrapper.get("openapi")
    if isinstance(schema, dict) and isinstance(schema.get("path"), str):
        target = kitchen.graph.resolve(source.directory, schema["path"])
        if target is not None:
            (scratch / "openapi").write_bytes((kitchen.root / target).read_bytes())
            wrapper["openapi"] = {"path": "openapi"}
    for edit in source.edits:
        _apply(edit, wrapper, lambda path: _from(scratch, kitchen.root / source.directory / path))
    return wrapper


def _apply(edit: Edit, wrapper: dict[str, Any], moved: Any) -> None:
    value = edit.value
    if edit.field == "components":
        value = [moved(path) for path in value]
    if edit.field in _LISTS:
        wrapper[edit.field] = [*wrapper.get(edit.field, ()), *value]
    elif isinstance(value, dict):
        wrapper[edit.field] = {**wrapper.get(edit.field, {}), **value}
    else:
        wrapper[edit.field] = value


def without_origins(stream: bytes) -> bytes:
    """Return *stream* without origin annotations, byte for byte as kustomize prints it when it is not asked for them.

    What kustomize prints is JSON turned into YAML: keys sorted, two columns a level, so that an annotation of a
    resource is a block of lines at a known depth. Mappings that would be empty are not printed.
    """
    if b"config.kubernetes.io/origin" not in stream:
        return stream
    return _EMPTIED.sub(b"", _ORIGIN_BLOCK.sub(b"", stream))


def _resources(source: KustomizeSource, inputs: Iterable[str]) -> list[str]:
    if not source.generated:
        return [source.directory]
    return sorted(inputs)


def _from(scratch: Path, path: Path) -> str:
    return os.path.relpath(os.path.realpath(path), scratch)


def _failure(source: KustomizeSource, done: _proc.Done, kitchen: Kitchen) -> Failure:
    own = kitchen.graph.at(source.directory)
    file = own.file if own is not None else source.directory
    if done.why_stopped:
        return Failure(stopped("kustomize", done.why_stopped, kitchen.sandbox.bounds), file)
    words = words_of(done, kitchen)
    if _PLUGIN.search(words):
        return Failure(f"kustomize build failed: {words}", file, None, reasons.PLUGIN, reasons.HELP[reasons.PLUGIN])
    return Failure(f"kustomize build failed: {words}", _named(words, source, kitchen) or file)


def _named(words: str, source: KustomizeSource, kitchen: Kitchen) -> str:
    """Return the last file of the tree that kustomize names; "" for none."""
    found = ""
    directories = kitchen.graph.closure(source.directory).directories
    for name in _QUOTED.findall(words):
        for directory in ("", *directories):
            path = posixpath.normpath(posixpath.join(directory, name))
            if not path.startswith("..") and os.path.isfile(kitchen.root / path):  # noqa: PTH113
                found = path
                break
    return found
