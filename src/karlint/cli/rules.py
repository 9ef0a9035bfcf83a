"""``karlint rules``: the table of rules."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

if TYPE_CHECKING:
    from karlint.model.rule import Rule


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
    from karlint.api import load_rule_book

    book = load_rule_book()
    chosen = [rule for rule in book.rules.values() if _wanted(rule, category, kar, kind)]
    if as_json:
        typer.echo(orjson.dumps([_metadata(rule) for rule in chosen], option=orjson.OPT_INDENT_2))
        return
    id_width = max((len(rule.id) for rule in chosen), default=0)
    room = shutil.get_terminal_size().columns - id_width - 32
    for rule in chosen:
        kars = " ".join(requirement.kar for requirement in rule.requirements if requirement.relation == "derives")
        title = rule.title if room < 20 or len(rule.title) <= room else rule.title[: room - 1] + "…"
        typer.echo(f"{rule.id:<{id_width}}  {rule.severity:<7}  {kars:<17}  {title}")
    typer.echo(f"\n{len(chosen)} rules. `karlint explain RULE` tells what one means and how to mend it.")


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
