"""Fills a rule's message and help templates from the arguments of a finding."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from karlint.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karlint.model.finding import RawFinding
    from karlint.model.rule import Rule

_TOKEN = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*)\}")

MAX_ARGUMENT = 200
"""Characters of one argument that a message shows. Arguments come out of the linted repository and may be huge."""


class TemplateError(PolicyError):
    """A rule's template asks for something that its finding does not carry: the rule is wrong, not the repository."""


def fill(template: str, args: Mapping[str, Any]) -> str:
    """Return *template* with each ``{field}`` replaced by that argument; ``{{`` and ``}}`` are literal braces.

    Only plain names are fields: no attribute look-ups, no indexes, no format specifications, so a value out of a
    manifest can never be more than text. Any other brace stays as it is.

    Raises:
        TemplateError: when an argument is missing.
    """

    def replace(match: re.Match[str]) -> str:
        field = match.group(1)
        if field is None:
            return match.group(0)[0]
        if field not in args:
            raise TemplateError(f"the template asks for {{{field}}}, which the finding's args do not hold")
        return show(args[field])

    return _TOKEN.sub(replace, template)


def fill_known(template: str, args: Mapping[str, Any]) -> str:
    """Return *template* filled as far as *args* go; the other fields stay, so that the finding is not lost."""

    def replace(match: re.Match[str]) -> str:
        field = match.group(1)
        return show(args[field]) if field in args else match.group(0)

    return _TOKEN.sub(replace, template)


def show(value: Any) -> str:
    """Return an argument as a sentence shows it: numbers as manifests write them, at most MAX_ARGUMENT characters."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, float) and value.is_integer():
        text = str(int(value))  # Rego has one kind of number, so a count may arrive as 8.0
    elif isinstance(value, list | tuple):
        text = ", ".join(show(item) for item in value)
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MAX_ARGUMENT else text[: MAX_ARGUMENT - 1] + "…"


def templates_of(rule: Rule, case: str) -> tuple[str, str]:
    """Return the message and help templates of *case*; what the case leaves out comes from the rule itself.

    Raises:
        TemplateError: when the rule has no such case.
    """
    if not case:
        return rule.message, rule.help
    if case not in rule.cases:
        known = ", ".join(sorted(rule.cases)) or "none"
        raise TemplateError(f"the finding names the case {case!r}, which the rule does not have (it has: {known})")
    texts = rule.cases[case]
    return texts.get("message", rule.message), texts.get("help", rule.help)


def text_of(raw: RawFinding, rule: Rule) -> tuple[str, str, str]:
    """Return message, help and, when the rule is at fault, what is wrong with it ("" when nothing is).

    Text that came with the finding wins over the rule's templates. A faulty template still yields the finding, as far
    as it can be filled: a rule that cannot phrase itself must not turn into a clean report.
    """
    args = raw.args or {}
    fault = ""
    try:
        message_template, help_template = templates_of(rule, raw.case)
    except TemplateError as error:
        fault, message_template, help_template = error.message, rule.message, rule.help
    texts = []
    for ready, template in ((raw.message, message_template), (raw.help, help_template)):
        if ready is not None:
            texts.append(ready)
            continue
        try:
            texts.append(fill(template, args))
        except TemplateError as error:
            fault = fault or error.message
            texts.append(fill_known(template, args))
    return texts[0] or rule.title, texts[1], fault
