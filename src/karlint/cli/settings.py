"""From options and the configuration file to settings."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from karlint.errors import UsageError

if TYPE_CHECKING:
    from karlint.config import Settings
    from karlint.model.report import Report


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says; empty where it says nothing."""

    paths: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    fail_on: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    schema_locations: tuple[str, ...] = ()
    config: Path | None = None
    no_config: bool = False
    jobs: int | None = None


def settings_for(overrides: Overrides) -> Settings:
    """Return the settings of a run. Raises KarlintError for options or a configuration that make no sense."""
    if "" in overrides.paths:
        raise UsageError("a path is empty", "An unset variable, perhaps? Name the paths, or none for the repository.")
    from karlint.api import read_config
    from karlint.config import Config, Settings, load_config
    from karlint.discover import find_root

    here = Path.cwd()
    root = find_root(here)
    config = (
        Config()
        if overrides.no_config and overrides.config is None
        else load_config(root, overrides.config, read_config, start=here)
    )
    return Settings.from_config(
        root,
        config,
        paths=overrides.paths,
        stdin=sys.stdin.buffer.read() if "-" in overrides.paths and sys.stdin is not None else None,
        versions=overrides.versions,
        fail_on=overrides.fail_on,
        select=overrides.select,
        ignore=overrides.ignore,
        exclude=overrides.exclude,
        schema_locations=[text if "://" in text else str(here / text) for text in overrides.schema_locations],
        jobs=overrides.jobs,
    )


def only_new(report: Report, settings: Settings, diff_base: str | None, baseline: Path | None) -> Report:
    """Return *report* without what the commit *diff_base*, and then the baseline, knows. Raises KarlintError."""
    from karlint.since import against_baseline, load_baseline, since_commit

    if diff_base is not None:
        report = since_commit(report, settings, diff_base)
    file = baseline or (settings.root / settings.config.baseline if settings.config.baseline else None)
    return report if file is None else against_baseline(report, load_baseline(file))
