"""Directories that one run works in. What a run leaves that was killed, a later one takes away."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from karlint._interrupt import cleaned_up_by, in_one_piece
from karlint.errors import EnvironmentProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX = "karlint-"
_LOCK = ".karlint.lock"
_UNFINISHED_SECONDS = 3600.0
"""A directory that has no lock by then is not about to get one."""
_TRIES = 50
_NAP = 0.01
"""Seconds between two tries to remove a directory that somebody who is being stopped still writes to."""

_swept = False


class Scratch:
    """A new directory in the one for temporary files, locked for as long as its run lives. A context manager.

    The kernel lets go of the lock when the last process that has it ends, in whatever way; forked processes have it.
    A signal that ends the run has the directory removed first, if it is one that can be handled.

    Raises EnvironmentProblem where no directory can be made.
    """

    def __init__(self) -> None:
        sweep_once()
        # Renderers tell what lies outside of a directory by real paths.
        try:
            self.directory = Path(tempfile.mkdtemp(prefix=_PREFIX)).resolve()
        except OSError as error:
            hint = "TMPDIR says where temporary files go."
            raise EnvironmentProblem(f"no temporary directory can be made: {error.strerror or error}", hint) from error
        self._process = os.getpid()
        self._removed = False
        self._lock: int | None = None
        self._done = cleaned_up_by(self.remove)
        self._lock = _locked(self.directory)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def remove(self) -> None:
        """Remove the directory; does nothing in a forked process, which has inherited it and does not own it."""
        if os.getpid() != self._process or self._removed:
            return
        with in_one_piece():
            for _ in range(_TRIES):
                _remove(self.directory)
                if not self.directory.exists():
                    break
                time.sleep(_NAP)
            if self._lock is not None:
                os.close(self._lock)
            self._removed = True
            self._done()


def hold(descriptor: int) -> bool | None:
    """Lock an open file, until the last process that has it open ends.

    Return False where another has it, None where there are no locks: on some file systems, for one.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _locked(directory: Path) -> int | None:
    """Return the descriptor of the lock of *directory*, which appears there only once it is held."""
    unfinished = directory / f"{_LOCK}.new"
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:  # no space: what is to come will find out
        return None
    if not hold(descriptor):  # then it stays without one
        unfinished.unlink()
        os.close(descriptor)
        return None
    unfinished.rename(directory / _LOCK)
    return descriptor


def sweep_once() -> None:
    """Take away, once in a process, what runs of the same user left that were killed."""
    global _swept  # noqa: PLW0603 - a process sweeps once
    if not _swept:
        _swept = True
        sweep(Path(tempfile.gettempdir()))


def sweep(temporary: Path) -> int:
    """Remove the directories below *temporary* whose runs are over. Return how many."""
    return sum(_swept_away(directory) for directory in _left(temporary))


def _left(temporary: Path) -> Iterator[Path]:
    """Yield the directories in *temporary* that are ours by name and by owner; links are not."""
    with contextlib.suppress(OSError), os.scandir(temporary) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX):
                with contextlib.suppress(OSError):
                    status = entry.stat(follow_symlinks=False)
                    if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid():
                        yield Path(entry.path)


def _remove(directory: Path) -> None:
    """Remove *directory*, its lock when it is empty but for that: whoever is killed meanwhile leaves what can be swept.

    What cannot be removed stays, with the lock, for a later run.
    """
    with contextlib.suppress(OSError):
        for entry in list(os.scandir(directory)):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry, ignore_errors=True)
            elif entry.name != _LOCK:
                with contextlib.suppress(OSError):
                    os.unlink(entry)  # noqa: PTH108 - an entry of the directory, not a path
        if os.listdir(directory) == [_LOCK]:  # noqa: PTH208 - its name is all that is asked
            (directory / _LOCK).unlink()
        directory.rmdir()


def _swept_away(directory: Path) -> bool:
    try:
        descriptor = os.open(directory / _LOCK, os.O_WRONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return _never_began(directory)
    except OSError:
        return False
    over = hold(descriptor) is True
    if over:
        _remove(directory)
    os.close(descriptor)
    return over and not directory.exists()


def _never_began(directory: Path) -> bool:
    """Remove an old directory with nothing in it but a lock that nobody finished; others may be somebody's."""
    try:
        if time.time() - directory.stat().st_mtime < _UNFINISHED_SECONDS:
            return False
        with contextlib.suppress(FileNotFoundError):
            (directory / f"{_LOCK}.new").unlink()
        directory.rmdir()
    except OSError:
        return False
    return True
