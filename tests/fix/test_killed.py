"""``kill -9`` and full disks in the midst of ``check --fix``: each file is old or new, and nothing is left behind."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from karlint import _scratch
from karlint.errors import EnvironmentProblem
from karlint.fix import files
from tests.cli.support import NO_LIMIT, SOURCES
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KILLS = int(os.environ.get("KARLINT_FIX_KILLS", "4"))
FILES = 500 if KILLS >= 100 else 60
ADDED = b"            limits:\n              nvidia.com/gpu: 1\n"
COMMAND = [sys.executable, "-m", "karlint", "check", "--fix", "--no-config", "-j1", "--select", "dra"]


def tree(root: Path) -> dict[Path, bytes]:
    (root / ".git").mkdir(parents=True, exist_ok=True)
    texts = {}
    for number in range(FILES):
        file = root / f"team-{number % 7}" / f"job-{number:03}.yaml"
        file.parent.mkdir(exist_ok=True)
        texts[file] = NO_LIMIT.replace("name: train\n  n", f"name: train-{number}\n  n", 1).encode()
        file.write_bytes(texts[file])
    return texts


def started(root: Path, temporary: Path) -> subprocess.Popen[bytes]:
    env = {**os.environ, "PYTHONPATH": str(SOURCES), "TMPDIR": str(temporary)}
    return subprocess.Popen(COMMAND, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)


def await_write(run: subprocess.Popen[bytes], file: Path, old: bytes) -> None:
    """Wait until *run* has replaced *file*, or is over."""
    while run.poll() is None and file.stat().st_size == len(old):
        time.sleep(0.0002)


def names_below(root: Path) -> Iterator[str]:
    for _, directories, names in os.walk(root):
        yield from (*directories, *names)


def test_at_any_kill_each_file_is_old_or_new(tmp_path: Path) -> None:
    root, temporary = tmp_path / "tree", tmp_path / "tmp"
    temporary.mkdir()
    old = tree(root)
    order = sorted(old, key=lambda file: file.relative_to(root).as_posix())
    began = time.monotonic()
    with started(root, temporary) as run:
        await_write(run, order[0], old[order[0]])
        until_writing = time.monotonic() - began
        run.wait()
    assert all(file.read_bytes() == text + ADDED for file, text in old.items())
    rng = random.Random(7)
    halves, temporaries, scratches = 0, 0, 0
    for kill in range(KILLS):
        for file, text in old.items():
            file.write_bytes(text)
        with started(root, temporary) as run:
            if kill % 4 == 0:  # before it writes
                time.sleep(rng.uniform(0, until_writing))
            else:
                victim = rng.choice(order)
                await_write(run, victim, old[victim])
                time.sleep(rng.uniform(0, 0.002))
            run.send_signal(signal.SIGKILL)
            run.wait()
        new = 0
        for file, text in old.items():
            found = file.read_bytes()
            assert found in {text, text + ADDED}, f"{file} is torn"
            new += found != text
        halves += 0 < new < FILES
        temporaries += sum(name.startswith(".karlint-fix.") for name in names_below(root))
        scratches += any(temporary.iterdir())
    print(
        f"{KILLS} kills, {halves} while files were written; left: {temporaries} files, {scratches} scratch directories"
    )
    assert halves >= KILLS // 2
    with started(root, temporary) as run:
        run.wait()
    assert all(file.read_bytes() == text + ADDED for file, text in old.items())
    assert sorted(names_below(root)) == sorted(
        [".git", *{file.parent.name for file in old}, *(file.name for file in old)]
    )
    assert list(temporary.iterdir()) == []


def scratch_of_another(temporary: Path, name: str = "karlint-other") -> Path:
    directory = temporary / name
    directory.mkdir()
    (directory / "tree").mkdir()
    (directory / ".karlint.lock").touch()
    return directory


def test_what_a_run_that_is_over_left_is_swept_away(tmp_path: Path) -> None:
    gone = scratch_of_another(tmp_path)
    assert _scratch.sweep(tmp_path) == 1
    assert not gone.exists()


def test_what_belongs_to_somebody_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    scratch_of_another(elsewhere, "precious")
    (tmp_path / "karlint-link").symlink_to(elsewhere / "precious")
    (tmp_path / "karlint-unlocked").mkdir()
    (tmp_path / "karlint-unlocked" / "notes.txt").touch()
    os.utime(tmp_path / "karlint-unlocked", (0, 0))
    (tmp_path / "karlint-begun").mkdir()
    monkeypatch.setattr(_scratch.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(_scratch.tempfile, "tempdir", str(tmp_path))
    with _scratch.Scratch() as live:
        assert _scratch.sweep(tmp_path) == 0
        assert live.directory.is_dir()
    names = {"elsewhere", "karlint-begun", "karlint-link", "karlint-unlocked"}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert (elsewhere / "precious").is_dir()
    foreign = scratch_of_another(tmp_path)
    monkeypatch.setattr(_scratch.os, "geteuid", lambda: os.getuid() + 1)
    assert _scratch.sweep(tmp_path) == 0
    assert foreign.is_dir()


def test_a_directory_without_a_lock_goes_once_it_is_old_and_empty(tmp_path: Path) -> None:
    (tmp_path / "karlint-begun").mkdir()
    (tmp_path / "karlint-begun" / ".karlint.lock.new").touch()
    assert _scratch.sweep(tmp_path) == 0
    os.utime(tmp_path / "karlint-begun", (0, 0))
    assert _scratch.sweep(tmp_path) == 1


_REMOVES = """
import os, pathlib, signal, sys
from karlint import _scratch
left = int(sys.argv[1])
def count(event, arguments):
    global left
    if event in ("os.remove", "os.rmdir"):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
with _scratch.Scratch() as scratch:
    for name in "abcdefgh":
        (scratch.directory / f"{name}.yaml").touch()
    (scratch.directory / "tree").mkdir()
    (scratch.directory / "tree" / "x.yaml").touch()
    sys.addaudithook(count)
"""


def test_whoever_is_killed_while_it_removes_leaves_what_is_swept_away(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(SOURCES), "TMPDIR": str(tmp_path)}
    step, killed = 0, True
    while killed:
        step += 1
        killed = subprocess.run([sys.executable, "-c", _REMOVES, str(step)], env=env, check=False).returncode < 0
        left = list(tmp_path.iterdir())
        assert bool(left) is killed
        if left and not any(left[0].iterdir()):
            os.utime(left[0], (0, 0))
        assert _scratch.sweep(tmp_path) == len(left)
    assert step > 10


def test_where_nothing_can_be_made_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(**_named: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(_scratch.tempfile, "mkdtemp", no_space)
    with pytest.raises(EnvironmentProblem, match="No space left"):
        _scratch.Scratch()


def test_a_forked_process_keeps_what_it_inherited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_scratch.tempfile, "tempdir", str(tmp_path))
    with _scratch.Scratch() as scratch:
        child = os.fork()
        if child == 0:
            scratch.remove()
            os._exit(0)
        os.waitpid(child, 0)
        assert scratch.directory.is_dir()
    assert not scratch.directory.exists()


@pytest.mark.parametrize("step", ["open", "write", "fsync", "replace"])
def test_no_step_of_writing_loses_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    (tmp_path / "job.yaml").write_bytes(b"old")
    real = files._write

    def no_space(*_arguments: object, **_named: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def half(beside: Path, like: os.stat_result, data: bytes) -> None:
        real(beside, like, data[: len(data) // 2])
        no_space()

    owner, name, broken = {
        "open": (files.os, "open", no_space),
        "write": (files, "_write", half),
        "fsync": (files.os, "fsync", no_space),
        "replace": (files.Path, "replace", no_space),
    }[step]
    monkeypatch.setattr(owner, name, broken)
    with pytest.raises(EnvironmentProblem, match="No space left"):
        files.replace_file(tmp_path / "job.yaml", b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"job.yaml": b"old"}


_ON_A_SMALL_DISK = """
set -e
mount -t tmpfs -o size="$3" tmpfs "$2"
cp -a "$1/." "$2/"
cd "$2"
shift 3
set +e
"$@"
code=$?
cp -a . "$RESULT"
exit $code
"""
_PAGE = 4096
DISKS = ["mounted", "counted"]
"""A real one, where one can be made, and one that Python counts, so that the proof is given everywhere."""


def on_a_small_disk(kind: str, source: Path, place: Path, size: int, temporary: Path) -> tuple[int, str, Path]:
    """Fix a copy of *source* on a disk of *size* bytes. Return the exit code, what was said and the outcome."""
    env = {**os.environ, "PYTHONPATH": f"{SOURCES}:{ROOT}", "TMPDIR": str(temporary)}
    if kind == "counted":
        shutil.copytree(source, place)
        done = subprocess.run(counted(place, size), cwd=place, env=env, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr, place
    result = place.with_name("result")
    result.mkdir()
    place.mkdir()
    script = ["sh", "-c", _ON_A_SMALL_DISK, "sh", str(source), str(place), str(size), *COMMAND]
    done = mounting(script, {**env, "RESULT": str(result)})
    return done.returncode, done.stderr, result


def counted(place: Path, size: int) -> list[str]:
    """Return the command that runs as if *place* were a disk of *size* bytes."""
    return [sys.executable, "-m", "tests.fix.smalldisk", str(place), str(size), *COMMAND[3:]]


def mounting(script: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run *script*, which mounts something, if that is permitted."""
    done = subprocess.run(["unshare", "-rm", *script], env=env, capture_output=True, text=True, check=False)
    if "unshare:" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"no disk can be made here, so it was only counted: {done.stderr.strip()}")
    return done


@pytest.mark.parametrize("kind", DISKS)
@pytest.mark.parametrize("free", [1, 4, 9])
def test_a_full_disk_loses_nothing(tmp_path: Path, kind: str, free: int) -> None:
    """What is added takes each file over the end of a page, so that some are written before there is no more room."""
    (tmp_path / "tmp").mkdir()
    root = tmp_path / "tree"
    old = tree(root)
    for file, text in old.items():
        old[file] = b"#" * (_PAGE - len(text) - 2) + b"\n" + text + b"\n"
        file.write_bytes(old[file])
    pages = FILES + 7 + 3 + free  # of the files, their directories, .git and the root
    code, said, result = on_a_small_disk(kind, root, tmp_path / "disk", pages * _PAGE, tmp_path / "tmp")
    assert code == 2, said
    assert "No space left on device" in said
    assert "It is as it was" in said
    assert "Traceback" not in said
    found = {file: (result / file.relative_to(root)).read_bytes() for file in old}
    new = [file for file, text in found.items() if text != old[file]]
    assert all(found[file] == old[file][:-1] + ADDED + b"\n" for file in new)
    assert len(new) < FILES
    assert len(new) > 0 or free < 2
    assert not [name for name in names_below(result) if name.startswith(".karlint-fix")]
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("kind", DISKS)
def test_no_room_for_the_copy_is_told_and_nothing_is_changed(tmp_path: Path, kind: str) -> None:
    root, temporary = tmp_path / "tree", tmp_path / "tmp"
    temporary.mkdir()
    old = tree(root)
    size = 64 << 10
    env = {**os.environ, "PYTHONPATH": f"{SOURCES}:{ROOT}", "TMPDIR": str(temporary)}
    if kind == "counted":
        command = counted(temporary, size)
        done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False)
        left = [path.name for path in temporary.iterdir()]
    else:
        script = f'mount -t tmpfs -o size={size} tmpfs "$TMPDIR" && cd "$0" && "$@"; code=$?'
        script += '; ls -A "$TMPDIR" >&2; exit $code'
        done = mounting(["sh", "-c", script, str(root), *COMMAND], env)
        left = [line for line in done.stderr.partition("Nothing was changed")[2].splitlines() if "karlint-" in line]
    assert done.returncode == 2, done.stderr
    assert "cannot be copied" in done.stderr
    assert "TMPDIR" in done.stderr
    assert left == []
    assert all(file.read_bytes() == text for file, text in old.items())
