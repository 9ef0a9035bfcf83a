"""What a policy of the user's is to karlint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from karlint.model.rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path as FilePath


class Module(Struct, frozen=True):
    """One Rego module.

    Attributes:
        name: what errors call it: its file, or the template that holds it.
        package: dotted, without ``data``.
        v0: True for Rego as it was before OPA 1.0, which neither wants ``if`` nor ``contains``.
    """

    name: str
    text: str
    package: str
    v0: bool


class ModuleSet(Struct, frozen=True):
    """Modules that see each other, and the data that they were given.

    Attributes:
        data: the ``data`` document beside the modules.
        wants_file: True where a module reads ``data.conftest.file``.
        wants_inventory: True where a module reads ``data.inventory``.
    """

    modules: tuple[Module, ...]
    data: Mapping[str, Any] = field(default_factory=dict)
    wants_file: bool = False
    wants_inventory: bool = False


class Constraint(Struct, frozen=True):
    """A Gatekeeper constraint: where its template applies, and with which parameters."""

    name: str
    match: Mapping[str, Any]
    parameters: Any


class UserRule(Struct, frozen=True):
    """One rule of a policy.

    Attributes:
        rule: what reports say of it.
        package, document: what is evaluated: ``data.<package>.<document>``.
        modules: what it is evaluated with.
        mentions: paths of the input that it reads, as it writes them, the longest first; steps that only a run knows
            are None.
        constraint: for Gatekeeper; None for conftest.
        exceptions: conftest: True where the package has exceptions.
    """

    rule: Rule
    package: str
    document: str
    modules: ModuleSet
    mentions: tuple[tuple[str | int | None, ...], ...] = ()
    constraint: Constraint | None = None
    exceptions: bool = False


def metadata(rule_id: str, title: str, description: str, severity: Severity, file: FilePath) -> Rule:
    """Return the rule as reports see it. Its findings bring their own messages."""
    return Rule(
        id=rule_id,
        title=title,
        description=description,
        severity=severity,
        requirements=(),
        kinds=(),
        looks_up=(),
        since=None,
        until=None,
        versioned=False,
        profile="default",
        params={},
        message="",
        help="",
        cases={},
        fix="none",
        sources=(),
        supersedes=(),
        language="user",
        target="object",
        logic=file,
        folder=file.parent,
    )
