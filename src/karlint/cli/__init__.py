"""The command line. Each command is a module; errors that end a run become exit code 2 here, and only here."""

from __future__ import annotations

import errno
import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Annotated

import typer

from karlint import __version__
from karlint.errors import KarlintError

if TYPE_CHECKING:
    from collections.abc import Iterable

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG}  # what writing what is printed may end with
_SOFTWARE_ERROR = 70  # EX_SOFTWARE of sysexits.h
_READER_GONE = 141  # as a shell tells of SIGPIPE

_COMMANDS = {
    "check": "check.check",
    "baseline": "baseline.baseline",
    "inventory": "inventory.inventory",
    "render": "render.render",
    "migrate": "migrate.app",
    "rules": "rules.rules",
    "explain": "explain.explain",
    "init": "init.init",
    "doctor": "doctor.doctor",
    "schema": "schema.app",
    "test": "tests.run_tests_of",
    "export": "export.app",
    "dev": "dev.app",
}
"""Commands, each with its module and its function or group there."""
_HELP = """Lint a GitOps repository's AI workloads before they reach the cluster.

    karlint reads Kubernetes manifests, finds what would go wrong for training, inference and agentic workloads, and
    says in which file and line, under which Kubernetes AI Requirement (KAR), and how to mend it. Start with `karlint
    check`, then `karlint explain RULE` for what it found.

    It judges the readiness of workloads; conformance of platforms is certified by the CNCF programme."""


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"karlint {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options that stand before the command."""


def app_of(commands: Iterable[str]) -> typer.Typer:
    """Return the command line with some commands; only their modules are loaded."""
    app = typer.Typer(
        name="karlint",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
        help=_HELP,
        epilog="Exit codes: 0 clean, 1 findings at or above --fail-on, 2 wrong usage or environment, 3 incomplete run.",
    )
    app.callback()(_options)
    for name in commands:
        module, _, attribute = _COMMANDS[name].partition(".")
        command = getattr(import_module(f"karlint.cli.{module}"), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def _tell(text: str) -> None:
    """Print *text* to standard error; where that cannot be written, the exit code has to do."""
    with suppress(OSError, ValueError):
        typer.echo(text, err=True)


def _gave_up(error: Exception) -> int:
    """Tell of an error that no command knows. Return the exit code."""
    if isinstance(error, OSError) and error.errno in _FULL and error.filename is None:
        from karlint.cli.outputs import forget_output

        forget_output()
        _tell(f"error: standard output cannot be written: {error.strerror}")
        return 2
    if isinstance(error, BrokenPipeError):  # whoever was to read what is wrong with the command line went away
        return _READER_GONE
    import traceback

    _tell("".join(traceback.format_exception(error)))
    _tell("error: this is a bug in karlint; please report it with the lines above")
    return _SOFTWARE_ERROR


def main() -> None:
    """Run the command line and exit."""
    if sys.stdout is None or sys.stderr is None:
        sys.exit(2)  # closed by the caller: there is nobody to tell why
    try:
        asked = sys.argv[1:2]
        app_of(asked if asked and asked[0] in _COMMANDS else _COMMANDS)(prog_name="karlint")
    except KarlintError as error:
        _tell(f"error: {error.message}")
        if error.hint:
            _tell(f"  hint: {error.hint}")
        sys.exit(2)
    except Exception as error:  # noqa: BLE001 - a bug of ours must not end with the code that means "findings"
        sys.exit(_gave_up(error))
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # typer makes 1 of it, which is about findings
            from karlint.cli.outputs import forget_output

            forget_output()
            sys.exit(_READER_GONE)
        raise
