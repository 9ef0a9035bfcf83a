"""The report for people."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from karlint.model.path import to_text
from karlint.report.cells import width
from karlint.report.frame import frame
from karlint.report.sanitise import defuse, one_line
from karlint.report.style import Style
from karlint.report.summary import summary_parts
from karlint.report.wording import count, first_of, requirement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from karlint.model.finding import Finding, Location
    from karlint.model.report import Report, RuleFailure
    from karlint.report.options import ReportOptions
    from karlint.report.sources import ReadLines

_INDENT = "  "
_SGR = re.compile(r"\x1b\[[0-9;]*m")


def render(report: Report, read_lines: ReadLines, options: ReportOptions) -> bytes:
    """Return *report* as text: the findings file by file, what stood in the way, and one summary of everything seen."""
    lines = _Text(report, read_lines, options).lines()
    if options.ci_guard:
        lines = (defuse(line) for line in lines)
    return ("\n".join(lines) + "\n").encode("utf-8")


class _Text:
    def __init__(self, report: Report, read_lines: ReadLines, options: ReportOptions) -> None:
        self.report = report
        self.read_lines = read_lines
        self.options = options
        self.style = Style(options.color)

    def lines(self) -> Iterator[str]:
        shown = self.report.findings
        if self.options.suppressed:
            both = (*shown, *self.report.suppressed)
            shown = tuple(sorted(both, key=lambda finding: (finding.location.path, finding.location.span)))
        for finding in shown:
            yield from self._finding(finding)
            yield ""
        yield from self._failures()
        yield from self._notices()
        yield from self._summary()

    def _finding(self, finding: Finding) -> Iterator[str]:
        severity = finding.severity.value
        head = self.style(severity, f"{severity}[{one_line(finding.rule)}]")
        place = self.style("strong", _place(finding.location))
        vague = "" if finding.location.exact else self.style("dim", " (approximate)")
        ignored = self.style("dim", " (suppressed)") if finding.suppressed is not None else ""
        yield f"{head} {place}{vague}{ignored}"
        yield from self._wrapped(one_line(finding.message), _INDENT, _INDENT)
        yield from self._frame(finding)
        margin = _INDENT + " " * (self._gutter(finding) + 1)
        for label, text in self._remarks(finding):
            start = f"{margin}{self.style('gutter', '=')} {self.style('strong', label + ':')} "
            yield from self._wrapped(one_line(text), start, " " * (len(margin) + len(label) + 4))

    def _gutter(self, finding: Finding) -> int:
        return len(str(finding.location.span.line + self.options.context))

    def _frame(self, finding: Finding) -> Iterator[str]:
        resource = finding.resource
        if resource is not None and resource.kind == "Secret" and not resource.group:
            return  # a frame would copy the secret into the log
        lines = self.read_lines(finding.location.path)
        span = finding.location.span
        gutter = self._gutter(finding)
        room = max(20, self.options.width - gutter - len(_INDENT) - 3)
        shown = frame(lines, span, self.options.context, room)
        bar = self.style("gutter", "|")
        if shown:
            yield f"{_INDENT}{' ' * gutter} {bar}"
        for line in shown:
            text = self.style(finding.severity.value, line.text) if line.marks else line.text
            yield f"{_INDENT}{self.style('gutter', line.number.rjust(gutter))} {bar} {text}".rstrip()

    def _remarks(self, finding: Finding) -> Iterator[tuple[str, str]]:
        if finding.resource is not None:
            at = f", {to_text(finding.at)}" if finding.at else ""
            yield "in", f"{finding.resource}{at}"
        if finding.environments:
            yield "deployed by", first_of(finding.environments)
        for related in finding.related:
            vague = "" if related.location.exact else " (approximate)"
            yield "see", f"{_place(related.location)}{vague} {related.message}"
        rule = self.report.rules.get(finding.rule)
        for wanted in rule.requirements if rule else ():
            yield "requirement", requirement(wanted)
        if finding.versions and set(finding.versions) != set(self.report.versions):
            yield "versions", f"Kubernetes {', '.join(finding.versions)}"
        if finding.help:
            yield "help", finding.help
        if finding.fix is not None:
            how = "--fix" if finding.fix.safe else "--fix --unsafe-fixes"
            yield "fix", f"{finding.fix.title}{_elsewhere(finding)} ({how})"
        if finding.suppressed is not None:
            yield "ignored", finding.suppressed

    def _failures(self) -> Iterator[str]:
        failures = self.report.failures
        if not failures:
            return
        grouped: dict[tuple[str, str], list[RuleFailure]] = {}
        for failure in failures:
            grouped.setdefault((failure.rule, failure.message), []).append(failure)
        rules = len({failure.rule for failure in failures})
        what = f"{count(rules, 'rule')} could not be evaluated, so findings may be missing"
        yield f"{self.style('error', 'incomplete:')} {self.style('strong', what)}"
        for (rule, message), cases in grouped.items():
            where = _where([case.resource for case in cases if case.resource])
            start = f"{_INDENT}{self.style('gutter', '=')} {self.style('strong', one_line(rule) + ':')} "
            yield from self._wrapped(one_line(message) + where, start, _INDENT * 2)
        yield ""

    def _notices(self) -> Iterator[str]:
        for notice in self.report.notices:
            yield from self._wrapped(one_line(notice), self.style("note", "notice:") + " ", _INDENT)
        if self.report.notices:
            yield ""

    def _summary(self) -> Iterator[str]:
        """Yield the summary, which is one line broken between its parts where the terminal is narrow."""
        parts = [one_line(part) for part in summary_parts(self.report)]
        kind = self._verdict()
        line, used = self.style(kind, parts[0]), width(parts[0])
        for part in parts[1:]:
            if used + 3 + width(part) <= self.options.width:
                line, used = f"{line} · {part}", used + 3 + width(part)
            else:
                yield from self._wrapped(line, "", _INDENT, used)
                line, used = _INDENT + part, len(_INDENT) + width(part)
        yield from self._wrapped(line, "", _INDENT, used)

    def _verdict(self) -> str:
        if self.report.failures:
            return "error"
        if self.report.findings:
            return min(self.report.findings, key=lambda finding: finding.severity.rank).severity.value
        return "good"

    def _wrapped(self, text: str, first: str, rest: str, used: int | None = None) -> Iterator[str]:
        """Yield *text* in lines within the width; *first* and *rest* stand before its first and its other lines."""
        plain = width(_bare(first))
        if (width(text) if used is None else used) + plain <= self.options.width:
            yield first + text
            return
        line, room = first, plain
        empty = True
        for word in text.split(" "):
            need = width(_bare(word))
            if not empty and room + 1 + need > self.options.width:
                yield line
                line, room, empty = rest, width(rest), True
            line, room = (line + word, room + need) if empty else (f"{line} {word}", room + 1 + need)
            empty = False
        yield line


def _bare(text: str) -> str:
    """Return *text* without our own colour codes; those of the repository are escaped by now."""
    return _SGR.sub("", text) if "\x1b" in text else text


def _elsewhere(finding: Finding) -> str:
    """Return where the fix is made, if that is in another file than the finding."""
    paths = dict.fromkeys(edit.path for edit in finding.fix.edits) if finding.fix else {}
    others = [path for path in paths if path != finding.location.path]
    return f" in {', '.join(others)}" if others else ""


def _place(location: Location) -> str:
    return f"{one_line(location.path)}:{location.span.line}:{location.span.column}"


def _where(resources: Sequence[str]) -> str:
    if not resources:
        return ""
    more = f" and {count(len(resources) - 1, 'other resource')}" if len(resources) > 1 else ""
    return f" ({one_line(resources[0])}{more})"
