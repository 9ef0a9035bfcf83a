"""SARIF: valid by the standard's schema and by Microsoft's validator, and shaped as GitHub reads it."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from msgspec.structs import replace

from karlint.model.finding import Finding, Location
from karlint.model.rule import Requirement, Severity
from karlint.model.source import Span
from karlint.report import ReportOptions, render_sarif
from karlint.report.sarif import MAX_RESULTS, region, uri

from .build import EMPTY, REPORT, RULES, finding, read_lines, rule

if TYPE_CHECKING:
    from karlint.model.report import Report

NODE = Path(__file__).parents[1] / "node"
TOOL = NODE / "node_modules" / "@microsoft" / "sarif-multitool-linux"
DISMISSED = {"SARIF2005"}
"""Warnings that we live with: SARIF2005 wants a home page for the tool, which it does not have yet."""


def run_of(report: Report, **options: Any) -> dict[str, Any]:
    log = json.loads(render_sarif(report, read_lines, ReportOptions(**options)))
    assert len(log["runs"]) == 1
    return dict(log["runs"][0])


def hostile() -> Report:
    """Names that would break URIs, links, JSON and Markdown."""
    paths = ["a b/[x]#?%41.yaml", "a:b.yaml", "\udcff.yaml", "世界/🚀.yaml", "<stdin>", "..\\x.yaml"]
    text = "See [me](https://evil.example) {0} \ud800 \x1b[31m \u202e ```"
    found = [replace(finding(1, 1, 2), location=Location(path, Span(1, 1, 1, 2)), message=text) for path in paths]
    return replace(REPORT, findings=tuple(found), skipped=(), notices=(text,))


def many() -> Report:
    place = REPORT.findings[0].location
    notes = [finding(7, 3, 11, severity=Severity.NOTE, location=place, fingerprint=f"{0:032x}")]
    levels = (Severity.WARNING, Severity.ERROR)
    others = [
        finding(7, 3, 11, severity=levels[number % 2], location=place, fingerprint=f"{number:032x}")
        for number in range(1, MAX_RESULTS + 1)
    ]
    return replace(REPORT, findings=(*notes, *others))


def many_words() -> Report:
    """Two thousand findings that do not compress well; the errors among them are a good half of it."""
    found = [
        finding(
            7,
            3,
            11,
            severity=Severity.NOTE if number % 3 == 0 else Severity.ERROR,
            message=hashlib.sha256(str(number).encode()).hexdigest() * 2,
            fingerprint=hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest(),
        )
        for number in range(2_000)
    ]
    return replace(REPORT, findings=tuple(found))


REPORTS = {"full": REPORT, "empty": EMPTY, "hostile": hostile()}


@pytest.fixture(scope="session")
def multitool() -> Path:
    """Microsoft's validator, installed by npm into tests/node on first use."""
    if not (TOOL / "Sarif.Multitool").is_file():
        if shutil.which("npm") is None:
            if os.environ.get("CI"):
                pytest.fail("npm is needed to validate SARIF")
            pytest.skip("npm is not installed, so SARIF is not validated")
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=NODE, check=True, capture_output=True)
    binary = TOOL / "Sarif.Multitool"
    binary.chmod(binary.stat().st_mode | 0o100)
    return binary


def validate(multitool: Path, log: bytes, folder: Path) -> dict[str, set[str]]:
    """Return the validator's rule ids by level."""
    source, result = folder / "report.sarif", folder / "verdict.sarif"
    source.write_bytes(log)
    command = [multitool, "validate", source, "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning", "-o", result]
    done = subprocess.run([*map(str, command), "--log", "ForceOverwrite"], capture_output=True, text=True, check=False)
    assert result.is_file(), done.stdout + done.stderr
    run = json.loads(result.read_text("utf-8-sig"))["runs"][0]
    levels: dict[str, set[str]] = {}
    for found in run.get("results", []):
        levels.setdefault(found.get("level", "warning"), set()).add(found["ruleId"])
    return levels


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("options", [ReportOptions(), ReportOptions(suppressed=True, category="prod")])
def test_the_validator_finds_nothing(name: str, options: ReportOptions, multitool: Path, tmp_path: Path) -> None:
    levels = validate(multitool, render_sarif(REPORTS[name], read_lines, options), tmp_path)
    assert levels.get("error", set()) == set()
    assert levels.get("warning", set()) <= DISMISSED


def test_the_validator_finds_nothing_in_a_report_that_was_cut(multitool: Path, tmp_path: Path) -> None:
    levels = validate(multitool, render_sarif(many(), read_lines), tmp_path)
    assert levels.get("error", set()) == set()
    assert levels.get("warning", set()) <= DISMISSED


def test_the_validator_finds_nothing_in_a_run_over_real_manifests(
    corpus: Path, multitool: Path, tmp_path: Path
) -> None:
    project = corpus / "kubernetes-sigs__kueue"
    command = [sys.executable, "-m", "karlint", "check", "--no-render", "--no-config", "-f", "sarif"]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    done = subprocess.run(command, cwd=project, env=environ, capture_output=True, check=False)
    assert done.returncode in {0, 1, 3}, done.stderr
    log = done.stdout
    assert len(json.loads(log)["runs"][0]["results"]) > 10
    levels = validate(multitool, log, tmp_path)
    assert levels.get("error", set()) == set()
    assert levels.get("warning", set()) <= DISMISSED


def test_the_validator_can_fail(multitool: Path, tmp_path: Path) -> None:
    log = json.loads(render_sarif(REPORT, read_lines))
    del log["runs"][0]["results"][0]["message"]
    log["runs"][0]["results"][1]["ruleIndex"] = 99
    log["runs"][0]["results"][2]["locations"] = []
    assert validate(multitool, json.dumps(log).encode(), tmp_path)["error"] != set()


@pytest.mark.parametrize("name", REPORTS)
def test_the_standards_schema_accepts_it(name: str, multitool: Path) -> None:
    schema = json.loads((multitool.parent / "sarif-2.1.0.json").read_text("utf-8-sig"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    log = json.loads(render_sarif(REPORTS[name], read_lines, ReportOptions(suppressed=True)))
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(log)] == []
    log["runs"][0]["columnKind"] = "bytes"
    assert not validator.is_valid(log)


def test_rules_are_the_enabled_ones_sorted_and_results_point_at_them() -> None:
    run = run_of(REPORT)
    rules = run["tool"]["driver"]["rules"]
    assert [item["id"] for item in rules] == sorted(RULES)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_a_finding_of_a_rule_that_is_not_listed_gets_a_descriptor() -> None:
    run = run_of(replace(REPORT, rules={}))
    assert {item["id"] for item in run["tool"]["driver"]["rules"]} == {item.rule for item in REPORT.findings}


def test_only_access_rules_are_security_rules() -> None:
    rules = {item["id"]: item["properties"] for item in run_of(REPORT)["tool"]["driver"]["rules"]}
    assert [name for name, properties in rules.items() if "security-severity" in properties] == ["access/host-devices"]
    assert 0 < float(rules["access/host-devices"]["security-severity"]) <= 10
    assert rules["serving/no-autoscaling"]["problem.severity"] == "recommendation"


def test_texts_and_tags_stay_within_githubs_limits() -> None:
    wordy = rule(
        "dra/wordy",
        title="t" * 2000,
        description="d" * 5000,
        requirements=tuple(Requirement(f"KAR-{number:04}", "", {}, "derives") for number in range(30)),
    )
    (shown,) = run_of(replace(EMPTY, rules={wordy.id: wordy}))["tool"]["driver"]["rules"]
    assert len(shown["shortDescription"]["text"]) <= 1024
    assert len(shown["fullDescription"]["text"]) <= 1024
    assert len(shown["properties"]["tags"]) == 10


def test_every_region_is_one_line() -> None:
    for result in run_of(REPORT)["results"]:
        where = result["locations"][0]["physicalLocation"]["region"]
        assert where["startLine"] == where["endLine"]
        assert where["endColumn"] > where["startColumn"]


@pytest.mark.parametrize(
    ("line", "span", "expected"),
    [
        ("a: b\r\n", Span(1, 4, 1, 5), (4, 5)),
        ("🚀🚀: b\n", Span(1, 5, 1, 6), (7, 8)),
        ("a: 🚀x\n", Span(1, 4, 1, 6), (4, 7)),
        ("世界: b", Span(1, 5, 1, 6), (5, 6)),
        ("\ufeffa: b", Span(1, 4, 1, 5), (4, 5)),
        ("🚀: \r\n", Span(1, 1, 4, 2), (1, 4)),
        ("a: b", Span(1, 2, 1, 2), (2, 3)),
        ("", Span(1, 5, 1, 9), (5, 9)),
    ],
)
def test_columns_are_utf16(line: str, span: Span, expected: tuple[int, int]) -> None:
    found = region(Location("a.yaml", span), [line])
    assert (found["startColumn"], found["endColumn"]) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("queues/team a [1].yaml", "queues/team%20a%20%5B1%5D.yaml"),
        ("a:b%.yaml", "a%3Ab%25.yaml"),
        ("世.yaml", "%E4%B8%96.yaml"),
        ("\udcff.yaml", "%FF.yaml"),
        ("<stdin>", "%3Cstdin%3E"),
    ],
)
def test_paths_are_uri_references(path: str, expected: str) -> None:
    assert uri(path) == expected


def test_both_fingerprints_are_there() -> None:
    run = run_of(REPORT)
    prints = run["results"][0]["partialFingerprints"]
    assert prints["karlint/v1"] == REPORT.findings[0].fingerprint
    assert prints["primaryLocationLineHash"].endswith(":1")
    gone = json.loads(render_sarif(REPORT, lambda _path: ()))["runs"][0]["results"][0]["partialFingerprints"]
    assert list(gone) == ["karlint/v1"]


def test_the_line_hash_is_the_same_for_both_line_ends() -> None:
    def hashes(end: str) -> list[str]:
        lines = [line.rstrip("\r\n") + end for line in read_lines("apps/llm/deploy.yaml")]
        results = json.loads(render_sarif(REPORT, lambda _path: lines))["runs"][0]["results"]
        return [item["partialFingerprints"]["primaryLocationLineHash"] for item in results]

    assert hashes("\n") == hashes("\r\n")


def test_related_locations_are_linked_from_the_message() -> None:
    result = next(item for item in run_of(REPORT)["results"] if "relatedLocations" in item)
    assert "See [the queue (it) names](1)." in result["message"]["text"]
    assert [place["id"] for place in result["relatedLocations"]] == [1]


def test_text_of_the_repository_makes_no_link() -> None:
    for result in run_of(hostile())["results"]:
        assert "](" not in result["message"]["text"]


def test_suppressed_findings_are_left_out_unless_asked_for() -> None:
    assert not any("suppressions" in item for item in run_of(REPORT)["results"])
    shown = [item for item in run_of(REPORT, suppressed=True)["results"] if "suppressions" in item]
    assert shown[0]["suppressions"] == [{"kind": "inSource", "justification": "pinned by the platform team"}]


def test_the_category_is_left_to_the_upload_unless_given() -> None:
    assert "automationDetails" not in run_of(REPORT)
    assert run_of(REPORT, category="clusters/prod")["automationDetails"] == {"id": "clusters/prod/"}


def test_the_invocation_tells_failures_and_what_was_skipped() -> None:
    invocation = run_of(REPORT)["invocations"][0]
    assert not invocation["executionSuccessful"]
    texts = [note["message"]["text"] for note in invocation["toolExecutionNotifications"]]
    assert sum("could not be evaluated" in text for text in texts) == len(REPORT.failures)
    assert "2 files skipped: Helm chart template." in texts
    assert run_of(EMPTY)["invocations"] == [{"executionSuccessful": True, "exitCode": 0}]


def test_an_approximate_place_is_marked() -> None:
    marked = [item["properties"].get("approximate", False) for item in run_of(REPORT)["results"]]
    assert marked == [not item.location.exact for item in REPORT.findings]


def test_one_result_too_many_costs_the_least_severe_and_is_told() -> None:
    run = run_of(many())
    assert len(run["results"]) == MAX_RESULTS
    assert {result["level"] for result in run["results"]} == {"error", "warning"}
    texts = [note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]]
    assert any(text.startswith("1 result of lesser severity left out") for text in texts)


def test_a_report_that_is_too_large_costs_the_least_severe_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = render_sarif(many_words(), read_lines)
    monkeypatch.setattr("karlint.report.sarif.MAX_GZIPPED", len(gzip.compress(whole)) // 2)
    cut = render_sarif(many_words(), read_lines)
    assert len(gzip.compress(whole)) // 3 < len(gzip.compress(cut)) <= len(gzip.compress(whole)) // 2
    run = json.loads(cut)["runs"][0]
    left = len(many_words().findings) - len(run["results"])
    assert {result["level"] for result in run["results"]} == {"error"}
    texts = [note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]]
    assert any(text.startswith(f"{left:,} results of lesser severity left out") for text in texts)


def test_one_result_that_is_too_large_ends_in_an_empty_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("karlint.report.sarif.MAX_GZIPPED", 10)
    assert json.loads(render_sarif(REPORT, read_lines))["runs"][0]["results"] == []


def test_what_a_baseline_knows_is_suppressed_from_outside() -> None:
    known = replace(finding(7, 3, 11), suppressed="in the baseline", external=True)
    (result,) = run_of(replace(REPORT, findings=(), suppressed=(known,)), suppressed=True)["results"]
    assert result["suppressions"] == [{"kind": "external", "justification": "in the baseline"}]


def test_results_are_in_report_order_also_when_capped() -> None:
    def order(item: dict[str, Any]) -> tuple[Any, ...]:
        place = item["locations"][0]["physicalLocation"]
        return (
            place["artifactLocation"]["uri"],
            place["region"]["startLine"],
            item["partialFingerprints"]["karlint/v1"],
        )

    for report in (REPORT, many()):
        results = run_of(report)["results"]
        assert results == sorted(results, key=order)


def test_reports_with_the_same_findings_are_equal_whatever_their_order() -> None:
    turned: tuple[Finding, ...] = tuple(reversed(REPORT.findings))
    assert render_sarif(replace(REPORT, findings=turned), read_lines) == render_sarif(REPORT, read_lines)
