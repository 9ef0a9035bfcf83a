"""One text explains a rule everywhere: ``karlint explain``, the documentation, code scanning's help."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from karlint.model.rule import Requirement, Rule


def rule_page(rule: Rule, output: str = "", example: Sequence[str] = ()) -> str:
    """Return the rule as a Markdown page.

    Args:
        rule: the rule.
        output: what karlint prints for the example; empty to leave it out.
        example: lines of a manifest that the rule finds fault with.
    """
    return "\n".join(_sections(rule, output, example)).rstrip() + "\n"


def _sections(rule: Rule, output: str, example: Sequence[str]) -> Iterator[str]:
    yield f"# {rule.id}\n"
    yield f"**{rule.title}** · {rule.severity} · {_profile(rule)}\n"
    yield f"{rule.description}\n"
    if rule.message:
        yield f"## What it says\n\n> {rule.message}\n"
        yield from (f"> {case['message']}\n" for case in rule.cases.values() if "message" in case)
    if rule.help:
        yield f"## What to do\n\n{rule.help}\n"
        yield from (f"{case['help']}\n" for case in rule.cases.values() if "help" in case)
    if example:
        yield "## Example\n\n```yaml\n" + "\n".join(example) + "\n```\n"
    if output:
        yield f"```text\n{output.rstrip()}\n```\n"
    yield "## Where it applies\n\n" + "\n".join(_scope(rule)) + "\n"
    if rule.params:
        yield (
            "## Parameters\n\n"
            + "\n".join(
                f"- `{name}` (default `{schema['default']}`): {schema['description']}"
                for name, schema in rule.params.items()
            )
            + "\n"
        )
    if rule.requirements:
        yield (
            "## Kubernetes AI Requirements\n\n"
            + "\n".join(f"- {requirement_text(item)}" for item in rule.requirements)
            + "\n"
        )
    if rule.sources:
        yield "## Sources\n\n" + "\n".join(f"- {source}" for source in rule.sources) + "\n"


def _profile(rule: Rule) -> str:
    if rule.language == "host":
        return "always on"
    return "on by default" if rule.profile == "default" else f"only in the profile `{rule.profile}`"


def _scope(rule: Rule) -> Iterator[str]:
    if rule.kinds:
        yield f"- Kinds: {', '.join(f'`{kind}`' for kind in rule.kinds)}"
    else:
        yield "- Every file"
    if rule.since is not None or rule.until is not None:
        since = f"from 1.{rule.since}" if rule.since is not None else ""
        until = f"up to 1.{rule.until}" if rule.until is not None else ""
        yield f"- Kubernetes: {' '.join(part for part in (since, until) if part)}"
    yield f"- Fix: {'none that is automatic' if rule.fix == 'none' else rule.fix}"


def requirement_text(requirement: Requirement) -> str:
    """Return a requirement in one line: ``KAR-0051 dra_support (SHOULD in 1.33, MUST in 1.34 and 1.35)``."""
    name = " ".join(part for part in (requirement.kar, requirement.id) if part)
    by_level: dict[str, list[str]] = {}
    for minor, level in requirement.levels.items():
        by_level.setdefault(level, []).append(minor)
    levels = ", ".join(f"{level} in {' and '.join(minors)}" for level, minors in by_level.items())
    text = f"{name} ({levels})" if levels else f"{name} (in no checklist)"
    return text if requirement.relation == "derives" else f"relates to {text}"
