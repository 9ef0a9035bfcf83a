"""``karlint inventory``: the AI workloads of what would be linted."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path  # noqa: TC003 - typer reads the annotations when it runs
from typing import TYPE_CHECKING, Annotated

import typer

from karlint.cli.outputs import write_bytes
from karlint.cli.settings import Overrides, settings_for

if TYPE_CHECKING:
    from karlint.model.census import Census

_FORMATS = ("table", "json", "markdown")
_UNLIMITED = 100_000
_NARROWEST = 60


def inventory(  # noqa: PLR0913, PLR0917 - each parameter is an option
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH", help="Files, directories, or - for standard input. Default: the Git repository."
        ),
    ] = None,
    format_: Annotated[
        str, typer.Option("--format", "-f", metavar="FORMAT", help="table, json or markdown.")
    ] = "table",
    references: Annotated[
        bool, typer.Option("--references", help="List the references that lead to nothing in the tree.")
    ] = False,
    exclude: Annotated[
        list[str] | None, typer.Option(metavar="PATTERN", help="Leave paths out, as in .gitignore. Repeatable.")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Configuration. Default: the nearest .karlint.yaml, up to the root."),
    ] = None,
    no_config: Annotated[bool, typer.Option("--no-config", help="Read no configuration file.")] = False,
    no_render: Annotated[
        bool, typer.Option("--no-render", help="Take files as they stand: run no helm and no kustomize.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, metavar="N", help="Processes. Default: one for each CPU.")
    ] = None,
) -> None:
    """List the AI workloads and what they need of a cluster.

    Their pods, accelerators, queues and model servers, with totals. A workload counts that asks for accelerators, runs
    a model server, or is of a kind that is made for AI. ? stands for what cannot be known from the manifests.
    """
    from karlint.errors import UsageError

    if format_ not in _FORMATS:
        raise UsageError(f"there is no format {format_!r}", f"Formats: {', '.join(_FORMATS)}.")
    settings = settings_for(
        Overrides(
            paths=tuple(paths or ()),
            exclude=tuple(exclude or ()),
            config=config,
            no_config=no_config,
            render=not no_render,
            jobs=jobs,
        )
    )
    from karlint.census import census

    taken = census(settings)
    write_bytes(_rendered(taken, format_, references))
    _warn(taken)


def _rendered(taken: Census, format_: str, references: bool) -> bytes:
    if format_ == "json":
        from karlint.report.censusjson import render_json

        return render_json(taken)
    if format_ == "markdown":
        from karlint.report.censusmarkdown import render_markdown

        return render_markdown(taken, references=references).encode()
    from karlint.report.censustext import render_text
    from karlint.report.options import options_for

    columns = max(shutil.get_terminal_size((0, 0)).columns, _NARROWEST) if _narrow() else _UNLIMITED
    guard = options_for(sys.stdout, os.environ).ci_guard
    return render_text(taken, columns, references=references, ci_guard=guard).encode()


def _narrow() -> bool:
    """Tell whether lines must keep to a width: on a terminal, or where COLUMNS asks for it."""
    return sys.stdout.isatty() or bool(os.environ.get("COLUMNS"))


def _warn(taken: Census) -> None:
    """Say on standard error what could not be read, since its workloads are missing."""
    from karlint.report.sanitise import defuse, encodable, one_line

    for one in taken.unread:
        place = f"{one.file}:{one.line}" if one.line else one.file
        typer.echo(defuse(encodable(one_line(f"warning: {place}: {one.message}"))), err=True)
    if taken.unread:
        typer.echo("What these files hold is not counted; `karlint check` tells more.", err=True)
