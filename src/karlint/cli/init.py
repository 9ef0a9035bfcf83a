"""``karlint init``: a configuration file to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_TEMPLATE = """\
# Configuration of karlint. Every key is optional; what the command line says wins.
# `karlint schema config` prints the JSON Schema of this file, for editors.

# Minors that your clusters run. A finding that holds for some of them only says for which.
kubernetes_versions: ["{version}"]

# Severity from which findings make the run fail: error, warning, note or never.
fail_on: error

# Paths to leave out, as in .gitignore, relative to the root of the repository.
exclude: []
#  - experiments/
#  - "**/testdata/"

# Rules by id: a severity (error, warning, note, off), or a mapping. `karlint rules` lists them, and `karlint explain
# RULE` tells the parameters of one.
rules: {{}}
#  quota/namespace-without-quota: off
#  serving/liveness-kills-load:
#    severity: error
#    params: {{min_load_seconds: 120}}
#    exclude: [clusters/dev/]

# What is made by other means than this repository, by group and kind: names, or "*" for any.
assume: {{}}
#  kueue.x-k8s.io/LocalQueue: [research, batch]
#  resource.k8s.io/ResourceClaimTemplate: "*"

# Extended resources that are accelerators, beside those that karlint knows.
accelerators: []
#  - name: example.com/npu
#    vendor: example

# Directories with schemas of custom resources, GROUP/KIND_VERSION.json. `karlint schema import` makes them from CRDs.
schema_locations: []
"""


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIRECTORY", help="Where to write .karlint.yaml.")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a .karlint.yaml to start from.

    It changes nothing yet: what it sets are the defaults, and the rest are examples to uncomment.
    """
    from karlint.errors import EnvironmentProblem, UsageError
    from karlint.minors import default_version

    target = directory / ".karlint.yaml"
    if not directory.is_dir():
        raise UsageError(f"{directory} is not a directory")
    if target.exists() and not force:
        raise UsageError(f"{target} exists", "`karlint init --force` replaces it.")
    try:
        target.write_text(_TEMPLATE.format(version=default_version()), "utf-8")
    except OSError as error:
        raise EnvironmentProblem(f"{target} cannot be written: {error.strerror}") from error
    typer.echo(f"Wrote {target}. Next: karlint check")
