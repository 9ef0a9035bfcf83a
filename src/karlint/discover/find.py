"""Which files of a tree are manifests to lint, and why the others are not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from karlint.discover import kustomize, reasons
from karlint.discover.classify import KUSTOMIZATION_NAMES, helm_reason, is_manifest_name, tool_reason
from karlint.discover.ignores import Layer, compile_layer, invalid_patterns, is_excluded
from karlint.discover.walk import Tree, ancestors
from karlint.errors import UsageError
from karlint.model.report import Skipped
from karlint.model.source import SourceFile

ReadYaml = Callable[[bytes], Any]
"""Returns the value of the first document; raises ValueError when the text cannot be read."""

STDIN = "-"
STDIN_PATH = "<stdin>"
_KUSTOMIZATION_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class DiscoverOptions:
    """How to walk.

    Attributes:
        exclude: gitignore patterns, relative to the root; they hold for files named explicitly, too.
        respect_gitignore: False to lint what ``.gitignore`` files and ``.git/info/exclude`` name.
    """

    exclude: tuple[str, ...] = ()
    respect_gitignore: bool = True


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found.

    Attributes:
        root: absolute directory that paths are relative to.
        files: files to lint, by path.
        skipped: what was seen and is not linted, by path. A pruned directory counts once, and ends with "/".
        notices: remarks for the report, one sentence each.
    """

    root: Path
    files: tuple[SourceFile, ...]
    skipped: tuple[Skipped, ...]
    notices: tuple[str, ...]


@dataclass(slots=True)
class _Request:
    """What was asked for below one base: directories (ending with "/", or "") and files, relative to it."""

    directories: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Found:
    files: dict[str, SourceFile] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)


def find_root(start: Path) -> Path:
    """Return the top of the Git repository around *start*, or *start* itself (for a file, its directory)."""
    here = start.resolve()
    if not here.is_dir():
        here = here.parent
    for directory in (here, *here.parents):
        if (directory / ".git").exists():  # a file in a worktree or submodule
            return directory
    return here


def discover(
    root: Path,
    paths: Sequence[str | os.PathLike[str]] = (),
    options: DiscoverOptions | None = None,
    stdin: bytes | None = None,
    read_yaml: ReadYaml | None = None,
) -> Discovery:
    """Find the files to lint.

    Args:
        root: directory that reported paths are relative to; see :func:`find_root`.
        paths: directories, files, ``-`` for standard input; relative to the working directory. Empty for *root*.
        options: excludes.
        stdin: what standard input held, for ``-``.
        read_yaml: reads kustomizations, so that their patches are told from manifests. None to do without.

    Raises:
        UsageError: a path does not exist, ``-`` without *stdin*, or an exclude that is no gitignore pattern.
    """
    options = options or DiscoverOptions()
    root = root.resolve()
    names = [os.fspath(path) for path in paths] or [str(root)]
    found = _Found()
    exclude = _compile_exclude(options.exclude)
    if STDIN in names:
        if stdin is None:
            raise UsageError("Standard input was asked for with -, but there is none.", "Pipe the manifests in.")
        found.files[STDIN_PATH] = SourceFile(STDIN_PATH, None, stdin)
    requests = _requests(root, [name for name in names if name != STDIN], found)
    for base, request in requests.items():
        tree = Tree(base, exclude, options.respect_gitignore)
        shown = "" if base == str(root) else base.rstrip("/") + "/"
        _collect(tree, request, shown, found, read_yaml)
    if not found.files:
        found.notices.insert(0, _nothing_found(found))
    return Discovery(
        root,
        tuple(found.files[path] for path in sorted(found.files)),
        tuple(Skipped(path, found.skipped[path]) for path in sorted(found.skipped)),
        tuple(found.notices),
    )


def _nothing_found(found: _Found) -> str:
    if found.skipped:
        return "No manifests to lint: everything that was seen is skipped."
    return "No YAML or JSON files were found."


def _compile_exclude(patterns: tuple[str, ...]) -> Layer | None:
    invalid = invalid_patterns(patterns)
    if invalid:
        raise UsageError(f"The exclude {invalid[0]!r} is no gitignore pattern.", "Write it as in a .gitignore file.")
    return compile_layer(patterns) if patterns else None


def _requests(root: Path, names: Iterable[str], found: _Found) -> dict[str, _Request]:
    """Sort *names* by the tree they belong to: *root*, or for what lies outside of it, the repository around it."""
    requests: dict[str, _Request] = {}
    for name in names:
        lexical = os.path.abspath(name)  # noqa: PTH100 (resolving comes later, and must be told apart)
        if not os.path.lexists(lexical):
            raise UsageError(f"{_shown(name)}: no such file or directory.", "Check the path and the working directory.")
        real = Path(lexical).resolve()
        if _below(lexical, root) and not _below(str(real), root):
            found.skipped[_shown(os.path.relpath(lexical, root))] = reasons.SYMLINK_OUT
            continue
        if not real.exists():
            found.skipped[_shown(os.path.relpath(lexical, root))] = reasons.SYMLINK_BROKEN
            continue
        base = root if _below(str(real), root) else find_root(real)
        request = requests.setdefault(str(base), _Request())
        inside = real.relative_to(base).as_posix()
        if real.is_dir():
            request.directories.append("" if inside == "." else inside + "/")
        else:
            request.files.append(inside)
    return requests


def _below(path: str, root: Path) -> bool:
    return path == str(root) or path.startswith(str(root).rstrip("/") + "/")


def _collect(tree: Tree, request: _Request, shown: str, found: _Found, read_yaml: ReadYaml | None) -> None:
    """Add to *found* what *request* asks for; *shown* goes before each path."""
    if os.path.exists(os.path.join(tree.base, ".git")):  # noqa: PTH110, PTH118
        # Which file is a patch is known to kustomizations anywhere in the repository, so all of it is walked.
        tree.walk("")
    selected = _select_directories(tree, request.directories)
    files = _select_files(tree, request.files)
    files |= {path for path in tree.charts if path.startswith(selected)} if selected else set()
    _add_kustomizations_above(tree, request.files)
    roles = _kustomize_roles(tree, shown, found, read_yaml)
    roles |= _linked_templates(tree)
    for path, reason in tree.skipped.items():
        if path.startswith(selected) if selected else path in request.files:
            found.skipped[_shown(shown + path)] = reason
    for path in files:
        reason_of_file = _reason(tree, path, roles)
        if reason_of_file:
            found.skipped[_shown(shown + path)] = reason_of_file
        else:
            name = _shown(shown + path)
            found.files[name] = SourceFile(name, Path(tree.absolute(path)))


def _select_directories(tree: Tree, directories: list[str]) -> tuple[str, ...]:
    """Walk *directories*, and what links below them lead to; return the prefixes of all that is asked for."""
    selected: list[str] = []
    waiting = list(directories)
    while waiting:
        top = waiting.pop()
        if top in selected:
            continue
        if is_excluded(top, tree.exclude):
            tree.skipped[top] = reasons.EXCLUDED
        else:
            tree.walk(top)
        selected.append(top)
        for link, target in tree.links.items():
            if link.startswith(top) and not target.startswith(tuple(selected)):
                waiting += _follow(tree, target)
    return tuple(selected)


def _follow(tree: Tree, target: str) -> list[str]:
    """Return *target* as a directory to walk; take note of it when it is a file, or pruned."""
    reason = tree.prune_reason(target)
    if reason:
        tree.skipped[target] = reason
    elif target.endswith("/") or not target:
        return [target]
    elif target not in tree.charts:
        tree.add_file(target, tree.chart_of(target))
    return [target] if reason or target in tree.charts else []


def _select_files(tree: Tree, files: list[str]) -> set[str]:
    """Return those of the explicitly named *files* that are linted, if nothing else speaks against it."""
    selected = set()
    for path in files:
        if is_excluded(path, tree.exclude):
            tree.skipped[path] = reasons.EXCLUDED
        elif not os.path.isfile(tree.absolute(path)):  # noqa: PTH113
            tree.skipped[path] = reasons.NOT_REGULAR
        else:
            tree.skipped.pop(path, None)  # ignored by Git, but asked for by name
            tree.charts.setdefault(path, tree.chart_of(path))
            selected.add(path)
    return selected


def _add_kustomizations_above(tree: Tree, files: list[str]) -> None:
    """Find the kustomizations beside and above *files*, where the tree as a whole was not walked."""
    directories = {directory for path in files for directory in ancestors(path)}
    known = set(tree.kustomizations)
    for path in sorted(directory + name for directory in directories for name in KUSTOMIZATION_NAMES):
        if path not in known and os.path.isfile(tree.absolute(path)):  # noqa: PTH113
            tree.kustomizations.append(path)


def _kustomize_roles(tree: Tree, shown: str, found: _Found, read_yaml: ReadYaml | None) -> dict[str, str]:
    """Return the reason for each file that is a kustomization or that one uses as something else than a resource."""
    roles: dict[str, str] = {}
    own: dict[str, str] = {}
    for path in sorted(tree.kustomizations):
        data = _read(tree.absolute(path))
        if kustomize.is_flux_resource(data):
            continue
        own[path] = reasons.KUSTOMIZATION
        if read_yaml is None or not kustomize.may_refer(data):
            continue
        try:
            value = read_yaml(data)
        except ValueError:
            found.notices.append(f"{_shown(shown + path)} cannot be read, so its patches may be taken for manifests.")
            continue
        for reference, reason in kustomize.references(value):
            target = kustomize.resolve(path, reference)
            for name in _targets(tree, target) if target else ():
                roles.setdefault(name, reason)
    return roles | own


def _targets(tree: Tree, target: str) -> list[str]:
    """Return the files that a reference to *target* means: itself, behind a link too, or all of a directory."""
    if target in tree.charts:
        return [target]
    inside = tree.relative(os.path.realpath(tree.absolute(target)))
    if inside is None or inside in tree.charts:
        return [inside] if inside else []
    return [path for path in tree.charts if path.startswith(inside + "/")]


def _linked_templates(tree: Tree) -> dict[str, str]:
    """Return the reason for files that are part of a chart through a link in it only."""
    roles: dict[str, str] = {}
    for link, target in tree.links.items():
        chart = tree.chart_of(link)
        reason = helm_reason(link + "/x" if target.endswith("/") else link, chart) if chart is not None else None
        if reason and target.endswith("/"):
            roles |= {path: reason for path in tree.charts if path.startswith(target)}
        elif reason:
            roles[target] = reason
    return roles


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:  # noqa: PTH123
            return stream.read(_KUSTOMIZATION_LIMIT)
    except OSError:
        return b""


def _reason(tree: Tree, path: str, roles: dict[str, str]) -> str | None:
    chart = tree.charts[path]
    in_chart = helm_reason(path, chart) if chart is not None else None
    return tool_reason(path) or in_chart or roles.get(path)


def _shown(path: str) -> str:
    """Return *path* so that it can be printed: bytes of a name that are not UTF-8 become escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


__all__ = ["DiscoverOptions", "Discovery", "ReadYaml", "discover", "find_root", "is_manifest_name"]
