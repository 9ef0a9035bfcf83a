"""From a Flux HelmRelease to the chart that it renders.

Facts: github.com/fluxcd/helm-controller, docs/spec/v2/helmreleases.md; github.com/fluxcd/pkg/chartutil for the order of
values: references in the order that they are written, spec.values over them, and on top what has a targetPath.
"""

from __future__ import annotations

import hashlib
import posixpath
from typing import TYPE_CHECKING

from karlint.model.unit import Expansion, HelmSource, Unit, ValuesLayer
from karlint.render.charts import vendored
from karlint.render.flux import cluster_of, unit_id
from karlint.render.flux_metadata import common_metadata, flux_edits
from karlint.render.flux_sources import directory_in_source, source_object
from karlint.render.flux_variables import data_of
from karlint.render.layers import file_layer, inline_layers, text_layer
from karlint.render.world import RefusedError, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karlint.model.unit import Edit
    from karlint.render.world import Declared, Node, World

_NAME_LIMIT = 53
_KEPT = 40
_HASH = 12
_Packed = tuple[bool, "tuple[ValuesLayer, ...]"]
"""Whether the values.yaml of a chart counts, and the values files beside it."""

_AS_IT_IS: _Packed = (True, ())
_HELM_CHART = "source.toolkit.fluxcd.io/HelmChart"


def expand_helm_release(declared: Declared, world: World) -> Expansion:
    """Return the unit that the HelmRelease *declared* is, or why its chart cannot be looked at."""
    try:
        source = _source(declared, world)
    except RefusedError as error:
        return Expansion((), (error.of(declared.unit),))
    unit = Unit(
        unit_id(declared),
        source,
        cluster=cluster_of(declared),
        declared=declared.node.place,
        namespace=source.namespace,
        parent=declared.parent,
    )
    return Expansion((unit,))


def release_name(declared: Declared) -> str:
    """Return the name of the Helm release: as given, or ``[targetNamespace-]name``, shortened to 53 characters."""
    spec = declared.node.get("spec")
    if given := spec.get("releaseName").text():
        return given
    target = spec.get("targetNamespace").text()
    name = f"{target}-{declared.name}" if target else declared.name
    if len(name) <= _NAME_LIMIT:
        return name
    return f"{name[:_KEPT]}-{hashlib.sha256(name.encode()).hexdigest()[:_HASH]}"


def _source(declared: Declared, world: World) -> HelmSource:
    spec = declared.node.get("spec")
    directory, (own_values, files) = _chart(spec, declared, world)
    install = spec.get("install")
    return HelmSource(
        directory,
        release=release_name(declared),
        namespace=spec.get("targetNamespace").text() or declared.own_namespace,
        layers=(*files, *_values(spec, declared, world)),
        own_values=own_values,
        include_crds=install.get("crds").text() != "Skip" and not install.get("skipCRDs").true(),
        skip_hooks=install.get("disableHooks").true(),
        skip_tests=not spec.get("test", "enable").true(),
        skip_schema_validation=install.get("disableSchemaValidation").true(),
        post=tuple(_post(spec)),
        stands_in=_stands_in(spec, declared, world),
    )


def _post(spec: Node) -> Iterator[Edit]:
    for renderer in spec.get("postRenderers").items():
        yield from flux_edits(renderer.get("kustomize"))
    yield from common_metadata(spec)


def _chart(spec: Node, declared: Declared, world: World) -> tuple[str, _Packed]:
    """Return the directory of the chart, and the values that it is packed with. Raises RefusedError."""
    ref = spec.get("chartRef")
    if ref.value is None:
        return _from_template(spec.get("chart", "spec"), declared, world)
    kind = ref.get("kind").text()
    if kind == "HelmChart":
        namespace = ref.get("namespace").text() or declared.own_namespace
        chart = world.lookup(_HELM_CHART, namespace, ref.get("name").text(), declared)
        if chart is None:
            raise RefusedError("chart is not in the repository", "Commit the HelmChart that it names.", ref.place)
        return _from_template(chart.node.get("spec"), chart, world)
    if kind == "ExternalArtifact":
        return _with_chart(directory_in_source(ref, ref.get("path"), declared, world), ref, world), _AS_IT_IS
    found = source_object(ref, declared, world)
    url = found.node.get("spec", "url").text() if found is not None else ""
    tag = found.node.get("spec", "ref", "tag").text() if found is not None else ""
    return _vendored(url or ref.get("name").text(), tag, ref, world), _AS_IT_IS


def _stands_in(spec: Node, declared: Declared, world: World) -> bool:
    """Tell whether the chart is one of a chart repository or registry, so that what lies here is a copy of it."""
    ref, chart = spec.get("chartRef"), spec.get("chart", "spec")
    kind = ref.get("kind").text()
    if kind == "HelmChart":
        namespace = ref.get("namespace").text() or declared.own_namespace
        found = world.lookup(_HELM_CHART, namespace, ref.get("name").text(), declared)
        return found is None or found.node.get("spec", "sourceRef", "kind").text() != "GitRepository"
    if ref.value is not None:
        return kind != "ExternalArtifact"
    return chart.get("sourceRef", "kind").text() != "GitRepository"


def _from_template(chart: Node, declared: Declared, world: World) -> tuple[str, _Packed]:
    name, ref = chart.get("chart"), chart.get("sourceRef")
    if not name.text():
        raise RefusedError("no chart", "Give the release a chart.spec or a chartRef.", chart.place)
    if ref.get("kind").text() != "GitRepository":
        directory = _vendored(name.text(), chart.get("version").text(), name, world)
        return directory, _packed(chart, directory, world, directory)
    directory = _with_chart(directory_in_source(ref, name, declared, world), name, world)
    return directory, _packed(chart, directory, world)


def _with_chart(directory: str, name: Node, world: World) -> str:
    if world.kind(f"{directory}/Chart.yaml" if directory else "Chart.yaml") == "file":
        return directory
    raise RefusedError("no chart at the path", f"Write {directory}/Chart.yaml, or correct the path.", name.place)


def _vendored(name: str, version: str, place: Node, world: World) -> str:
    directory = vendored(world, name, version)
    if directory is not None:
        return directory
    raise RefusedError(
        "chart from a remote repository",
        f"Vendor it: put the chart {name} {version} into a directory of the repository to have it linted.",
        place.place,
    )


def _packed(chart: Node, directory: str, world: World, home: str = "") -> _Packed:
    """Return the valuesFiles that stand in for the values.yaml of the chart in *directory*. Raises RefusedError.

    Facts: github.com/fluxcd/source-controller, internal/helm/chart: the files are merged in their order, and the result
    takes the place of values.yaml, which counts only where it is listed itself.

    Args:
        home: the directory that they are written from: the source's, or the chart's where it comes from a registry.
    """
    entries = chart.get("valuesFiles").items()
    files = []
    for entry in entries:
        file = resolve(home, entry.text().lstrip("/"))
        if file is None:
            raise RefusedError("path leads out of the repository", "Name a file inside the repository.", entry.place)
        if world.kind(file) == "file":
            files.append(file)
        elif not chart.get("ignoreMissingValuesFiles").true():
            raise RefusedError("values file is not in the repository", f"Add {file}.", entry.place)
    own = not entries or files[:1] == [posixpath.join(directory, "values.yaml")]
    return own, tuple(file_layer(world, file) for file in files[1 if own else 0 :])


def _values(spec: Node, declared: Declared, world: World) -> Iterator[ValuesLayer]:
    references = spec.get("valuesFrom").items()
    targeted = [reference for reference in references if reference.get("targetPath").text()]
    for reference in references:
        if reference not in targeted and isinstance(reference.value, dict):
            node, text = _referred(reference, declared, world)
            unknown = ValuesLayer("text", node.place, unknown=True)
            yield unknown if text is None else text_layer(world, node, text)
    if isinstance(spec.get("values").value, dict):
        yield from inline_layers(spec.get("values"))
    for reference in targeted:
        yield _parameter(reference, declared, world)


def _parameter(reference: Node, declared: Declared, world: World) -> ValuesLayer:
    """Return a value with a targetPath: ``--set`` syntax, verbatim where it is literal, a string where it is quoted."""
    target = reference.get("targetPath").text()
    node, text = _referred(reference, declared, world)
    if text is None:
        return ValuesLayer("set", node.place, target=target, unknown=True)
    if reference.get("literal").true():
        return ValuesLayer("set-json", node.place, text, target)
    for quote in "'\"":
        if len(text) > 1 and text.startswith(quote) and text.endswith(quote):
            return ValuesLayer("set-string", node.place, text.strip("'\""), target)
    return ValuesLayer("set", node.place, text, target)


def _referred(reference: Node, declared: Declared, world: World) -> tuple[Node, str | None]:
    """Return the text that *reference* means and where it stands: a key of a ConfigMap or Secret.

    The text is None if it is not to be had: then the reference itself is the place.
    """
    kind, name = reference.get("kind").text(), reference.get("name").text()
    key = reference.get("valuesKey").text() or "values.yaml"
    found = world.lookup(kind, declared.own_namespace, name, declared) if kind in {"ConfigMap", "Secret"} else None
    for held, text, node in data_of(found.node) if found is not None else ():
        if held == key:
            return node, text
    return reference, None
