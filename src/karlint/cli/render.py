"""``karlint render``: what would be linted of charts, kustomizations and the like, and where it is from."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations when it runs
from typing import TYPE_CHECKING, Annotated

import typer

from karlint.cli.outputs import write_bytes
from karlint.cli.settings import Overrides, settings_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from karlint.deployed import Deployed, Part
    from karlint.locate import Locator
    from karlint.model.unit import NotRendered


def render(  # noqa: PLR0913, PLR0917 - each parameter is an option
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH", help="Files or directories. Default: the Git repository."),
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="Name what is rendered, and what is not.")] = False,
    unit: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Print this one of --list only. Repeatable.")
    ] = None,
    show_origin: Annotated[
        bool, typer.Option("--show-origin", help="Print each value with the place that it comes from.")
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Configuration. Default: the nearest .karlint.yaml, up to the root."),
    ] = None,
    no_config: Annotated[bool, typer.Option("--no-config", help="Read no configuration file.")] = False,
    allow_network: Annotated[
        bool, typer.Option("--allow-network", help="Let kustomize fetch remote bases. Default: nothing is fetched.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, metavar="N", help="Processes. Default: one for each CPU.")
    ] = None,
) -> None:
    """Print what would be linted, as helm and kustomize render it.

    For a single chart or kustomization that is what the tool prints itself; several are told apart by a comment above
    each. What cannot be rendered is told on standard error, with the tool's own words, and the exit code is 1 then.
    """
    settings = settings_for(
        Overrides(paths=tuple(paths or ()), config=config, no_config=no_config, network=allow_network, jobs=jobs)
    )
    from karlint.rollout import render_tree

    deployed = render_tree(settings)
    if list_:
        write_bytes("".join(f"{line}\n" for line in _listed(deployed)).encode())
        raise typer.Exit(0)
    parts = _chosen(deployed, unit or [])
    if show_origin:
        from karlint.locate import Locator

        locate = Locator(settings.root)
        write_bytes("".join(f"{line}\n" for part in parts for line in _origins(part, locate)).encode())
    else:
        write_bytes(_streams(parts))
    missing = [item for item in deployed.not_rendered if not unit or item.what in unit]
    for item in missing:
        for line in _told(item, deployed):
            typer.echo(line, err=True)
    raise typer.Exit(1 if missing else 0)


def _told(item: NotRendered, deployed: Deployed) -> Iterator[str]:
    """Yield what is not rendered and why, the place and the words of whoever gave up, and what to do."""
    from karlint.report.sanitise import one_line

    yield one_line(f"not rendered: {item.what}: {item.reason}")
    words = item.words or f"{item.what} is not linted: {item.reason}."
    found = next((finding for finding in deployed.findings if finding.message == words), None)
    place = item.place.file if found is None else found.path
    if found is not None and found.span is not None:
        place += f":{found.span.line}:{found.span.column}"
    yield one_line(f"  {place}: {item.words}" if item.words else f"  {place}")
    if item.help:
        yield one_line(f"  hint: {item.help}")


def _listed(deployed: Deployed) -> Iterator[str]:
    from karlint.report.sanitise import one_line

    for part in deployed.parts:
        yield one_line(f"{part.tool:<10} {part.output.unit.id}")
    for item in deployed.not_rendered:
        yield one_line(f"{'-':<10} {item.what}: not rendered: {item.reason}")


def _chosen(deployed: Deployed, names: Sequence[str]) -> list[Part]:
    """Return the parts called *names*, as far as they were rendered; all of them for none.

    Raises UsageError for a name that nothing has.
    """
    from karlint.config.problems import did_you_mean
    from karlint.errors import UsageError

    known = {part.output.unit.id: part for part in deployed.parts}
    failed = {item.what for item in deployed.not_rendered}
    for name in names:
        if name not in known and name not in failed:
            hint = did_you_mean(name, [*known, *failed]) or "`karlint render --list` names them all."
            raise UsageError(f"nothing is rendered that is called {name!r}", hint)
    return [known[name] for name in names if name in known] if names else list(deployed.parts)


def _streams(parts: Sequence[Part]) -> bytes:
    if len(parts) == 1:
        return parts[0].text()
    found = []
    for part in parts:
        text = part.text()
        mark = b"" if text.startswith(b"---") else b"---\n"
        end = b"" if text.endswith(b"\n") or not text else b"\n"
        found.append(b"# Rendered: " + part.output.unit.id.encode() + b"\n" + mark + text + end)
    return b"".join(found)


def _origins(part: Part, locate: Locator) -> Iterator[str]:
    """Yield a line for each scalar: its path, its value, its place, and whether that is sure."""
    from karlint.model.path import to_text
    from karlint.model.source import Anchor
    from karlint.report.sanitise import one_line

    yield one_line(f"# Rendered: {part.output.unit.id}")
    for resource in part.resources(0):
        yield one_line(f"# {resource.ref.api_version} {resource.ref}")
        hidden = resource.ref.group_kind == "Secret"
        for at, value in _scalars(resource.body, ()):
            place = locate(resource, at, Anchor.VALUE).location
            where = f"{place.path}:{place.span.line}:{place.span.column}"
            shown = "(hidden)" if hidden and at[0] in ("data", "stringData") else _short(value)
            yield one_line(f"{to_text(at)} = {shown}  {where}{'' if place.exact else ' (approximate)'}")


def _scalars(value: object, at: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], object]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if not children:
        yield at, value
        return
    for step, child in children:
        yield from _scalars(child, (*at, step))


def _short(value: object) -> str:
    import json

    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:59] + "…"
