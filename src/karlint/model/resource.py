"""Kubernetes resources and who they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from karlint.model.path import Path
    from karlint.model.source import Document, SuppressionComment


@dataclass(frozen=True, slots=True, order=True)
class ResourceRef:
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


@dataclass(slots=True)
class Resource:
    """One object of the linted tree.

    Attributes:
        index: its place in the run, from 0; rules name other resources by it.
        ref: who it is.
        document: the document that holds it.
        prefix: path of the resource inside the document: empty, or ``("items", 3)`` inside a ``kind: List``.
        comments: suppression comments of its document.
        context: True when it is only there for rules to look up; nothing is said of it.
    """

    index: int
    ref: ResourceRef
    document: Document
    prefix: Path = ()
    comments: tuple[SuppressionComment, ...] = ()
    context: bool = False
    _body: dict[str, Any] | None = field(default=None, repr=False)

    @property
    def path(self) -> str:
        """Repository-relative path of its file."""
        return self.document.file.path

    @property
    def body(self) -> dict[str, Any]:
        """The object itself, decoded on first use."""
        if self._body is None:
            value: Any = orjson.loads(self.document.json)
            for step in self.prefix:
                value = value[step]
            self._body = value
        return self._body
