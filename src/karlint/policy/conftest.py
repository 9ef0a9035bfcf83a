"""conftest's conventions (https://www.conftest.dev/): rules are chosen by name, and answer with sets of messages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from karlint.model.rule import Severity
from karlint.policy.model import ModuleSet, UserRule, metadata
from karlint.policy.modules import input_paths, rules_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path as FilePath

    from karlint.policy.model import Module

_RULE = re.compile(r"^(deny|violation|warn)(_[a-zA-Z0-9]+)*$")
_EXCEPTION = re.compile(r"^exception$")


def conftest_rules(modules: Iterable[tuple[Module, FilePath]], data: Mapping[str, Any]) -> Iterator[UserRule]:
    """Yield the rules of *modules*, all of which see each other and *data*. Test files make no rules."""
    pairs = [(module, file) for module, file in modules if not module.name.endswith("_test.rego")]
    wants_file = any("conftest.file" in module.text for module, _ in pairs)
    together = ModuleSet(tuple(module for module, _ in pairs), data, wants_file=wants_file)
    with_exceptions = {module.package for module, _ in pairs if rules_in(module.text, _EXCEPTION)}
    found: dict[tuple[str, str], tuple[str, FilePath]] = {}
    for module, file in pairs:
        for name, text in rules_in(module.text, _RULE).items():
            before, first = found.get((module.package, name), ("", file))
            found[module.package, name] = (before + text, first)
    for (package, name), (text, file) in sorted(found.items()):
        yield UserRule(
            rule=metadata(
                rule_id("conftest", f"{package}-{name}"),
                f"{name} of {package}",
                f"The rule `data.{package}.{name}` of {file.name}.",
                Severity.WARNING if name.startswith("warn") else Severity.ERROR,
                file,
            ),
            package=package,
            document=name,
            modules=together,
            mentions=input_paths(text),
            exceptions=package in with_exceptions,
        )


def rule_id(category: str, name: str) -> str:
    """Return an id of the form that suppressions and settings know."""
    plain = re.sub(r"[^a-z0-9]+", "-", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()).strip("-")
    return f"{category}/{plain}"


def suffix(document: str) -> str:
    """Return what exceptions call a rule: ``run_as_root`` for ``deny_run_as_root``, "" for ``deny``."""
    return document.partition("_")[2]
