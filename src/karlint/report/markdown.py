"""A summary in Markdown: for a pull request's comment, or for the summary of a job.

GitHub takes at most 1 MiB of it a step (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands),
so what goes beyond is cut, the worst kept, and the cut is told.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from karlint.model.path import to_text
from karlint.model.rule import Severity
from karlint.report.plain import by_severity, failure_text
from karlint.report.sanitise import encodable, one_line
from karlint.report.summary import summary_parts
from karlint.report.wording import count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karlint.model.finding import Finding
    from karlint.model.report import Report
    from karlint.report.options import ReportOptions
    from karlint.report.sources import ReadLines

LIMIT = 900_000
"""Bytes that are written at most, well below GitHub's limit, since other tools may write to the same summary."""

_ROOM_FOR_THE_END = 2_000
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~$])")
_MENTION = re.compile(r"@(?=\w)|(?<=\w)://")
_MARKS = {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.NOTE: "ℹ️"}


def render(report: Report, read_lines: ReadLines, options: ReportOptions) -> bytes:  # noqa: ARG001 - as reporters are
    """Return *report* as Markdown of at most LIMIT bytes."""
    head = [f"## karlint: {_verdict(report)}", "", *_failures(report), *_environments(report)]
    tail = ["", f"<sub>{escaped(' · '.join(map(one_line, summary_parts(report))))}</sub>"]
    tail += [f"<sub>{escaped(notice)}</sub>" for notice in report.notices[:20]]
    room = LIMIT - _ROOM_FOR_THE_END - len(encodable("\n".join([*head, *tail])).encode("utf-8"))
    body: list[str] = []
    left_out = len(report.findings)
    for block in map(list, _blocks(report)):
        room -= len(encodable("\n".join(block)).encode("utf-8")) + 1
        if room < 0:
            break
        body += block
        left_out -= 1
    if left_out:
        body += ["", f"**{count(left_out, 'more finding')} of equal or lesser severity left out.**"]
    return (encodable("\n".join([*head, *body, *tail])) + "\n").encode("utf-8")


def _verdict(report: Report) -> str:
    if report.failures:
        return "incomplete"
    counts = Counter(finding.severity for finding in report.findings)
    texts = [count(counts[severity], severity.value) for severity in Severity if counts[severity]]
    return ", ".join(texts) if texts else "no findings"


def _failures(report: Report) -> Iterator[str]:
    if report.failures:
        yield f"**{count(len(report.failures), 'rule evaluation')} failed, so findings may be missing:**"
        yield ""
        yield from (f"- {escaped(failure_text(failure))}" for failure in report.failures[:20])
        if len(report.failures) > 20:
            yield f"- and {len(report.failures) - 20:,} more"
        yield ""


def _environments(report: Report) -> Iterator[str]:
    """Yield a table of severities by environment, where findings are of several."""
    counts: dict[str, Counter[Severity]] = {}
    for finding in report.findings:
        for name in finding.environments or ("",):
            counts.setdefault(name, Counter())[finding.severity] += 1
    if not any(counts):
        return
    yield "| Environment | Errors | Warnings | Notes |"
    yield "|---|---:|---:|---:|"
    for name, found in sorted(counts.items()):
        label = escaped(name) if name else "(manifests as written)"
        yield f"| {label} | " + " | ".join(f"{found[severity]:,}" for severity in Severity) + " |"
    yield ""


def _blocks(report: Report) -> Iterator[Iterator[str]]:
    """Yield the lines of each finding, the worst first; the first of a severity begins with a heading."""
    ordered = by_severity(report.findings)
    for severity, group in groupby(ordered, key=lambda finding: finding.severity):
        for number, finding in enumerate(group):
            yield _lines(finding, first=number == 0, severity=severity)


def _lines(finding: Finding, *, first: bool, severity: Severity) -> Iterator[str]:
    if first:
        yield ""
        yield f"### {_MARKS[severity]} {severity.value.capitalize()}s"
        yield ""
    path, line = finding.location.path, finding.location.span.line
    vague = " (approximate)" if not finding.location.exact else ""
    where = f"{_code(f'{path}:{line}')}{vague}"
    yield f"- **{escaped(finding.rule)}** {where}  "
    owner = f" <sub>{escaped(_about(finding))}</sub>" if finding.resource else ""
    yield f"  {escaped(finding.message)}{owner}" + ("  " if finding.help else "")
    if finding.help:
        yield f"  *{escaped(finding.help)}*"


def _about(finding: Finding) -> str:
    at = f", {to_text(finding.at)}" if finding.at else ""
    return f"{finding.resource}{at}"


def _code(text: str) -> str:
    """Return *text* as inline code, which nothing in it can end."""
    shown = one_line(text)
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    blank = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{blank}{shown}{blank}{fence}"


def escaped(text: str) -> str:
    """Return repository text such that it is neither markup, nor HTML, nor a mention, nor a link."""
    plain = _MARKUP.sub(r"\\\1", one_line(text).replace("&", "&amp;"))
    return _MENTION.sub(lambda match: f"{match.group(0)[0]}<!-- -->{match.group(0)[1:]}", plain)
