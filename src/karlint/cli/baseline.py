"""``karlint baseline``: accept what is there, so that only what is new counts."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations when it runs
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import date

_NAME = ".karlint-baseline.json"


def baseline(  # noqa: PLR0913, PLR0917 - each parameter is an option
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="PATH", help="What to lint. Default: the Git repository.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help=f"Default: the configuration's, else {_NAME}."),
    ] = None,
    accept_new: Annotated[
        bool, typer.Option("--accept-new", help="Take in what is new too; without it a baseline only shrinks.")
    ] = False,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why the entries that are taken in may stay.")] = "",
    expires: Annotated[
        str | None, typer.Option(metavar="DATE", help="Last day of the entries that are taken in: 2027-01-31.")
    ] = None,
    kubernetes_version: Annotated[
        list[str] | None, typer.Option("--kubernetes-version", "-k", metavar="MINOR", help="As for `karlint check`.")
    ] = None,
    no_render: Annotated[bool, typer.Option("--no-render", help="As for `karlint check`.")] = False,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="As for `karlint check`.")] = None,
) -> None:
    """Write down the findings that are there, so that new ones count.

    The first run writes all findings. Later ones take out what is mended; `--accept-new` also takes in what is new.
    With a PATH, what is known of the rest of the repository stays.
    `karlint check` reads the file where the configuration names it (`baseline: .karlint-baseline.json`).
    """
    import orjson

    from karlint.api import lint
    from karlint.cli.settings import Overrides, settings_for
    from karlint.errors import EnvironmentProblem
    from karlint.findings import Baseline, baseline_of, ratchet, written
    from karlint.since import load_baseline

    day = _day(expires)
    settings = settings_for(
        Overrides(
            paths=tuple(paths or ()), versions=tuple(kubernetes_version or ()), config=config, render=not no_render
        )
    )
    report = lint(settings)
    if report.failures:
        raise EnvironmentProblem(
            f"the run is incomplete, so no baseline is written: {report.failures[0].message}", "`karlint check` tells."
        )
    file = output or settings.root / (settings.config.baseline or _NAME)
    old = load_baseline(file) if file.is_file() else None  # /dev/stdout is written only
    found = baseline_of(report.findings, reason, day)
    whole = None if settings.paths else report.environments
    new = found if old is None else ratchet(old, report.findings, whole, found if accept_new else None)
    text = orjson.dumps(written(new), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    try:
        file.write_bytes(text)
    except OSError as error:
        raise EnvironmentProblem(f"{file} cannot be written: {error.strerror}") from error
    before = old or Baseline({})
    gone = len(before.entries.keys() - new.entries.keys())
    added = len(new.entries.keys() - before.entries.keys())
    left = len(found.entries.keys() - new.entries.keys())
    typer.echo(f"{file}: {len(new.entries)} entries, {added} new, {gone} taken out.")
    if left:
        typer.echo(f"{left} new findings were left out; `karlint baseline --accept-new` takes them in.")


def _day(text: str | None) -> date | None:
    from datetime import date

    from karlint.errors import UsageError

    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no date", "Write it as 2027-01-31.") from None
