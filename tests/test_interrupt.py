"""An interrupt that comes while a process forks is not lost."""

from __future__ import annotations

import os
import signal

import pytest

from karlint._interrupt import held_back, taken


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


@pytest.mark.parametrize("takes", [True, False])
def test_what_was_forked_meanwhile_takes_it_when_it_says_so(takes: bool) -> None:
    with held_back():
        pid = os.fork()
        if pid == 0:
            if takes:
                taken()
            os._exit(int(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == int(not takes)


def test_handlers_of_a_fork_do_not_swallow_it() -> None:
    """As logging's own handler does, when the signal comes while it runs."""
    pid = os.fork()
    if pid == 0:
        os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGINT))
        try:
            with held_back():
                child = os.fork()
                if child == 0:
                    os._exit(0)
        except KeyboardInterrupt:
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
