"""The report for programs: ``schemas/karlint-report.schema.json`` describes it.

Fields are only ever added while ``schema`` stays the same number. Text is given as it is in the repository: it is for
whoever shows it to escape what must not reach a terminal or a page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from karlint import __version__
from karlint.model.finding import Location
from karlint.model.path import to_pointer, to_text
from karlint.report.sanitise import encodable

if TYPE_CHECKING:
    from karlint.model.finding import Finding
    from karlint.model.fix import Fix
    from karlint.model.report import Counts, Report
    from karlint.model.rule import Rule
    from karlint.report.options import ReportOptions
    from karlint.report.sources import ReadLines

SCHEMA = 1
"""Number of the envelope; it changes when a field goes away or changes its meaning."""


def render(report: Report, read_lines: ReadLines, options: ReportOptions) -> bytes:  # noqa: ARG001 - as reporters are
    """Return *report* as JSON, keys in a fixed order, so that equal runs give equal bytes."""
    document = {
        "schema": SCHEMA,
        "tool": {"name": "karlint", "version": __version__},
        "kubernetes": list(report.versions),
        "exit_code": report.exit_code,
        "fail_on": report.fail_on.value if report.fail_on else None,
        "complete": not report.failures,
        "counts": _counts(report.counts),
        "findings": [_finding(finding) for finding in report.findings],
        "suppressed": [_finding(finding) for finding in report.suppressed],
        "failures": [
            {"rule": failure.rule, "message": encodable(failure.message), "resource": encodable(failure.resource)}
            for failure in report.failures
        ],
        "not_rendered": [
            {
                "what": encodable(item.what),
                "reason": encodable(item.reason),
                "help": encodable(item.help),
                "path": encodable(item.place.file),
            }
            for item in report.not_rendered
        ],
        "renderers": {name: encodable(version) for name, version in sorted(report.tools.items())},
        "skipped": [{"path": encodable(file.path), "reason": encodable(file.reason)} for file in report.skipped],
        "fixed": report.fixed,
        "notices": [encodable(notice) for notice in report.notices],
        "rules": [_rule(report.rules[rule]) for rule in sorted(report.rules)],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _finding(finding: Finding) -> dict[str, Any]:
    resource = finding.resource
    shown: dict[str, Any] = {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": encodable(finding.message),
        "help": encodable(finding.help),
        "location": _location(finding.location),
        "resource": None,
        "at": {"pointer": encodable(to_pointer(finding.at)), "text": encodable(to_text(finding.at))},
        "related": [
            {"location": _location(related.location), "message": encodable(related.message)}
            for related in finding.related
        ],
        "versions": list(finding.versions),
        "fingerprint": finding.fingerprint,
        "environments": [encodable(name) for name in finding.environments],
    }
    if resource is not None:
        fields = ("group", "version", "kind", "namespace", "name")
        shown["resource"] = {name: encodable(getattr(resource, name)) for name in fields}
    if finding.fix is not None:
        shown["fix"] = _fix(finding.fix)
    if finding.suppressed is not None:
        shown["reason"] = encodable(finding.suppressed)
    return shown


def _fix(fix: Fix) -> dict[str, Any]:
    edits = []
    for edit in fix.edits:
        place = _location(Location(edit.path, edit.span))
        edits.append({**{key: place[key] for key in ("path", "start", "end")}, "text": encodable(edit.text)})
    return {"title": encodable(fix.title), "safe": fix.safe, "edits": edits}


def _location(location: Location) -> dict[str, Any]:
    span = location.span
    return {
        "path": encodable(location.path),
        "start": {"line": span.line, "column": span.column},
        "end": {"line": span.end_line, "column": span.end_column},
        "exact": location.exact,
    }


def _counts(counts: Counts) -> dict[str, Any]:
    return {
        "files": counts.files,
        "files_linted": counts.files_linted,
        "documents": counts.documents,
        "not_manifests": counts.not_manifests,
        "resources": counts.resources,
        "workloads": counts.workloads,
        "accelerator_workloads": counts.accelerator_workloads,
        "schema_checked": counts.schema_checked,
        "without_schema": {encodable(kind): counts.without_schema[kind] for kind in sorted(counts.without_schema)},
        "rules": counts.rules,
        "files_rendered": counts.files_rendered,
        "rendered": counts.rendered,
        "not_rendered": counts.not_rendered,
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": rule.severity.value,
        "profile": rule.profile,
        "fix": rule.fix,
        "requirements": [
            {
                "kar": wanted.kar,
                "id": wanted.id,
                "levels": dict(sorted(wanted.levels.items())),
                "relation": wanted.relation,
            }
            for wanted in rule.requirements
        ],
        "sources": list(rule.sources),
    }
