"""Every rule proves itself on its own examples: each announced line is found, and nothing else is."""

from __future__ import annotations

import pytest

from karlint.api import lint
from karlint.prepared import load_rule_book
from tests.policies.examples import Example, all_examples

EXAMPLES = all_examples()


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_example_yields_exactly_the_announced_findings(example: Example) -> None:
    report = lint(example.settings())
    assert report.failures == ()
    assert report.counts.resources > 0, "an example without a resource proves nothing"
    found = sorted((finding.location.path, finding.location.span.line, finding.rule) for finding in report.findings)
    assert found == example.expected(), "\n".join(
        f"{item.location}: {item.rule}: {item.message}" for item in report.findings
    )
    for finding in report.findings:
        assert finding.location.exact, f"{finding.rule} points at {finding.at}, which is not in the example"


@pytest.mark.parametrize("example", [example for example in EXAMPLES if example.good], ids=str)
def test_good_example_expects_nothing(example: Example) -> None:
    assert example.expected() == []


@pytest.mark.parametrize("example", [example for example in EXAMPLES if not example.good], ids=str)
def test_bad_example_expects_its_own_rule(example: Example) -> None:
    assert example.rule in {rule for _, _, rule in example.expected()}


@pytest.mark.parametrize(
    "rule", [rule for rule in load_rule_book().rules.values() if rule.language != "host"], ids=lambda rule: rule.id
)
def test_rule_has_examples_of_both_kinds_and_sources(rule: object) -> None:
    own = [example for example in EXAMPLES if example.rule == rule.id]  # type: ignore[attr-defined]
    assert sum(example.good for example in own) >= 2, "two good examples, one of them a near miss"
    assert sum(not example.good for example in own) >= 2, "two bad examples"
    assert rule.sources, "a fact without a source is a guess"  # type: ignore[attr-defined]
    assert rule.requirements or rule.category in {"serving"}, "derives from, or relates to, something"  # type: ignore[attr-defined]
