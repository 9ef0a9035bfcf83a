"""What the configuration ignores, taken out of a report."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from karlint.findings import ignore

if TYPE_CHECKING:
    from datetime import date

    from karlint.config import Settings
    from karlint.model.report import Report


def without_ignored(report: Report, settings: Settings, today: date | None = None) -> Report:
    """Return *report* with the findings that the configuration ignores among the suppressed ones.

    Entries that match nothing become notices where the whole repository was linted by all rules.
    """
    day = today or datetime.now(UTC).date()
    active, ignored, remarks = ignore(report.findings, settings.config.ignore, day)
    whole = not (settings.paths or settings.select or settings.ignore)
    told = [remark for remark in remarks if whole or "has expired" in remark]
    suppressed = sorted((*report.suppressed, *ignored), key=lambda item: (item.location.path, item.location.span))
    return replace(report, findings=tuple(active), suppressed=tuple(suppressed), notices=(*report.notices, *told))
