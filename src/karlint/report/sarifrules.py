"""Rules as SARIF describes them, which is what GitHub shows beside an alert."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karlint.model.rule import Severity
from karlint.report.wording import requirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from karlint.model.rule import Rule

SECURITY_CATEGORIES = frozenset({"access"})
"""Categories whose rules are about security. Everything else would only raise false alarm with a CVSS-like number."""

_SECURITY_SEVERITY = {Severity.ERROR: "8.0", Severity.WARNING: "5.5", Severity.NOTE: "3.0"}
_PROBLEM_SEVERITY = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}
_MAX_DESCRIPTION = 1024
_MAX_TAGS = 10


def descriptors(rules: Mapping[str, Rule], seen: Iterable[str]) -> list[dict[str, Any]]:
    """Return a descriptor for every enabled rule, and a bare one for any other id in *seen*, sorted by id."""
    return [_descriptor(rules[rule]) if rule in rules else _bare(rule) for rule in sorted({*rules, *seen})]


def _descriptor(rule: Rule) -> dict[str, Any]:
    descriptor: dict[str, Any] = {
        "id": rule.id,
        "name": _name(rule.id),
        "shortDescription": {"text": _clip(_sentence(rule.title))},
        "fullDescription": {"text": _clip(_first_paragraph(rule))},
        "help": {"text": _help_text(rule), "markdown": _help_markdown(rule)},
        "defaultConfiguration": {"level": rule.severity.value},
        "properties": _properties(rule),
    }
    link = next((source for source in rule.sources if source.startswith("https://")), "")
    if link:
        descriptor["helpUri"] = link
    return descriptor


def _bare(rule_id: str) -> dict[str, Any]:
    text = {"text": f"{rule_id}."}
    return {
        "id": rule_id,
        "name": _name(rule_id),
        "shortDescription": text,
        "fullDescription": text,
        "help": {"text": f"Run `karlint explain {rule_id}`."},
    }


def _name(rule_id: str) -> str:
    """Return the id in the Pascal case that SARIF asks of names: ``DraLegacyDevicePlugin``."""
    return "".join(word.capitalize() for word in rule_id.replace("/", "-").split("-"))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else text + "."


def _first_paragraph(rule: Rule) -> str:
    paragraph = rule.description.strip().partition("\n\n")[0]
    return _sentence(" ".join((paragraph or rule.title).split()))


def _clip(text: str) -> str:
    return text if len(text) <= _MAX_DESCRIPTION else text[: _MAX_DESCRIPTION - 1] + "…"


def _help_text(rule: Rule) -> str:
    return rule.description.strip() or _sentence(rule.title)


def _help_markdown(rule: Rule) -> str:
    parts = [f"# {rule.title}", _help_text(rule)]
    if rule.requirements:
        parts.append(
            "## Kubernetes AI Requirements\n\n" + _bullets(requirement(wanted) for wanted in rule.requirements)
        )
    if rule.sources:
        parts.append("## Sources\n\n" + _bullets(_linked(source) for source in rule.sources))
    if rule.category != "core":  # most findings of that category are about files that cannot be trusted
        parts.append(f"Ignore one finding with `# karlint: ignore[{rule.id}] the reason`.")
    return "\n\n".join(parts)


def _linked(source: str) -> str:
    return f"<{source}>" if source.startswith("https://") else f"`{source}`"


def _bullets(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _properties(rule: Rule) -> dict[str, Any]:
    security = rule.category in SECURITY_CATEGORIES
    tags = ["kubernetes", rule.category, *(["security"] if security else [])]
    tags.extend(wanted.kar for wanted in rule.requirements)
    properties: dict[str, Any] = {"tags": list(dict.fromkeys(tags))[:_MAX_TAGS], "precision": "high"}
    if security:
        properties["security-severity"] = _SECURITY_SEVERITY[rule.severity]
    else:
        properties["problem.severity"] = _PROBLEM_SEVERITY[rule.severity]
    return properties
