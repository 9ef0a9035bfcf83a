"""Reads CustomResourceDefinitions from files that are named on the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from karlint.errors import UsageError
from karlint.model.source import SourceFile
from karlint.prepared import resources_of
from karlint.source import Limits, load_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from karlint.model.resource import Resource

_SUFFIXES = {".yaml", ".yml", ".json"}
_MOST_BYTES = 256 * 1024 * 1024  # a cluster's CRDs in one list are tens of megabytes
_LIMITS = Limits(max_bytes=_MOST_BYTES, max_documents=100_000)


def read_crds(names: Iterable[str]) -> list[Resource]:
    """Return the resources of the named files, directories and standard input (``-``), in order.

    Raises UsageError, which names the file, for one that cannot be read or is no YAML.
    """
    loaded = []
    for file in (file for name in names for file in _files(name)):
        read = load_file(file, _LIMITS)
        for finding in read.findings:
            line = finding.span.line if finding.span else 1
            raise UsageError(f"{file.path}:{line}: {finding.message}", finding.help)
        loaded.append(read)
    return resources_of(loaded)


def _files(name: str) -> list[SourceFile]:
    if name == "-":
        return [SourceFile("<stdin>", None, sys.stdin.buffer.read() if sys.stdin else b"")]
    path = Path(name)
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.suffix in _SUFFIXES and file.is_file())
    elif path.is_file():
        found = [path]
    else:
        raise UsageError(f"{name}: no such file or directory")
    return [SourceFile(file.as_posix(), file) for file in found]
