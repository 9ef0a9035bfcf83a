"""The embedded engine against the real OPA, on every example and on real manifests: the same findings and facts."""

from __future__ import annotations

import subprocess
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from karlint.config import Settings
from karlint.engine import EmbeddedEngine, Target
from karlint.engine.embedded import asked_of_graph, raw_finding
from karlint.model.encode import to_json
from karlint.model.finding import RawFinding
from karlint.prepared import Prepared, load_rule_book, prepare
from karlint.rules import indexed
from tests.conftest import ROOT
from tests.policies.examples import Example, all_examples
from tests.policies.realopa import Question, ask, policy_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from karlint.model.resource import Resource
    from karlint.model.rule import Rule

pytestmark = pytest.mark.tools

QUIET = 24
"""Of the corpus, for each rule: resources that it judges and passes. All those with findings are asked about."""

FLOORS = {"gang/larger-than-its-pods": 84, "queue/chain-broken": 87}
"""Rules whose own examples run less of their lines than others."""

WHOLE = frozenset({"access", "device", "dra", "network", "placement", "quota", "sharing"})
"""Categories whose examples run every line; 90 % is asked of the rest."""


@dataclass(frozen=True)
class Case:
    """A rule on a resource: what the embedded engine found, and the question that OPA gets."""

    name: str
    rule: Rule
    resource: Resource
    ours: list[RawFinding]
    question: Question


@pytest.fixture(scope="module")
def prepared_examples() -> list[tuple[Example, Prepared]]:
    book = load_rule_book()
    return [(example, prepare(example.settings(), book)) for example in all_examples()]


def rego_rules(prepared: Prepared) -> list[Rule]:
    return [rule for rule in prepared.rules.values() if rule.language == "rego"]


def cases_of(name: str, prepared: Prepared, tree: int, versions: Iterable[str]) -> Iterator[Case]:
    """Every rule on every resource that it asks for, for each target that it holds in; mentions are not heeded."""
    rules = rego_rules(prepared)
    engine = EmbeddedEngine(rules, prepared.libraries, prepared.data)
    for target in [Target(version) for version in versions]:
        for resource in prepared.resources:
            traits = list(prepared.inventory.traits(resource))
            wanted = [rule for rule in rules if target.in_range(rule) and set(rule.kinds) & set(traits)]
            found = defaultdict(list)
            for item in engine.evaluate(resource, traits, prepared.inventory.input_for, [target]) if wanted else ():
                assert isinstance(item, RawFinding), item
                found[item.rule].append(item)
            assert set(found) <= {rule.id for rule in wanted}
            document = prepared.inventory.input_for(resource, asked_of_graph(wanted)) if wanted else {}
            named = {"target": {"minor": target.minor, "version": target.version}}
            for rule in wanted:
                asked = orjson.loads(to_json({**document, **(named if rule.versioned else {})}))
                question = Question(rule.package, "findings", asked, tree)
                yield Case(f"{name}: {rule.id} on {resource.ref}", rule, resource, found[rule.id], question)


def differences(cases: list[Case], theirs: list[Any]) -> list[str]:
    wrong = []
    for case, answer in zip(cases, theirs, strict=True):
        expected = [raw_finding(case.rule, case.resource, item, ()) for item in answer]
        if sorted(map(repr, case.ours)) != sorted(map(repr, expected)):
            wrong.append(f"{case.name}\n  regorus: {case.ours}\n  opa:     {expected}")
    return wrong


def fact_questions(tree: int) -> list[Question]:
    return [Question(f"karlint.facts.{fact.name}", "value", None, tree) for fact in load_rule_book().facts]


def all_that_facts_look_up(prepared: Prepared) -> dict[str, Any]:
    kinds = {kind for fact in load_rule_book().facts for kind in fact.looks_up}
    return {"inventory": prepared.inventory.data(kinds), "facts": {}}


def test_engines_find_the_same_in_every_example(
    prepared_examples: list[tuple[Example, Prepared]], opa: Path, tmp_path: Path
) -> None:
    trees = [
        {"inventory": prepared.data["inventory"], "facts": prepared.data["facts"]} for _, prepared in prepared_examples
    ]
    cases = [
        case
        for tree, (example, prepared) in enumerate(prepared_examples)
        for case in cases_of(str(example), prepared, tree, prepared.versions)
    ]
    assert {case.rule.id for case in cases if case.ours} == {case.rule.id for case in cases}
    answers = ask(opa, tmp_path, [case.question for case in cases], prepared_examples[0][1].data["karlint"], trees)
    wrong = differences(cases, answers.values)
    assert not wrong, f"{len(wrong)} of {len(cases)} differ\n" + "\n".join(wrong)


def settings_of(root: Path) -> Settings:
    return Settings(root=root, paths=(str(root),), versions=("1.35",), jobs=1, render=False)


FLAGS = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: operator}\n"
    "spec: {template: {spec: {containers: [{args: [%s]}]}}}"
)
CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: manager}\ndata: {manager.yaml: "%s"}'
RELEASE = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: ray}\nspec: {values: %s}"
NOTHING = {
    "operator_gangs": False,
    "kueue_bends_resources": False,
    "driver_gates": [],
    "gpus_are_shared": False,
    "visible_devices": {},
}
FACTS: list[tuple[str, dict[str, Any]]] = [
    (FLAGS % "--gang-scheduler-name=volcano", {"operator_gangs": True}),
    (FLAGS % "--gang-scheduler-name=", {}),
    (CONFIG % r"a: b\nmanageJobsWithoutQueueName: true", {"operator_gangs": True}),
    (CONFIG % "manageJobsWithoutQueueName: false", {}),
    (CONFIG % r"resources:\n  excludeResourcePrefixes: [a.b]", {"kueue_bends_resources": True}),
    (CONFIG % r"resources:\n  excludeResourcePrefixes: []", {}),
    (RELEASE % "{batchScheduler: {enabled: true}}", {"operator_gangs": True}),
    (RELEASE % "{batchScheduler: {enabled: false}}", {}),
    (
        CONFIG.replace("manager.yaml", "AMD_VISIBLE_DEVICES") % "all",
        {"visible_devices": {"": {"manager": [{"index": 0, "directory": "", "data": {"AMD_VISIBLE_DEVICES": "all"}}]}}},
    ),
    (RELEASE % "{featureGates: {MPSSupport: true, DynamicMIG: true}}", {"driver_gates": ["MPSSupport"]}),
    (CONFIG % r"sharing:\n  timeSlicing:\n    resources: [{replicas: 4}]", {"gpus_are_shared": True}),
    (CONFIG % r"sharing:\n  timeSlicing:\n    renameByDefault: true\n    resources: [{replicas: 4}]", {}),
]


def test_engines_see_the_same_facts(
    prepared_examples: list[tuple[Example, Prepared]], opa: Path, tmp_path: Path
) -> None:
    seen = [(str(example), prepared, prepared.data["facts"]) for example, prepared in prepared_examples]
    for number, (text, expected) in enumerate(FACTS):
        folder = tmp_path / f"tree{number}"
        folder.mkdir()
        (folder / "it.yaml").write_text(text, "utf-8")
        seen.append((text, prepare(settings_of(folder)), {**NOTHING, **expected}))
    questions = [question for tree in range(len(seen)) for question in fact_questions(tree)]
    trees = [all_that_facts_look_up(prepared) for _, prepared, _ in seen]
    answers = iter(ask(opa, tmp_path, questions, {}, trees).values)
    for name, prepared, expected in seen:
        theirs = {fact.name: next(answers) for fact in load_rule_book().facts}
        assert prepared.data["facts"] == theirs == expected, name


@pytest.fixture(scope="module")
def prepared_corpus(corpus: Path) -> Prepared:
    return prepare(settings_of(corpus))


def sample(cases: Iterable[Case]) -> list[Case]:
    """Return, for each rule, the cases with findings and, spread over the rest, some without."""
    by_rule: dict[str, tuple[list[Case], list[Case]]] = defaultdict(lambda: ([], []))
    for case in cases:
        by_rule[case.rule.id][0 if case.ours else 1].append(case)
    chosen = []
    for firing, quiet in by_rule.values():
        near = [case for case in quiet if nearly(case)] or quiet
        chosen += firing + near[:: max(1, len(near) // QUIET)][:QUIET]
    return chosen


def nearly(case: Case) -> bool:
    """True when the rule does not pass for want of a word alone."""
    text = case.resource.document.json
    return not case.rule.mentions or any(word.encode() in text for word in case.rule.mentions)


@pytest.mark.corpus
def test_engines_find_the_same_in_the_corpus(prepared_corpus: Prepared, opa: Path, tmp_path: Path) -> None:
    data = prepared_corpus.data
    cases = sample(cases_of("corpus", prepared_corpus, 0, prepared_corpus.versions))
    assert len({case.resource.index for case in cases}) >= 300
    assert len({case.rule.id for case in cases if case.ours}) >= 8
    tree = {"inventory": data["inventory"], "facts": data["facts"]}
    answers = ask(opa, tmp_path, [case.question for case in cases], data["karlint"], [tree])
    wrong = differences(cases, answers.values)
    assert not wrong, f"{len(wrong)} of {len(cases)} differ\n" + "\n".join(wrong[:20])


@pytest.mark.corpus
def test_engines_see_the_same_facts_in_the_corpus(prepared_corpus: Prepared, opa: Path, tmp_path: Path) -> None:
    answers = ask(opa, tmp_path, fact_questions(0), {}, [all_that_facts_look_up(prepared_corpus)])
    assert prepared_corpus.data["facts"] == {
        fact.name: value for fact, value in zip(load_rule_book().facts, answers.values, strict=True)
    }


def test_policies_are_strictly_valid_for_opa(opa: Path) -> None:
    command = [str(opa), "check", "--strict", *map(str, policy_files())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_library_tests_pass_in_opa(opa: Path, tmp_path: Path) -> None:
    tables = tmp_path / "tables.json"
    table = indexed(orjson.loads((ROOT / "policies" / "tables" / "accelerators.json").read_bytes()))
    # Under a name of its own beside data.karlint, whose tables each test makes up for itself.
    tables.write_bytes(orjson.dumps({"tables": {"accelerators": table}}))
    tests = [*ROOT.glob("policies/**/*_test.rego"), *ROOT.glob("tests/policies/lib/*_test.rego")]
    files = [tables, *policy_files(), *sorted(tests)]
    command = [str(opa), "test", "--format", "json", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    results = orjson.loads(done.stdout)
    assert len({result["package"] for result in results}) == len(tests), "each file is of a package of its own and runs"
    assert not [result for result in results if result.get("fail") or result.get("skip") or result.get("error")]


def test_own_examples_run_every_line_of_a_rule(
    prepared_examples: list[tuple[Example, Prepared]], opa: Path, tmp_path: Path
) -> None:
    trees = [
        {"inventory": prepared.data["inventory"], "facts": prepared.data["facts"]} for _, prepared in prepared_examples
    ]
    cases = [
        case
        for tree, (example, prepared) in enumerate(prepared_examples)
        for case in cases_of(str(example), prepared, tree, prepared.versions)
        if case.rule.id == example.rule
    ]
    karlint = prepared_examples[0][1].data["karlint"]
    answers = ask(opa, tmp_path, [case.question for case in cases], karlint, trees, coverage=True)
    short = {}
    for rule in rego_rules(prepared_examples[0][1]):
        assert rule.logic is not None
        file = str(rule.logic.relative_to(ROOT))
        covered, uncovered = answers.covered[file], answers.uncovered.get(file, set())
        share = round(100 * len(covered) / len(covered | uncovered))
        print(f"{share:4} % {rule.id}: {sorted(uncovered - covered)}")
        if share < FLOORS.get(rule.id, 100 if rule.category in WHOLE else 90):
            short[rule.id] = f"{share} %, not run: {sorted(uncovered - covered)}"
    assert not short, short


def test_every_rule_package_is_its_folder() -> None:
    for rule in load_rule_book().rules.values():
        if rule.language == "rego":
            assert rule.logic is not None
            assert f"package {rule.package}\n" in rule.logic.read_text("utf-8")
