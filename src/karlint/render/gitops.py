"""Objects that declare what is deployed: Applications, ApplicationSets, HelmReleases and Flux Kustomizations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karlint.model.unit import Expansion
from karlint.render import argocd, flux
from karlint.render.applicationset import expand_applicationset
from karlint.render.helmrelease import expand_helm_release
from karlint.render.objects import group_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from karlint.render.world import Declared, World

_APPLICATION = "argoproj.io/Application"
_KUSTOMIZATION = "kustomize.toolkit.fluxcd.io/Kustomization"
EXPANDERS: Mapping[str, Callable[[Declared, World], Expansion]] = {
    _APPLICATION: argocd.expand_application,
    "argoproj.io/ApplicationSet": expand_applicationset,
    _KUSTOMIZATION: flux.expand_kustomization,
    "helm.toolkit.fluxcd.io/HelmRelease": expand_helm_release,
}
"""By group and kind, whatever the version."""


def declares(declared: Declared) -> bool:
    """Return whether an object declares units."""
    return group_kind(declared) in EXPANDERS


def expand(declared: Declared, world: World) -> Expansion:
    """Return what *declared* stands for: nothing for an object that declares nothing."""
    expander = EXPANDERS.get(group_kind(declared))
    return expander(declared, world) if expander is not None else Expansion()


def claims_of(declared: Declared, world: World) -> Iterator[tuple[str, str]]:
    """Yield which path of which repository *declared* asks for: evidence for ``Recogniser.learn``."""
    kind = group_kind(declared)
    if kind == _APPLICATION:
        yield from argocd.claims_of(declared)
    elif kind == _KUSTOMIZATION:
        yield from flux.claims_of(declared, world)
