"""``karlint schema``: the published JSON Schemas, and schemas made from CustomResourceDefinitions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Print karlint's JSON Schemas; make schemas from CRDs.", no_args_is_help=True)


def _print(name: str) -> None:
    from karlint.rules import data_dir

    typer.echo((data_dir() / "schemas" / f"karlint-{name}.schema.json").read_text("utf-8").rstrip())


@app.command("config")
def config() -> None:
    """Print the JSON Schema of the configuration file, .karlint.yaml."""
    _print("config")


@app.command("inventory")
def inventory() -> None:
    """Print the JSON Schema of the inventory."""
    _print("inventory")


@app.command("input")
def input_() -> None:
    """Print the JSON Schema of what a Rego rule sees as input."""
    _print("input")


@app.command("report")
def report() -> None:
    """Print the JSON Schema of the JSON report."""
    _print("report")


@app.command("rule")
def rule() -> None:
    """Print the JSON Schema of a rule's metadata."""
    _print("rule")


@app.command("import")
def import_(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="Files or directories with CustomResourceDefinitions, or - for a pipe."),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Where GROUP/KIND_VERSION.json are written.")
    ] = Path("schemas"),
) -> None:
    """Make schemas from CustomResourceDefinitions.

    One for each version that a definition in FILE serves. Copies of Kubernetes' own types become references to them,
    and descriptions are left out.

    \b
    Examples:
      karlint schema import crds/ -o schemas
      kubectl get crd -o yaml | karlint schema import -
    """
    from karlint.cli.crdfiles import read_crds
    from karlint.errors import UsageError
    from karlint.schema.importing import import_crds

    made = import_crds(read_crds(files))
    if not made:
        raise UsageError("there is no CustomResourceDefinition with a schema in what was named")
    write_schemas(made, output)
    typer.echo(f"Wrote {len(made)} schema{'s' if len(made) > 1 else ''} below {output}.")


def write_schemas(made: dict[str, bytes], directory: Path) -> None:
    """Write schemas below *directory*. Raises UsageError where that cannot be done."""
    from karlint.errors import UsageError

    for name, text in made.items():
        path = directory / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text)
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}") from error
