"""``karlint rules``: the table of rules."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karlint.model.rule import Rule

_UNLIMITED = 1000
_TITLE = 50
"""Columns that titles want."""


def rules(
    category: Annotated[str | None, typer.Option(metavar="CATEGORY", help="Only this category, e.g. dra.")] = None,
    kar: Annotated[
        str | None, typer.Option(metavar="KAR", help="Only rules of this requirement: KAR-0051, or dra_support.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option(metavar="KIND", help="Only rules that judge this kind, e.g. ResourceQuota.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="All metadata, as JSON.")] = False,
) -> None:
    """List the rules."""
    from karlint.errors import UsageError
    from karlint.prepared import load_rule_book

    book = load_rule_book()
    chosen = [rule for rule in book.rules.values() if _wanted(rule, category, kar, kind)]
    if as_json:
        typer.echo(orjson.dumps([_metadata(rule) for rule in chosen], option=orjson.OPT_INDENT_2))
        return
    if not chosen:
        raise UsageError(f"no rule fits {category or kar or kind}", "`karlint rules` lists them all.")
    typer.echo("\n".join(_table(chosen, shutil.get_terminal_size((0, 0)).columns or _UNLIMITED)))
    typer.echo(f"\n{len(chosen)} rules. `karlint explain RULE` tells what one means and how to mend it.")


def _table(rules: list[Rule], width: int) -> Iterator[str]:
    """Yield a line for each rule; a terminal that is too narrow for the titles does without the requirements."""
    kars = {rule.id: " ".join(item.kar for item in rule.requirements if item.relation == "derives") for rule in rules}
    first, last = max(len(rule.id) for rule in rules), max(map(len, kars.values()))
    room = width - first - last - len("  warning    ")
    show_kars = room >= _TITLE
    for rule in rules:
        requirements = f"{kars[rule.id]:<{last}}  " if show_kars else ""
        line = f"{rule.id:<{first}}  {rule.severity:<7}  {requirements}{rule.title}"
        yield line if len(line) <= width else line[: width - 1] + "…"


def _wanted(rule: Rule, category: str | None, kar: str | None, kind: str | None) -> bool:
    return (
        (category is None or rule.category == category)
        and (kar is None or any(kar.lower() in (item.kar.lower(), item.id) for item in rule.requirements))
        and (
            kind is None or any(kind.lower() in (name.lower(), name.lower().rpartition("/")[2]) for name in rule.kinds)
        )
    )


def _metadata(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "title": rule.title,
        "description": rule.description,
        "severity": rule.severity,
        "requirements": [
            {"kar": item.kar, "id": item.id, "relation": item.relation, "levels": item.levels}
            for item in rule.requirements
        ],
        "kinds": rule.kinds,
        "since": rule.since,
        "until": rule.until,
        "profile": rule.profile,
        "params": rule.params,
        "message": rule.message,
        "help": rule.help,
        "fix": rule.fix,
        "sources": rule.sources,
    }
