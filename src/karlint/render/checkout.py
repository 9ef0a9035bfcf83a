"""The repository on disk, as Applications and Flux objects see it."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from karlint.render.objects import Objects
from karlint.render.realpaths import RealPaths

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path as FilePath

    from karlint.render.repositories import Recogniser
    from karlint.render.world import Declared, World

_LIMIT = 10_000_000
"""Bytes: what Argo CD takes of all manifests of an Application together."""


class Checkout(Struct):
    """A World over a directory. Nothing outside of it is read: a link that leads out is "outside".

    Attributes:
        root: the directory.
        reader: returns the documents of a text. Raises ValueError for what cannot be read.
        recogniser: tells this repository from others.
        objects: what the repository holds, as far as it is known.
    """

    root: FilePath
    reader: Callable[[str], list[Any]]
    recogniser: Recogniser
    objects: Objects = field(default_factory=Objects)
    _below: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _charts: tuple[tuple[str, str, str], ...] | None = None
    _kinds: dict[str, str] = field(default_factory=dict)
    _paths: RealPaths | None = None

    def kind(self, path: str) -> str:
        """Return "file", "directory", "" for what is not there, "outside" for what leads out of the repository."""
        if path not in self._kinds:
            if self._paths is None:
                self._paths = RealPaths(self.root)
            self._kinds[path] = _kind(self._paths, path)
        return self._kinds[path]

    def read(self, path: str) -> str | None:
        """Return the text of a file; None where it cannot be read, or is larger than what Argo CD takes."""
        if self.kind(path) != "file":
            return None
        try:
            if (self.root / path).stat().st_size > _LIMIT:
                return None
            return (self.root / path).read_text(encoding="utf-8-sig")
        except (OSError, ValueError):
            return None

    def files(self, directory: str) -> Sequence[str]:
        """Return every file below *directory*, sorted; links to directories are not followed."""
        if directory not in self._below:
            found: list[str] = []
            for top, folders, names in os.walk(self.root / directory):
                folders[:] = [name for name in folders if name != ".git"]
                base = os.path.relpath(top, self.root)
                found += [name if base == "." else f"{base}/{name}" for name in names]
            self._below[directory] = tuple(sorted(found))
        return self._below[directory]

    def charts(self) -> Sequence[tuple[str, str, str]]:
        """Return directory, name and version of every Helm chart, sorted."""
        if self._charts is None:
            names = [file for file in self.files("") if posixpath.basename(file) == "Chart.yaml"]
            self._charts = tuple(found for file in names if (found := self._chart(file)) is not None)
        return self._charts

    def _chart(self, file: str) -> tuple[str, str, str] | None:
        try:
            documents = self.parse(self.read(file) or "")
        except ValueError:
            return None
        chart = documents[0] if documents and isinstance(documents[0], dict) else {}
        name, version = chart.get("name"), chart.get("version")
        return (posixpath.dirname(file), name, str(version)) if isinstance(name, str) else None

    def parse(self, text: str) -> list[Any]:
        """Return the documents of a YAML or JSON text. Raises ValueError for what cannot be read."""
        return self.reader(text)

    def all(self, kind: str, near: Declared) -> Sequence[Declared]:
        """Return the objects of a group and kind that may be in the cluster of *near*, the nearest first."""
        return self.objects.all(kind, near)

    def lookup(self, kind: str, namespace: str, name: str, near: Declared) -> Declared | None:
        """Return an object by its group and kind, namespace and name."""
        return self.objects.lookup(kind, namespace, name, near)

    def is_here(self, url: str, path: str) -> bool:
        """Return whether a source at *url* that is asked for *path* is this repository."""
        return self.recogniser.is_here(url, path)


def kind_of(root: FilePath, path: str) -> str:
    """Return what *path* below *root* is; see ``World.kind``."""
    return _kind(RealPaths(root), path)


def _kind(paths: RealPaths, path: str) -> str:
    try:
        if paths.inside(path) is None:
            return "outside"
        real = paths.real(path)
        return "directory" if os.path.isdir(real) else "file" if os.path.isfile(real) else ""  # noqa: PTH112, PTH113
    except (OSError, ValueError):
        return ""


def is_world(checkout: Checkout) -> World:
    """Return *checkout* as the World that it is; the type checker is the one to ask."""
    return checkout
