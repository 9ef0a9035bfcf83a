"""Real paths of a tree that stays as it is: what lies above many files is looked at once."""

from __future__ import annotations

import os
import posixpath

_DEEP = 200
"""Directories above each other; a path of more is not looked into step by step."""


class RealPaths:
    """Real paths below *root*, as ``os.path.realpath`` tells them; each directory on the way is looked at once."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = os.path.realpath(root)
        self._prefix = f"{self.root.rstrip('/')}/"
        self._known: dict[str, str] = {"": self.root, "/": "/"}

    def inside(self, path: str) -> str | None:
        """Return the real path of *path*, which starts at the root, from there; None for one outside of the root."""
        real = self.real(path)
        if real == self.root:
            return ""
        return real.removeprefix(self._prefix) if real.startswith(self._prefix) else None

    def real(self, path: str) -> str:
        """Return the real path of *path*, which starts at the root. It need not exist."""
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = self._look(path)
        return known

    def _look(self, path: str) -> str:
        above, name = posixpath.split(path)
        if above == path or path.count("/") > _DEEP:
            return os.path.realpath(posixpath.join(self.root, path))
        there = self.real(above)
        if name in {"", "."}:
            return there
        if name == "..":
            return posixpath.dirname(there)
        real = posixpath.join(there, name)
        return os.path.realpath(real) if posixpath.islink(real) else real
