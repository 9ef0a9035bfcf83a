"""``karlint migrate``: from one way to write a manifest to another."""

from __future__ import annotations

import os
import sys
from pathlib import Path  # noqa: TC003 - typer reads the annotations when it runs
from typing import TYPE_CHECKING, Annotated

import typer

from karlint.cli.fixes import unified
from karlint.cli.outputs import write_bytes
from karlint.cli.settings import Overrides, settings_for

if TYPE_CHECKING:
    from karlint.model.migration import Migration

_FORMATS = ("text", "json")

app = typer.Typer(
    name="migrate",
    no_args_is_help=True,
    help="Rewrite manifests to say the same in another way.",
)


@app.callback()
def _migrations() -> None:
    """Have the name of the migration given, although there is but one so far."""


@app.command()
def dra(  # noqa: PLR0913, PLR0917 - each parameter is an option
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="PATH", help="Files or directories. Default: the Git repository.")
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Change the files. Default: print what would change.")] = False,
    kubernetes_version: Annotated[
        list[str] | None,
        typer.Option("--kubernetes-version", "-k", metavar="MINOR", help="Target, from 1.34 on. Repeatable."),
    ] = None,
    format_: Annotated[str, typer.Option("--format", "-f", metavar="FORMAT", help="text or json.")] = "text",
    device_class: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A DeviceClass that the cluster has. Needed to write; repeatable."),
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WORD",
            help="Migrate all the same where only you can know that it works: autoscaler, device-plugin, driver, "
            "kueue, operator, scheduler, shared or topology. Repeatable.",
        ),
    ] = None,
    only_gaining: Annotated[
        bool, typer.Option("--only-gaining", help="Leave alone what claims bring nothing.")
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
    """Move requests to device plugins over to DRA claims.

    Where that is sure to be the same. Says first whether claims bring a workload anything, and how it could stay as it
    is. Prints a summary and a diff that `git apply` takes; nothing is changed without --write. What is changed was
    tried in a copy of the tree: it asks for as many devices as before, and no rule or schema finds anything new. What
    cannot be moved is told, and why.
    """
    from karlint.errors import UsageError

    if format_ not in _FORMATS:
        raise UsageError(f"there is no format {format_!r}", f"Formats: {', '.join(_FORMATS)}.")
    settings = settings_for(
        Overrides(
            paths=tuple(paths or ()),
            versions=tuple(kubernetes_version or ()),
            exclude=tuple(exclude or ()),
            config=config,
            no_config=no_config,
            render=not no_render,
            jobs=jobs,
        )
    )
    from karlint.migrate import Options, migrate_dra

    options = Options(
        write=write,
        allow=frozenset(allow or ()),
        gaining=only_gaining,
        classes=frozenset(device_class or ()),
    )
    migration = migrate_dra(settings, options)
    write_bytes(_rendered(migration, format_))


def _rendered(migration: Migration, format_: str) -> bytes:
    diff = b"".join(line for file in migration.files for line in unified(file))
    if format_ == "json":
        from karlint.report.migrationjson import render_json

        return render_json(migration, diff)
    from karlint.report.migrationtext import render_text
    from karlint.report.options import options_for

    options = options_for(sys.stdout, os.environ)
    text = render_text(migration, options.width, ci_guard=options.ci_guard).encode()
    return text if migration.written or not diff else text + b"\n" + diff
