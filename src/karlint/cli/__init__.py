"""The command line. Each command is a module; errors that end a run become exit code 2 here, and only here."""

from __future__ import annotations

import sys
import traceback
from typing import Annotated

import typer

from karlint import __version__
from karlint.cli import (
    baseline,
    check,
    dev,
    doctor,
    explain,
    export,
    init,
    inventory,
    migrate,
    render,
    rules,
    schema,
    tests,
)
from karlint.cli.outputs import forget_output
from karlint.errors import KarlintError

_SOFTWARE_ERROR = 70  # EX_SOFTWARE of sysexits.h

app = typer.Typer(
    name="karlint",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    help="""Lint a GitOps repository's AI workloads before they reach the cluster.

    karlint reads Kubernetes manifests, finds what would go wrong for training, inference and agentic workloads, and
    says in which file and line, under which Kubernetes AI Requirement (KAR), and how to mend it. Start with `karlint
    check`, then `karlint explain RULE` for what it found.

    It judges the readiness of workloads; conformance of platforms is certified by the CNCF programme.""",
    epilog="Exit codes: 0 clean, 1 findings at or above --fail-on, 2 wrong usage or environment, 3 incomplete run.",
)
app.command()(check.check)
app.command()(baseline.baseline)
app.command()(inventory.inventory)
app.command()(render.render)
app.add_typer(migrate.app, name="migrate")
app.command()(rules.rules)
app.command()(explain.explain)
app.command()(init.init)
app.command()(doctor.doctor)
app.add_typer(schema.app, name="schema")
app.command("test")(tests.run_tests_of)
app.add_typer(export.export)
app.add_typer(dev.app, name="dev")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"karlint {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options that stand before the command."""


def main() -> None:
    """Run the command line and exit."""
    if sys.stdout is None or sys.stderr is None:
        sys.exit(2)  # closed by the caller: there is nobody to tell why
    try:
        app(prog_name="karlint")
    except KarlintError as error:
        typer.echo(f"error: {error.message}", err=True)
        if error.hint:
            typer.echo(f"  hint: {error.hint}", err=True)
        sys.exit(2)
    except Exception:  # noqa: BLE001 - a bug of ours must not end with the code that means "findings"
        traceback.print_exc()
        typer.echo("error: this is a bug in karlint; please report it with the lines above", err=True)
        sys.exit(_SOFTWARE_ERROR)
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # typer makes 1 of it, which is about findings
            forget_output()
            sys.exit(141)
        raise
