"""Which files of a tree are manifests to lint, and why the others are not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from karlint.discover import reasons
from karlint.discover.ignores import Layer, compile_layer, invalid_patterns, is_excluded
from karlint.discover.roles import ReadYaml, printable
from karlint.discover.select import Found, Request, collect
from karlint.discover.walk import Tree
from karlint.errors import UsageError
from karlint.model.report import Skipped
from karlint.model.source import SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

STDIN = "-"
STDIN_PATH = "<stdin>"
ALL_SKIPPED = "No manifests to lint: everything that was seen is skipped."
"""Said where nothing is linted as it stands; something may still be rendered."""


class DiscoverOptions(Struct, frozen=True):
    """How to walk.

    Attributes:
        exclude: gitignore patterns, relative to the root; they hold for files named explicitly, too.
        respect_gitignore: False to lint what ``.gitignore`` files and ``.git/info/exclude`` name.
    """

    exclude: tuple[str, ...] = ()
    respect_gitignore: bool = True


class Layout(Struct, frozen=True):
    """What of the tree is rendered rather than applied as it stands. Paths are relative to the root.

    Attributes:
        files: every YAML and JSON file that was walked, links followed, whatever it is used for.
        kustomizations: kustomization files, Flux' resources of that kind left out.
        charts: directories that hold a Chart.yaml; "" for the root.
    """

    files: frozenset[str] = frozenset()
    kustomizations: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()


class Discovery(Struct, frozen=True):
    """What was found.

    Attributes:
        root: absolute directory that paths are relative to.
        files: files to lint, by path.
        skipped: what was seen and is not linted, by path. A pruned directory counts once, and ends with "/".
        notices: remarks for the report, one sentence each.
        layout: what of the tree is rendered.
    """

    root: Path
    files: tuple[SourceFile, ...]
    skipped: tuple[Skipped, ...]
    notices: tuple[str, ...]
    layout: Layout = field(default_factory=Layout)


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
    found = Found()
    exclude = _compile_exclude(options.exclude)
    if STDIN in names:
        found.files[STDIN_PATH] = _standard_input(stdin)
    layout = Layout()
    requests = _requests(root, [name for name in names if name != STDIN], found)
    for base, request in requests.items():
        tree = Tree(base, exclude, options.respect_gitignore)
        shown = "" if base == str(root) else base.rstrip("/") + "/"
        roles = collect(tree, request, shown, found, read_yaml)
        if not shown:
            layout = Layout(frozenset(tree.charts), roles.kustomizations, _charts(tree))
    if not found.files:
        found.notices.insert(0, _nothing_found(found))
    return Discovery(
        root,
        tuple(found.files[path] for path in sorted(found.files)),
        tuple(Skipped(path, found.skipped[path]) for path in sorted(found.skipped)),
        tuple(found.notices),
        layout,
    )


def _charts(tree: Tree) -> tuple[str, ...]:
    """Return the directories of charts, without "/" at the end."""
    return tuple(sorted({path.rpartition("/")[0] for path in tree.charts if path.rpartition("/")[2] == "Chart.yaml"}))


def _standard_input(data: bytes | None) -> SourceFile:
    if data is None:
        raise UsageError("Standard input was asked for with -, but there is none.", "Pipe the manifests in.")
    return SourceFile(STDIN_PATH, None, data)


def _nothing_found(found: Found) -> str:
    if found.skipped:
        return ALL_SKIPPED
    return "No YAML or JSON files were found."


def _compile_exclude(patterns: tuple[str, ...]) -> Layer | None:
    invalid = invalid_patterns(patterns)
    if invalid:
        raise UsageError(f"The exclude {invalid[0]!r} is no gitignore pattern.", "Write it as in a .gitignore file.")
    return compile_layer(patterns) if patterns else None


def _requests(root: Path, names: Iterable[str], found: Found) -> dict[str, Request]:
    """Sort *names* by the tree they belong to: *root*, or for what lies outside of it, the repository around it."""
    requests: dict[str, Request] = {}
    for name in names:
        lexical = os.path.abspath(name)  # noqa: PTH100 (resolving comes later, and must be told apart)
        if not os.path.lexists(lexical):
            raise UsageError(
                f"{printable(name)}: no such file or directory.", "Check the path and the working directory."
            )
        real = Path(os.path.realpath(lexical))  # unlike Path.resolve, it bears a loop
        if _below(lexical, root) and not _below(str(real), root):
            found.skipped[printable(os.path.relpath(lexical, root))] = reasons.SYMLINK_OUT
            continue
        if not os.path.exists(lexical):  # noqa: PTH110
            found.skipped[printable(os.path.relpath(lexical, root))] = reasons.SYMLINK_BROKEN
            continue
        base = root if _below(str(real), root) else find_root(real)
        request = requests.setdefault(str(base), Request())
        inside = real.relative_to(base).as_posix()
        if real.is_dir():
            request.directories.append("" if inside == "." else inside + "/")
        else:
            request.files.append(inside)
    return requests


def _below(path: str, root: Path) -> bool:
    return path == str(root) or path.startswith(str(root).rstrip("/") + "/")


def path_matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Return what tells whether a path relative to the root matches gitignore *patterns*, by itself or by a parent.

    Raises:
        UsageError: one of them is no gitignore pattern.
    """
    layer = _compile_exclude(tuple(patterns))
    return lambda path: is_excluded(path, layer)
