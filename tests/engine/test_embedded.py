"""Evaluation of Rego: what a rule finds, for which versions, and that what goes wrong is never a clean bill."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from karlint.engine import EmbeddedEngine, Target, work_out_facts
from karlint.errors import PolicyError
from karlint.model.finding import RawFinding, RawRelated
from karlint.model.fix import Operation, OperationKind
from karlint.model.report import RuleFailure
from karlint.model.rule import Severity
from karlint.model.source import Anchor
from tests.inventory.support import inventory_of, pod
from tests.rules.support import METADATA, book_of, rego

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "karlint.rules.demo.some_rule"
TARGETS = [Target("1.33"), Target("1.34"), Target("1.35")]
FOUND = 'findings contains {"at": ["spec"]}'
BY_VERSION = 'findings contains {"at": ["spec"], "args": {"minor": input.target.minor, "v": input.target.version}}'


def evaluate(
    data: Path,
    logic: str,
    custom: str = "",
    targets: list[Target] | None = None,
    text: str = "",
    **documents: Any,
) -> list[RawFinding | RuleFailure]:
    """Evaluate one rule with *logic* on the pod of *text*."""
    metadata = METADATA + "".join(f"  {line}\n" for line in custom.splitlines())
    book = book_of(data, {"demo/some-rule/rule.rego": rego(PACKAGE, logic, metadata)})
    inventory = inventory_of(text or pod("{bad: true}"))
    engine = EmbeddedEngine(list(book.rules.values()), {}, documents)
    (resource,) = inventory.resources
    traits = list(inventory.traits(resource))
    return list(engine.evaluate(resource, traits, inventory.input_for, targets or [Target("1.35")]))


def test_a_finding_in_full(tmp_path: Path) -> None:
    logic = """findings contains {
        "at": ["spec", "containers", 0], "anchor": "key", "args": {"a": 1, "b": "c"}, "case": "other",
        "severity": "note", "related": [{"resource": 0, "at": ["kind"], "message": "why"}],
    }"""
    assert evaluate(tmp_path, logic) == [
        RawFinding(
            rule="demo/some-rule",
            resource=0,
            at=("spec", "containers", 0),
            anchor=Anchor.KEY,
            args={"a": 1, "b": "c"},
            case="other",
            related=(RawRelated(0, ("kind",), "why"),),
            severity=Severity.NOTE,
        )
    ]


def test_a_fix_is_a_list_of_operations(tmp_path: Path) -> None:
    logic = """findings contains {"at": ["spec"], "fix": [
        {"op": "set", "at": ["a", 0], "value": 1}, {"op": "rename", "at": ["b"], "name": "c"},
        {"op": "remove", "at": ["d"]},
    ]}"""
    (found,) = evaluate(tmp_path, logic, "fix: safe")
    assert isinstance(found, RawFinding)
    assert found.fix == (
        Operation(OperationKind.SET, ("a", 0), 1),
        Operation(OperationKind.RENAME, ("b",), name="c"),
        Operation(OperationKind.REMOVE, ("d",)),
    )


@pytest.mark.parametrize(
    "operation",
    [
        '{"op": "guess", "at": ["a"]}',
        '{"op": "set", "at": ["a"]}',
        '{"op": "remove", "at": []}',
        '{"op": "remove", "at": ["a"], "value": 1}',
        '{"op": "rename", "at": ["a"], "name": 1}',
        '{"op": "wrap", "at": ["a"], "name": "b", "value": "c"}',
        '{"op": "remove", "at": [true]}',
    ],
)
def test_an_operation_of_another_form_is_a_failure(tmp_path: Path, operation: str) -> None:
    (failure,) = evaluate(tmp_path, f'findings contains {{"at": [], "fix": [{operation}]}}', "fix: safe")
    assert isinstance(failure, RuleFailure)


def test_no_finding_is_an_empty_set(tmp_path: Path) -> None:
    assert evaluate(tmp_path, 'findings contains {"at": []} if input.object.kind == "Other"') == []


@pytest.mark.parametrize(
    ("logic", "words"),
    [
        ('findings := "text"', "not a set"),
        ("findings := {}", "not a set"),
        ('findings contains "text"', "agreed form"),
        ('findings contains {"args": {}}', "agreed form"),
        ('findings contains {"at": 7}', "agreed form"),
        ('findings contains {"at": [], "anchor": "middle"}', "agreed form"),
        ('findings contains {"at": [], "severity": "fatal"}', "agreed form"),
        ('findings contains {"at": [], "related": [{}]}', "agreed form"),
        ('findings contains {"at": [], "fix": [{"op": "set", "at": ["a"], "value": 1}]}', "no fix"),
        ('findings contains {"at": [1 / 0]}', "divide by zero"),
        ('findings contains {"at": []} if count(input.object.spec.bad) > 0', "count"),
        ("findings := [1, 2] if input.object.nothing", "not a set"),
        ("unrelated := 1", ""),
    ],
)
def test_what_is_not_of_the_agreed_form_is_a_failure(tmp_path: Path, logic: str, words: str) -> None:
    (failure,) = evaluate(tmp_path, logic)
    assert isinstance(failure, RuleFailure)
    assert failure.rule == "demo/some-rule"
    assert words in failure.message
    assert failure.message
    assert "backtrace" not in failure.message
    assert failure.resource == "Pod a/p in it.yaml"


def test_a_bad_finding_does_not_hide_a_good_one(tmp_path: Path) -> None:
    results = evaluate(tmp_path, f'{FOUND}\nfindings contains {{"at": 7}}')
    assert sorted(type(result).__name__ for result in results) == ["RawFinding", "RuleFailure"]


def test_rego_that_does_not_compile_names_its_file(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"demo/some-rule/rule\.rego: the Rego does not compile"):
        evaluate(tmp_path, "findings contains {")


def test_library_that_does_not_compile_names_its_file() -> None:
    with pytest.raises(PolicyError, match=r"^lib/x\.rego: the Rego does not compile"):
        EmbeddedEngine([], {"lib/x.rego": "package x\np if {"}, {})


def test_package_of_another_name_is_a_failure(tmp_path: Path) -> None:
    book = book_of(tmp_path, {"demo/some-rule/rule.rego": rego("karlint.rules.demo.other", FOUND)})
    inventory = inventory_of(pod("{bad: true}"))
    engine = EmbeddedEngine(list(book.rules.values()), {}, {})
    (result,) = engine.evaluate(inventory.resources[0], ["Pod"], inventory.input_for, TARGETS)
    assert isinstance(result, RuleFailure)


@pytest.mark.parametrize(
    ("custom", "versions"),
    [
        ("", [()]),
        ("since: 34", [("1.34", "1.35")]),
        ("until: 33", [("1.33",)]),
        ("since: 34\nuntil: 34", [("1.34",)]),
        ("since: 33\nuntil: 35", [("1.33", "1.34", "1.35")]),
        ("since: 36", []),
        ("until: 32", []),
    ],
)
def test_since_and_until(tmp_path: Path, custom: str, versions: list[tuple[str, ...]]) -> None:
    assert [finding.versions for finding in evaluate(tmp_path, FOUND, custom, TARGETS)] == versions  # type: ignore[union-attr]


def test_one_target_is_not_worth_a_word(tmp_path: Path) -> None:
    (finding,) = evaluate(tmp_path, FOUND, "since: 34", [Target("1.35")])
    assert isinstance(finding, RawFinding)
    assert finding.versions == ()


def test_versioned_rule_runs_for_each_target(tmp_path: Path) -> None:
    results = evaluate(tmp_path, BY_VERSION, "versioned: true\nsince: 34", TARGETS)
    assert [(result.args, result.versions) for result in results if isinstance(result, RawFinding)] == [
        ({"minor": 34, "v": "1.34"}, ("1.34",)),
        ({"minor": 35, "v": "1.35"}, ("1.35",)),
    ]


def test_plain_rule_sees_no_version(tmp_path: Path) -> None:
    assert evaluate(tmp_path, BY_VERSION) == []


def test_data_is_what_the_rule_is_given(tmp_path: Path) -> None:
    logic = 'findings contains {"at": [], "args": {"n": data.karlint.params["demo/some-rule"].n}}'
    (finding,) = evaluate(tmp_path, logic, karlint={"params": {"demo/some-rule": {"n": 5}}})
    assert isinstance(finding, RawFinding)
    assert finding.args == {"n": 5}


@pytest.mark.parametrize(("word", "found"), [("hostPath", 0), ("bad", 1), ("[hostPath, bad]", 1)])
def test_mentions_spare_what_holds_none(tmp_path: Path, word: str, found: int) -> None:
    words = word if word[0] == "[" else f"[{word}]"
    assert len(evaluate(tmp_path, FOUND, f"mentions: {words}")) == found


def test_input_is_made_only_when_a_rule_wants_it(tmp_path: Path) -> None:
    book = book_of(tmp_path, {"demo/some-rule/rule.rego": rego(PACKAGE, FOUND)})
    inventory = inventory_of("apiVersion: v1\nkind: Secret\nmetadata: {name: s}")
    engine = EmbeddedEngine(list(book.rules.values()), {}, {})

    def never(_: object) -> dict[str, Any]:
        raise AssertionError

    assert list(engine.evaluate(inventory.resources[0], ["Secret"], never, TARGETS)) == []


def test_rule_that_is_asked_for_twice_speaks_once(tmp_path: Path) -> None:
    metadata = METADATA.replace("kinds: [Pod]", "kinds: [Pod, workload]")
    book = book_of(tmp_path, {"demo/some-rule/rule.rego": rego(PACKAGE, FOUND, metadata)})
    inventory = inventory_of(pod("{bad: true}"))
    engine = EmbeddedEngine(list(book.rules.values()), {}, {})
    resource = inventory.resources[0]
    assert len(list(engine.evaluate(resource, inventory.traits(resource), inventory.input_for, TARGETS))) == 1


def test_facts() -> None:
    text = "package karlint.facts.f\n\nimport data.karlint.lib.l\n\nvalue := l.twice(data.n)\n"
    library = {"l.rego": "package karlint.lib.l\n\ntwice(n) := 2 * n\n"}
    assert work_out_facts({"f": text}, library, {"n": 4}) == {"f": 8}


@pytest.mark.parametrize("text", ["package karlint.facts.f\n", "package karlint.facts.f\n\nvalue := {"])
def test_fact_that_does_not_work_names_its_file(text: str) -> None:
    with pytest.raises(PolicyError, match="facts/f"):
        work_out_facts({"f": text}, {}, {})


def test_undefined_fact_is_an_error() -> None:
    with pytest.raises(PolicyError, match="facts/f"):
        work_out_facts({"f": "package karlint.facts.f\n\nvalue if data.nothing\n"}, {}, {})


SELECTED = """\
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: a, labels: {app: it}}
spec: {serviceAccountName: robot, containers: []}
---
apiVersion: v1
kind: Service
metadata: {name: s, namespace: a}
spec: {selector: {app: it}}
"""


@pytest.mark.parametrize(
    ("part", "kind", "edges"),
    [
        ("referrers", "Service", ["service"]),
        ("referrers", "Secret", []),
        ("references", "ServiceAccount", ["service-account"]),
        ("references", "Secret", []),
    ],
)
def test_a_rule_sees_what_it_uses_of_the_graph(tmp_path: Path, part: str, kind: str, edges: list[str]) -> None:
    logic = f'findings contains {{"at": ["spec"], "args": {{"name": one.edge}}}} if some one in input.{part}'
    metadata = METADATA + f"  uses: [{part}]\n  looks_up: [{kind}]\n"
    book = book_of(tmp_path, {"demo/some-rule/rule.rego": rego(PACKAGE, logic, metadata)})
    inventory = inventory_of(SELECTED)
    engine = EmbeddedEngine(list(book.rules.values()), {}, {})
    results = engine.evaluate(inventory.resources[0], ["Pod"], inventory.input_for, TARGETS)
    assert [one.args["name"] if isinstance(one, RawFinding) else one for one in results] == edges
