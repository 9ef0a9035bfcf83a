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
    "helm": "for you to render charts: `helm template CHART | karlint check -`",
    "kustomize": "for you to render overlays: `kustomize build DIR | karlint check -`",
}


def doctor() -> None:
    """Show versions, and what a run from here would lint and skip."""
    import platform
    import shutil

    from karlint.cli.settings import Overrides, settings_for
    from karlint.schema import available_versions, default_version

    typer.echo(f"karlint {__version__} on Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    for name in _PACKAGES:
        typer.echo(f"  {name:<20} {_installed(name)}")
    served = available_versions()
    typer.echo(f"Kubernetes schemas: {served[0]} to {served[-1]}")
    for tool, purpose in _TOOLS.items():
        typer.echo(f"  {tool:<20} {shutil.which(tool) or 'not found'}: {purpose}")
    settings = settings_for(Overrides())
    typer.echo(f"Root: {settings.root}\nLinted for Kubernetes: {', '.join(settings.versions) or default_version()}")
    _show_discovery(settings)


def _installed(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _show_discovery(settings: Settings) -> None:
    from collections import Counter

    from karlint.api import discover_files

    found = discover_files(settings)
    one = "file" if len(found.files) == 1 else "files"
    end = ":" if found.skipped else "."
    typer.echo(f"A run from here would lint {len(found.files)} {one} and skip {len(found.skipped)}{end}")
    for reason, number in Counter(item.reason for item in found.skipped).most_common():
        typer.echo(f"  {number:>6}  {reason}")
