"""The embedded engine against the real OPA, on every example: the same findings, to the last byte."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from karlint.api import load_rule_book, prepare
from karlint.engine import EmbeddedEngine, Target
from karlint.engine.embedded import raw_finding
from karlint.model.finding import RawFinding
from tests.conftest import ROOT
from tests.policies.examples import Example, all_examples

if TYPE_CHECKING:
    from pathlib import Path

POLICIES = ROOT / "policies"
TARGET = Target("1.35")


def ask_opa(opa: Path, scratch: Path, data: dict[str, Any], questions: list[tuple[str, dict[str, Any]]]) -> list[Any]:
    """Evaluate each (package, input) in one OPA process."""
    (scratch / "data.json").write_bytes(orjson.dumps(data))
    asked = [{"package": package.split("."), "input": document} for package, document in questions]
    (scratch / "asked.json").write_bytes(orjson.dumps({"asked": asked}))
    packages = sorted({package for package, _ in questions})
    helper = ["package differential"]
    helper += [
        f'answer[i] := data.{package}.findings with input as data.asked[i].input if {{ some i, q in data.asked; '
        f'concat(".", q.package) == "{package}" }}'
        for package in packages
    ]
    (scratch / "helper.rego").write_text("\n".join(helper), "utf-8")
    command = [str(opa), "eval", "--format", "json", "--strict-builtin-errors", "-d", str(scratch), "-d", str(POLICIES), "data.differential.answer"]
    done = subprocess.run(command, capture_output=True, check=False)
    answer = orjson.loads(done.stdout)
    assert "errors" not in answer, answer["errors"]
    result = answer["result"][0]["expressions"][0]["value"]
    return [result[str(index)] for index in range(len(questions))]


@pytest.mark.tools
@pytest.mark.parametrize("example", all_examples(), ids=str)
def test_engines_give_the_same_findings(example: Example, opa: Path, tmp_path: Path) -> None:
    prepared = prepare(example.settings())
    rules = [rule for rule in prepared.rules.values() if rule.language == "rego" and TARGET.in_range(rule)]
    engine = EmbeddedEngine(rules, prepared.libraries, prepared.data)
    questions, embedded = [], []
    for resource in prepared.resources:
        traits = set(prepared.inventory.traits(resource))
        document = prepared.inventory.input_for(resource)
        for rule in rules:
            if traits & set(rule.kinds):
                target = {"target": {"minor": TARGET.minor, "version": TARGET.version}} if rule.versioned else {}
                questions.append((rule.package, orjson.loads(orjson.dumps({**document, **target}))))
                embedded.append((rule, resource, [item for item in engine.evaluate(resource, traits, prepared.inventory.input_for, [TARGET]) if item.rule == rule.id]))
    if not questions:
        pytest.skip("no Rego rule speaks of this example")
    for (rule, resource, ours), theirs in zip(embedded, ask_opa(opa, tmp_path, prepared.data, questions), strict=True):
        expected = [raw_finding(rule, resource, item, ()) for item in theirs]
        assert all(isinstance(item, RawFinding) for item in expected)
        assert sorted(map(repr, ours)) == sorted(map(repr, expected))


@pytest.mark.tools
def test_policies_are_strictly_valid_for_opa(opa: Path) -> None:
    done = subprocess.run([str(opa), "check", "--strict", str(POLICIES)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.tools
def test_library_tests_pass_in_opa(opa: Path) -> None:
    done = subprocess.run([str(opa), "test", str(POLICIES)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASS" in done.stdout


def test_every_rule_package_is_its_folder() -> None:
    for rule in load_rule_book().rules.values():
        if rule.language == "rego":
            assert rule.logic is not None
            assert f"package {rule.package}\n" in rule.logic.read_text("utf-8")
