"""``karlint explain``: what a rule means, and how to mend what it finds."""

from __future__ import annotations

from typing import Annotated

import typer


def explain(rule: Annotated[str, typer.Argument(metavar="RULE", help="Rule id, e.g. dra/claim-not-found.")]) -> None:
    """Tell what a rule means and how to mend what it finds.

    The page also says where the rule applies, its parameters, its Kubernetes AI Requirements, and its sources.
    """
    from karlint.api import load_rule_book
    from karlint.errors import UsageError
    from karlint.report.rulepage import rule_page

    known = load_rule_book().rules
    if rule not in known:
        import difflib

        close = difflib.get_close_matches(rule, known, n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(close)}?" if close else "`karlint rules` lists them all."
        raise UsageError(f"no rule is called {rule!r}", hint)
    typer.echo(rule_page(known[rule]))
