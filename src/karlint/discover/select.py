"""Which part of a tree is asked for, and which of its files are to be linted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from karlint.discover import reasons
from karlint.discover.classify import KUSTOMIZATION_NAMES
from karlint.discover.ignores import is_excluded
from karlint.discover.roles import printable, roles_of
from karlint.discover.walk import Tree, ancestors
from karlint.model.source import SourceFile

if TYPE_CHECKING:
    from karlint.discover.roles import ReadYaml, Roles


class Request(Struct):
    """What was asked for below one base: directories (ending with "/", or "") and files, relative to it."""

    directories: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


class Found(Struct):
    """What was found so far, by the path that reports show."""

    files: dict[str, SourceFile] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)


def collect(tree: Tree, request: Request, shown: str, found: Found, read_yaml: ReadYaml | None) -> Roles:
    """Add to *found* what *request* asks for in *tree*, *shown* before each path; return what its files are for."""
    if os.path.exists(os.path.join(tree.base, ".git")):  # noqa: PTH110, PTH118
        # Which file is a patch is known to kustomizations anywhere in the repository, so all of it is walked.
        tree.walk("")
    named = set(request.files)
    files = _select_files(tree, named)
    prefixes = _select_directories(tree, request.directories, files)
    _add_kustomizations_above(tree, [*request.files, *request.directories])
    roles = roles_of(tree, shown, found.notices, read_yaml)
    if prefixes:
        files |= {path for path in tree.charts if path.startswith(prefixes)}
    for path, reason in tree.skipped.items():
        if path not in files and (path in named or (prefixes and path.startswith(prefixes))):
            found.skipped[printable(shown + path)] = reason
    for path in files:
        name, role = printable(shown + path), roles.reason(path)
        if role:
            found.skipped[name] = role
        else:
            found.files[name] = SourceFile(name, Path(tree.absolute(path)), partial=roles.partial(path))
    return roles


def _select_files(tree: Tree, named: set[str]) -> set[str]:
    """Return those of the explicitly *named* files that are regular and not excluded."""
    selected = set()
    for path in named:
        if is_excluded(path, tree.exclude):
            tree.skipped[path] = reasons.EXCLUDED
        elif not os.path.isfile(tree.absolute(path)):  # noqa: PTH113
            tree.skipped[path] = reasons.NOT_REGULAR
        else:
            tree.skipped.pop(path, None)  # ignored by Git, but asked for by name
            if path not in tree.charts:
                tree.add_file(path, tree.chart_of(path))
            selected.add(path)
    return selected


def _select_directories(tree: Tree, directories: list[str], files: set[str]) -> tuple[str, ...]:
    """Walk *directories*, and what links below them lead to; return the prefixes of all that is asked for.

    Files that links lead to are added to *files*: they are linted once, under their own path.
    """
    selected: list[str] = []
    followed: set[str] = set()
    waiting = list(directories)
    while waiting:
        top = waiting.pop()
        if top in selected:
            continue
        selected.append(top)
        if is_excluded(top, tree.exclude):
            tree.skipped[top] = reasons.EXCLUDED
            continue
        if tree.skipped.get(top) in (reasons.GITIGNORED, reasons.TOOL_DIRECTORY):
            del tree.skipped[top]  # pruned on the way here, but asked for by name
        tree.walk(top)
        links = [link for link in tree.links if link not in followed and link.startswith(tuple(selected))]
        for link in links:
            followed.add(link)
            waiting += _follow(tree, tree.links[link], selected, files)
    return tuple(selected)


def _follow(tree: Tree, target: str, selected: list[str], files: set[str]) -> list[str]:
    """Take note of *target*, which a link leads to; return it when it is a directory to walk."""
    reason = tree.prune_reason(target)
    if reason is not None:
        tree.skipped[target] = reason
        selected.append(target)
    elif target.endswith("/") or not target:
        return [] if target.startswith(tuple(selected)) else [target]
    else:
        if target not in tree.charts:
            tree.add_file(target, tree.chart_of(target))
        files.add(target)
    return []


def _add_kustomizations_above(tree: Tree, paths: list[str]) -> None:
    """Find the kustomizations above *paths*, where the tree as a whole was not walked."""
    directories = {directory for path in paths for directory in ancestors(path)}
    known = set(tree.kustomizations)
    for path in sorted(directory + name for directory in directories for name in KUSTOMIZATION_NAMES):
        if path not in known and os.path.isfile(tree.absolute(path)):  # noqa: PTH113
            tree.kustomizations.append(path)
