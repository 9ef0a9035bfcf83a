"""A run over thousands of real manifests: complete, deterministic, and nothing silently clean."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from karlint.api import lint
from karlint.config import Settings
from karlint.report import render_json, render_sarif, source_lines
from tests.report.test_sarif import DISMISSED, multitool, validate

if TYPE_CHECKING:
    from pathlib import Path

    from karlint.model.report import Report

__all__ = ["multitool"]

pytestmark = pytest.mark.corpus

SUFFIXES = (".yaml", ".yml", ".json")
_MARKER = re.compile(r"^---(?=[ \t\r\n]|$)|^\.\.\.[ \t]*$", re.MULTILINE)
_CONTENT = re.compile(r"^[ \t]*[^\s#%]", re.MULTILINE)


def run(corpus: Path, jobs: int = 1) -> Report:
    return lint(Settings(root=corpus, paths=(str(corpus),), versions=("1.35",), jobs=jobs, render=False))


@pytest.fixture(scope="module")
def report(corpus: Path) -> Report:
    return run(corpus)


def on_disk(corpus: Path) -> set[str]:
    """Every file that could be a manifest, relative to the corpus."""
    return {
        os.path.relpath(os.path.join(directory, name), corpus)  # noqa: PTH118 - another way than karlint's
        for directory, _, names in os.walk(corpus)
        for name in names
        if name.endswith(SUFFIXES)
    }


def test_no_rule_failed(report: Report) -> None:
    assert report.failures == ()
    assert report.counts.rules > 20
    assert report.counts.workloads > 1500
    assert report.counts.accelerator_workloads > 300


def test_every_file_is_linted_or_skipped_for_a_reason(report: Report, corpus: Path) -> None:
    files, skipped = on_disk(corpus), [entry.path for entry in report.skipped]
    assert len(skipped) == len(set(skipped))
    assert set(skipped) <= files
    assert report.counts.files == len(files) == report.counts.files_linted + len(skipped)
    assert all(entry.reason for entry in report.skipped)
    assert {finding.location.path for finding in report.findings} <= files - set(skipped)


def test_every_document_is_counted(report: Report, corpus: Path) -> None:
    errors = {
        finding.location.path: finding.location.span.line
        for finding in report.findings
        if finding.rule == "core/syntax-error"
    }
    linted = on_disk(corpus) - {entry.path for entry in report.skipped}
    expected = sum(documents_by_markers(corpus / path) for path in linted - set(errors))
    # Of a file with an error, the documents that end before it are linted.
    expected += sum(documents_by_markers(corpus / path, before=line) for path, line in errors.items())
    assert report.counts.documents == expected
    assert expected > 7000


def documents_by_markers(file: Path, before: int | None = None) -> int:
    """Count documents by their markers alone: stretches between them that hold more than comments.

    With *before*, only those that end before that line.
    """
    text = file.read_text("utf-8-sig")
    if file.suffix == ".json":
        return 1
    parts = _MARKER.split(text)
    if before is not None:
        parts = _MARKER.split("".join(text.splitlines(keepends=True)[: before - 1]))[:-1]
    return sum(bool(_CONTENT.search(part)) for part in parts)


def test_unparseable_files_are_reported(report: Report, corpus: Path) -> None:
    expected = {path for path in on_disk(corpus) if path.startswith("unparseable/")}
    assert len(expected) == 10
    found = [finding for finding in report.findings if finding.location.path in expected]
    assert Counter(finding.location.path for finding in found) == Counter(expected), "one error for each"
    assert {finding.rule for finding in found} == {"core/syntax-error"}
    errors = {finding.location.path for finding in report.findings if finding.rule == "core/syntax-error"}
    assert errors == expected, "and no other file is called wrong"


def test_runs_are_equal_to_the_last_byte(report: Report, corpus: Path) -> None:
    first = render_json(report)
    assert render_json(run(corpus)) == first
    assert render_json(run(corpus, jobs=2)) == first


def test_findings_are_where_the_text_is(report: Report, corpus: Path) -> None:
    assert len(report.findings) > 100
    for finding in report.findings:
        lines = (corpus / finding.location.path).read_text("utf-8-sig").splitlines()
        span = finding.location.span
        assert 1 <= span.line <= span.end_line <= len(lines) + 1, finding
        assert 1 <= span.column <= len(lines[span.line - 1]) + 1, finding
        if finding.location.exact and finding.at and isinstance(finding.at[-1], str) and not finding.related:
            near = "\n".join(lines[max(0, span.line - 2) : span.end_line])
            assert finding.at[-1] in near or span.line < span.end_line, finding


def test_findings_are_sorted_and_distinct(report: Report) -> None:
    keys = [(f.location.path, f.location.span.line, f.location.span.column, f.rule) for f in report.findings]
    assert keys == sorted(keys)
    assert len({finding.fingerprint for finding in report.findings}) == len(report.findings)


def test_sarif_is_valid(report: Report, multitool: Path, tmp_path: Path, corpus: Path) -> None:
    log = render_sarif(report, source_lines(corpus))
    found = validate(multitool, log, tmp_path)
    assert {level: rules - DISMISSED for level, rules in found.items() if rules - DISMISSED} == {}
    assert len(json.loads(log)["runs"][0]["results"]) == len(report.findings) + len(report.suppressed)
