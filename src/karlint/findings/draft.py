"""A finding on its way: text and place are known, suppression and fingerprint are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from karlint.model.finding import Finding

if TYPE_CHECKING:
    from karlint.model.finding import Instance, Location, RelatedLocation
    from karlint.model.fix import Fix
    from karlint.model.path import Path
    from karlint.model.resource import Resource
    from karlint.model.rule import Severity


class Draft(Struct, frozen=True):
    """A finding with text and place.

    Attributes:
        resource: whom it is about; None when a whole file is meant.
        identity: what the fingerprint is made of, beside rule and resource.
        versions: target minors it holds for; empty when it does not depend on the version.
        ordinal: document of the file that it is located in, from 0.
        environments: names of those that it stands in, where it is about something rendered.
        instances: what it stands for, in each of them.
        fix: how it can be mended.
    """

    rule: str
    severity: Severity
    message: str
    help: str
    location: Location
    resource: Resource | None
    at: Path
    related: tuple[RelatedLocation, ...]
    versions: tuple[str, ...]
    identity: tuple[Any, ...]
    ordinal: int = 0
    environments: tuple[str, ...] = ()
    instances: tuple[Instance, ...] = ()
    fix: Fix | None = None

    @property
    def order(self) -> tuple[Any, ...]:
        """The order of reports: path, line, column, rule; the rest only makes it total."""
        span = self.location.span
        return (self.location.path, span.line, span.column, self.rule, self.message, self.versions, repr(self.identity))

    def finish(self, fingerprint: str, suppressed: str | None = None, *, external: bool = False) -> Finding:
        """Return the finished finding."""
        return Finding(
            rule=self.rule,
            severity=self.severity,
            message=self.message,
            help=self.help,
            location=self.location,
            resource=self.resource.ref if self.resource else None,
            at=self.at,
            related=self.related,
            versions=self.versions,
            fingerprint=fingerprint,
            suppressed=suppressed,
            environments=self.environments,
            instances=self.instances,
            external=external,
            fix=self.fix if suppressed is None else None,
        )
