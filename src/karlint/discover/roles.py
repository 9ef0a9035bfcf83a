"""What each file of a tree is used for: by its place in a chart, its name, or the kustomizations that name it."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from karlint.discover import kustomize, reasons
from karlint.discover.classify import helm_reason, tool_reason

if TYPE_CHECKING:
    from karlint.discover.walk import Tree

ReadYaml = Callable[[bytes], Any]
"""Returns the value of the first document; raises ValueError when the text cannot be read."""

_KUSTOMIZATION_LIMIT = 1_000_000
_PATCH = re.compile(r"(?:^|[-_.])patch(?:es)?(?:[-_.]|$)")


class Roles(Struct, frozen=True):
    """What the files of *tree* are for.

    Attributes:
        known: path to the reason why the file is no manifest, where the path alone does not tell.
        completed: files that a kustomization may complete: it, or one that builds on it, adds labels or patches.
        kustomizations: files that are read by kustomize; Flux' resources of that kind are manifests.
    """

    tree: Tree
    known: dict[str, str]
    completed: set[str]
    kustomizations: tuple[str, ...] = ()

    def partial(self, path: str) -> bool:
        """Return whether the file at *path* may hold less than what is deployed."""
        return path in self.completed or _PATCH.search(posixpath.basename(path).lower()) is not None

    def reason(self, path: str) -> str | None:
        """Return why the file at *path* is not linted; None when it is."""
        chart = self.tree.charts[path]
        in_chart = helm_reason(path, chart) if chart is not None else None
        return tool_reason(path) or in_chart or self.known.get(path)


class _Build(Struct, frozen=True):
    """What a kustomization lists, from the root, and whether it adds something to that."""

    lists: frozenset[str]
    changes: bool


def roles_of(tree: Tree, shown: str, notices: list[str], read_yaml: ReadYaml | None) -> Roles:
    """Read the kustomizations of *tree*. One that cannot be read goes to *notices*, with *shown* before its path."""
    used: dict[str, str] = {}
    builds: dict[str, _Build] = {}
    own: dict[str, str] = {}
    for path in sorted(set(tree.kustomizations)):
        data = _read(tree.absolute(path))
        if kustomize.is_flux_resource(data):
            continue
        own[path] = reasons.KUSTOMIZATION
        listed = {resolved for name in kustomize.listed(data) if (resolved := kustomize.resolve(path, name))}
        builds[posixpath.dirname(path)] = _Build(frozenset(listed), kustomize.changes(data))
        if read_yaml is None or not kustomize.may_refer(data):
            continue
        try:
            value = read_yaml(data)
        except ValueError:
            notices.append(f"{printable(shown + path)} cannot be read, so its patches may be taken for manifests.")
            continue
        for reference, reason in kustomize.references(value):
            target = kustomize.resolve(path, reference)
            for name in _targets(tree, target) if target else ():
                used.setdefault(name, reason)
    return Roles(tree, used | own | _linked_into_charts(tree), _completed(builds), tuple(own))


def _completed(builds: dict[str, _Build]) -> set[str]:
    """Return everything that a kustomization with changes lists, and what the kustomizations among it list in turn."""
    found: set[str] = set()
    waiting = [build for build in builds.values() if build.changes]
    while waiting:
        for path in waiting.pop().lists - found:
            found.add(path)
            if path in builds:
                waiting.append(builds[path])
    return found


def _targets(tree: Tree, target: str) -> list[str]:
    """Return the files that a reference to *target* means: itself, behind a link too, or all of a directory."""
    if target in tree.charts:
        return [target]
    inside = tree.relative(os.path.realpath(tree.absolute(target)))
    if not inside or inside in tree.charts:
        return [inside] if inside else []
    return [path for path in tree.charts if path.startswith(inside + "/")]


def _linked_into_charts(tree: Tree) -> dict[str, str]:
    """Return the reason for files that are part of a chart through a link in it only."""
    known: dict[str, str] = {}
    for link, target in tree.links.items():
        chart = tree.chart_of(link)
        reason = helm_reason(link + "/x" if target.endswith("/") else link, chart) if chart is not None else None
        if reason and target.endswith("/"):
            known |= {path: reason for path in tree.charts if path.startswith(target)}
        elif reason:
            known[target] = reason
    return known


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:  # noqa: PTH123
            return stream.read(_KUSTOMIZATION_LIMIT)
    except OSError:
        return b""  # it is not linted, so nothing is claimed of it


def printable(path: str) -> str:
    """Return *path* so that it can be printed: bytes of a name that are not UTF-8 become escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
