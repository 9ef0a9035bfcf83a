"""``karlint schema``: the published JSON Schemas."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Published(StrEnum):
    """The schemas that karlint publishes."""

    CONFIG = "config"
    INPUT = "input"
    REPORT = "report"
    RULE = "rule"


def schema(
    name: Annotated[
        Published,
        typer.Argument(metavar="NAME", help="config (.karlint.yaml), input (what Rego sees), report (JSON), or rule."),
    ],
) -> None:
    """Print a JSON Schema that karlint publishes.

    For the configuration file, the input of Rego rules, the JSON report, or the metadata of a rule.
    """
    from karlint.rules import data_dir

    typer.echo((data_dir() / "schemas" / f"karlint-{name}.schema.json").read_text("utf-8").rstrip())
