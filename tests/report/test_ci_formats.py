"""The reports for CI systems: well formed by their own rules, whatever the repository holds."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from karlint.model.finding import Location
from karlint.model.report import RuleFailure
from karlint.model.rule import Severity
from karlint.model.source import Span
from karlint.report import render
from karlint.report.markdown import LIMIT

from .build import EMPTY, REPORT, finding, read_lines

if TYPE_CHECKING:
    from karlint.model.report import Report

EVIL = (
    "100% ::error::x, a:b;c]d\r\n::add-mask::y ##[error]z "
    "##vso[task.setvariable]v | `q` <b> @team\x1b[31m \u202e \ud800 \x00"
)


def hostile() -> Report:
    found = [
        replace(
            finding(3, 1, 4),
            location=Location(path, Span(3, 1, 3, 4)),
            message=EVIL,
            help=EVIL,
            fingerprint=f"{number:032x}",
        )
        for number, path in enumerate(["a,b:c%.yaml", "x\ny.yaml", "::error::.yaml", "世界/\udcff.yaml", "p`|q.yaml"])
    ]
    return replace(REPORT, findings=tuple(found), notices=(EVIL,), failures=(RuleFailure("a/b", EVIL, EVIL),))


def text(report: Report, output: str) -> str:
    return render(output, report, read_lines).decode("utf-8")


COMMAND = re.compile(r"^::(error|warning|notice) ((?:[a-zA-Z]+=[^,:]*,)*[a-zA-Z]+=[^,:]*)::(.*)$")


@pytest.mark.parametrize("report", [REPORT, hostile()])
def test_github_lines_are_one_command_each_and_nothing_else_is_one(report: Report) -> None:
    *commands, summary = text(report, "github").splitlines()
    assert len(commands) == len(report.findings) + len(report.failures) + len(report.notices)
    assert not re.search(r"^\s*::|##\[|##vso\[", summary)
    for line in commands:
        match = COMMAND.match(line)
        assert match is not None, line
        assert not re.search(r"%(?!25|0D|0A|3A|2C)", match[2] + match[3])
        assert "\x1b" not in line
        assert "\u202e" not in line


def test_github_gets_paths_back_as_they_are() -> None:
    line = next(line for line in text(hostile(), "github").splitlines() if "a%2Cb" in line)
    match = COMMAND.match(line)
    assert match is not None
    properties = dict(item.split("=", 1) for item in match[2].split(","))
    assert unquote(properties["file"]) == "a,b:c%.yaml"
    assert properties["line"] == "3"


def test_github_shows_the_worst_first_and_no_columns_across_lines() -> None:
    lines = text(REPORT, "github").splitlines()
    levels = [line.split(" ")[0] for line in lines if line.startswith("::") and "file=" in line]
    assert levels == sorted(levels, key=["::error", "::warning", "::notice"].index)
    across = next(line for line in lines if "line=13," in line)
    assert "col=" not in across


@pytest.mark.parametrize("report", [REPORT, hostile()])
def test_azure_commands_end_where_they_should(report: Report) -> None:
    for line in text(report, "azure").splitlines():
        if line.startswith("##vso["):
            head, _, message = line.partition("]")
            assert head.startswith("##vso[task.logissue type=")
            assert "##vso[" not in head[6:]
            assert "\r" not in message
        else:
            assert "##vso[" not in line


def test_azure_knows_no_notes() -> None:
    lines = text(REPORT, "azure").splitlines()
    assert sum(line.startswith("##vso[") for line in lines) == len(REPORT.failures) + sum(
        item.severity is not Severity.NOTE for item in REPORT.findings
    )


@pytest.mark.parametrize("report", [REPORT, hostile(), EMPTY])
def test_gitlab_has_what_it_requires(report: Report) -> None:
    issues = json.loads(text(report, "gitlab"))
    assert len(issues) == len(report.findings) + len(report.failures)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        place = issue["location"]
        assert not place["path"].startswith(("/", "./"))
        begin = place["lines"]["begin"] if "lines" in place else place["positions"]["begin"]["line"]
        assert begin >= 1


# Elements of the JUnit schema that Jenkins checks with (jenkinsci/xunit-plugin, junit-10.xsd): required and optional
# attributes, and children.
JUNIT: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": (
        {"name"},
        {"time", "classname", "group"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    **{name: (set(), {"type", "message"}, set()) for name in ("failure", "error", "skipped")},
    "system-out": (set(), set(), set()),
}


@pytest.mark.parametrize("report", [REPORT, hostile(), EMPTY])
def test_junit_is_valid_and_its_counts_are_true(report: Report) -> None:
    root = ElementTree.fromstring(text(report, "junit"))
    assert root.tag == "testsuites"
    for element in root.iter():
        required, optional, children = JUNIT[element.tag]
        assert required <= set(element.attrib) <= required | optional
        assert {child.tag for child in element} <= children
    assert int(root.attrib["tests"]) == len(root.findall(".//testcase")) > 0
    assert int(root.attrib["failures"]) == len(root.findall(".//failure"))
    assert int(root.attrib["errors"]) == len(report.failures) == len(root.findall(".//error"))
    for suite in root:
        assert int(suite.attrib["tests"]) == len(suite.findall("testcase"))
        assert int(suite.attrib["skipped"]) == len(suite.findall(".//skipped"))
        assert int(suite.attrib["failures"]) == len(suite.findall(".//failure"))


def test_markdown_lets_nothing_of_the_repository_be_markup() -> None:
    shown = text(hostile(), "markdown")
    for line in shown.splitlines():
        bare = re.sub(r"``* ?.*?``*", "", line)
        assert not re.search(r"(?<!\\)<(?!/?sub>|!-- -->)", bare), line
        assert "@team" not in line
    assert "\x1b" not in shown


def test_markdown_counts_by_environment() -> None:
    both = finding(7, 3, 11, severity=Severity.ERROR, environments=("apps/prod", "apps/d|ev"))
    one = finding(8, 3, 11, severity=Severity.WARNING, environments=("apps/prod",))
    plain = finding(9, 3, 11, severity=Severity.NOTE)
    shown = text(replace(REPORT, findings=(both, one, plain)), "markdown")
    table = [line for line in shown.splitlines() if line.startswith("|")]
    assert table[-5:] == [
        "| Environment | Errors | Warnings | Notes |",
        "|---|---:|---:|---:|",
        "| (manifests as written) | 0 | 0 | 1 |",
        r"| apps/d\|ev | 1 | 0 | 0 |",
        "| apps/prod | 1 | 1 | 0 |",
    ]
    assert "Environment" not in text(replace(REPORT, findings=(plain,)), "markdown")


def test_markdown_is_cut_at_githubs_limit_and_says_so() -> None:
    many = [
        finding(7, 3, 11, severity=(Severity.ERROR, Severity.NOTE)[number % 2], fingerprint=f"{number:032x}")
        for number in range(20_000)
    ]
    shown = text(replace(REPORT, findings=tuple(many)), "markdown")
    assert LIMIT * 0.9 < len(shown.encode()) <= LIMIT
    left_out = re.search(r"\*\*([\d,]+) more findings of equal or lesser severity left out", shown)
    assert left_out is not None
    assert shown.count("- **dra/request-without-limit**") + int(left_out[1].replace(",", "")) == 20_000
