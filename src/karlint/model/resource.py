"""Kubernetes resources and who they are."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING, Any

import orjson
from msgspec import Struct

if TYPE_CHECKING:
    from karlint.model.origin import OriginMap
    from karlint.model.path import Path
    from karlint.model.source import Document, SuppressionComment


class ResourceRef(Struct, frozen=True, order=True):
    """Identity of a resource. The core group is "", a namespace that the manifest leaves out is "" too."""

    group: str
    version: str
    kind: str
    namespace: str
    name: str

    @property
    def api_version(self) -> str:
        """The apiVersion as manifests write it: ``apps/v1``, ``v1``."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def group_kind(self) -> str:
        """Group and kind, the key of every index: ``kueue.x-k8s.io/LocalQueue``; ``Pod`` for the core group."""
        return f"{self.group}/{self.kind}" if self.group else self.kind

    def __str__(self) -> str:
        """Return it as messages show it: ``Deployment prod/llm``."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


class Environment(Struct, frozen=True):
    """What is deployed together.

    Attributes:
        name: as people call it: ``clusters/prod``, ``Application argocd/llm``.
        home: repository-relative directory of what was rendered.
        cluster: what tells its cluster from others; environments with the same one provide for each other; "" for
            unknown.
    """

    name: str
    home: str = ""
    cluster: str = ""

    @property
    def key(self) -> str:
        """What rules take for its directory: below its home, and like no directory of the tree."""
        return f"{self.home}/({self.name})" if self.home else f"({self.name})"


class Resource(Struct):
    """One object of the linted tree.

    Attributes:
        index: its place in the run, from 0; rules name other resources by it.
        ref: who it is.
        document: the document that holds it.
        prefix: path of the resource inside the document: empty, or ``("items", 3)`` inside a ``kind: List``.
        comments: suppression comments of its document.
        context: True when it is only there for rules to look up; nothing is said of it.
        environment: what it is deployed with; None for what stands in the tree as it is.
        origins: where the values of a rendered resource come from; None for what stands in the tree as it is.
        home: for a rendered resource, the file that it was made of.
    """

    index: int
    ref: ResourceRef
    document: Document
    prefix: Path = ()
    comments: tuple[SuppressionComment, ...] = ()
    context: bool = False
    environment: Environment | None = None
    origins: OriginMap | None = None
    home: str = ""
    _body: dict[str, Any] | None = None

    @property
    def path(self) -> str:
        """Repository-relative path of the file that a person would look into for it."""
        return self.home or self.document.file.path

    @property
    def directory(self) -> str:
        """What tells rules where it belongs: the directory of its file, or the key of its environment."""
        return self.environment.key if self.environment is not None else dirname(self.document.file.path)

    @property
    def body(self) -> dict[str, Any]:
        """The object itself, decoded on first use."""
        if self._body is None:
            value: Any = orjson.loads(self.document.json)
            for step in self.prefix:
                value = value[step]
            self._body = value
        return self._body
