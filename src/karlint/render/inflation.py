"""What an entry of a kustomization's ``helmCharts``, or a generator that says the same, makes helm render.

Facts: sigs.k8s.io/kustomize, api/builtins/HelmChartInflationGenerator.go and api/types/helmchartargs.go.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from karlint.model.unit import HelmSource, Place, ValuesLayer
from karlint.render.plan import RELEASE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from karlint.render.kitchen import Kitchen


def chart_entry(
    directory: str, entry: Mapping[str, Any], namespace: str, place: Place, kitchen: Kitchen
) -> HelmSource | None:
    """Return what *entry* renders for the kustomization in *directory*; None where its chart is not in the tree.

    *place* is where the entry is written.
    """
    kustomization = kitchen.graph.at(directory)
    if kustomization is None:
        return None
    name = entry.get("name")
    chart = next((chart for chart in kustomization.charts if posixpath.basename(chart) == name), None)
    if chart is None:
        return None
    own = entry.get("namespace")
    release = entry.get("releaseName")
    versions = entry.get("apiVersions")
    version = entry.get("kubeVersion")
    return HelmSource(
        chart,
        release if isinstance(release, str) and release else RELEASE,
        own if isinstance(own, str) and own else namespace,
        tuple(_layers(directory, entry, place, kitchen)),
        version if isinstance(version, str) else "",
        tuple(item for item in versions if isinstance(item, str)) if isinstance(versions, list) else (),
        include_crds=entry.get("includeCRDs") is True,
        skip_hooks=entry.get("skipHooks") is True,
        skip_tests=entry.get("skipTests") is True,
    )


def _layers(directory: str, entry: Mapping[str, Any], place: Place, kitchen: Kitchen) -> Iterator[ValuesLayer]:
    values = entry.get("valuesFile")
    inline = entry.get("valuesInline")
    files = [values] if isinstance(values, str) and values else []
    more = entry.get("additionalValuesFiles")
    layers = [layer for path in files if (layer := _file(directory, path, kitchen)) is not None]
    if isinstance(inline, dict) and inline:
        own = ValuesLayer("inline", Place(place.file, place.ordinal, (*place.at, "valuesInline")), inline)
        # "merge" lets the file win; "override", which is the default, the inline values.
        layers = [own, *layers] if entry.get("valuesMerge") == "merge" else [*layers, own]
    yield from layers
    for path in more if isinstance(more, list) else []:
        if isinstance(path, str) and (layer := _file(directory, path, kitchen)) is not None:
            yield layer


def _file(directory: str, path: str, kitchen: Kitchen) -> ValuesLayer | None:
    inside = kitchen.graph.resolve(directory, path)
    return ValuesLayer("file", Place(inside)) if inside is not None else None
