"""From an Argo CD Application to what it renders.

Facts: github.com/argoproj/argo-cd, pkg/apis/application/v1alpha1/types.go and reposerver/repository/repository.go.

An Application of several sources is a unit for each source that renders something. They land in the same cluster, so
they provide for each other; where two hold the same resource, Argo CD applies the one of the later source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from karlint.model.unit import DirectorySource, Expansion, KustomizeSource, NotRendered, Unit
from karlint.render import argocd_directory, argocd_helm, argocd_kustomize
from karlint.render.argocd_overrides import overridden
from karlint.render.argocd_source import Source
from karlint.render.charts import vendored
from karlint.render.world import Node, RefusedError, directory_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karlint.model.unit import HelmSource
    from karlint.render.world import Declared, World

_IN_CLUSTER = {"https://kubernetes.default.svc", "https://kubernetes.default.svc.cluster.local", "in-cluster"}
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_TOOLS = ("helm", "kustomize", "directory", "plugin")


class _Result(Struct, frozen=True):
    source: HelmSource | KustomizeSource | DirectorySource | None
    missing: tuple[NotRendered, ...] = ()


def expand_application(declared: Declared, world: World) -> Expansion:
    """Return what the Application *declared* renders, and what of it cannot be looked at."""
    units: list[Unit] = []
    missing: list[NotRendered] = []
    found = _sources(declared, world)
    if not found:
        gone = RefusedError(
            "no source", "Give the Application a spec.source or spec.sources.", declared.node.get("spec").place
        )
        return Expansion((), (gone.of(declared.unit),))
    for number, source in enumerate(found, 1):
        title = declared.unit if len(found) == 1 else f"{declared.unit}, source {number}"
        try:
            result = _rendered(source, world)
        except RefusedError as error:
            missing.append(error.of(title))
            continue
        missing += [replace(gone, what=f"{title}, {gone.what}") for gone in result.missing]
        if result.source is not None:
            units.append(
                Unit(
                    title,
                    result.source,
                    cluster=cluster_of(declared),
                    declared=declared.node.place,
                    namespace=source.namespace,
                    parent=declared.parent,
                )
            )
    return Expansion(tuple(units), tuple(missing))


def claims_of(declared: Declared) -> Iterator[tuple[str, str]]:
    """Yield which path of which repository *declared* asks for: evidence on which of them is this one."""
    for node in _source_nodes(declared):
        url, path = node.get("repoURL").text(), node.get("path").text()
        if url and path and not node.get("chart").value:
            yield url, path


def cluster_of(declared: Declared) -> str:
    """Return what tells the cluster that an Application deploys to from others: its server or name.

    For the cluster that Argo CD itself runs in, that is the cluster of what rendered the Application.
    """
    target = declared.node.get("spec", "destination")
    named = target.get("server").text() or target.get("name").text()
    if named and named.rstrip("/") not in _IN_CLUSTER:
        return named
    return declared.where or "in-cluster"


def _source_nodes(declared: Declared) -> list[Node]:
    spec = declared.node.get("spec")
    if sources := spec.get("sources").items():
        return sources
    hydrated = spec.get("sourceHydrator", "drySource")
    single = hydrated if hydrated.value is not None else spec.get("source")
    return [single] if single.value is not None else []


def _sources(declared: Declared, world: World) -> list[Source]:
    nodes = _source_nodes(declared)
    refs = {ref: node for node in nodes if (ref := node.get("ref").text())}
    return [Source(declared, node, refs, world) for node in nodes]


def _rendered(source: Source, world: World) -> _Result:
    """Return what *source* renders; nothing for one that others refer to only. Raises RefusedError."""
    node = source.node
    if not isinstance(node.value, dict):
        raise RefusedError("malformed source", "Write the source as a mapping with repoURL and path.", node.place)
    if node.get("chart").text():
        return _chart(source, world)
    if source.ref and not node.get("path").text():
        return _Result(None)
    _same_repository(node, world)
    directory = directory_of(world, node.get("path"))
    source = source.at(overridden(node, directory, source.declared, world), directory)
    tool = _tool(source.node, directory, world)
    if tool == "helm":
        return _Result(argocd_helm.chart_source(source, directory))
    if tool == "kustomize":
        return _Result(argocd_kustomize.kustomize_source(source, directory))
    files, missing = argocd_directory.manifests(source, directory)
    return _Result(DirectorySource(directory, files), missing)


def _chart(source: Source, world: World) -> _Result:
    node = source.node
    name, version = node.get("chart").text(), node.get("targetRevision").text()
    directory = vendored(world, name, version)
    if directory is None:
        raise RefusedError(
            "chart from a remote repository",
            f"Vendor it: put the chart {name} {version} into a directory of the repository to have it linted.",
            node.get("chart").place,
        )
    return _Result(replace(argocd_helm.chart_source(source.at(node, directory), directory), stands_in=True))


def _same_repository(node: Node, world: World) -> None:
    url = node.get("repoURL")
    if not url.text():
        raise RefusedError("repository is not named", "Give the source a repoURL.", node.place)
    if url.text().startswith("oci://"):
        raise RefusedError("OCI artifact", "Lint the repository that the artifact is built from.", url.place)
    if not world.is_here(url.text(), node.get("path").text()):
        raise RefusedError(
            "another repository",
            f"Lint {url.text()} by itself; if it is this repository, list the URL under render.repositories.",
            url.place,
        )


def _tool(node: Node, directory: str, world: World) -> str:
    """Return helm, kustomize or directory: what is asked for, or else what the directory holds. Raises RefusedError."""
    asked = [tool for tool in _TOOLS if node.get(tool).value is not None]
    if len(asked) > 1:
        raise RefusedError(
            "two kinds of source",
            f"Keep one of {' and '.join(asked)}: Argo CD refuses an Application with both.",
            node.get(asked[1]).place,
        )
    if asked == ["plugin"]:
        raise RefusedError(
            "config management plugin",
            "Run the plugin and lint what it prints: PLUGIN | karlint check -.",
            node.get("plugin").place,
        )
    if asked:
        return asked[0]
    base = f"{directory}/" if directory else ""
    if any(world.kind(base + name) == "file" for name in _KUSTOMIZATIONS):
        return "kustomize"
    return "helm" if world.kind(base + "Chart.yaml") == "file" else "directory"
