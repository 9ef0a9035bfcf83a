"""How an Application renders a chart: values files, then values or valuesObject, then parameters; the later wins."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from karlint.model.unit import HelmSource, Place, ValuesLayer
from karlint.render.globs import is_glob, match_doublestar
from karlint.render.layers import file_layer, inline_layers, text_layer
from karlint.render.world import RefusedError, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karlint.render.argocd_source import Source
    from karlint.render.world import Node

_COMMA = re.compile(r"(?<!\\),")
_SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*://")


def chart_source(source: Source, directory: str) -> HelmSource:
    """Return the chart in *directory* with the values that *source* gives it. Raises RefusedError."""
    options = source.node.get("helm")
    if source.world.kind(f"{directory}/Chart.yaml" if directory else "Chart.yaml") != "file":
        raise RefusedError("no chart at the path", f"Write {directory}/Chart.yaml, or correct the path.", options.place)
    versions = tuple(item.text() for item in options.get("apiVersions").items() if item.text())
    return HelmSource(
        directory,
        release=options.get("releaseName").text() or source.declared.name,
        namespace=options.get("namespace").text() or source.namespace,
        layers=(*_files(source, options), *_values(source, options), *_parameters(source, options)),
        kube_version=options.get("kubeVersion").text(),
        api_versions=versions,
        include_crds=not options.get("skipCrds").true(),
        skip_tests=True,  # Argo CD has no use for test hooks
        skip_schema_validation=options.get("skipSchemaValidation").true(),
    )


def _values(source: Source, options: Node) -> Iterator[ValuesLayer]:
    written, text = options.get("valuesObject"), options.get("values")
    if isinstance(written.value, dict):
        yield from inline_layers(written)
    elif text.text():
        yield text_layer(source.world, text, text.text())


def _parameters(source: Source, options: Node) -> Iterator[ValuesLayer]:
    for parameter in options.get("parameters").items():
        name, value = parameter.get("name").text(), parameter.get("value")
        if name:
            kind = "set-string" if parameter.get("forceString").true() else "set"
            text = source.filled(value.text() if isinstance(value.value, str) else "")
            yield ValuesLayer(kind, value.place, _escaped(text), name)
    for parameter in options.get("fileParameters").items():
        name, path = parameter.get("name").text(), parameter.get("path")
        if not name:
            continue
        file = _local(source, path)
        content = source.world.read(file) if file else None
        if content is None or file is None:
            raise RefusedError("file of a parameter is not in the repository", f"Add {path.text()}.", path.place)
        yield ValuesLayer("set-json", Place(file), content, name)


def _escaped(value: str) -> str:
    """Return a parameter's value as Argo CD hands it to ``--set``: a comma is text, unless the value is a list."""
    return value if value.startswith("{") else _COMMA.sub(r"\\,", value)


def _files(source: Source, options: Node) -> Iterator[ValuesLayer]:
    """Yield the values files in the order that they are written; a pattern's matches stand where the pattern does."""
    ignored = options.get("ignoreMissingValueFiles").true()
    entries = options.get("valueFiles").items()
    listed = {file for entry in entries if not is_glob(entry.text()) and (file := _local_or_none(source, entry))}
    for entry in entries:
        if not entry.text():
            continue
        if _is_elsewhere(source, entry):
            yield ValuesLayer("file", entry.place, unknown=True)
            continue
        file = _local(source, entry)
        found = [file] if source.world.kind(file) == "file" else _matches(source, file, listed)
        if not found and source.world.kind(file) == "outside":
            raise _outside(entry)
        if not found and not ignored and not (is_glob(file) and _any_match(source, file)):
            raise RefusedError(
                "values file is not in the repository",
                f"Add {file}, or set ignoreMissingValueFiles: Argo CD cannot render the chart without it.",
                entry.place,
            )
        listed |= set(found) if is_glob(file) else set()
        for name in found:
            yield file_layer(source.world, name)


def _matches(source: Source, pattern: str, listed: set[str]) -> list[str]:
    if not is_glob(pattern):
        return []
    return [file for file in source.world.files("") if file not in listed and match_doublestar(pattern, file)]


def _any_match(source: Source, pattern: str) -> bool:
    return any(match_doublestar(pattern, file) for file in source.world.files(""))


def _is_elsewhere(source: Source, entry: Node) -> bool:
    """Return whether *entry* is a file of another repository: ``$values/prod.yaml`` with a ref to somewhere else."""
    ref, path = _ref(source, entry.text())
    return ref is not None and not source.world.is_here(ref.get("repoURL").text(), path)


def _ref(source: Source, text: str) -> tuple[Node | None, str]:
    head, _, rest = text.partition("/")
    return (source.refs.get(head.removeprefix("$")) if head.startswith("$") else None), rest


def _local_or_none(source: Source, entry: Node) -> str | None:
    try:
        return _local(source, entry)
    except RefusedError:
        return None


def _local(source: Source, entry: Node) -> str:
    """Return the path from the root of the file that *entry* names. Raises RefusedError."""
    ref, rest = _ref(source, entry.text())
    text = source.filled("/" + rest if ref is not None else entry.text())
    if _SCHEME.match(text):
        raise RefusedError(
            "values from a URL", "Copy the values file into the repository, and name it there.", entry.place
        )
    if (found := resolve(source.directory, text)) is None:
        raise _outside(entry)
    return found


def _outside(entry: Node) -> RefusedError:
    return RefusedError(
        "path leads out of the repository", f"Name a file inside the repository, not {entry.text()}.", entry.place
    )
