"""A run over few resources compiles only the rules that it needs, and says the same as one that compiles all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from karlint import court
from karlint.prepared import load_rule_book, prepare
from tests.policies.examples import Example, all_examples

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = list(all_examples())


def said(example: Example, few: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, set[str]]:
    compiled: set[str] = set()
    engine = court.EmbeddedEngine

    def recorded(rules: Any, libraries: Any, data: Any) -> Any:
        compiled.update(rule.id for rule in rules)
        return engine(rules, libraries, data)

    monkeypatch.setattr(court, "_FEW", few)
    monkeypatch.setattr(court, "EmbeddedEngine", recorded)
    prepared = prepare(example.settings(), load_rule_book())
    judged = court.Court(prepared).judge(prepared.resources)
    monkeypatch.undo()
    return (judged.raw, judged.failures, judged.workloads), compiled


@pytest.mark.parametrize("example", EXAMPLES[:: max(1, len(EXAMPLES) // 40)], ids=str)
def test_no_rule_is_missed(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, everything = said(example, -1, monkeypatch)
    small, some = said(example, 10**6, monkeypatch)
    assert small == whole
    assert some < everything


def test_a_rule_of_the_users_is_always_compiled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Or one that does not compile would go unnoticed where it has nothing to say."""
    book = load_rule_book()
    theirs = next(rule for rule in book.rules.values() if rule.kinds == ("ResourceQuota",))
    prepared = prepare(EXAMPLES[0].settings(), book)
    elsewhere = replace(theirs, folder=tmp_path)
    compiled: list[str] = []
    monkeypatch.setattr(court, "EmbeddedEngine", lambda rules, *_: compiled.extend(rule.id for rule in rules))
    court.Court(replace(prepared, rules={theirs.id: theirs}))
    assert compiled == []
    court.Court(replace(prepared, rules={theirs.id: elsewhere}))
    assert compiled == [theirs.id]
