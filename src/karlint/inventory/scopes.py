"""Which directories of the tree belong together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_ENVIRONMENT = re.compile(r"((?:.*/)?(?:clusters?|environments?|envs?|overlays?)/[^/]+)(?:/|$)")


def environments(directories: Iterable[str]) -> dict[str, str]:
    """Return directory to environment, for the directories that belong to one by their names.

    What lies below the same ``clusters/<name>`` (or environments, envs, overlays) is deployed to one place.
    """
    found = {directory: _ENVIRONMENT.match(directory) for directory in sorted(directories)}
    return {directory: match[1] for directory, match in found.items() if match}


class Scopes:
    """Which directories belong together: one contains the other, or both lie in the same environment."""

    def __init__(self, directories: Iterable[str]) -> None:
        self._directories = sorted(directories)
        self.environments = environments(self._directories)
        self._known: dict[str, list[str]] = {}

    def of(self, directory: str) -> list[str]:
        """Return the directories in the scope of *directory*, itself included, sorted."""
        if directory not in self._known:
            own = self.environments.get(directory)
            self._known[directory] = [
                other
                for other in self._directories
                if _contains(other, directory)
                or _contains(directory, other)
                or (own is not None and self.environments.get(other) == own)
            ]
        return self._known[directory]


def _contains(above: str, below: str) -> bool:
    return not above or above == below or below.startswith(f"{above}/")
