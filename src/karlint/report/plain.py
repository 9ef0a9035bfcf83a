"""What the reports for CI systems have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karlint.report.sanitise import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from karlint.model.finding import Finding
    from karlint.model.report import Report, RuleFailure


def by_severity(findings: Iterable[Finding]) -> list[Finding]:
    """Return *findings* with the worst first, else in report order: where a page shows but a few, these matter most."""
    return sorted(
        findings,
        key=lambda finding: (
            finding.severity.rank,
            finding.location.path,
            finding.location.span,
            finding.rule,
            finding.fingerprint,
        ),
    )


def advice(finding: Finding) -> str:
    """Return message and help as one line."""
    return one_line(f"{finding.message} {finding.help}".strip())


def failure_text(failure: RuleFailure) -> str:
    """Return what a rule failure means, on one line."""
    where = f" on {failure.resource}" if failure.resource else ""
    return one_line(f"{failure.rule} could not be evaluated{where}: {failure.message}")


def shown_findings(report: Report, suppressed: bool) -> list[Finding]:
    """Return the findings to show, the worst first."""
    return by_severity((*report.findings, *report.suppressed) if suppressed else report.findings)
