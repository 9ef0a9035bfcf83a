"""Reporters. Each reads a Report, and the text of the files it names, and nothing else.

A reporter is imported when it is asked for, so that a run in one format does not pay for the others.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from karlint.report.options import ReportOptions
from karlint.report.sources import source_lines

if TYPE_CHECKING:
    from karlint.model.report import Report
    from karlint.report.sources import ReadLines

__all__ = [
    "REPORTERS",
    "ReportOptions",
    "Reporter",
    "render",
    "render_json",
    "render_sarif",
    "render_text",
    "source_lines",
]


class Reporter(Protocol):
    """Renders a report as the bytes to write, ending in a newline."""

    def __call__(self, report: Report, read_lines: ReadLines, options: ReportOptions) -> bytes:
        """Return *report* rendered."""


def _lazy(module: str) -> Reporter:
    def reporter(report: Report, read_lines: ReadLines, options: ReportOptions) -> bytes:
        rendered: bytes = import_module(f"karlint.report.{module}").render(report, read_lines, options)
        return rendered

    return reporter


REPORTERS: dict[str, Reporter] = {
    "text": _lazy("text"),
    "json": _lazy("jsonreport"),
    "sarif": _lazy("sarif"),
    "github": _lazy("github"),
    "gitlab": _lazy("gitlab"),
    "azure": _lazy("azure"),
    "junit": _lazy("junit"),
    "markdown": _lazy("markdown"),
}
"""Output format to reporter."""


def render(output: str, report: Report, read_lines: ReadLines, options: ReportOptions | None = None) -> bytes:
    """Return *report* in the format *output*, a key of REPORTERS. Raises KeyError for another one."""
    return REPORTERS[output](report, read_lines, options or ReportOptions())


def render_text(report: Report, options: ReportOptions, read_lines: ReadLines) -> str:
    """Return *report* for people, as text to print."""
    return REPORTERS["text"](report, read_lines, options).decode("utf-8")


def render_json(report: Report) -> bytes:
    """Return *report* as JSON that conforms to ``schemas/karlint-report.schema.json``."""
    return REPORTERS["json"](report, lambda _path: (), ReportOptions())


def render_sarif(report: Report, read_lines: ReadLines, options: ReportOptions | None = None) -> bytes:
    """Return *report* as SARIF 2.1.0, as GitHub code scanning reads it."""
    return REPORTERS["sarif"](report, read_lines, options or ReportOptions())
