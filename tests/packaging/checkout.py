"""What a fresh clone holds, so that tests can build karlint somewhere else without a trace in this checkout."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
WHEELS = ROOT / ".venv" / "wheels"


def copy_to(target: Path) -> Path:
    """Copy all that Git tracks, or would track, to *target*, as it is in the working tree now."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        env=clean_environment(),
    ).stdout.decode()
    for name in listed.split("\0"):
        source = ROOT / name
        if name and (source.is_symlink() or source.is_file()):  # a deleted file is still listed
            destination = target / name
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, destination, follow_symlinks=False)
    return target


def clean_environment(**more: str) -> dict[str, str]:
    """Return the environment without what points Python, Git or karlint at this checkout, and with *more*."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GIT_", "PYTHON", "KARLINT_", "COVERAGE_", "PYTEST_")) and name != "VIRTUAL_ENV"
    }
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "NO_COLOR": "1"}
    return {**inherited, **own, **without_index(), **more}


def without_index() -> dict[str, str]:
    """Return what makes pip install from the wheels that `make test` fetched; nothing where there are none."""
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(WHEELS)} if (WHEELS / ".stamp").exists() else {}


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return the directory *name* that *make* has filled: once in a test run, however many workers ask for it."""
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # each worker has a directory of its own in it
    directory, done = base / name, base / f"{name}.done"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(directory, ignore_errors=True)  # what a worker left that failed on it
            directory.mkdir()
            make(directory)
            done.touch()
    return directory
