"""Rule folders: what they say is read, and what is wrong with them is said with the file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from karlint.errors import PolicyError
from karlint.model.rule import Severity
from karlint.reading import parse_yaml
from karlint.rules import load_rules
from tests.rules.support import METADATA, book_of, rego

if TYPE_CHECKING:
    from pathlib import Path

FACT = "# METADATA\n# custom: {looks_up: [Pod], mentions: [word]}\npackage karlint.facts.f\n\nvalue := 1\n"
GOOD = rego("karlint.rules.demo.some_rule")


def test_a_folder_is_read(tmp_path: Path) -> None:
    files = {
        "demo/some-rule/rule.rego": GOOD,
        "lib/a/a.rego": "package karlint.lib.a\n",
        "lib/a/a_test.rego": "package karlint.lib.a_test\n",
        "tables/t.json": '{"x": 1}',
        "tables/workloads/a.json": '{"comment": "", "kinds": {"A": {}}}',
        "tables/workloads/b.json": '{"comment": "", "kinds": {"B": {}}}',
        "facts/f.rego": FACT,
    }
    book = book_of(tmp_path, files)
    rule = book.rules["demo/some-rule"]
    assert (rule.title, rule.severity, rule.kinds) == ("Something is wrong", Severity.WARNING, ("Pod",))
    assert (rule.category, rule.package) == ("demo", "karlint.rules.demo.some_rule")
    assert (rule.since, rule.until, rule.versioned, rule.profile, rule.fix) == (None, None, False, "default", "none")
    assert rule.sources == ("https://example.com/fact",)
    (requirement,) = rule.requirements
    assert (requirement.kar, requirement.id, requirement.levels) == ("KAR-0001", "some_id", {"1.34": "MUST"})
    assert requirement.relation == "derives"
    assert [file.name for file in book.libraries] == ["a.rego"], "tests of libraries are not libraries"
    assert book.tables == {"t": {"x": 1}, "workloads": {"kinds": {"A": {}, "B": {}}}}
    assert [(fact.name, fact.looks_up, fact.mentions) for fact in book.facts] == [("f", ("Pod",), ("word",))]


def test_rules_are_sorted_whatever_their_language(tmp_path: Path) -> None:
    schema = {
        "title": "Some schema",
        "description": "A statement that a schema makes best of all, as it happens.",
        "x-karlint": {"severity": "error", "kinds": ["Pod"], "message": "The field {field} is not as it should be."},
    }
    host = "title: Host rule\ndescription: What karlint itself says, and why it says so.\ncustom: {severity: note}\n"
    files = {
        "demo/z/rule.yaml": host,
        "demo/some-rule/rule.rego": GOOD,
        "demo/a/rule.schema.json": json.dumps(schema),
        "demo/empty/README.md": "",
    }
    rules = book_of(tmp_path, files).rules
    assert list(rules) == ["demo/a", "demo/some-rule", "demo/z"]
    assert [rule.language for rule in rules.values()] == ["schema", "rego", "host"]
    assert rules["demo/z"].logic is None


def changed(old: str, new: str) -> str:
    assert old in METADATA
    return rego("karlint.rules.demo.some_rule", metadata=METADATA.replace(old, new))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("package karlint.rules.demo.some_rule\n", "no METADATA block"),
        ("package karlint.rules.demo.some_rule\n# METADATA\n# title: late\n", "no METADATA block"),
        ("# METADATA\n# title: [\npackage karlint.rules.demo.some_rule\n", "METADATA is not YAML"),
        ("# METADATA\n# just words\npackage karlint.rules.demo.some_rule\n", "no METADATA with a custom section"),
        (changed("custom:", "other:"), "no METADATA with a custom section"),
        (changed("KAR-0001", "KAR-9999"), "KAR-9999 is not in policies/requirements.yaml"),
        (changed("severity: warning", "severity: bad"), "bad"),
        (changed("  severity: warning\n", ""), "severity"),
        (changed("title: Something is wrong\n", ""), "title"),
        (changed("kinds: [Pod]", "kinds: []"), "kinds"),
        (changed("kinds: [Pod]", "kindz: [Pod]"), "kindz"),
        (changed("kinds: [Pod]", "kinds: [Pod]\n  since: '1.34'"), "since"),
        (changed("title: Something is wrong", "title: 7"), "title"),
    ],
)
def test_what_is_wrong_is_said_with_the_file(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(PolicyError) as caught:
        book_of(tmp_path, {"demo/some-rule/rule.rego": text})
    assert words in caught.value.message
    assert "demo/some-rule/rule.rego" in caught.value.message


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("rule.schema.json", "{", "not JSON"),
        ("rule.yaml", "a: [", "not YAML"),
        ("rule.yaml", "title: A\n", "no METADATA"),
    ],
)
def test_other_languages_too(tmp_path: Path, name: str, text: str, words: str) -> None:
    with pytest.raises(PolicyError, match=words) as caught:
        book_of(tmp_path, {f"demo/some-rule/{name}": text})
    assert name in caught.value.message


def test_missing_requirements(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    with pytest.raises(PolicyError, match=r"requirements\.yaml"):
        load_rules(tmp_path, parse_yaml)


@pytest.mark.parametrize("head", ["", "# METADATA\n# title: No custom\n", "# METADATA\n# custom: {looks_up: [Pod]}\n"])
def test_fact_without_metadata(tmp_path: Path, head: str) -> None:
    with pytest.raises(PolicyError, match=r"facts/f\.rego"):
        book_of(tmp_path, {"facts/f.rego": f"{head}package karlint.facts.f\n"})


def test_a_rule_that_uses_the_graph_names_the_kinds_it_reads(tmp_path: Path) -> None:
    uses = METADATA + "  uses: [referrers]\n"
    with pytest.raises(PolicyError, match=r"demo/some-rule/rule\.rego: .*looks_up"):
        book_of(tmp_path, {"demo/some-rule/rule.rego": rego("karlint.rules.demo.some_rule", metadata=uses)})
    text = rego("karlint.rules.demo.some_rule", metadata=uses + "  looks_up: [Service]\n")
    assert book_of(tmp_path, {"demo/some-rule/rule.rego": text}).rules["demo/some-rule"].uses == ("referrers",)
