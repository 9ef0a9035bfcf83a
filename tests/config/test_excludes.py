"""Where a rule does not apply."""

from __future__ import annotations

from karlint.config import RuleConfig, path_excludes


def test_a_rule_is_turned_off_for_its_own_paths_only() -> None:
    rules = {"dra/a": RuleConfig(exclude=("dev/", "!dev/keep/")), "dra/b": RuleConfig(exclude=("*.gen.yaml",))}
    excluded = path_excludes({**rules, "dra/c": RuleConfig()})
    assert excluded("dra/a", "dev/x/app.yaml")
    assert not excluded("dra/a", "prod/app.yaml")
    assert excluded("dra/b", "dev/app.gen.yaml")
    assert not excluded("dra/b", "dev/app.yaml")
    assert not excluded("dra/c", "dev/app.yaml")
    assert not excluded("dra/unheard-of", "dev/app.yaml")
