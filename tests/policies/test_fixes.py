"""What the fixes of a rule make of its examples, to the byte."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from karlint.examples import mended
from karlint.prepared import load_rule_book
from tests.policies.examples import Example, all_examples

if TYPE_CHECKING:
    from karlint.model.rule import Rule

RULES = load_rule_book().rules
FIXABLE = [rule for rule in RULES.values() if rule.fixes]
BAD = [item for item in all_examples() if not item.good and item.path.is_file() and RULES[item.rule] in FIXABLE]


@pytest.mark.parametrize("example", BAD, ids=str)
def test_fixes_make_the_fixed_example(example: Example) -> None:
    text = mended(example, RULES[example.rule])
    file = example.path.with_name(f"{example.path.stem}.fixed.yaml")
    if os.environ.get("KARLINT_UPDATE_SNAPSHOTS") and text != example.path.read_bytes():
        file.write_bytes(text)
    assert text == (file.read_bytes() if file.is_file() else example.path.read_bytes())


@pytest.mark.parametrize("rule", FIXABLE, ids=lambda rule: rule.id)
def test_a_rule_with_a_fix_shows_it(rule: Rule) -> None:
    assert any(example.fixed for example in BAD if example.rule == rule.id)
