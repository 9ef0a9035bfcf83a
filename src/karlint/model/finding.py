"""What rules find: raw, as a rule says it, and located, as a person reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from karlint.model.source import Anchor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karlint.model.fix import Fix, Operation
    from karlint.model.path import Path
    from karlint.model.resource import ResourceRef
    from karlint.model.rule import Severity
    from karlint.model.source import Span


class RawRelated(Struct, frozen=True):
    """Another place that matters to a finding: a path in the resource with this index."""

    resource: int
    at: Path
    message: str


class RawFinding(Struct, frozen=True):
    """A finding before it has a position.

    Attributes:
        rule: rule id.
        resource: index of the resource it is about.
        at: path in that resource.
        anchor: which part of the entry at *at* is meant.
        args: fields for the rule's message and help templates.
        case: which of the rule's cases it is; "" for the only one.
        severity: overrides the rule's own; None to keep it.
        message: ready-made text, for host rules without a template; None to fill the rule's template.
        versions: target minors it holds for, e.g. ("1.34", "1.35"); empty when it does not depend on the version.
        approximate: True where *at* is a guess: somebody else's policy does not say what it is about.
        fix: what would mend it, in order, by paths in the resource; empty where nothing is known to.
        safe: whether the resource means the same after the fix; None for what the rule's metadata says.
    """

    rule: str
    resource: int
    at: Path
    anchor: Anchor = Anchor.VALUE
    args: Mapping[str, Any] | None = None
    case: str = ""
    related: tuple[RawRelated, ...] = ()
    severity: Severity | None = None
    message: str | None = None
    help: str | None = None
    versions: tuple[str, ...] = ()
    approximate: bool = False
    fix: tuple[Operation, ...] = ()
    safe: bool | None = None


class FileFinding(Struct, frozen=True):
    """A finding about a file that yields no resource to point into: a syntax error, a limit passed.

    *span* is None when only the file is known; reports then show its first line and say so.
    """

    rule: str
    path: str
    span: Span | None
    message: str
    help: str = ""


class Location(Struct, frozen=True):
    """A place in a file of the tree. *exact* is False when it is the nearest place that is sure."""

    path: str
    span: Span
    exact: bool = True


class RelatedLocation(Struct, frozen=True):
    """Another place that matters, with the words that say why."""

    location: Location
    message: str


class Placed(Struct, frozen=True):
    """Where a value of a resource is written.

    Attributes:
        ordinal: document of the file, from 0.
        via: the rest of the way, for a rendered value: template, patch, Application.
    """

    location: Location
    ordinal: int = 0
    via: tuple[RelatedLocation, ...] = ()


class Instance(Struct, frozen=True):
    """A finding in one environment, where overlays may give the resource another name.

    Attributes:
        environment: its name; "" for a manifest as it is written.
        identity: 32 hex digits over rule, resource and path; several findings may share one.
    """

    environment: str
    resource: ResourceRef | None
    identity: str


class Finding(Struct, frozen=True):
    """A finding as reports show it.

    Attributes:
        message: one complete sentence: what is wrong and what will happen.
        help: what to do about it.
        resource: whom it is about; None when a whole file is meant.
        at: path in the resource, () when a whole file is meant.
        fingerprint: 32 hex digits over rule, resource, path and arguments; never over lines.
        environments: names of the environments that it was found in, sorted; empty for a manifest as it is written.
        instances: what one finding stands for: the same in each environment, and for each resource there.
        suppressed: the reason given for ignoring it; None for an active finding.
        external: True where what ignores it stands outside of the manifests: the configuration, a baseline.
        fix: how it can be mended; None where that is not known, or cannot be done without touching more.
    """

    rule: str
    severity: Severity
    message: str
    help: str
    location: Location
    resource: ResourceRef | None
    at: Path
    related: tuple[RelatedLocation, ...]
    versions: tuple[str, ...]
    fingerprint: str
    suppressed: str | None = None
    environments: tuple[str, ...] = ()
    instances: tuple[Instance, ...] = ()
    external: bool = False
    fix: Fix | None = None
