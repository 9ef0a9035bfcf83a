"""``karlint init``: a configuration file to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_TEMPLATE = """\
# Configuration of karlint. `karlint schema config` prints its JSON Schema.
# yaml-language-server: $schema=https://karlint.dev/schemas/karlint-config.schema.json

# Minors that your clusters run. Findings that hold for some of them only say for which.
kubernetes_versions: ["{version}"]

# Severity from which findings make the run fail: error, warning, note or never.
fail_on: error

# Paths to leave out, as in .gitignore.
exclude: []

# Rules: severity (error, warning, note, off), parameters, and paths where a rule does not apply.
rules: {{}}
"""


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIRECTORY", help="Where to write .karlint.yaml.")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a .karlint.yaml to start from."""
    from karlint.errors import UsageError
    from karlint.schema import default_version

    target = directory / ".karlint.yaml"
    if not directory.is_dir():
        raise UsageError(f"{directory} is not a directory")
    if target.exists() and not force:
        raise UsageError(f"{target} exists", "`karlint init --force` replaces it.")
    target.write_text(_TEMPLATE.format(version=default_version()), "utf-8")
    typer.echo(f"Wrote {target}. Next: karlint check")
