"""Signals: what comes while a process forks is not lost, and what must not be left is cleaned up."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time

import pytest

from karlint._interrupt import cleaned_up_by, held_back, in_one_piece
from karlint.model.unit import KustomizeSource, Unit
from karlint.render import service


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


def test_nothing_breaks_off_what_is_to_stay_in_one_piece() -> None:
    reached = []

    def interrupted() -> None:
        with in_one_piece():
            with in_one_piece():
                signal.raise_signal(signal.SIGINT)
                reached.append("inside")
            reached.append("outside")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert reached == ["inside", "outside"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


_CLEANS = """
import os, signal, sys
from karlint._interrupt import cleaned_up_by, held_back, in_one_piece, stopped_by, taken
ending = getattr(signal, sys.argv[1])
stopped_by(lambda: print("stopped", flush=True))
def fails():
    raise OSError("no")
done = cleaned_up_by(lambda: print("never", flush=True))
cleaned_up_by(lambda: print("first", flush=True))
cleaned_up_by(fails)
cleaned_up_by(lambda: print("second", flush=True))
done()
with held_back():
    pid = os.fork()
    if pid == 0:
        taken()
        os.kill(os.getpid(), ending)
os.waitpid(pid, 0)
print("forked", flush=True)
with in_one_piece():
    os.kill(os.getpid(), ending)
    print("in one piece", flush=True)
print("never", flush=True)
"""


@pytest.mark.parametrize("ending", ["SIGTERM", "SIGHUP"])
def test_a_signal_has_everything_cleaned_up_and_ends_the_process(ending: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _CLEANS, ending], check=False, timeout=60, capture_output=True, text=True
    )
    assert done.stdout.splitlines() == ["forked", "in one piece", "stopped", "second", "first"]
    assert done.returncode == -getattr(signal, ending)
    assert done.stderr == ""


def test_what_others_do_on_a_signal_stays() -> None:
    def handler(*_: object) -> None:
        """Somebody's own."""

    before = signal.signal(signal.SIGTERM, handler)
    try:
        done = cleaned_up_by(lambda: None)
        assert signal.getsignal(signal.SIGTERM) is handler
        assert signal.getsignal(signal.SIGHUP) != signal.SIG_DFL
        done()
        assert signal.getsignal(signal.SIGTERM) is handler
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, before)


def test_another_thread_asks_in_vain() -> None:
    def asks() -> None:
        cleaned_up_by(lambda: None)()
        with in_one_piece():
            seen.append(signal.getsignal(signal.SIGTERM))

    seen: list[object] = []
    thread = threading.Thread(target=asks)
    thread.start()
    thread.join()
    assert seen == [signal.SIG_DFL]


def test_a_thread_whose_start_is_interrupted_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own pool forgets it, so that what it runs would be left."""
    started, start = [], threading.Thread.start

    def interrupted(self: threading.Thread) -> None:
        start(self)
        started.append(self)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    monkeypatch.setattr(service, "render_unit", lambda *_: time.sleep(0.5))
    with pytest.raises(KeyboardInterrupt):
        list(service.render_each([Unit("x", KustomizeSource("x"))], None, 1))  # type: ignore[arg-type]
    assert started
    assert not any(thread.is_alive() for thread in started)


_ENDS = """
import atexit, signal
from karlint.__main__ import _leave

def clean():
    signal.raise_signal(signal.SIGINT)
    print("cleaned", flush=True)

atexit.register(clean)
_leave(3)
"""


def test_what_is_cleaned_up_at_the_very_end_is_not_broken_off() -> None:
    done = subprocess.run([sys.executable, "-c", _ENDS], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (3, b"cleaned\n", b"")
