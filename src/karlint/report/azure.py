"""Logging commands of Azure Pipelines.

``##vso[task.logissue]`` knows errors and warnings only (https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands),
so notes are lines of the log.
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


def render(report: Report, read_lines: ReadLines, options: ReportOptions) -> bytes:  # noqa: ARG001 - as reporters are
    """Return *report* as logging commands, one for each error and warning, and lines for the rest."""
    lines = [f"##vso[task.logissue type=error]{_data(failure_text(failure))}" for failure in report.failures]
    lines += [_line(finding) for finding in shown_findings(report, suppressed=False)]
    lines += [defuse(f"notice: {one_line(notice)}") for notice in report.notices]
    lines.append(defuse("karlint: " + " · ".join(one_line(part) for part in summary_parts(report))))
    return ("\n".join(map(encodable, lines)) + "\n").encode("utf-8")


def _line(finding: Finding) -> str:
    path, span = one_line(finding.location.path), finding.location.span
    if finding.severity is Severity.NOTE:
        return defuse(f"note[{one_line(finding.rule)}] {path}:{span.line}:{span.column} {advice(finding)}")
    properties = {
        "type": finding.severity.value,
        "sourcepath": path,
        "linenumber": str(span.line),
        "columnnumber": str(span.column),
        "code": one_line(finding.rule),
    }
    written = ";".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"##vso[task.logissue {written}]{_data(advice(finding))}"


def _data(text: str) -> str:
    return text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(";", "%3B").replace("]", "%5D")
