"""From options and the configuration file to settings."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from karlint.errors import UsageError

if TYPE_CHECKING:
    from karlint.config import Settings
    from karlint.engine import ServerOptions
    from karlint.model.report import Report
    from karlint.policy import UserPolicies


class Overrides(Struct, frozen=True):
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
    opa: ServerOptions | None = None
    policies: UserPolicies | None = None
    render: bool = True
    do_without: bool = False
    network: bool = False


def settings_for(overrides: Overrides) -> Settings:
    """Return the settings of a run. Raises KarlintError for options or a configuration that make no sense."""
    if "" in overrides.paths:
        raise UsageError("a path is empty", "An unset variable, perhaps? Name the paths, or none for the repository.")
    from karlint.config import Config, Settings, load_config
    from karlint.discover import find_root
    from karlint.reading import read_config

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
        opa=overrides.opa,
        policies=overrides.policies,
        render=overrides.render,
        do_without=overrides.do_without,
        network=overrides.network,
    )


def only_new(report: Report, settings: Settings, diff_base: str | None, baseline: Path | None) -> Report:
    """Return *report* without what the commit *diff_base*, and then the baseline, knows. Raises KarlintError."""
    from karlint.since import against_baseline, load_baseline, since_commit

    if diff_base is not None:
        report = since_commit(report, settings, diff_base)
    file = baseline or (settings.root / settings.config.baseline if settings.config.baseline else None)
    return report if file is None else against_baseline(report, load_baseline(file), whole=not settings.paths)


def server_options(
    url: str | None,
    token_file: Path | None,
    certificates: tuple[Path | None, Path | None, Path | None],
    timeout: float,
    *,
    push: bool,
) -> ServerOptions | None:
    """Return how to speak to an OPA server; None without a URL. *certificates*: to trust, the client's, its key.

    Raises UsageError for a token file that cannot be read, and for options without a server.
    """
    if url is None:
        if token_file or any(certificates) or not push:
            raise UsageError("options about an OPA server need --opa-url")
        return None
    from karlint.engine import ServerOptions

    token = os.environ.get("KARLINT_OPA_TOKEN", "")
    if token_file is not None:
        try:
            token = token_file.read_text("utf-8").strip()
        except (OSError, UnicodeError) as error:
            raise UsageError(f"--opa-token-file: {token_file} cannot be read: {error}") from error
    ca_file, cert_file, key_file = (str(file) if file else "" for file in certificates)
    return ServerOptions(url, token, ca_file, cert_file, key_file, timeout, push)


def user_policies(paths: list[str], data: list[str], namespaces: list[str]) -> UserPolicies | None:
    """Return the user's own policies; None without a path. Raises UsageError and PolicyError."""
    if not paths:
        if data or namespaces:
            raise UsageError("--policy-data and --policy-namespace need --policy")
        return None
    from karlint.policy import load_policies
    from karlint.reading import read_documents

    return load_policies([Path(path) for path in paths], [Path(path) for path in data], namespaces, read_documents)
