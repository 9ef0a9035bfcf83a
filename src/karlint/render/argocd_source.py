"""One source of an Application, with what Argo CD knows when it renders it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from karlint.render.world import Declared, Node, World

_VARIABLE = re.compile(r"\$(?:\{([^}]*)\}|(\$|[A-Za-z_][A-Za-z0-9_]*))")
_UNKNOWN = {
    "ARGOCD_APP_REVISION",
    "ARGOCD_APP_REVISION_SHORT",
    "ARGOCD_APP_REVISION_SHORT_8",
    "KUBE_VERSION",
    "KUBE_API_VERSIONS",
}


class Source(Struct, frozen=True):
    """A source.

    Attributes:
        declared: the Application.
        node: its fields.
        refs: the sources of the Application that others can refer to, by their name.
        world: the repository.
        directory: what it renders, once that is known.
    """

    declared: Declared
    node: Node
    refs: Mapping[str, Node]
    world: World
    directory: str = ""

    def at(self, node: Node, directory: str) -> Source:
        """Return the source with the fields that the directory's overrides leave."""
        return replace(self, node=node, directory=directory)

    @property
    def ref(self) -> str:
        """The name that other sources know it by; "" for none."""
        return self.node.get("ref").text()

    @property
    def namespace(self) -> str:
        """The namespace that resources without one land in."""
        return self.declared.node.get("spec", "destination", "namespace").text()

    def filled(self, text: str) -> str:
        """Return *text* with the variables of Argo CD's build environment; one that is not known stays as written."""
        return _VARIABLE.sub(self._variable(), text)

    def _variable(self) -> Callable[[re.Match[str]], str]:
        known = {
            "$": "$",
            "ARGOCD_APP_NAME": self.declared.name,
            "ARGOCD_APP_NAMESPACE": self.namespace,
            "ARGOCD_APP_PROJECT_NAME": self.declared.node.get("spec", "project").text(),
            "ARGOCD_APP_SOURCE_PATH": self.node.get("path").text(),
            "ARGOCD_APP_SOURCE_REPO_URL": self.node.get("repoURL").text(),
            "ARGOCD_APP_SOURCE_TARGET_REVISION": self.node.get("targetRevision").text(),
        }

        def value(found: re.Match[str]) -> str:
            name = found.group(1) if found.group(1) is not None else found.group(2)
            return f"${{{name}}}" if name in _UNKNOWN else known.get(name, "")

        return value
