"""Runs one policy in a process of its own, with bounds, so that one that fails takes nothing else down.

Rego cannot loop for ever, but it can take exponential time and memory, and the engine that runs it in this process
has no way to stop. The process is forked, so that it has all that was read; it sends back what it finds.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import selectors
import signal
import time
from typing import TYPE_CHECKING, Any, TypeVar

from karlint._interrupt import held_back, taken

if TYPE_CHECKING:
    from collections.abc import Callable

    Result = TypeVar("Result")

_PIECE = 1 << 16
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_TICK = 0.1


class StoppedError(Exception):
    """The policy broke a bound, or died; the text says which."""


def bounded(work: Callable[[], Result], seconds: float, memory_bytes: int) -> Result:
    """Return what *work* returns, which must be picklable.

    Args:
        seconds: wall-clock time that it may take.
        memory_bytes: memory that it may take besides what it inherits.

    Raises:
        StoppedError: it took longer or more, raised, or its process died.
    """
    if not hasattr(os, "fork"):
        return work()
    reading, writing = os.pipe()
    with held_back():
        pid = os.fork()
    if pid == 0:
        _child(work, reading, writing)
    os.close(writing)
    try:
        answer = _collect(pid, reading, time.monotonic() + seconds, seconds, memory_bytes)
    finally:
        os.close(reading)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    if not answer:
        raise StoppedError("its process died")
    failed, value = pickle.loads(answer)
    if failed:
        raise StoppedError(value)
    result: Result = value
    return result


def _child(work: Callable[[], Any], reading: int, writing: int) -> None:
    os.close(reading)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent gets it too, and ends this process
    taken()
    try:
        try:
            answer: tuple[bool, Any] = (False, work())
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is told; nothing of it may reach the parent's code
            answer = (True, str(error) or type(error).__name__)
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(answer, pipe)
    finally:
        os._exit(0)


def _collect(pid: int, reading: int, deadline: float, seconds: float, memory_bytes: int) -> bytes:
    pieces: list[bytes] = []
    start = _resident(pid)
    with selectors.DefaultSelector() as selector:
        selector.register(reading, selectors.EVENT_READ)
        while True:
            if time.monotonic() > deadline:
                raise StoppedError(f"it took longer than {seconds:g} s")
            if _resident(pid) - start > memory_bytes:
                raise StoppedError(f"it took more than {memory_bytes >> 20} MiB of memory")
            if not selector.select(_TICK):
                continue
            piece = os.read(reading, _PIECE)
            if not piece:
                return b"".join(pieces)
            pieces.append(piece)


def _resident(pid: int) -> int:
    """Return the bytes of memory that a process has resident; 0 where that cannot be told."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:  # noqa: PTH123 - read ten times a second
            return int(file.read().split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return 0
