"""``karlint export``: karlint's rules for other engines."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations when it runs
from typing import Annotated

import typer

export = typer.Typer(name="export", help="Write karlint's rules for other engines.", no_args_is_help=True)


@export.command()
def opa(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIRECTORY", help="Where to write.")],
) -> None:
    """Write the rules as an OPA bundle's files, for servers that `karlint check --opa-no-push` is to find them on.

    Load them as they are: `opa run --server DIRECTORY`, or `opa build --bundle DIRECTORY`.
    """
    from karlint.api import load_rule_book
    from karlint.engine.opa import digest_of, policies
    from karlint.errors import EnvironmentProblem

    book = load_rule_book()
    named = policies(book.rules.values(), {str(file): file.read_text("utf-8") for file in book.libraries})
    try:
        for name, text in named.items():
            file = output / f"{name}.rego"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    except OSError as error:
        raise EnvironmentProblem(f"{error.filename} cannot be written: {error.strerror}") from error
    typer.echo(f"Wrote {len(named)} modules to {output}, digest {digest_of(named)}.")
