"""The runner of foreign programs: what they write comes back, and none outlives its bounds."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from karlint import _proc
from karlint._proc import run

if TYPE_CHECKING:
    from collections.abc import Callable

PYTHON = sys.executable


def script(text: str) -> list[str]:
    return [PYTHON, "-S", "-c", text]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def soon(condition: Callable[[], bool]) -> bool:
    """Return whether *condition* comes true: what is killed takes a moment to die."""
    until = time.monotonic() + 3
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def test_output_errors_and_code_come_back() -> None:
    done = run(script("import sys; print(sys.stdin.read()); sys.stderr.write('no'); sys.exit(3)"), stdin=b"yes")
    assert (done.code, done.stdout, done.stderr, done.why_stopped) == (3, b"yes\n", b"no", "")


def test_a_large_standard_input_is_fed_while_output_is_read() -> None:
    data = os.urandom(1 << 20).hex().encode()
    assert run(script("import sys; sys.stdout.write(sys.stdin.read())"), stdin=data).stdout == data


def test_a_program_that_does_not_read_its_input_does_no_harm() -> None:
    assert run(script("print(1)"), stdin=b"x" * (1 << 20)).stdout == b"1\n"


def test_time_is_bounded() -> None:
    started = time.monotonic()
    done = run(script("while True: pass"), timeout_s=0.3)
    assert done.why_stopped == "time"
    assert time.monotonic() - started < 3


def test_time_is_bounded_for_a_program_that_closed_its_output() -> None:
    text = "import os, time; os.close(1); os.close(2); time.sleep(60)"
    assert run(script(text), timeout_s=0.5).why_stopped == "time"


def test_output_is_bounded_while_it_is_written() -> None:
    done = run(script("import sys\nwhile True: sys.stdout.write('x' * 65536)"), output_bytes=1 << 20)
    assert done.why_stopped == "output"
    assert len(done.stdout) == 1 << 20


def test_errors_without_end_are_no_memory_of_ours() -> None:
    done = run(script("import sys\nfor _ in range(100): sys.stderr.write('x' * 65536)"))
    assert done.code == 0
    assert len(done.stderr) <= (1 << 20) + (1 << 16)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is told by /proc")
def test_memory_is_bounded() -> None:
    done = run(script("x = []\nwhile True: x.append(bytearray(1 << 20))"), memory_bytes=256 << 20, timeout_s=30)
    assert done.why_stopped == "memory"


def test_what_it_started_ends_with_it() -> None:
    text = "import subprocess, sys; print(subprocess.Popen(['sleep', '60'], stdout=2).pid, flush=True)"
    done = run(script(text), timeout_s=1)
    assert soon(lambda: not alive(int(done.stdout)))


def test_stopping_all_ends_what_runs_and_refuses_the_next() -> None:
    threading.Timer(0.3, _proc.stop_all).start()
    try:
        assert run(script("import time; time.sleep(60)"), timeout_s=30).why_stopped == "interrupted"
        with pytest.raises(InterruptedError):
            run(script("print(1)"))
    finally:
        _proc.allow()


def test_a_program_that_is_not_there_is_an_os_error() -> None:
    with pytest.raises(FileNotFoundError):
        run(["/nonexistent/program"])
