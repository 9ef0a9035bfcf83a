"""Walks a tree once: YAML and JSON files, links, kustomizations, and what was pruned and why.

Paths in here are POSIX strings relative to the tree's base; directories end with "/" and the base itself is "".
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from karlint.discover import reasons
from karlint.discover.classify import KUSTOMIZATION_NAMES, TOOL_DIRECTORIES, VERSION_CONTROL, is_seen
from karlint.discover.ignores import Layer, compile_layer, ignore_lines, is_excluded, is_ignored

if TYPE_CHECKING:
    from collections.abc import Iterator

_IGNORE_FILE_LIMIT = 1_000_000
"""Bytes of an ignore file that are read: far more than anyone writes by hand."""


def ancestors(path: str) -> Iterator[str]:
    """Yield the directories above *path*, from the base ("") to its own."""
    yield ""
    for index, letter in enumerate(path):
        if letter == "/" and index + 1 < len(path):
            yield path[: index + 1]


class Tree(Struct):
    """What is known of a tree so far.

    Attributes:
        base: absolute real path.
        exclude: the configured excludes.
        respect_gitignore: whether ignore files count.
        charts: file to the directory of the chart it belongs to; None outside of charts.
        kustomizations: kustomization files found.
        skipped: path to reason.
        links: link to what it resolves to, both inside of the tree.
    """

    base: str
    exclude: Layer | None
    respect_gitignore: bool
    charts: dict[str, str | None] = field(default_factory=dict)
    kustomizations: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    _visited: set[str] = field(default_factory=set)

    def absolute(self, path: str) -> str:
        """Return the absolute path of *path*."""
        return os.path.join(self.base, path)  # noqa: PTH118 (strings on the hot path)

    def relative(self, absolute: str) -> str | None:
        """Return *absolute* as a path of this tree, without "/" at the end; None when it is outside."""
        if absolute == self.base:
            return ""
        prefix = self.base if self.base.endswith("/") else self.base + "/"
        return absolute[len(prefix) :] if absolute.startswith(prefix) else None

    def chart_of(self, path: str) -> str | None:
        """Return the directory of the innermost chart around *path*."""
        for directory in reversed(list(ancestors(path))):
            if os.path.isfile(self.absolute(directory + "Chart.yaml")):  # noqa: PTH113
                return directory
        return None

    def walk(self, top: str) -> None:
        """Add all below the directory *top*, which is walked even if an ignore file above it names it."""
        stack = [(top, self._layers_above(top), self.chart_of(top))]
        while stack:
            directory, layers, chart = stack.pop()
            if directory in self._visited:
                continue
            self._visited.add(directory)
            entries = self._entries(directory)
            names = {entry.name for entry in entries}
            if "Chart.yaml" in names:
                chart = directory
            if "pyvenv.cfg" in names and directory != top:
                self.skipped[directory] = reasons.TOOL_DIRECTORY
                self._visited.discard(directory)  # it may still be asked for by name
                continue
            if ".gitignore" in names:
                layers = self._with_ignore_file(directory, layers)
            for entry in entries:
                below = self._add(entry, directory, layers, chart)
                if below:
                    stack.append((below, layers, chart))

    def _entries(self, directory: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self.absolute(directory)) as found:
                return list(found)
        except OSError:
            self.skipped[directory or "."] = reasons.UNREADABLE_DIRECTORY
            return []

    def _add(self, entry: os.DirEntry[str], directory: str, layers: tuple[Layer, ...], chart: str | None) -> str | None:
        """Take note of *entry*; return it when it is a directory to walk."""
        path = directory + entry.name
        if entry.is_symlink():
            self._add_link(entry, path, layers)
        elif entry.is_dir(follow_symlinks=False):
            if entry.name in VERSION_CONTROL:
                return None
            reason = self._prune_reason(path + "/", layers)
            if entry.name in TOOL_DIRECTORIES:
                reason = reason or reasons.TOOL_DIRECTORY
            if reason is None:
                return path + "/"
            self.skipped[path + "/"] = reason
        elif is_seen(entry.name):
            reason = self._prune_reason(path, layers)
            if reason is None and not entry.is_file(follow_symlinks=False):
                reason = reasons.NOT_REGULAR
            if reason is None:
                self.add_file(path, chart)
            else:
                self.skipped[path] = reason
        return None

    def add_file(self, path: str, chart: str | None) -> None:
        """Take note of a regular file."""
        self.charts[path] = chart
        if path.rpartition("/")[2] in KUSTOMIZATION_NAMES:
            self.kustomizations.append(path)

    def _add_link(self, entry: os.DirEntry[str], path: str, layers: tuple[Layer, ...]) -> None:
        target = os.path.realpath(entry.path)
        is_directory = os.path.isdir(target)  # noqa: PTH112
        if not is_directory and not is_seen(entry.name):
            return
        inside = self.relative(target)
        reason = self._prune_reason(path, layers)
        if reason is None and inside is None:
            reason = reasons.SYMLINK_OUT
        elif reason is None and not os.path.exists(target):  # noqa: PTH110
            reason = reasons.SYMLINK_BROKEN
        if reason is not None or inside is None:
            self.skipped[path] = reason or reasons.SYMLINK_OUT
        else:
            self.links[path] = inside + "/" if is_directory and inside else inside

    def _prune_reason(self, path: str, layers: tuple[Layer, ...]) -> str | None:
        if self.exclude is not None and self.exclude.verdict(path):
            return reasons.EXCLUDED
        if layers and is_ignored(path, layers):
            return reasons.GITIGNORED
        return None

    def prune_reason(self, path: str) -> str | None:
        """Return why *path*, or a directory above it, is excluded or ignored; None when it is neither."""
        if is_excluded(path, self.exclude):
            return reasons.EXCLUDED
        if not (TOOL_DIRECTORIES | VERSION_CONTROL).isdisjoint(path.split("/")[:-1]):
            return reasons.TOOL_DIRECTORY
        layers = self._outermost()
        for above in ancestors(path):
            if above and is_ignored(above, layers):
                return reasons.GITIGNORED
            layers = self._with_ignore_file(above, layers)
        return reasons.GITIGNORED if is_ignored(path, layers) else None

    def _layers_above(self, top: str) -> tuple[Layer, ...]:
        """Return the layers for *top* from the directories above it.

        Layers that ignore *top* or a directory above it are dropped: whoever names a directory means what is in it.
        """
        if not top:
            return self._outermost()
        layers = self._outermost()
        for directory in ancestors(top):
            if directory and is_ignored(directory, layers):
                layers = ()
            layers = self._with_ignore_file(directory, layers)
        return () if is_ignored(top, layers) else layers

    def _outermost(self) -> tuple[Layer, ...]:
        layer = self._read_layer(_info_exclude(Path(self.base)), "") if self.respect_gitignore else None
        return (layer,) if layer else ()

    def _with_ignore_file(self, directory: str, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
        if not self.respect_gitignore:
            return layers
        layer = self._read_layer(Path(self.absolute(directory + ".gitignore")), directory)
        return (layer, *layers) if layer else layers

    def _read_layer(self, file: Path, prefix: str) -> Layer | None:
        # Git does not follow a link here, and a fifo would block.
        if file.is_symlink() or not file.is_file():
            return None
        try:
            with file.open("rb") as stream:
                return compile_layer(ignore_lines(stream.read(_IGNORE_FILE_LIMIT)), prefix)
        except OSError:
            return None


def _info_exclude(base: Path) -> Path:
    """Return the repository's own exclude file; in a linked worktree it lies with the main repository."""
    git = base / ".git"
    try:
        if git.is_file():
            pointer = git.read_text("utf-8", "surrogateescape").removeprefix("gitdir:").strip()
            git = base / pointer
            common = git / "commondir"
            if common.is_file():
                git = git / common.read_text("utf-8", "surrogateescape").strip()
    except OSError:
        pass  # without it the exclude file below does not exist either
    return git / "info" / "exclude"
