"""One text explains a rule everywhere: ``karlint explain`` and the documentation."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from karlint.model.rule import Requirement, Rule

_STICKY = "\x00"


def rule_page(rule: Rule, example: str = "") -> str:
    """Return the rule as a Markdown page. *example* is a section of Markdown; empty to leave it out."""
    return "\n".join(_sections(rule, example)).rstrip() + "\n"


def _sections(rule: Rule, example: str) -> Iterator[str]:
    yield f"# {rule.id}\n"
    yield f"**{rule.title}** · {rule.severity} · {_profile(rule)}\n"
    yield f"{rule.description.strip()}\n"
    if rule.message:
        yield "## What it says\n"
        yield from (f"> {template_text(message)}\n" for message in _texts(rule, "message"))
    if rule.help:
        yield "## What to do\n"
        yield from (f"- {template_text(text)}" for text in _texts(rule, "help"))
        yield ""
    if rule.fixes:
        how = "--fix --unsafe-fixes" if rule.fixes == {"unsafe"} else "--fix"
        more = " (some of it only with `--unsafe-fixes`)" if len(rule.fixes) > 1 else ""
        yield f"`karlint check {how}` does it where there is but one way to{more}; `--diff` shows what it would do.\n"
    if example:
        yield f"## Example\n\n{example}"
    yield "## Where it applies\n\n" + "\n".join(_scope(rule)) + "\n"
    if rule.params:
        yield "## Parameters\n\n" + "\n".join(_parameters(rule)) + "\n"
    if rule.requirements:
        listed = "\n".join(f"- {requirement_text(item)}" for item in rule.requirements)
        yield f"## Kubernetes AI Requirements\n\n{listed}\n"
    if rule.sources:
        yield "## Sources\n\n" + "\n".join(f"- {_source(source)}" for source in rule.sources) + "\n"


def _texts(rule: Rule, field: str) -> list[str]:
    """Return the rule's own text and those of its cases, each once."""
    own = rule.message if field == "message" else rule.help
    return list(dict.fromkeys([own, *(case[field] for case in rule.cases.values() if field in case)]))


def template_text(template: str) -> str:
    """Return a message or help template as people read it: fields stay ``{field}``, doubled braces become single."""
    parts = Formatter().parse(" ".join(template.split()))
    return "".join(literal + (f"{{{field}}}" if field is not None else "") for literal, field, _, _ in parts)


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
    if rule.supersedes:
        yield f"- In place of {', '.join(f'`{other}`' for other in rule.supersedes)} at the same spot"


def _parameters(rule: Rule) -> Iterator[str]:
    for name, schema in rule.params.items():
        yield f"- `{name}` (default `{schema['default']}`): {' '.join(schema['description'].split())}"


def _source(source: str) -> str:
    return f"<{source}>" if source.startswith("https://") else f"`{source}`"


def requirement_text(requirement: Requirement) -> str:
    """Return a requirement in one line: ``KAR-0051 dra_support (SHOULD in 1.33, MUST in 1.34 and 1.35)``."""
    name = " ".join(dict.fromkeys(part for part in (requirement.kar, requirement.id) if part))
    by_level: dict[str, list[str]] = {}
    for minor, level in requirement.levels.items():
        by_level.setdefault(level, []).append(minor)
    levels = ", ".join(f"{level} in {_series(minors)}" for level, minors in by_level.items())
    text = f"{name} ({levels})" if levels else f"{name} (in no checklist)"
    return text if requirement.relation == "derives" else f"relates to {text}"


def _series(words: list[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def folded(page: str, width: int) -> str:
    """Return a Markdown *page* with its paragraphs, quotes and lists set to *width* columns, for a terminal."""
    return "\n".join(_fold(page.splitlines(), width)) + "\n"


def _fold(lines: Iterable[str], width: int) -> Iterator[str]:
    paragraph: list[str] = []
    fenced = False
    for line in lines:
        fence = line.startswith("```")
        if fenced or fence or not line.strip() or line.startswith(("#", "|", "- ", "> ", "    ")):
            yield from _set(paragraph, width)
            paragraph = []
        fenced ^= fence
        if fenced or fence or not line.strip() or line.startswith(("#", "|", "    ")):
            yield line
        else:
            paragraph.append(line)
    yield from _set(paragraph, width)


def _set(paragraph: list[str], width: int) -> list[str]:
    import textwrap  # noqa: PLC0415 - only a terminal needs it

    hanging = {"- ": "  ", "> ": "> "}.get(paragraph[0][:2], "") if paragraph else ""
    text = " ".join(line.strip() for line in paragraph)
    if hanging:  # the marker must not stay behind alone where a long address follows
        text = text.replace(" ", _STICKY, 1)
    lines = textwrap.wrap(text, width, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False)
    return [line.replace(_STICKY, " ") for line in lines]
