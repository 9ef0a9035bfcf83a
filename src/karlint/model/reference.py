"""What refers to what."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from karlint.model.path import Path


class Status(StrEnum):
    """What became of a reference."""

    RESOLVED = "resolved"
    """What is meant is there, or something that makes it is."""
    MISSING = "missing"
    """It is nowhere, and the repository manages that kind in that place."""
    ELSEWHERE = "elsewhere"
    """An object of that name is there, in another namespace or another part of the tree."""
    OUTSIDE = "outside"
    """The repository does not manage it, or the settings say that the cluster has it."""
    OPTIONAL = "optional"
    """It is not there, and need not be."""
    UNKNOWN = "unknown"
    """Its name is filled in later."""


class Reference(Struct, frozen=True):
    """A reference that a resource makes.

    Attributes:
        edge: its kind: a row of ``policies/tables/references.json``, such as ``config-map``.
        at: path of the name, or of the selector.
        group_kind: kind of what is meant; "workload" where a selector picks pods.
        namespace: where it is looked for; "" for none, or one that is left out.
        name: "" where a selector picks.
        status: resolved, missing, elsewhere, outside, optional or unknown.
        closed: True where it will not come from elsewhere, so that unresolved means wrong: always for "missing", and
            for "elsewhere" where only objects of other namespaces bear the name.
        targets: indexes of the resources meant, the nearest first; for "elsewhere" of some that bear the name.
    """

    edge: str
    at: Path
    group_kind: str
    namespace: str
    name: str
    status: Status
    closed: bool
    targets: tuple[int, ...]


class Referrer(Struct, frozen=True):
    """A resource that refers to the one under review, with a resolved reference.

    Attributes:
        edge: kind of the reference, as in Reference.
        at: path of the reference in the referring resource.
        resource: index of the referring resource.
        template: path of the pod template that a selector picks; empty for a reference by name.
    """

    edge: str
    at: Path
    resource: int
    group_kind: str
    namespace: str
    name: str
    template: Path = ()
