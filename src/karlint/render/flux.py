"""From a Flux Kustomization to what it renders.

Facts: github.com/fluxcd/kustomize-controller, docs/spec/v1/kustomizations.md, and github.com/fluxcd/pkg/kustomize,
which edits the kustomization at the path, or makes one of all manifests below it.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from karlint.model.unit import Edit, Expansion, KustomizeSource, Unit
from karlint.render.clusters import common_directory
from karlint.render.flux_metadata import common_metadata, flux_edits
from karlint.render.flux_sources import directory_in_source, source_object
from karlint.render.flux_variables import variables_of
from karlint.render.world import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karlint.render.world import Declared, Node, World

_FLUX_DIRECTORIES = {"flux", "flux-system", "cluster", "config", "bootstrap"}
KUSTOMIZATION_FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")


def expand_kustomization(declared: Declared, world: World) -> Expansion:
    """Return the unit that the Flux Kustomization *declared* is, or why it cannot be looked at.

    A suspended one is rendered too, since it is applied once it is resumed; its id says so.
    """
    spec = declared.node.get("spec")
    try:
        directory = directory_in_source(spec.get("sourceRef"), spec.get("path"), declared, world)
    except RefusedError as error:
        return Expansion((), (error.of(declared.unit),))
    base = f"{directory}/" if directory else ""
    source = KustomizeSource(
        directory,
        edits=tuple(_edits(spec, base, world)),
        any_path=True,
        generated=not any(world.kind(base + name) == "file" for name in KUSTOMIZATION_FILES),
    )
    unit = Unit(
        unit_id(declared, directory),
        source,
        cluster=cluster_of(declared, directory),
        declared=declared.node.place,
        namespace=spec.get("targetNamespace").text(),
        variables=variables_of(declared, world),
        parent=declared.parent,
    )
    return Expansion((unit,))


def unit_id(declared: Declared, directory: str = "") -> str:
    """Return the id of the unit that *declared* is, and where it stands: clusters use the same names."""
    home = home_of(declared, directory)
    suspended = ", suspended" if declared.node.get("spec", "suspend").true() else ""
    return f"{declared.title} ({home}){suspended}" if home else declared.title + suspended


def cluster_of(declared: Declared, directory: str = "") -> str:
    """Return what tells the cluster that a Flux object deploys to from others: a kubeconfig, or its own cluster."""
    remote = declared.node.get("spec", "kubeConfig")
    for ref in ("secretRef", "configMapRef"):
        if name := remote.get(ref, "name").text():
            return name
    return home_of(declared, directory)


def home_of(declared: Declared, directory: str) -> str:
    """Return the cluster that a Flux object itself is in: that of what rendered it.

    For the first of a tree it is the directory of the cluster: ``clusters/prod``, or else what the object's file and
    the *directory* that it applies have in common, without the one that is Flux' own.
    """
    if declared.where or not directory:
        return declared.where
    shared = common_directory(posixpath.dirname(declared.node.place.file), directory)
    above, _, last = shared.rpartition("/")
    return above if above and last in _FLUX_DIRECTORIES else shared


def claims_of(declared: Declared, world: World) -> Iterator[tuple[str, str]]:
    """Yield which path of which repository *declared* asks for: evidence on which of them is this one."""
    spec = declared.node.get("spec")
    found = source_object(spec.get("sourceRef"), declared, world)
    if found is not None and (url := found.node.get("spec", "url").text()) and (path := spec.get("path").text()):
        yield url, path


def _edits(spec: Node, base: str, world: World) -> Iterator[Edit]:
    for name, field in (("targetNamespace", "namespace"), ("namePrefix", "namePrefix"), ("nameSuffix", "nameSuffix")):
        if text := spec.get(name).text():
            yield Edit(field, text, spec.get(name).place)
    for component in spec.get("components").items():
        there = world.kind(posixpath.normpath(base + component.text())) == "directory"
        if component.text() and (there or not spec.get("ignoreMissingComponents").true()):
            yield Edit("components", [component.text()], component.place)
    yield from flux_edits(spec)
    yield from common_metadata(spec)
