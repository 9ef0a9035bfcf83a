"""Policies in conftest's manner: the same verdicts as the real conftest."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from karlint.api import lint
from karlint.config import Config, Settings
from karlint.errors import PolicyError, UsageError
from karlint.model.rule import Severity
from karlint.policy import load_policies
from karlint.reading import read_documents
from tests.conftest import ROOT, missing

HERE = Path(__file__).parent
STYLE, DATA, INPUTS = HERE / "conftest_style", HERE / "conftest_data", HERE / "inputs"

MAIN = """\
package main

deny contains msg if {
	input.kind == "Service"
	msg := "no services"
}
"""


@pytest.fixture(scope="session")
def conftest_binary() -> Path:
    binary = ROOT / "tools" / "bin" / "conftest"
    if not binary.is_file():
        missing("tools/bin/conftest", "run `make tools`")
    return binary


def ours(inputs: Path, policy: Path, data: list[Path] = [], namespaces: list[str] = []):  # type: ignore[no-untyped-def] # noqa: B006
    policies = load_policies([policy], data, namespaces, read_documents)
    settings = Settings.from_config(
        inputs, Config(), paths=[str(inputs)], select=["conftest"], jobs=1, policies=policies
    )
    return lint(settings)


def theirs(binary: Path, inputs: Path, files: list[Path], data: Path) -> Counter[tuple[str, str, str]]:
    """Return (file, severity, message) of what conftest finds; *files* are all of one version of Rego."""
    found: Counter[tuple[str, str, str]] = Counter()
    for version, chosen in (("v0", [f for f in files if is_v0(f)]), ("v1", [f for f in files if not is_v0(f)])):
        shared = [file for file in files if file.name == "e_exception.rego"]  # of both versions, by its import
        command = [
            str(binary),
            "test",
            "--all-namespaces",
            "--rego-version",
            version,
            "-o",
            "json",
            "--data",
            str(data),
        ]
        for file in dict.fromkeys([*chosen, *shared]):
            command += ["--policy", str(file)]
        done = subprocess.run([*command, *map(str, sorted(inputs.iterdir()))], capture_output=True, check=False)
        for result in json.loads(done.stdout):
            for key, severity in (("failures", "error"), ("warnings", "warning")):
                for item in result.get(key) or ():
                    found[Path(result["filename"]).name, severity, item["msg"]] += 1
    return found


def is_v0(file: Path) -> bool:
    from karlint.policy.modules import read_module  # noqa: PLC0415

    return read_module(str(file), file.read_text()).v0


def test_the_real_conftest_says_the_same(conftest_binary: Path) -> None:
    files = sorted(STYLE.glob("*.rego"))
    assert len(files) == 12
    report = ours(INPUTS, STYLE, [DATA])
    assert report.failures == ()
    found = Counter((item.location.path, item.severity.value, item.message) for item in report.findings)
    expected = theirs(conftest_binary, INPUTS, files, DATA)
    assert found == expected
    assert len(found) > 12
    assert {item.rule for item in report.findings} > {"conftest/main-deny", "conftest/main-warn-owner"}


def test_both_versions_are_told_apart_by_themselves() -> None:
    versions = {file.name: is_v0(file) for file in STYLE.glob("*.rego")}
    assert {name for name, v0 in versions.items() if v0} == {
        "b_set_v0.rego",
        "d_suffixes.rego",
        "i_else_and_functions.rego",
        "j_defaults.rego",
    }


def test_findings_stand_where_the_policy_says_or_at_what_it_reads() -> None:
    report = ours(INPUTS, STYLE, [DATA])
    by_rule = {(item.rule, item.location.path): item for item in report.findings}
    told = by_rule["conftest/main-violation", "deployment.yaml"]
    assert (told.location.span.line, told.location.exact) == (16, True)
    guessed = by_rule["conftest/main-warn", "deployment.yaml"]
    assert (guessed.location.span.line, guessed.location.exact) == (8, False)
    assert guessed.at == ("spec", "replicas")


def test_packages_can_be_chosen() -> None:
    report = ours(INPUTS, STYLE, [DATA], ["nested"])
    assert {item.rule for item in report.findings} == {"conftest/nested-deny"}


def test_severities_and_suppressions_are_as_for_any_rule(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "main.rego").write_text(MAIN)
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    text = (
        (INPUTS / "jobs.yaml")
        .read_text()
        .replace("kind: Service", "kind: Service # karlint: ignore[conftest/main-deny] a")
    )
    (inputs / "jobs.yaml").write_text(text)
    report = ours(inputs, tmp_path / "p")
    assert report.findings == ()
    (item,) = report.suppressed
    assert (item.rule, item.severity, item.suppressed) == ("conftest/main-deny", Severity.ERROR, "a")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("package main\n\ndeny contains if {", "does not parse"),
        ("deny := []\n", "there is no package"),
        ("package main\n\ndeny contains msg if msg := http.send({}).body\n", "http.send is not allowed"),
        ("package main\n\ndeny[msg] { msg := opa.runtime().env.HOME }\n", "opa.runtime is not allowed"),
    ],
)
def test_a_policy_that_is_wrong_is_told_with_its_file(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "main.rego").write_text(text)
    with pytest.raises(PolicyError) as caught:
        ours(INPUTS, tmp_path)
    assert words in str(caught.value)
    assert "main.rego" in str(caught.value)


def test_what_a_comment_or_text_says_is_no_call(tmp_path: Path) -> None:
    text = MAIN.replace("no services", "http.send is bad") + "\n# opa.runtime() would tell\n"
    (tmp_path / "main.rego").write_text(text)
    assert [item.message for item in ours(INPUTS, tmp_path).findings] == ["http.send is bad"]


@pytest.mark.parametrize("text", ['deny := "no"', "deny := {1, 2}", 'deny := {"a": "b"}', "deny := {{}}"])
def test_an_answer_of_another_shape_is_a_failure_of_that_rule(text: str, tmp_path: Path) -> None:
    (tmp_path / "main.rego").write_text(MAIN.replace("deny", "warn") + f"\n{text}\n")
    report = ours(INPUTS, tmp_path)
    assert {failure.rule for failure in report.failures} == {"conftest/main-deny"}
    assert report.exit_code == 3
    assert [item.rule for item in report.findings] == ["conftest/main-warn"]


SLOW = """\
package slow

deny contains msg if {
	some a in numbers.range(1, 3000)
	some b in numbers.range(1, 3000)
	some c in numbers.range(1, 3000)
	a * b == c - 9000000
	msg := "never"
}
"""
HUNGRY = """\
package hungry

deny contains msg if {
	all := [x | some a in numbers.range(1, 4000); some b in numbers.range(1, 4000); x := [a, b]]
	count(all) < 0
	msg := "never"
}
"""


def test_a_rule_without_bounds_is_stopped_and_the_others_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("karlint.policy.run.run_policies.__defaults__", (1.0, 1 << 30))
    (tmp_path / "slow.rego").write_text(SLOW)
    (tmp_path / "main.rego").write_text(MAIN)
    report = ours(INPUTS, tmp_path)
    assert [failure.rule for failure in report.failures] == ["conftest/slow-deny"]
    assert "took longer than" in report.failures[0].message
    assert [item.rule for item in report.findings] == ["conftest/main-deny"]


def test_a_rule_that_takes_too_much_memory_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("karlint.policy.run.run_policies.__defaults__", (60.0, 200 << 20))
    (tmp_path / "hungry.rego").write_text(HUNGRY)
    report = ours(INPUTS, tmp_path)
    assert [failure.message for failure in report.failures] == ["it took more than 200 MiB of memory"]


def test_no_policy_is_wrong_usage(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(UsageError):
            ours(INPUTS, path)
    with pytest.raises(UsageError, match="package called other"):
        ours(INPUTS, STYLE, [DATA], ["other"])


def test_data_that_contradicts_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("teams: {prefixes: [x]}\n")
    with pytest.raises(PolicyError, match="prefixes is set by another data file too"):
        ours(INPUTS, STYLE, [DATA, tmp_path])
