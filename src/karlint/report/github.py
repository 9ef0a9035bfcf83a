"""Workflow commands of GitHub Actions, which become annotations on the lines of a pull request.

Escapes are those of the runner's toolkit
(https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands). GitHub shows ten errors, ten
warnings and ten notices a step, so the worst come first; the others are lines of the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from karlint.model.rule import Severity
from karlint.report.plain import advice, failure_text, shown_findings
from karlint.report.sanitise import defuse, encodable, one_line
from karlint.report.summary import summary_parts

if TYPE_CHECKING:
    from karlint.model.finding import Finding
    from karlint.model.report import Report
    from karlint.report.options import ReportOptions
    from karlint.report.sources import ReadLines

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report, read_lines: ReadLines, options: ReportOptions) -> bytes:  # noqa: ARG001 - as reporters are
    """Return *report* as workflow commands, one a finding, and the summary as a line that is none."""
    lines = [f"::error title=karlint is incomplete::{_data(failure_text(failure))}" for failure in report.failures]
    lines += [_command(finding) for finding in shown_findings(report, suppressed=False)]
    lines += [f"::notice title=karlint::{_data(one_line(notice))}" for notice in report.notices]
    lines.append(defuse("karlint: " + " · ".join(one_line(part) for part in summary_parts(report))))
    return ("\n".join(map(encodable, lines)) + "\n").encode("utf-8")


def _command(finding: Finding) -> str:
    span = finding.location.span
    properties = {"file": finding.location.path, "line": str(span.line)}
    if span.end_line == span.line:  # the runner wants no columns where lines differ
        properties |= {"col": str(span.column), "endColumn": str(max(span.end_column, span.column + 1))}
    properties["title"] = finding.rule
    written = ",".join(f"{name}={_property(one_line(value))}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {written}::{_data(advice(finding))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
