"""Writes files such that each is old or new at any moment, and never half of both."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from karlint._scratch import hold
from karlint.errors import EnvironmentProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEMPORARY = re.compile(r"\.karlint-fix\.(\d+)\.[0-9a-f]+\.tmp")
NOT_COPIED = frozenset({".git", "node_modules"})
"""Directories in which nothing is linted."""


def replace_file(file: Path, data: bytes) -> None:
    """Make *data* the content of *file*, which keeps its permissions and, where that is allowed, its owner.

    The data is on the disk under another name before the file is replaced. A link stays one: its target is replaced.

    Raises:
        EnvironmentProblem: it cannot be done (no permission, no space). The file is as it was then.
    """
    target = Path(os.path.realpath(file))
    beside = target.parent / f".karlint-fix.{os.getpid()}.{secrets.token_hex(6)}.tmp"
    try:
        _write(beside, target.stat(), data)
        beside.replace(target)
        _flush_directory(target.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise EnvironmentProblem(f"{file} cannot be written: {error.strerror}", "It is as it was.") from error


def _write(beside: Path, like: os.stat_result, data: bytes) -> None:
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:  # noqa: PTH123
        hold(stream.fileno())
        stream.write(data)
        stream.flush()
        if os.geteuid() == 0 or like.st_gid != os.getegid():
            with contextlib.suppress(OSError):  # only a privileged user may, and the content matters more
                os.fchown(stream.fileno(), like.st_uid, like.st_gid)
        os.fchmod(stream.fileno(), stat.S_IMODE(like.st_mode))
        os.fsync(stream.fileno())


def _flush_directory(directory: Path) -> None:
    with contextlib.suppress(OSError):  # not every file system can
        opened = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def sweep(root: Path) -> int:
    """Remove what runs that were killed left below *root*. Return the number of files."""
    removed = 0
    for directory, name in _files(root):
        found = _TEMPORARY.fullmatch(name)
        if found and not _runs(int(found[1])):
            with contextlib.suppress(OSError):
                removed += _removed(Path(directory) / name)
    return removed


def _removed(file: Path) -> bool:
    """Remove *file*, unless a run that counts processes otherwise is at work on it: in a container, say."""
    with file.open("ab") as stream:
        if hold(stream.fileno()) is False:
            return False
        file.unlink()
    return True


def _files(root: Path) -> Iterator[tuple[str, str]]:
    for directory, below, names in os.walk(root):
        below[:] = [name for name in below if name not in NOT_COPIED]
        yield from ((directory, name) for name in names)


def _runs(process: int) -> bool:
    """Tell whether there is such a process: it may be at work on its file."""
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def copy_tree(root: Path, target: Path) -> None:
    """Copy the files below *root* to *target*, to try something out on them. What cannot be read is left out.

    Links that lead into the tree lead into the copy. Where *target* lies below *root*, its own directory is left out.

    Raises:
        EnvironmentProblem: the copy cannot be written (no space).
    """
    try:
        _copy_all(root, target)
    except OSError as error:
        hint = "Fixes are tried in a copy first; TMPDIR says where that is made. Nothing was changed."
        raise EnvironmentProblem(f"the tree cannot be copied to {target}: {error.strerror}", hint) from error


def _copy_all(root: Path, target: Path) -> None:
    inside = str(root.resolve())
    target.mkdir(parents=True)
    _point_to_repository(root, target)
    made = target.resolve()
    own = {str(root / path.relative_to(inside)) for path in (made, made.parent) if path.is_relative_to(inside)}
    for directory, below, names in os.walk(root):
        here = target / Path(directory).relative_to(root)
        links = [name for name in below if (Path(directory) / name).is_symlink()]
        below[:] = [name for name in below if name not in NOT_COPIED and name not in links]
        below[:] = [name for name in below if os.path.join(directory, name) not in own]  # noqa: PTH118 - for each one
        here.mkdir(exist_ok=True)
        for name in {*names, *links} - NOT_COPIED:  # a worktree's .git is a file
            _copy(Path(directory) / name, here / name, inside, str(target))


def _point_to_repository(root: Path, target: Path) -> None:
    """Let *target* be a checkout of the repository of *root*, if that is one: its remotes and excludes are read."""
    git = root / ".git"
    if git.is_dir():
        (target / ".git").write_text(f"gitdir: {git.resolve()}\n", "utf-8", "surrogateescape")
    elif git.is_file():
        named = git.read_text("utf-8", "surrogateescape").removeprefix("gitdir:").strip()
        (target / ".git").write_text(f"gitdir: {(root / named).resolve()}\n", "utf-8", "surrogateescape")


def _copy(source: Path, target: Path, inside: str, instead: str) -> None:
    try:
        status = source.lstat()
        link = str(source.readlink()) if stat.S_ISLNK(status.st_mode) else ""
        wanted = stat.S_ISREG(status.st_mode) and not _TEMPORARY.fullmatch(source.name)
        data = source.read_bytes() if wanted else b""
    except OSError:
        return
    if link:
        target.symlink_to(instead + link.removeprefix(inside) if link.startswith(inside + os.sep) else link)
    elif wanted:
        target.write_bytes(data)
        target.chmod(stat.S_IMODE(status.st_mode) | stat.S_IRUSR | stat.S_IWUSR)
