"""GitLab's Code Quality report (https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format).

GitLab tells new findings from old ones by their fingerprints, which therefore hold no line. It shows the description
alone, so the rule's id goes before the message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from karlint.model.rule import Severity
from karlint.report.plain import advice, failure_text
from karlint.report.sanitise import encodable

if TYPE_CHECKING:
    from karlint.model.report import Report
    from karlint.report.options import ReportOptions
    from karlint.report.sources import ReadLines

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "minor"}
_HERE = ".karlint.yaml"
"""Where GitLab is told of what concerns the run: an entry must name a file."""


def render(report: Report, read_lines: ReadLines, options: ReportOptions) -> bytes:  # noqa: ARG001 - as reporters are
    """Return the active findings of *report* as an array of issues; an empty one when there are none."""
    issues: list[dict[str, Any]] = [
        {
            "description": encodable(f"{finding.rule}: {advice(finding)}"),
            "check_name": encodable(finding.rule),
            "fingerprint": finding.fingerprint,
            "severity": _SEVERITIES[finding.severity],
            "location": {
                "path": encodable(finding.location.path),
                "positions": {
                    "begin": {"line": finding.location.span.line, "column": finding.location.span.column},
                    "end": {"line": finding.location.span.end_line, "column": finding.location.span.end_column},
                },
            },
        }
        for finding in report.findings
    ]
    issues += [
        {
            "description": encodable(failure_text(failure)),
            "check_name": encodable(failure.rule),
            "fingerprint": f"failure-{number}-{encodable(failure.rule)}",
            "severity": "blocker",
            "location": {"path": _HERE, "lines": {"begin": 1}},
        }
        for number, failure in enumerate(report.failures, 1)
    ]
    return orjson.dumps(issues, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
