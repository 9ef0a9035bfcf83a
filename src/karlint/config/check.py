"""What a configuration names must exist: rules and their parameters, profiles, Kubernetes versions."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from karlint.config.problems import Problem, did_you_mean, problems_with
from karlint.errors import UsageError
from karlint.model.path import to_text
from karlint.model.source import Anchor

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from karlint.config.types import Config
    from karlint.model.rule import Rule


def validate_config(config: Config, rules: Mapping[str, Rule], versions: Collection[str]) -> None:
    """Check *config* against all *rules* that there are, by id, and the minors that karlint knows.

    Raises:
        ConfigError: for the first name that does not exist; the message starts with ``file:line:column: ``.
    """
    problems = [
        *_versions(config, versions),
        *_rules(config, rules),
        *_profiles(config, rules),
        *_ignored(config, rules),
    ]
    if problems and config.origin is not None:
        raise config.origin.error(problems)
    if problems:  # a Config that was built in code
        raise UsageError(problems[0].message, problems[0].hint)


def _versions(config: Config, known: Collection[str]) -> Iterator[Problem]:
    for index, version in enumerate(config.kubernetes_versions):
        if version not in known:
            ordered = sorted(known, key=lambda item: tuple(map(int, item.split("."))))
            hint = f"Known: {', '.join(ordered)}."
            message = f"Kubernetes {version} is not known to this karlint."
            yield Problem(("kubernetes_versions", index), Anchor.VALUE, message, hint)


def _rules(config: Config, known: Mapping[str, Rule]) -> Iterator[Problem]:
    for rule_id, entry in config.rules.items():
        rule = known.get(rule_id)
        if rule is None:
            hint = did_you_mean(rule_id, known) or "`karlint rules` lists them all."
            yield Problem(("rules", rule_id), Anchor.KEY, f"there is no rule {rule_id}.", hint)
            continue
        for name, value in entry.params.items():
            path = ("rules", rule_id, "params", name)
            if name not in rule.params:
                hint = did_you_mean(name, rule.params) or f"Its parameters: {', '.join(rule.params) or 'none'}."
                yield Problem(path, Anchor.KEY, f"{rule_id} has no parameter {name!r}.", hint)
                continue
            for problem in problems_with(value, dict(rule.params[name])):
                message = problem.message.replace("the configuration", to_text(path), 1)
                yield Problem((*path, *problem.path), problem.anchor, message, problem.hint)


def _profiles(config: Config, rules: Mapping[str, Rule]) -> Iterator[Problem]:
    known = {rule.profile for rule in rules.values()} | {"default"}
    for index, profile in enumerate(config.profiles):
        if profile not in known:
            hint = did_you_mean(profile, known) or f"Profiles: {', '.join(sorted(known))}."
            yield Problem(("profiles", index), Anchor.VALUE, f"there is no profile {profile!r}.", hint)


def _ignored(config: Config, rules: Mapping[str, Rule]) -> Iterator[Problem]:
    for index, entry in enumerate(config.ignore):
        category, _, name = entry.rule.partition("/")
        if entry.rule not in rules and not (name == "*" and any(rule.startswith(f"{category}/") for rule in rules)):
            hint = did_you_mean(entry.rule, rules) or "`karlint rules` lists them all."
            yield Problem(("ignore", index, "rule"), Anchor.VALUE, f"there is no rule {entry.rule}.", hint)
        if entry.expires and not _is_day(entry.expires):
            message = f"{entry.expires} is no day of the calendar."
            yield Problem(("ignore", index, "expires"), Anchor.VALUE, message, "Write it as 2027-01-31.")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
