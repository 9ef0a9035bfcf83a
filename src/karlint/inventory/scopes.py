"""Which directories of the tree belong together."""

from __future__ import annotations

import re
from bisect import bisect_left
from posixpath import dirname
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from karlint.model.resource import Environment

_REGION = r"[a-z]{2,}-[a-z]+-?[0-9][a-z]?"  # us-east-1, europe-west4: a cluster of its own within an environment
_ENVIRONMENT = re.compile(rf"((?:.*/)?(?:clusters?|environments?|envs?|overlays?)/[^/]+(?:/{_REGION}(?=/|$))?)(?:/|$)")


def environments(directories: Iterable[str]) -> dict[str, str]:
    """Return directory to environment, for the directories that belong to one by their names.

    What lies below the same ``clusters/<name>`` (or environments, envs, overlays) is deployed to one place.
    """
    found = {directory: _ENVIRONMENT.match(directory) for directory in sorted(directories)}
    return {directory: match[1] for directory, match in found.items() if match}


class Scopes:
    """Which directories belong together: one contains the other, or both lie in the same environment.

    What is rendered has the key of its environment for a directory. It belongs to its home, to the directories above
    that, and to what is deployed to the same cluster; of two environments neither contains the other.
    """

    def __init__(self, directories: Iterable[str], rendered: Iterable[Environment] = ()) -> None:
        self._directories = sorted(directories)
        self._homes = {environment.key: environment.home for environment in rendered}
        self.environments = environments(self._directories)
        self._all = frozenset(self._directories)
        by_home = environments(set(self._homes.values()))
        for environment in rendered:
            group = environment.cluster or by_home.get(environment.home)
            if group:
                self.environments[environment.key] = group
        self._members: dict[str, list[str]] = {}
        for directory, group in self.environments.items():
            self._members.setdefault(group, []).append(directory)
        self._known: dict[str, list[str]] = {}

    def of(self, directory: str) -> list[str]:
        """Return the directories in the scope of *directory*, itself included, sorted."""
        if directory not in self._known:
            found = {directory, *self._beside(directory)}
            home = self._homes.get(directory)
            if home is None:
                found |= {*self._above(directory), *self._below(directory), *self._rendered_below(directory)}
            else:
                found |= {*self._above(home), *({home} & self._all)}
            self._known[directory] = sorted(found)
        return self._known[directory]

    def _rendered_below(self, directory: str) -> Iterator[str]:
        prefix = f"{directory}/" if directory else ""
        for key, home in self._homes.items():
            if home == directory or home.startswith(prefix):
                yield key

    def _above(self, directory: str) -> Iterator[str]:
        while directory not in ("", "/"):  # outside the repository paths are absolute
            directory = dirname(directory)
            if directory in self._all:
                yield directory

    def _below(self, directory: str) -> list[str]:
        """Return *directory* and what lies under it, which are neighbours in the sorted list."""
        if not directory:
            return self._directories
        start = bisect_left(self._directories, f"{directory}/")
        end = bisect_left(self._directories, f"{directory}0", start)  # "0" is what follows "/"
        return [directory, *self._directories[start:end]] if directory in self._all else self._directories[start:end]

    def _beside(self, directory: str) -> list[str]:
        own = self.environments.get(directory)
        return self._members.get(own, []) if own is not None else []
