"""Runs a foreign program with bounds on its time, memory and output, and leaves nothing of it behind."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import threading
import time
from typing import IO, TYPE_CHECKING

from msgspec import Struct

from karlint._interrupt import in_one_piece, stopped_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_TICK = 0.05
"""Seconds between two looks at a program's memory."""
_NAP = 0.001
_PIECE = 1 << 16
_STDERR_BYTES = 1 << 20
_PAGE = os.sysconf("SC_PAGE_SIZE")

_running: set[subprocess.Popen[bytes]] = set()
_lock = threading.RLock()
"""Of those that run. Taken again by a signal that ends the process, which may come while its own thread has it."""
_stopping = threading.Event()


class Done(Struct, frozen=True):
    """How a program ended.

    Attributes:
        code: its exit code; negative for a signal.
        stdout, stderr: what it wrote, as far as it was read.
        why_stopped: "" where it ended by itself; "time", "memory" or "output" for the bound that it broke;
            "interrupted" where everything was to end.
    """

    code: int
    stdout: bytes
    stderr: bytes
    why_stopped: str = ""


def run(
    argv: Sequence[str],
    *,
    cwd: Path | str | None = None,
    env: Mapping[str, str] | None = None,
    timeout_s: float = 60.0,
    memory_bytes: int = 2 << 30,
    output_bytes: int = 64 << 20,
    stdin: bytes = b"",
) -> Done:
    """Run *argv* to its end, or to the first bound that it breaks.

    The program gets a process group of its own, which is killed as a whole. What it writes is read as it comes, so
    that one that writes without end is stopped at *output_bytes*. Its memory is what it has resident: Go programs
    reserve address space by the gigabyte, so that a limit on that says nothing. May be called from several threads.

    Args:
        argv: the program, as a path or a name to be found in ``PATH``, and its arguments.
        env: its whole environment; None for ours.
        stdin: what it reads; an empty standard input by default.

    Raises:
        OSError: the program cannot be started.
    """
    process = None
    try:
        with in_one_piece():  # or it would run and nobody would know
            process = _start(argv, cwd, env)
        return _watch(process, time.monotonic() + timeout_s, memory_bytes, output_bytes, stdin)
    finally:
        if process is not None:
            _end(process)


def stop_all() -> None:
    """Kill every program that is running; what would start after this is refused until :func:`allow`."""
    _stopping.set()
    with _lock:
        for process in _running:
            _kill(process)


stopped_by(stop_all)


@contextlib.contextmanager
def unless_stopped() -> Iterator[None]:
    """Do something small for a program that is to be run, and have :func:`stop_all` wait for it.

    Raises:
        InterruptedError: everything is to end.
    """
    with _lock:
        if _stopping.is_set():
            raise InterruptedError("everything is to end")
        yield


def allow() -> None:
    """Let programs run again after :func:`stop_all`."""
    _stopping.clear()


def _start(argv: Sequence[str], cwd: Path | str | None, env: Mapping[str, str] | None) -> subprocess.Popen[bytes]:
    with unless_stopped():
        process = subprocess.Popen(
            argv,
            cwd=cwd,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        _running.add(process)
    return process


def _watch(process: subprocess.Popen[bytes], deadline: float, memory: int, output: int, stdin: bytes) -> Done:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    out, err = bytearray(), bytearray()
    why = ""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ, (out, output))
        selector.register(process.stderr, selectors.EVENT_READ, (err, _STDERR_BYTES))
        feed = _Feed(process.stdin, stdin)
        if not feed.done:
            selector.register(process.stdin, selectors.EVENT_WRITE, feed)
        look = time.monotonic() + _TICK
        while selector.get_map() and not why:
            for key, _ in selector.select(_TICK):
                if isinstance(key.data, _Feed):
                    if key.data.write():
                        selector.unregister(process.stdin)
                        process.stdin.close()
                elif not _read(key.fd, *key.data):
                    selector.unregister(key.fileobj)
            now = time.monotonic()
            if len(out) > output:
                why = "output"
            elif now > deadline:
                why = "time"
            elif now > look:
                look = now + _TICK
                why = "memory" if _resident(process.pid) > memory else ""
    why = why or _wait(process, deadline)
    _end(process)
    if _stopping.is_set() and process.returncode < 0:
        why = "interrupted"
    return Done(process.returncode, bytes(out[:output]), bytes(err), why)


def _wait(process: subprocess.Popen[bytes], deadline: float) -> str:
    """Wait for a program that has closed its output, without reaping it: its group must keep its number."""
    if not hasattr(os, "waitid"):
        return _poll(process, deadline)
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
        if time.monotonic() > deadline:
            return "time"
        time.sleep(_NAP)
    return ""


def _poll(process: subprocess.Popen[bytes], deadline: float) -> str:
    try:
        process.wait(max(deadline - time.monotonic(), _TICK))
    except subprocess.TimeoutExpired:
        return "time"
    return ""


class _Feed:
    """Writes standard input as fast as the program takes it."""

    def __init__(self, pipe: IO[bytes], data: bytes) -> None:
        self._pipe = pipe
        self._rest = memoryview(data)
        os.set_blocking(pipe.fileno(), False)
        self.done = not data
        if self.done:
            pipe.close()

    def write(self) -> bool:
        """Write some; return whether that was all, or the program wants no more."""
        try:
            self._rest = self._rest[os.write(self._pipe.fileno(), self._rest[:_PIECE]) :]
        except BlockingIOError:
            return False
        except OSError:
            self._rest = self._rest[:0]
        return not self._rest


def _read(descriptor: int, into: bytearray, limit: int) -> bool:
    """Read a piece; what goes beyond *limit* by more than a piece is thrown away. Return False at the end."""
    piece = os.read(descriptor, _PIECE)
    if len(into) <= limit:
        into += piece
    return bool(piece)


def _resident(pid: int) -> int:
    """Return the bytes of memory that a process has resident; 0 where that cannot be told."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:  # noqa: PTH123 (a file of the kernel, on a hot path)
            return int(file.read().split()[1]) * _PAGE
    except (OSError, IndexError, ValueError):
        return 0


def _end(process: subprocess.Popen[bytes]) -> None:
    """See that nothing of the process group is left, and take note of the end."""
    _kill(process)
    process.wait()
    with _lock:
        _running.discard(process)
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process group. Its leader is not reaped before, so that the number is still its own."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
