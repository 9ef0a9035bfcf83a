"""A rule's ``mentions``, ``near`` and ``in_tree`` only spare it work: without them it finds the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from karlint.config import Settings
from karlint.engine import EmbeddedEngine, SchemaRules, Target
from karlint.prepared import Prepared, load_rule_book, prepare
from tests.policies.examples import all_examples

if TYPE_CHECKING:
    from pathlib import Path


def found(prepared: Prepared, *, heeded: bool) -> list[Any]:
    inventory = prepared.inventory
    rules = [rule if heeded else replace(rule, mentions=(), near=(), in_tree=()) for rule in prepared.rules.values()]
    rules = [rule for rule in rules if not rule.in_tree or inventory.has(rule.in_tree)]
    engine = EmbeddedEngine(rules, prepared.libraries, prepared.data)
    schemas = SchemaRules(rules)
    targets = [Target(version) for version in prepared.versions]
    results: list[Any] = []
    for resource in prepared.resources:
        traits = list(inventory.traits(resource))
        results += engine.evaluate(resource, traits, inventory.input_for, targets, inventory.has_near)
        results += schemas.evaluate(resource, traits, inventory.workloads.get(resource.index))
    return sorted(results, key=repr)


def test_examples() -> None:
    book = load_rule_book()
    assert sum(bool(rule.mentions) for rule in book.rules.values()) > 5, "or there is nothing to prove"
    for example in all_examples()[::4]:  # the corpus has the most of it, and every engine is compiled twice
        prepared = prepare(example.settings(), book)
        assert found(prepared, heeded=True) == found(prepared, heeded=False), str(example)


@pytest.mark.corpus
def test_corpus(corpus: Path) -> None:
    prepared = prepare(Settings(root=corpus, paths=(str(corpus),), versions=("1.35",), jobs=1, render=False))
    with_mentions = found(prepared, heeded=True)
    assert with_mentions
    assert with_mentions == found(prepared, heeded=False)
