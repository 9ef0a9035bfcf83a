"""The pipeline: from settings to a report, in one function."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from karlint.deployed import deployed_by
from karlint.reading import discover_files

if TYPE_CHECKING:
    from karlint.config import Settings
    from karlint.model.report import Report
    from karlint.rules import RuleBook


def lint(settings: Settings) -> Report:
    """Lint what *settings* name. Raises KarlintError when the run cannot be done at all."""

    @cache
    def book() -> RuleBook:
        from karlint.prepared import checked_rules  # noqa: PLC0415 - loaded while charts and overlays are rendered

        return checked_rules(settings)

    discovery = discover_files(settings)
    deployed = deployed_by(settings, discovery, meanwhile=book)
    rules = book()
    from karlint.prepared import prepare  # noqa: PLC0415
    from karlint.verdict import report_on  # noqa: PLC0415 - as above

    return report_on(prepare(settings, rules, discovery, deployed), rules, settings)
