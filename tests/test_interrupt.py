"""An interrupt that comes while a process forks is not lost."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from karlint._interrupt import held_back


def test_an_interrupt_is_held_back_and_comes_afterwards() -> None:
    reached = []

    def interrupted() -> None:
        with held_back():
            signal.raise_signal(signal.SIGINT)  # to this thread: a test runner has others, which take it at once
            reached.append(True)

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert reached
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


_TAKES = """
import os, signal
from karlint._interrupt import held_back, taken
with held_back():
    pid = os.fork()
    if pid == 0:
        {does}
        os._exit(int(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())))
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""

_HANDLER = """
import os, signal
from karlint._interrupt import held_back
os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGINT))
try:
    with held_back():
        if os.fork() == 0:
            os._exit(0)
except KeyboardInterrupt:
    raise SystemExit(7)
"""


def code(script: str) -> int:
    return subprocess.run([sys.executable, "-c", script], check=False, timeout=60).returncode


@pytest.mark.parametrize(("does", "blocked"), [("taken()", 0), ("pass", 1)])
def test_what_was_forked_meanwhile_takes_it_when_it_says_so(does: str, blocked: int) -> None:
    assert code(_TAKES.format(does=does)) == blocked


def test_handlers_of_a_fork_do_not_swallow_it() -> None:
    """As logging's own handler does, when the signal comes while it runs."""
    assert code(_HANDLER) == 7
