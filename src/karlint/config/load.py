"""Finds the configuration file, reads it, and turns it into a Config."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Mapping
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from karlint.config.excludes import pattern_problems
from karlint.config.problems import Problem, schema_problems
from karlint.config.types import (
    RENDER_SECONDS,
    Accelerator,
    ChartSet,
    Config,
    Ignored,
    RenderConfig,
    RuleConfig,
    RuleSeverity,
)
from karlint.errors import ConfigError, UsageError
from karlint.model.rule import Severity
from karlint.model.source import SourceFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from karlint.model.path import Path
    from karlint.model.source import Anchor, Located

CONFIG_NAMES = (".karlint.yaml", ".karlint.yml")
_SIZE_LIMIT = 1_000_000


class ConfigText(Protocol):
    """The first document of a configuration file, with the positions of its entries."""

    @property
    def value(self) -> Any:
        """Its value as Kubernetes reads YAML; None for an empty file."""

    def locate(self, path: Path, anchor: Anchor) -> Located:
        """Return where *path* stands, or its nearest ancestor that exists."""


ReadConfig = Callable[[SourceFile], ConfigText]
"""Reads a file. Raises ConfigError, whose message starts with ``file:line:column: ``, when it is no YAML."""


class Origin(Struct, frozen=True):
    """Where a configuration stands: the path that messages show, and its text."""

    path: str
    text: ConfigText

    def error(self, problems: Sequence[Problem]) -> ConfigError:
        """Return the error for *problems*, which must not be empty: the first in the file, and how many more."""
        located = sorted((self.text.locate(item.path, item.anchor).span, item.message, item.hint) for item in problems)
        span, message, hint = located[0]
        more = len(located) - 1
        if more:
            hint = f"{hint} {more} more problem{'s' if more > 1 else ''} in this file.".strip()
        return ConfigError(f"{self.path}:{span.line}:{span.column}: {message}", hint)


def find_config(root: FilePath, start: FilePath | None = None) -> FilePath | None:
    """Return the configuration file of *start*, or of the nearest directory above it up to *root*.

    Raises ConfigError when a directory has two.
    """
    here = (start or root).resolve()
    root = root.resolve()
    directories = [here, *here.parents] if here.is_relative_to(root) else [root]
    for directory in directories:
        found = [directory / name for name in CONFIG_NAMES if (directory / name).is_file()]
        if len(found) > 1:
            raise ConfigError(f"{_shown(found[1], root)}:1:1: there is a {found[0].name} too.", "Keep one of the two.")
        if found:
            return found[0]
        if directory == root:
            break
    return None


def load_config(root: FilePath, explicit: FilePath | None, read: ReadConfig, start: FilePath | None = None) -> Config:
    """Read the configuration of a run.

    Args:
        root: root of the run; the search goes no further up.
        explicit: the file to read in any case; None to search.
        read: reads YAML with positions; see :data:`ReadConfig`.
        start: where the search begins; None for *root*.

    Returns:
        Its values, checked against the schema; the defaults when there is no file. What only the rules know (ids,
        parameters, versions) is for :func:`karlint.config.validate_config`.

    Raises:
        UsageError: *explicit* does not exist.
        ConfigError: the file is wrong.
    """
    if explicit is not None and not explicit.is_file():
        raise UsageError(f"{explicit}: no such configuration file.", "Check the path given with --config.")
    file = explicit or find_config(root, start)
    if file is None:
        return Config()
    source = _source_file(file, _shown(file, root))
    origin = Origin(source.path, read(source))
    value = origin.text.value
    if value is None:
        return Config(origin=origin)
    problems = schema_problems(value)
    if problems:
        raise origin.error(problems)
    config = _config(value, origin)
    wrong_patterns = list(pattern_problems(config))
    if wrong_patterns:
        raise origin.error(wrong_patterns)
    return config


def _source_file(file: FilePath, shown: str) -> SourceFile:
    try:
        with file.open("rb") as stream:
            data = stream.read(_SIZE_LIMIT + 1)
    except OSError as error:
        raise ConfigError(f"{shown}:1:1: cannot be read: {error.strerror}.", "Check its permissions.") from error
    if len(data) > _SIZE_LIMIT:
        raise ConfigError(f"{shown}:1:1: is larger than {_SIZE_LIMIT} bytes, so it is no configuration.")
    return SourceFile(shown, None, data)


def _shown(file: FilePath, root: FilePath) -> str:
    absolute = FilePath(os.path.abspath(file))  # noqa: PTH100 (a link is shown as the link)
    for base in (root, root.resolve()):
        if absolute.is_relative_to(base):
            return absolute.relative_to(base).as_posix()
    return file.as_posix()


def _config(value: Mapping[str, Any], origin: Origin) -> Config:
    """Build the Config from a *value* that satisfies the schema."""
    fail_on = value.get("fail_on", Severity.ERROR)
    return Config(
        kubernetes_versions=tuple(value.get("kubernetes_versions", ())),
        fail_on=None if fail_on == "never" else Severity(fail_on),
        exclude=tuple(value.get("exclude", ())),
        rules={rule: _rule_config(entry) for rule, entry in value.get("rules", {}).items()},
        profiles=tuple(value.get("profiles", ())),
        assume={kind: "*" if names == "*" else tuple(names) for kind, names in value.get("assume", {}).items()},
        accelerators=tuple(Accelerator(**entry) for entry in value.get("accelerators", ())),
        schema_locations=tuple(value.get("schema_locations", ())),
        limits=dict(value.get("limits", {})),
        baseline=value.get("baseline", ""),
        ignore=tuple(Ignored(**entry) for entry in value.get("ignore", ())),
        render=_render_config(value.get("render", {})),
        origin=origin,
    )


def _render_config(value: Mapping[str, Any]) -> RenderConfig:
    charts = []
    for number, entry in enumerate(value.get("charts", ()), 1):
        lists = {name: tuple(entry[name]) for name in ("values", "api_versions") if name in entry}
        chart = "" if (path := posixpath.normpath(entry["chart"])) == "." else path
        charts.append(ChartSet(**{"name": str(number), **entry, **lists, "chart": chart}))
    return RenderConfig(
        value.get("enabled", True),
        tuple(charts),
        tuple(value.get("repositories", ())),
        value.get("timeout_seconds", RENDER_SECONDS),
    )


def _rule_config(entry: Any) -> RuleConfig:
    if not isinstance(entry, dict):
        return RuleConfig(_severity(entry))
    return RuleConfig(_severity(entry.get("severity")), dict(entry.get("params", {})), tuple(entry.get("exclude", ())))


def _severity(value: Any) -> RuleSeverity:
    if value is None:
        return None
    return "off" if value is False or value == "off" else Severity(value)
