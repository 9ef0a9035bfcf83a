"""Path patterns of the configuration: whether they are patterns at all, and where a rule does not apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karlint.config.problems import Problem
from karlint.discover import invalid_patterns, path_matcher
from karlint.model.source import Anchor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from karlint.config.types import Config, RuleConfig
    from karlint.model.path import Path


def path_excludes(rules: Mapping[str, RuleConfig]) -> Callable[[str, str], bool]:
    """Return what tells, for a rule id and a path relative to the root, whether the rule is turned off there."""
    matchers = {rule: path_matcher(config.exclude) for rule, config in rules.items() if config.exclude}

    def excluded(rule: str, path: str) -> bool:
        matches = matchers.get(rule)
        return matches is not None and matches(path)

    return excluded


def pattern_problems(config: Config) -> Iterator[Problem]:
    """Yield a problem for each exclude of *config* that is no gitignore pattern."""
    yield from _invalid(("exclude",), config.exclude)
    for rule, entry in config.rules.items():
        yield from _invalid(("rules", rule, "exclude"), entry.exclude)


def _invalid(path: Path, patterns: Sequence[str]) -> Iterator[Problem]:
    invalid = set(invalid_patterns(patterns))
    for index, pattern in enumerate(patterns):
        if pattern in invalid:
            message = f"{pattern!r} is no path pattern."
            yield Problem((*path, index), Anchor.VALUE, message, "Write it as in a .gitignore file.")
