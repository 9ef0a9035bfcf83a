"""SARIF 2.1.0 for code scanning.

GitHub reads a part of the standard (https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning):
the first location of a result only, related locations only where the message links to them, and an annotation on a
pull request only when every line of the region was changed, so that regions here span one line.
"""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from karlint import __version__
from karlint.model.path import to_text
from karlint.report.linehash import line_hashes
from karlint.report.sanitise import encodable
from karlint.report.sarifrules import descriptors
from karlint.report.sources import line_at, whole_text
from karlint.report.wording import count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from karlint.model.finding import Finding, Location
    from karlint.model.fix import Fix
    from karlint.model.report import Report
    from karlint.model.source import Span
    from karlint.model.unit import NotRendered
    from karlint.report.options import ReportOptions
    from karlint.report.sources import ReadLines

SCHEMA_URI = "https://json.schemastore.org/sarif-2.1.0.json"

MAX_RESULTS = 25_000
"""GitHub rejects a run with more results."""

MAX_GZIPPED = 10_000_000
"""Bytes that a report may have once it is compressed for the upload."""

MAX_RELATED = 100
"""GitHub shows no more locations of a result."""

_MAX_LISTED = 20
_FINGERPRINT = "karlint/v1"


def render(report: Report, read_lines: ReadLines, options: ReportOptions) -> bytes:
    """Return *report* as one SARIF run with repository-relative URIs and columns in UTF-16 code units.

    What goes beyond GitHub's limits is left out, the least severe first, and that is said in a notification.
    """
    shown = report.findings + (report.suppressed if options.suppressed else ())
    limit = MAX_RESULTS
    while True:
        kept = _most_severe(shown, limit)
        log = _log(report, kept, len(shown) - len(kept), read_lines, options)
        size = len(log) if len(log) <= MAX_GZIPPED else len(gzip.compress(log, mtime=0))
        if size <= MAX_GZIPPED or not kept:
            return log
        limit = int(len(kept) * min(0.9, 0.95 * MAX_GZIPPED / size))


def _log(
    report: Report, kept: Sequence[Finding], left_out: int, read_lines: ReadLines, options: ReportOptions
) -> bytes:
    rules = descriptors(report.rules, {finding.rule for finding in kept})
    indexes = {rule["id"]: index for index, rule in enumerate(rules)}
    writer = _Results(read_lines, indexes)
    run: dict[str, Any] = {
        "tool": {"driver": {"name": "karlint", "version": __version__, "semanticVersion": __version__, "rules": rules}},
        "columnKind": "utf16CodeUnits",
        "invocations": [_invocation(report, left_out)],
        "results": [writer.result(finding) for finding in kept],
    }
    if options.category is not None:
        run["automationDetails"] = {"id": options.category.rstrip("/") + "/"}
    log = {"$schema": SCHEMA_URI, "version": "2.1.0", "runs": [run]}
    return orjson.dumps(log, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _most_severe(findings: Sequence[Finding], limit: int) -> list[Finding]:
    """Return at most *limit* findings, the most severe ones, in report order."""
    ordered = sorted(findings, key=_order)
    if len(ordered) > limit:
        ordered = sorted(ordered, key=lambda finding: finding.severity.rank)[:limit]
        ordered.sort(key=_order)
    return ordered


def _order(finding: Finding) -> tuple[Any, ...]:
    span = finding.location.span
    return (finding.location.path, span.line, span.column, finding.rule, finding.fingerprint)


class _Results:
    """Writes results; keeps the line hashes of the file it is in."""

    def __init__(self, read_lines: ReadLines, indexes: Mapping[str, int]) -> None:
        self._read_lines = read_lines
        self._indexes = indexes
        self._hashed = ""
        self._hashes: list[str] = []

    def result(self, finding: Finding) -> dict[str, Any]:
        related = finding.related[:MAX_RELATED]
        result: dict[str, Any] = {
            "ruleId": finding.rule,
            "ruleIndex": self._indexes[finding.rule],
            "level": finding.severity.value,
            "message": {"text": _message(finding)},
            "locations": [self._location(finding.location)],
            "partialFingerprints": self._fingerprints(finding),
            "properties": _properties(finding),
        }
        if related:
            result["relatedLocations"] = [
                {"id": number, **self._location(place.location), "message": {"text": _plain(place.message)}}
                for number, place in enumerate(related, 1)
            ]
        if finding.fix is not None:
            result["fixes"] = [self._fix(finding.fix)]
        if finding.suppressed is not None:
            kind = "external" if finding.external else "inSource"
            result["suppressions"] = [{"kind": kind, "justification": encodable(finding.suppressed)}]
        return result

    def _location(self, location: Location) -> dict[str, Any]:
        lines = self._read_lines(location.path)
        return {
            "physicalLocation": {"artifactLocation": {"uri": uri(location.path)}, "region": region(location, lines)}
        }

    def _fix(self, fix: Fix) -> dict[str, Any]:
        changes: dict[str, list[dict[str, Any]]] = {}
        for edit in fix.edits:
            replaced = {"deletedRegion": whole_region(edit.span, self._read_lines(edit.path))}
            changes.setdefault(edit.path, []).append({**replaced, "insertedContent": {"text": encodable(edit.text)}})
        return {
            "description": {"text": _plain(fix.title if fix.safe else f"{fix.title} (may change behaviour)")},
            "artifactChanges": [
                {"artifactLocation": {"uri": uri(path)}, "replacements": replacements}
                for path, replacements in changes.items()
            ],
        }

    def _fingerprints(self, finding: Finding) -> dict[str, str]:
        path, line = finding.location.path, finding.location.span.line
        if self._hashed != path:
            lines = self._read_lines(path)
            self._hashes = line_hashes(whole_text(lines)) if lines else []
            self._hashed = path
        prints = {_FINGERPRINT: finding.fingerprint}
        if line <= len(self._hashes):
            prints["primaryLocationLineHash"] = self._hashes[line - 1]
        return prints


def uri(path: str) -> str:
    """Return a repository-relative path as a URI reference; bytes that are not UTF-8 are encoded as they are."""
    return quote(path.encode("utf-8", "surrogateescape"), safe="/")


def region(location: Location, lines: Sequence[str]) -> dict[str, int]:
    """Return the region of the first line of *location*, columns in UTF-16 code units, the end exclusive."""
    span = location.span
    text = line_at(lines, span.line)
    one_line = span.end_line == span.line
    start = _utf16_column(text, span.column)
    end = _utf16_column(text, span.end_column) if one_line else _utf16_column(text, len(text.rstrip()) + 1)
    return {"startLine": span.line, "startColumn": start, "endLine": span.line, "endColumn": max(end, start + 1)}


def whole_region(span: Span, lines: Sequence[str]) -> dict[str, int]:
    """Return the region of all of *span*, columns in UTF-16 code units, the end exclusive; it may be empty."""
    start = _utf16_column(line_at(lines, span.line), span.column)
    end = _utf16_column(line_at(lines, span.end_line), span.end_column)
    return {"startLine": span.line, "startColumn": start, "endLine": span.end_line, "endColumn": end}


def _utf16_column(text: str, column: int) -> int:
    """Return a column in code points, from 1, as one in UTF-16 code units; beyond the text both count alike."""
    return column + sum(1 for char in text[: column - 1] if ord(char) > 0xFFFF)


def _message(finding: Finding) -> str:
    """Return the message: what is wrong, then the links to related places, then what to do.

    GitHub takes the first sentence for the alert's title.
    """
    links = [
        f"[{_link_text(related.message)}]({number})" for number, related in enumerate(finding.related[:MAX_RELATED], 1)
    ]
    texts = [_plain(finding.message)]
    if links:
        texts.append(f"See {', '.join(links)}.")
    return " ".join(texts) + (f"\n\n{_plain(finding.help)}" if finding.help else "")


def _plain(text: str) -> str:
    """Return repository text such that no part of it becomes a link."""
    return encodable(text).replace("](", "] (")


def _link_text(text: str) -> str:
    return re.sub(r"\s+", " ", encodable(text)).replace("[", "(").replace("]", ")").rstrip(".") or "related place"


def _properties(finding: Finding) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    if finding.resource is not None:
        properties["resource"] = encodable(str(finding.resource))
    if finding.at:
        properties["path"] = encodable(to_text(finding.at))
    if finding.versions:
        properties["kubernetes"] = list(finding.versions)
    if finding.environments:
        properties["environments"] = [encodable(name) for name in finding.environments]
    if not finding.location.exact:
        properties["approximate"] = True
    return properties


def _invocation(report: Report, left_out: int) -> dict[str, Any]:
    notes = [_notification("error", _failure_text(failure), failure.rule) for failure in report.failures]
    if left_out:
        text = (
            f"{count(left_out, 'result')} of lesser severity left out: "
            f"code scanning takes {MAX_RESULTS:,} a run, and {MAX_GZIPPED // 1_000_000} MB compressed."
        )
        notes.append(_notification("warning", text))
    notes.extend(_not_rendered(report))
    notes.extend(_skipped(report))
    if report.counts.without_schema:
        kinds = ", ".join(f"{kind} ({number})" for kind, number in sorted(report.counts.without_schema.items()))
        notes.append(_notification("note", f"No schema is known for: {kinds}."))
    notes.extend(_notification("note", notice) for notice in report.notices)
    invocation: dict[str, Any] = {"executionSuccessful": not report.failures, "exitCode": report.exit_code}
    if notes:
        invocation["toolExecutionNotifications"] = notes
    return invocation


def _failure_text(failure: Any) -> str:
    where = f" on {failure.resource}" if failure.resource else ""
    return f"The rule {failure.rule} could not be evaluated{where}: {failure.message}"


def _skipped(report: Report) -> list[dict[str, Any]]:
    by_reason: dict[str, list[str]] = {}
    for file in report.skipped:
        by_reason.setdefault(file.reason, []).append(file.path)
    notes = []
    for reason, paths in sorted(by_reason.items()):
        note = _notification("note", f"{count(len(paths), 'file')} skipped: {reason}.")
        note["locations"] = [
            {"physicalLocation": {"artifactLocation": {"uri": uri(path)}}} for path in sorted(paths)[:_MAX_LISTED]
        ]
        notes.append(note)
    return notes


def _not_rendered(report: Report) -> list[dict[str, Any]]:
    by_reason: dict[str, list[NotRendered]] = {}
    for item in report.not_rendered:
        by_reason.setdefault(item.reason, []).append(item)
    notes = []
    for reason, items in sorted(by_reason.items()):
        names = ", ".join(sorted({item.what for item in items})[:_MAX_LISTED])
        note = _notification("warning", f"{len(items):,} not rendered, so not linted: {reason} ({names}).")
        note["locations"] = [
            {"physicalLocation": {"artifactLocation": {"uri": uri(path)}}}
            for path in sorted({item.place.file for item in items})[:_MAX_LISTED]
        ]
        notes.append(note)
    return notes


def _notification(level: str, text: str, rule: str = "") -> dict[str, Any]:
    notification: dict[str, Any] = {"level": level, "message": {"text": _plain(text)}}
    if rule:
        notification["associatedRule"] = {"id": rule}
    return notification
