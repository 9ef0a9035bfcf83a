"""Where the configuration turns a rule off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathspec import PathSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from karlint.config.types import RuleConfig


def path_excludes(rules: Mapping[str, RuleConfig]) -> Callable[[str, str], bool]:
    """Return a function that tells, for a rule id and a repository-relative path, whether the rule is off there."""
    specs = {
        rule: PathSpec.from_lines("gitwildmatch", config.exclude) for rule, config in rules.items() if config.exclude
    }

    def excludes(rule: str, path: str) -> bool:
        return rule in specs and specs[rule].match_file(path)

    return excludes
