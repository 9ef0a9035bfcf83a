"""What the reporters print, whole.

To accept a change: ``KARLINT_UPDATE_SNAPSHOTS=1 pytest tests/report``, then read the diff.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from karlint import __version__
from karlint.report import REPORTERS, ReportOptions, render

from .build import CLEAN, EMPTY, REPORT, read_lines

SNAPSHOTS = Path(__file__).parent / "snapshots"

CASES = {
    "report.txt": ("text", REPORT, ReportOptions()),
    "report-narrow-suppressed.txt": ("text", REPORT, ReportOptions(width=80, suppressed=True, context=0)),
    "report-color.txt": ("text", REPORT, ReportOptions(color=True, context=2)),
    "clean.txt": ("text", CLEAN, ReportOptions()),
    "empty.txt": ("text", EMPTY, ReportOptions()),
    "report.json": ("json", REPORT, ReportOptions()),
    "empty.json": ("json", EMPTY, ReportOptions()),
    "report.sarif": ("sarif", REPORT, ReportOptions()),
    "report-suppressed.sarif": ("sarif", REPORT, ReportOptions(suppressed=True, category="clusters/prod")),
    "empty.sarif": ("sarif", EMPTY, ReportOptions()),
    "report.github": ("github", REPORT, ReportOptions()),
    "empty.github": ("github", EMPTY, ReportOptions()),
    "report.azure": ("azure", REPORT, ReportOptions()),
    "report.gitlab.json": ("gitlab", REPORT, ReportOptions()),
    "empty.gitlab.json": ("gitlab", EMPTY, ReportOptions()),
    "report.junit.xml": ("junit", REPORT, ReportOptions()),
    "empty.junit.xml": ("junit", EMPTY, ReportOptions()),
    "report.md": ("markdown", REPORT, ReportOptions()),
    "clean.md": ("markdown", CLEAN, ReportOptions()),
}


@pytest.mark.parametrize("name", CASES)
def test_snapshot(name: str) -> None:
    output, report, options = CASES[name]
    rendered = render(output, report, read_lines, options)
    assert rendered == render(output, report, read_lines, options), "equal reports must give equal bytes"
    printed = rendered.decode().replace(f'ersion": "{__version__}"', 'ersion": "VERSION"')
    file = SNAPSHOTS / name
    if os.environ.get("KARLINT_UPDATE_SNAPSHOTS"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(printed, "utf-8", newline="\n")
    assert file.is_file(), f"no snapshot {name}: run with KARLINT_UPDATE_SNAPSHOTS=1"
    assert printed == file.read_text("utf-8")


def test_every_snapshot_has_a_case_and_every_reporter_a_snapshot() -> None:
    assert {file.name for file in SNAPSHOTS.iterdir()} == set(CASES)
    assert {output for output, _, _ in CASES.values()} == set(REPORTERS)
