"""The text report: safe to print, within its width, silent about nothing."""

from __future__ import annotations

import io
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from karlint.model.finding import Location, RelatedLocation
from karlint.model.report import RuleFailure, Skipped
from karlint.model.resource import ResourceRef
from karlint.model.source import Span
from karlint.report import ReportOptions, render_text
from karlint.report.cells import width
from karlint.report.options import options_for, wants_color
from karlint.report.sanitise import defuse, one_line

from .build import CLEAN, EMPTY, REPORT, finding, read_lines

HOSTILE = "a\x1b[31m\r\n::error::x\u202e\u2028##[add-mask]y ##vso[task.complete]z\x9b\x00\ud800"


def hostile_report() -> str:
    place = Location(HOSTILE, Span(1, 1, 1, 5))
    bad = finding(
        1,
        1,
        2,
        message=HOSTILE,
        help=f"::stop-commands::{HOSTILE}",
        location=place,
        resource=ResourceRef("", "v1", "Pod", HOSTILE, HOSTILE),
        at=(HOSTILE, 0),
        related=(RelatedLocation(place, HOSTILE),),
        suppressed=None,
    )
    report = replace(
        REPORT,
        findings=(bad,),
        failures=(RuleFailure("dra/x", HOSTILE, HOSTILE),),
        skipped=(Skipped(HOSTILE, HOSTILE),),
        notices=(HOSTILE, "::add-mask::x"),
        counts=replace(REPORT.counts, without_schema={HOSTILE: 1}),
    )
    return render_text(report, ReportOptions(ci_guard=True), lambda _path: [f"::error::{HOSTILE}", "::debug::"])


def test_hostile_text_reaches_neither_terminal_nor_runner() -> None:
    printed = hostile_report()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\ud800-\udfff]", printed)
    for line in printed.splitlines():
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
        assert "##vso[" not in line
    assert "\\x1b[31m" in printed, "what is hidden must show"


@given(st.text())
def test_nothing_invisible_is_left(text: str) -> None:
    shown = one_line(text)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]", shown)
    assert len(shown.splitlines()) <= 1


@pytest.mark.parametrize(
    "line",
    ["::error::x", "  ::error::x", "\x1b[1m::error::x", "\t\x1b[1m ::error::x", ":::x", "a ##[group]x", "##vso[y]"],
)
def test_defused_lines_are_no_commands(line: str) -> None:
    bare = re.sub(r"\x1b\[[0-9;]*m", "", defuse(line))
    assert not bare.lstrip().startswith("::")
    assert "##[" not in bare
    assert "##vso[" not in bare


def test_harmless_lines_stay() -> None:
    for line in ("a::b", "  12 | ::error::", "# [x]", "##", ": :"):
        assert defuse(line) == line


@pytest.mark.parametrize("columns", [80, 100, 120])
def test_lines_stay_within_the_width(columns: int) -> None:
    long = replace(
        REPORT, findings=tuple(replace(item, message="word " * 60, help="word " * 60) for item in REPORT.findings)
    )
    printed = render_text(long, ReportOptions(width=columns), read_lines)
    unbreakable = 'spec.template.spec.containers[0].resources.requests["nvidia.com/gpu"]'
    wide = [line for line in printed.splitlines() if width(line) > columns and unbreakable not in line]
    assert wide == []


def test_colour_changes_nothing_but_colour() -> None:
    plain = render_text(REPORT, ReportOptions(), read_lines)
    colored = render_text(REPORT, ReportOptions(color=True), read_lines)
    assert "\x1b" not in plain
    assert colored != plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


def test_everything_skipped_and_failed_is_told() -> None:
    printed = render_text(REPORT, ReportOptions(), read_lines)
    for words in (
        "incomplete: 2 rules could not be evaluated",
        "Deployment prod/llm and 1 other resource",
        "3 errors, 1 warning, 1 note in 2 files, 1 suppressed",
        "3 skipped (2 Helm chart template, 1 no manifest)",
        "9 without a schema",
        "KAR-0051 dra_support, MUST in 1.34, 1.35",
        "(approximate)",
    ):
        assert words in printed, words


def test_many_reasons_and_kinds_are_summed_up_without_loss() -> None:
    skipped = tuple(Skipped(f"{number}", f"reason {number}") for number in range(8))
    counts = replace(REPORT.counts, without_schema={f"g/v1/K{number}": 1 for number in range(7)})
    printed = " ".join(
        render_text(replace(REPORT, skipped=skipped, counts=counts), ReportOptions(), read_lines).split()
    )
    assert "3 for other reasons" in printed
    assert "2 more" in printed


def test_versions_are_shown_where_they_are_not_all_targets() -> None:
    some, every = finding(7, 3, 5, versions=("1.34",)), finding(7, 3, 5, versions=("1.34", "1.35"))
    assert "versions: Kubernetes 1.34" in render_text(replace(REPORT, findings=(some,)), ReportOptions(), read_lines)
    assert "versions:" not in render_text(replace(REPORT, findings=(every,)), ReportOptions(), read_lines)


def test_a_secret_is_never_shown() -> None:
    secret = replace(REPORT.findings[0], resource=ResourceRef("", "v1", "Secret", "", "s"))
    printed = render_text(
        replace(REPORT, findings=(secret,)), ReportOptions(), lambda _path: ["data: {a: aGVsbG8=}"] * 9
    )
    assert "apps/llm/deploy.yaml:7:3" in printed
    assert "aGVsbG8" not in printed


def test_a_file_that_is_gone_costs_the_frame_only() -> None:
    printed = render_text(REPORT, ReportOptions(), lambda _path: ())
    assert "apps/llm/deploy.yaml:15:15" in printed
    assert "^" not in printed


def test_clean_and_empty_say_what_was_seen() -> None:
    assert render_text(CLEAN, ReportOptions(), read_lines).startswith("no findings · 210 files: 210 linted")
    assert "0 files" in render_text(EMPTY, ReportOptions(), read_lines)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("setting", "stream", "environ", "expected"),
    [
        ("auto", Terminal(), {}, True),
        ("auto", io.StringIO(), {}, False),
        ("auto", Terminal(), {"NO_COLOR": "1"}, False),
        ("auto", Terminal(), {"NO_COLOR": ""}, True),
        ("auto", Terminal(), {"TERM": "dumb"}, False),
        ("auto", io.StringIO(), {"FORCE_COLOR": "1"}, True),
        ("auto", Terminal(), {"FORCE_COLOR": "0"}, False),
        ("auto", io.StringIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("always", io.StringIO(), {"NO_COLOR": "1"}, True),
        ("never", Terminal(), {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colour_follows_setting_environment_terminal(
    setting: str, stream: io.StringIO, environ: dict[str, str], expected: bool
) -> None:
    assert wants_color(setting, stream, environ) is expected


def test_options_for_a_runner_guard_the_log() -> None:
    assert options_for(io.StringIO(), {"GITHUB_ACTIONS": "true"}).ci_guard
    assert options_for(io.StringIO(), {"TF_BUILD": "True"}).ci_guard
    assert not options_for(io.StringIO(), {}).ci_guard
    assert 80 <= options_for(Terminal(), {}).width <= 120


def test_the_text_report_imports_neither_rich_nor_the_other_reporters() -> None:
    program = (
        "import sys, karlint.report as r, karlint.report.text\n"
        "bad = {'rich', 'karlint.report.sarif', 'karlint.report.jsonreport'} & set(sys.modules)\n"
        "sys.exit(str(bad) if bad else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
