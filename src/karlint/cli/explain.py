"""``karlint explain``: what a rule means, and how to mend what it finds."""

from __future__ import annotations

from typing import Annotated

import typer


def explain(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Rule id, e.g. dra/claim-not-found.")],
) -> None:
    """Tell what a rule means and how to mend what it finds.

    The page also says where the rule applies, its parameters, its Kubernetes AI Requirements, and its sources.
    """
    import shutil

    from karlint.errors import UsageError
    from karlint.prepared import load_rule_book
    from karlint.report.rulepage import folded, rule_page

    known = load_rule_book().rules
    if rule not in known:
        raise UsageError(f"no rule is called {rule!r}", _hint(rule, list(known)))
    typer.echo(folded(rule_page(known[rule]), min(shutil.get_terminal_size().columns, 110)).rstrip())


def _hint(rule: str, known: list[str]) -> str:
    import difflib

    same_name = [name for name in known if name.partition("/")[2] == rule]
    close = same_name or difflib.get_close_matches(rule.lower(), known, n=2, cutoff=0.75)
    return f"Did you mean {' or '.join(close)}?" if close else "`karlint rules` lists them all."
