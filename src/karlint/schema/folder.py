"""Schema files in a directory, in the layout of the CRDs catalogue: ``<group>/<kind>_<version>.json``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path as FilePath


def file_name(group: str, kind: str, version: str) -> str:
    """Return where the schema of a kind lies: ``kueue.x-k8s.io/clusterqueue_v1beta2.json``."""
    return f"{group}/{kind.lower()}_{version}.json"


class SchemaFolder:
    """Look-ups in one directory.

    It is listed group by group, when a resource of the group turns up: names made from a manifest never reach the file
    system.
    """

    def __init__(self, directory: FilePath) -> None:
        self._directory = directory
        self._groups: dict[str, FilePath] | None = None
        self._files: dict[str, dict[str, FilePath]] = {}

    def find(self, group: str, kind: str, version: str) -> FilePath | None:
        """Return the file of a kind's schema, None when there is none."""
        if self._groups is None:
            self._groups = _entries(self._directory)
        if group not in self._groups:
            return None
        if group not in self._files:
            self._files[group] = _entries(self._groups[group])
        return self._files[group].get(file_name(group, kind, version).rpartition("/")[2])


def _entries(directory: FilePath) -> dict[str, FilePath]:
    try:
        return {entry.name: entry for entry in directory.iterdir()}
    except OSError:
        return {}
