"""The other commands."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from karlint.prepared import load_rule_book
from karlint.reading import parse_yaml
from karlint.rules import data_dir, load_rules
from tests.cli.support import NO_LIMIT, Repository

if TYPE_CHECKING:
    from pathlib import Path

RULES = list(load_rule_book().rules.values())


def _ids(text: str) -> list[str]:
    return [line.split()[0] for line in text.splitlines() if "/" in line.partition(" ")[0]]


def test_rules_lists_every_rule_once(repository: Repository) -> None:
    ran = repository.run("rules")
    assert _ids(ran.out) == [rule.id for rule in RULES]
    assert f"{len(RULES)} rules." in ran.out


@pytest.mark.parametrize("columns", ["80", "100", "200"])
def test_rules_keeps_to_the_width(repository: Repository, columns: str) -> None:
    lines = repository.run("rules", COLUMNS=columns).out.splitlines()
    assert max(map(len, lines)) <= int(columns)


def test_rules_cuts_nothing_in_a_pipe(repository: Repository) -> None:
    out = repository.run("rules").out
    assert all(rule.title in out for rule in RULES)
    assert "KAR-0051 KAR-0049" in out


def test_rules_of_a_category_a_requirement_a_kind(repository: Repository) -> None:
    assert _ids(repository.run("rules", "--category", "dra").out) == [
        rule.id for rule in RULES if rule.category == "dra"
    ]
    for name in ("KAR-0053", "kar-0053", "gang_scheduling"):
        found = _ids(repository.run("rules", "--kar", name).out)
        assert found == [rule.id for rule in RULES if any(item.kar == "KAR-0053" for item in rule.requirements)]
    assert _ids(repository.run("rules", "--kind", "LocalQueue").out) == ["queue/chain-broken"]
    assert "quota/counts-nothing" in _ids(repository.run("rules", "--kind", "resourcequota").out)


@pytest.mark.parametrize(("option", "value"), [("--category", "drs"), ("--kar", "KAR-9999"), ("--kind", "Nothing")])
def test_a_filter_that_matches_no_rule_is_wrong_usage(repository: Repository, option: str, value: str) -> None:
    ran = repository.run("rules", option, value)
    assert ran.code == 2
    assert value in ran.err


def test_rules_as_json_hold_all_metadata(repository: Repository) -> None:
    listed = json.loads(repository.run("rules", "--json").out)
    assert [item["id"] for item in listed] == [rule.id for rule in RULES]
    assert all(item["title"] and item["description"] and item["severity"] for item in listed)


@pytest.mark.parametrize("rule", ["dra/claim-not-found", "serving/liveness-kills-load", "core/syntax-error"])
def test_explain_tells_what_the_folder_says(repository: Repository, rule: str) -> None:
    ran = repository.run("explain", rule, COLUMNS="80")
    known = next(item for item in RULES if item.id == rule)
    assert ran.code == 0
    assert known.title in ran.out
    assert "{{" not in ran.out
    for name in known.params:
        assert f"`{name}` (default `" in ran.out
    too_long = [line for line in ran.out.splitlines() if len(line) > 80 and not line.startswith(("- <http", "- `"))]
    assert too_long == []


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("dra/claim-not-fond", "dra/claim-not-found"),
        ("claim-not-found", "dra/claim-not-found"),
        ("DRA/claim-not-found", "dra/"),
    ],
)
def test_explain_suggests(repository: Repository, typo: str, meant: str) -> None:
    ran = repository.run("explain", typo)
    assert (ran.code, ran.out) == (2, "")
    assert f"Did you mean {meant}" in ran.err


def test_explain_points_to_the_list_where_nothing_is_near(repository: Repository) -> None:
    assert "`karlint rules` lists them all." in repository.run("explain", "zzz").err


def test_init_writes_what_check_reads_without_complaint(repository: Repository) -> None:
    repository.write("app.yaml", NO_LIMIT)
    before = repository.run("check").found()
    assert repository.run("init").code == 0
    ran = repository.run("check")
    assert (ran.code, ran.err, ran.found()) == (1, "", before)


def test_what_init_comments_out_is_right_too(repository: Repository) -> None:
    """Uncommented, the examples must satisfy the schema, the rules and their parameters."""
    repository.run("init")
    file = repository.root / ".karlint.yaml"
    lines = []
    for line in file.read_text("utf-8").splitlines():
        if line.startswith("#  "):
            lines[-1] = lines[-1].removesuffix(" {}").removesuffix(" []")
            lines.append(line.removeprefix("#"))
        else:
            lines.append(line)
    assert sum(line.startswith("  ") for line in lines) > 8, "there are examples"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    repository.write("app.yaml", NO_LIMIT)
    ran = repository.run("check")
    assert (ran.code, ran.err) == (1, "")


def test_init_replaces_nothing_unasked(repository: Repository) -> None:
    repository.write(".karlint.yaml", "fail_on: never\n")
    ran = repository.run("init")
    assert ran.code == 2
    assert "--force" in ran.err
    assert (repository.root / ".karlint.yaml").read_text("utf-8") == "fail_on: never\n"
    assert repository.run("init", "--force").code == 0
    assert "kubernetes_versions" in (repository.root / ".karlint.yaml").read_text("utf-8")


def test_init_in_a_directory_that_is_not_there(repository: Repository) -> None:
    ran = repository.run("init", "nowhere")
    assert ran.code == 2
    assert "nowhere is not a directory" in ran.err


def test_doctor_tells_what_a_run_would_do(repository: Repository) -> None:
    repository.write("app.yaml", NO_LIMIT)
    repository.write("chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n")
    ran = repository.run("doctor")
    assert (ran.code, ran.err) == (0, "")
    assert "missing" not in ran.out
    assert "A run from here would lint 1 file and skip 1:" in ran.out
    assert "1  Helm chart metadata" in ran.out


@pytest.mark.parametrize("name", ["config", "input", "report", "rule"])
def test_schema_prints_a_valid_schema(repository: Repository, name: str) -> None:
    ran = repository.run("schema", name)
    assert ran.code == 0
    Draft202012Validator.check_schema(json.loads(ran.out))


def test_schema_of_something_else(repository: Repository) -> None:
    ran = repository.run("schema", "sarif")
    assert ran.code == 2
    assert "sarif" in ran.err


def test_version(repository: Repository) -> None:
    assert repository.run("--version").out == "karlint 0.1.0\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_completes_commands(repository: Repository, shell: str) -> None:
    """What the script that --show-completion prints asks of karlint."""
    words = {"COMP_WORDS": "karlint che", "COMP_CWORD": "1", "_TYPER_COMPLETE_ARGS": "karlint che"}
    words["_TYPER_COMPLETE_FISH_ACTION"] = "get-args"
    ran = repository.run(_KARLINT_COMPLETE=f"complete_{shell}", **words)
    assert "check" in ran.out
    assert "--install-completion" in repository.run("--help").out
    assert "--show-completion" in repository.run("--help").out


COMMANDS = [
    [],
    ["check"],
    ["rules"],
    ["explain"],
    ["init"],
    ["doctor"],
    ["migrate"],
    ["migrate", "dra"],
    ["schema"],
    ["schema", "import"],
    ["dev"],
    ["dev", "new-rule"],
    ["dev", "docs"],
    ["dev", "schemas"],
]


@pytest.mark.parametrize("columns", ["80", "110"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command) or "karlint")
def test_help_is_readable(repository: Repository, command: list[str], columns: str) -> None:
    ran = repository.run(*command, "--help", COLUMNS=columns)
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert max(map(len, lines)) <= int(columns)
    assert not [line for line in lines if line.endswith("...") and not line.startswith("Usage")], (
        "a summary that is cut off teaches nothing"
    )
    assert "list[" not in "".join(line for line in lines if line.lstrip().startswith("-")), (
        "types of Python are not for users"
    )


def test_examples_in_the_help_stand_in_lines_of_their_own(repository: Repository) -> None:
    lines = repository.run("check", "--help", COLUMNS="80").out.splitlines()
    start = lines.index("  Examples:")
    assert lines[start + 1].split() == ["karlint", "check", "the", "whole", "repository"]
    assert all("karlint check" in line for line in lines[start + 1 : start + 5])


# ---- for those who write rules ----


def test_a_new_rule_loads_and_agrees_with_its_examples(repository: Repository, tmp_path: Path) -> None:
    data = tmp_path / "data"
    policies = data / "policies"
    policies.mkdir(parents=True)
    (data / "schemas").symlink_to(data_dir() / "schemas")
    for name in ("requirements.yaml", "tables"):
        (policies / name).symlink_to(data_dir() / "policies" / name)
    ran = repository.run("dev", "new-rule", "serving/some-defect", "--policies", str(policies))
    assert ran.code == 0
    book = load_rules(data, parse_yaml)
    assert list(book.rules) == ["serving/some-defect"]
    examples = policies / "serving" / "some-defect" / "examples"
    bad, good = (_judge(data, examples / name) for name in ("bad-first.yaml", "good-first.yaml"))
    marked = next(
        number
        for number, line in enumerate((examples / "bad-first.yaml").read_text("utf-8").splitlines(), 1)
        if line.endswith("# expect: serving/some-defect")
    )
    assert (bad, good) == ([marked], [])


def _judge(data: Path, manifest: Path) -> list[int]:
    """Lines at which the only rule of *data* finds fault with *manifest*."""
    script = (
        "import sys; from pathlib import Path; import karlint.api as api; import karlint.prepared as prepared\n"
        "data = Path(sys.argv[1]); manifest = Path(sys.argv[2])\n"
        "from karlint.config import Settings\n"
        "book = prepared.load_rules(data, prepared.parse_yaml); prepared.load_rule_book = lambda: book\n"
        "report = api.lint(Settings(root=manifest.parent, paths=(str(manifest),)))\n"
        "assert not report.failures, report.failures\n"
        "print([f.location.span.line for f in report.findings if f.rule in book.rules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script, data, manifest], capture_output=True, text=True, check=True)
    found: list[int] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", ["no-category", "Dra/x", "dra/", "dra/a/b", "../x"])
def test_a_new_rule_needs_a_proper_name(repository: Repository, name: str) -> None:
    ran = repository.run("dev", "new-rule", name)
    assert ran.code == 2
    assert "is not CATEGORY/NAME" in ran.err


def test_a_new_rule_replaces_none(repository: Repository) -> None:
    repository.run("dev", "new-rule", "dra/x")
    assert repository.run("dev", "new-rule", "dra/x").code == 2
