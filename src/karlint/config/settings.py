"""What one run is asked to do: the configuration file, and what the command line says instead."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec import Struct, field

from karlint.config.problems import did_you_mean
from karlint.config.types import Config
from karlint.errors import UsageError
from karlint.model.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from karlint.engine import ServerOptions
    from karlint.policy import UserPolicies

_NEVER = "never"


class Settings(Struct, frozen=True):
    """What :func:`karlint.api.lint` takes.

    Attributes:
        root: directory that reported paths are relative to.
        paths: what to lint, as given; empty for all of *root*; ``-`` for *stdin*.
        stdin: what standard input held; None when it is not asked for.
        versions: target minors; empty for the default of the schemas.
        fail_on: findings at or above this severity make the run fail; None for never.
        select, ignore: rule ids or categories that alone run, or do not run.
        exclude: gitignore patterns: those of the configuration and those of the command line.
        schema_locations: where schemas of custom resources lie: those of the command line, then the configuration's.
        respect_gitignore: False to lint what Git ignores.
        jobs: processes; at least 1.
        limits: names of limits to their values; those left out keep their defaults.
        render: False to lint charts and kustomizations as they stand.
        do_without: True to leave unrendered, and to say so, what helm or kustomize is missing for; False to give up.
        network: True to let renderers fetch what lies elsewhere.
        config: the configuration file's values.
        policies: the user's own, beside karlint's rules; None for none.
        opa: the OPA server that evaluates the Rego rules; None for the engine of this process. Never of the
            configuration file, which may come with a pull request.
    """

    root: Path
    paths: tuple[str, ...] = ()
    stdin: bytes | None = None
    versions: tuple[str, ...] = ()
    fail_on: Severity | None = Severity.ERROR
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    schema_locations: tuple[str, ...] = ()
    respect_gitignore: bool = True
    jobs: int = 1
    limits: Mapping[str, int] = field(default_factory=dict)
    render: bool = True
    do_without: bool = False
    network: bool = False
    config: Config = field(default_factory=Config)
    opa: ServerOptions | None = None
    policies: UserPolicies | None = None

    @classmethod
    def from_config(  # noqa: PLR0913 (one keyword for each thing that a command line may say)
        cls,
        root: Path,
        config: Config,
        *,
        paths: Sequence[str] = (),
        stdin: bytes | None = None,
        versions: Sequence[str] = (),
        fail_on: str | None = None,
        select: Sequence[str] = (),
        ignore: Sequence[str] = (),
        exclude: Sequence[str] = (),
        schema_locations: Sequence[str] = (),
        respect_gitignore: bool = True,
        jobs: int | None = None,
        opa: ServerOptions | None = None,
        policies: UserPolicies | None = None,
        render: bool = True,
        do_without: bool = False,
        network: bool = False,
    ) -> Settings:
        """Return the settings of a run: *config*, and over it what the command line says (empty or None: nothing).

        Excludes add up, since a command line that leaves something out hardly means to take the rest back in, and so do
        the locations of schemas, of which those of the configuration are relative to *root*.
        *fail_on* is a severity or "never"; *jobs* defaults to the CPUs this process may use.

        Raises:
            UsageError: *fail_on* is neither.
        """
        return cls(
            root=root,
            paths=tuple(paths),
            stdin=stdin,
            versions=tuple(dict.fromkeys(versions)) or config.kubernetes_versions,
            fail_on=config.fail_on if fail_on is None else resolve_fail_on(fail_on),
            select=tuple(select),
            ignore=tuple(ignore),
            exclude=(*config.exclude, *exclude),
            schema_locations=(*schema_locations, *(_from(root, text) for text in config.schema_locations)),
            respect_gitignore=respect_gitignore,
            jobs=_cpus() if jobs is None else max(1, jobs),
            limits=config.limits,
            render=render and config.render.enabled,
            do_without=do_without,
            network=network,
            config=config,
            opa=opa,
            policies=policies,
        )


def _from(root: Path, text: str) -> str:
    return text if "://" in text else str(root / text)


def resolve_fail_on(text: str) -> Severity | None:
    """Return the severity that *text* names; None for "never". Raises UsageError for anything else."""
    choices = [*(severity.value for severity in Severity), _NEVER]
    if text not in choices:
        hint = did_you_mean(text, choices) or f"Choose one of {', '.join(choices)}."
        raise UsageError(f"There is no severity {text!r} to fail on.", hint)
    return None if text == _NEVER else Severity(text)


def _cpus() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every platform
        return os.cpu_count() or 1
