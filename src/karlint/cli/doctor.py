"""``karlint doctor``: what is installed, what is found, what would be skipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from karlint import __version__

if TYPE_CHECKING:
    from karlint.config import Settings

_PACKAGES = (
    "PyYAML",
    "jsonschema",
    "jsonschema-rs",
    "kubernetes-validate",
    "gordon-to-regorus",
    "orjson",
    "typer",
)
_TOOLS = {
    "git": "not needed to lint; for pre-commit",
    "helm": "renders charts",
    "kustomize": "renders overlays; kubectl stands in for it",
}


def doctor() -> None:
    """Show versions, and what a run from here would lint and skip."""
    import platform
    import shutil

    from karlint.cli.settings import Overrides, settings_for
    from karlint.minors import available_versions, default_version

    typer.echo(f"karlint {__version__} on Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    for name in _PACKAGES:
        typer.echo(f"  {name:<20} {_installed(name)}")
    served = available_versions()
    typer.echo(f"Kubernetes schemas: {served[0]} to {served[-1]}")
    renderers = _renderers()
    for tool, purpose in _TOOLS.items():
        found = renderers.get(tool) or shutil.which(tool) or "not found"
        typer.echo(f"  {tool:<20} {found}: {purpose}")
    settings = settings_for(Overrides())
    typer.echo(f"Root: {settings.root}\nLinted for Kubernetes: {', '.join(settings.versions) or default_version()}")
    _show_discovery(settings)


def _renderers() -> dict[str, str]:
    """Return what renders charts and overlays here, with its version."""
    from karlint.errors import EnvironmentProblem
    from karlint.render import Sandbox, Tools

    found = {}
    with Sandbox() as sandbox:
        tools = Tools(sandbox)
        for name in ("helm", "kustomize"):
            try:
                tool = tools.find(name)
            except EnvironmentProblem as problem:
                found[name] = problem.message
                continue
            if tool is not None:
                found[name] = f"{' '.join(tool.argv)} {tool.version}".strip()
    return found


def _installed(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _show_discovery(settings: Settings) -> None:
    from collections import Counter

    from karlint.reading import discover_files

    found = discover_files(settings)
    layout = found.layout
    if layout.kustomizations or layout.charts:
        counts = f"{len(layout.charts)} charts, {len(layout.kustomizations)} kustomizations"
        typer.echo(f"To render: {counts}; `karlint render --list` names what they make.")
    one = "file" if len(found.files) == 1 else "files"
    end = ":" if found.skipped else "."
    typer.echo(f"A run from here would lint {len(found.files)} {one} and skip {len(found.skipped)}{end}")
    for reason, number in Counter(item.reason for item in found.skipped).most_common():
        typer.echo(f"  {number:>6}  {reason}")
