"""JUnit XML, as CI servers show test results: a suite a file, a case a finding.

A file without findings is no case: it is in the counts of the summary, which the suites' properties hold. A clean run
has one case that passes, since servers call a report without cases broken.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from karlint.model.rule import Severity
from karlint.report.plain import failure_text
from karlint.report.sanitise import encodable, one_line
from karlint.report.summary import summary_parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from karlint.model.finding import Finding
    from karlint.model.report import Report
    from karlint.report.options import ReportOptions
    from karlint.report.sources import ReadLines

# What XML 1.0 has no way to write (https://www.w3.org/TR/xml/#charsets).
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, read_lines: ReadLines, options: ReportOptions) -> bytes:  # noqa: ARG001 - as reporters are
    """Return *report* as JUnit XML. A note is a case that passes and says so in ``system-out``."""
    shown = sorted(
        (*report.findings, *report.suppressed),
        key=lambda finding: (finding.location.path, finding.location.span, finding.rule, finding.fingerprint),
    )
    lines = list(_suites(report, shown))
    cases, failures = _tally(report, shown)
    head = f'<testsuites name="karlint" tests="{cases}" failures="{failures}" errors="{len(report.failures)}">'
    return ("\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *lines, "</testsuites>"]) + "\n").encode("utf-8")


def _suites(report: Report, shown: Sequence[Finding]) -> Iterator[str]:
    for path, group in groupby(shown, key=lambda finding: finding.location.path):
        findings = list(group)
        failed = sum(map(_fails, findings))
        skipped = sum(finding.suppressed is not None for finding in findings)
        counts = f'tests="{len(findings)}" failures="{failed}" errors="0" skipped="{skipped}"'
        yield f"  <testsuite name={attribute(path)} file={attribute(path)} {counts}>"
        for finding in findings:
            yield from _case(finding)
        yield "  </testsuite>"
    yield from _own_suite(report, not shown)


def _own_suite(report: Report, clean: bool) -> Iterator[str]:
    """Yield the suite of the run itself: its failures, or one case that passes; and what was seen and skipped."""
    cases = len(report.failures) or 1
    yield f'  <testsuite name="karlint" tests="{cases}" failures="0" errors="{len(report.failures)}" skipped="0">'
    if not report.failures:
        yield f'    <testcase classname="karlint" name="{"no findings" if clean else "every rule was evaluated"}"/>'
    for failure in report.failures:
        yield f'    <testcase classname="karlint" name={attribute(failure.rule)}>'
        yield f"      <error message={attribute(failure_text(failure))}/>"
        yield "    </testcase>"
    yield f"    <system-out>{_text(' · '.join(map(one_line, summary_parts(report))))}</system-out>"
    yield "  </testsuite>"


def _case(finding: Finding) -> Iterator[str]:
    span = finding.location.span
    owner = f" {finding.resource}" if finding.resource else ""
    place = f"{finding.location.path}:{span.line}:{span.column}"
    name = f"{finding.rule}{owner} (line {span.line})"
    yield f"    <testcase classname={attribute(finding.location.path)} name={attribute(name)}>"
    body = _text(f"{place}\n{finding.help}".strip())
    if finding.suppressed is not None:
        yield f"      <skipped message={attribute(finding.suppressed)}/>"
    elif _fails(finding):
        yield (f'      <failure type="{finding.severity.value}" message={attribute(finding.message)}>{body}</failure>')
    else:
        yield f"      <system-out>{_text(finding.message)}\n{body}</system-out>"
    yield "    </testcase>"


def _fails(finding: Finding) -> bool:
    return finding.suppressed is None and finding.severity is not Severity.NOTE


def _tally(report: Report, shown: Sequence[Finding]) -> tuple[int, int]:
    return len(shown) + (len(report.failures) or 1), sum(map(_fails, shown))


def _text(text: str) -> str:
    return escape(_NO_XML.sub("�", encodable(text)))


def attribute(text: str) -> str:
    """Return *text* as a quoted attribute; what XML cannot write is replaced."""
    return quoteattr(_NO_XML.sub("�", encodable(text)), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
