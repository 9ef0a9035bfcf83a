"""Findings about suppressions themselves: without a reason, without an effect, for a rule that does not exist."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from msgspec import Struct

from karlint.findings.draft import Draft
from karlint.findings.suppress import matches
from karlint.model.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from karlint.findings.suppress import Suppression, Suppressions

WITHOUT_REASON = "core/suppression-without-reason"
UNUSED = "core/unused-suppression"
UNKNOWN_RULE = "core/unknown-suppressed-rule"

HYGIENE_RULES = {WITHOUT_REASON: Severity.WARNING, UNUSED: Severity.NOTE, UNKNOWN_RULE: Severity.WARNING}
"""Rules about suppressions, and their severity where the run has no rule of that id to say it."""

_FORMS = '"# karlint: ignore[category/rule] reason", or the annotation karlint.dev/ignore: "category/rule: reason"'


class Context(Struct, frozen=True):
    """What it takes to judge suppressions.

    Attributes:
        known: ids of all rules that exist, enabled or not.
        judged: tells whether a rule was evaluated for the file with that path.
        severity: the severity of a hygiene rule, None when it is turned off.
    """

    known: Collection[str]
    judged: Callable[[str, str], bool]
    severity: Callable[[str], Severity | None]


def judge(suppressions: Suppressions, context: Context) -> Iterator[Draft]:
    """Yield what is wrong with the suppressions of the run, at most one finding a suppression and rule."""
    for number, suppression in enumerate(suppressions.all):
        unknown = [pattern for pattern in suppression.patterns if not _exists(pattern, context.known)]
        if unknown or not suppression.patterns:
            yield from _unknown(suppression, unknown, context)
        if not suppression.reason:
            yield from _without_reason(suppression, context)
            continue
        idle = [
            pattern
            for pattern in suppression.patterns
            if pattern not in unknown
            and (number, pattern) not in suppressions.used
            and _was_judged(pattern, suppression.location.path, context)
        ]
        if idle:
            yield from _unused(suppression, idle, context)


def _exists(pattern: str, known: Collection[str]) -> bool:
    return any(matches(pattern, rule) for rule in known)


def _was_judged(pattern: str, path: str, context: Context) -> bool:
    """Tell whether every rule that *pattern* names ran on the file: otherwise "unused" would be a guess."""
    return all(context.judged(rule, path) for rule in context.known if matches(pattern, rule))


def _unknown(suppression: Suppression, unknown: list[str], context: Context) -> Iterator[Draft]:
    if not suppression.patterns:
        message, hint = "This suppression names no rule, so it has no effect.", f"Write {_FORMS}."
    elif unknown == ["*"]:
        message = "This suppression names `*`, which would hide every defect, so it has no effect."
        hint = "Name the rules, or a category such as `dra/*`."
    else:
        names = ", ".join(unknown)
        message = f"This suppression names {names}, which is no rule of karlint, so it has no effect."
        guesses = [guess for name in unknown if (guess := _guess(name, context.known))]
        hint = f"Did you mean {' or '.join(guesses)}?" if guesses else "`karlint rules` lists the rules."
    yield from _draft(UNKNOWN_RULE, suppression, message, hint, context)


def _guess(name: str, known: Collection[str]) -> str:
    """Return the rule or category pattern that *name* most likely means, "" when nothing is near."""
    if name.endswith("/*"):
        categories = sorted({rule.partition("/")[0] for rule in known})
        near = difflib.get_close_matches(name[:-2], categories, n=1)
        return f"{near[0]}/*" if near else ""
    if "/" not in name:
        same = sorted(rule for rule in known if rule.partition("/")[2] == name)
        if same:
            return same[0]
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return near[0] if near else ""


def _without_reason(suppression: Suppression, context: Context) -> Iterator[Draft]:
    names = ", ".join(suppression.patterns)
    about = f" of {names}" if names else ""
    message = f"This suppression{about} gives no reason, so it has no effect."
    yield from _draft(WITHOUT_REASON, suppression, message, f"Say why: {_FORMS}.", context)


def _unused(suppression: Suppression, idle: list[str], context: Context) -> Iterator[Draft]:
    message = f"This suppression of {', '.join(idle)} matches no finding."
    yield from _draft(UNUSED, suppression, message, "Remove it; what it hid is mended.", context, tuple(idle))


def _draft(
    rule: str, suppression: Suppression, message: str, hint: str, context: Context, named: tuple[str, ...] = ()
) -> Iterator[Draft]:
    severity = context.severity(rule)
    if severity is None:
        return
    yield Draft(
        rule=rule,
        severity=severity,
        message=message,
        help=hint,
        location=suppression.location,
        resource=suppression.resource,
        at=suppression.at,
        related=(),
        versions=(),
        identity=(suppression.at, named or suppression.patterns, suppression.reason),
    )
