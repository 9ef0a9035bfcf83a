"""Runs one command as a whole process and says what it cost. Standard library only, and small: see `peak_rss`."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

_SAMPLE_EVERY = 0.02
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Cost:
    """One run. Times in seconds, memory in bytes; `killed` when the time limit ended it."""

    wall: float
    user: float
    system: float
    peak_rss: int
    exit_code: int
    killed: bool


def run(command: tuple[str, ...], cwd: Path, output: Path, limit: float | None = None) -> Cost:
    """Run *command*, its stdout and stderr going to *output*, and wait for it with wait4.

    User and system time include the descendants it waited for. `peak_rss` is that of its largest single process, and
    never less than this process's own, which the kernel counts before exec: `tree_memory` sees all of them.
    """
    with output.open("wb") as sink:
        begin = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT, start_new_session=True
        )
        killed = threading.Event()
        timer = _kill_after(process.pid, limit, killed) if limit else None
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        if timer:
            timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)  # so that Popen does not wait for it again
    scale = 1 if sys.platform == "darwin" else 1024
    return Cost(wall, usage.ru_utime, usage.ru_stime, usage.ru_maxrss * scale, process.returncode, killed.is_set())


def tree_memory(command: tuple[str, ...], cwd: Path) -> int | None:
    """Run *command* once more, untimed, and return the peak of the memory of all its processes in bytes.

    Shared pages are counted once (proportional set size). None where there is no /proc to ask. Sampled every 20 ms, so
    a shorter peak may be missed.
    """
    if not (_PROC / "self" / "smaps_rollup").is_file():
        return None
    process = subprocess.Popen(
        command,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(_pss(pid) for pid in _session(process.pid)))
        time.sleep(_SAMPLE_EVERY)
    return peak or None


def _kill_after(pid: int, limit: float, killed: threading.Event) -> threading.Timer:
    def kill() -> None:
        killed.set()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)

    timer = threading.Timer(limit, kill)
    timer.daemon = True
    timer.start()
    return timer


def _session(leader: int) -> list[int]:
    found = []
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                # The name, in parentheses, may hold spaces: fields count from after it.
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[3]) == leader:
                    found.append(int(entry.name))
    return found


def _pss(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
