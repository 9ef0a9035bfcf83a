"""Reads the tree and its documents: which files a run lints, and what stands in one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from msgspec import Struct

from karlint.discover import DiscoverOptions, discover
from karlint.errors import ConfigError
from karlint.model.source import Anchor, SourceFile
from karlint.source import Limits, Positions, load_file

if TYPE_CHECKING:
    from pathlib import Path as FilePath

    from karlint.config import Settings
    from karlint.discover import Discovery
    from karlint.model.path import Path
    from karlint.model.source import Located


def discover_files(settings: Settings) -> Discovery:
    """Return what a run would lint and skip, without linting."""
    return discover(settings.root, settings.paths, _discover_options(settings), settings.stdin, parse_yaml)


def discover_all(settings: Settings) -> Discovery:
    """Return what a run over all of the tree would lint and skip, whatever *settings* name."""
    return discover(settings.root, (), _discover_options(settings), None, parse_yaml)


def _discover_options(settings: Settings) -> DiscoverOptions:
    return DiscoverOptions(settings.exclude, settings.respect_gitignore)


def parse_yaml(data: bytes) -> Any:
    """Return the first document of *data* as the API server reads it. Raises ValueError when it does not parse."""
    loaded = load_file(SourceFile("<text>", None, data), Limits())
    if loaded.findings:
        raise ValueError(loaded.findings[0].message)
    if loaded.skip_reason is not None:
        raise ValueError(loaded.skip_reason)
    return orjson.loads(loaded.documents[0].document.json) if loaded.documents else None


def read_documents(file: FilePath) -> list[Any]:
    """Return the documents of a YAML or JSON file as the API server reads them. Raises ValueError for another one."""
    loaded = load_file(SourceFile(str(file), file), Limits())
    if loaded.findings:
        span = loaded.findings[0].span
        raise ValueError(f"{f'line {span.line}: ' if span else ''}{loaded.findings[0].message}")
    if loaded.skip_reason is not None:
        raise ValueError(loaded.skip_reason)
    return [orjson.loads(item.document.json) for item in loaded.documents]


class _ConfigText(Struct, frozen=True):
    """A configuration file's value, and where its entries stand."""

    value: Any
    positions: Positions

    def locate(self, path: Path, anchor: Anchor) -> Located:
        return self.positions.locate(0, path, anchor)


def read_config(file: SourceFile) -> _ConfigText:
    """Read a configuration file. Raises ConfigError with file, line and column when it is no YAML."""
    loaded = load_file(file, Limits())
    for finding in loaded.findings:
        line, column = (finding.span.line, finding.span.column) if finding.span else (1, 1)
        raise ConfigError(f"{file.path}:{line}:{column}: {finding.message}", finding.help)
    if loaded.skip_reason is not None:
        raise ConfigError(f"{file.path}:1:1: {loaded.skip_reason}")
    value = orjson.loads(loaded.documents[0].document.json) if loaded.documents else None
    return _ConfigText(value, Positions(file))
