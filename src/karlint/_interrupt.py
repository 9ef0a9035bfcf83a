"""Signals that end a run: what is cleaned up before, and what they do not break off.

What a handler raises comes up wherever the program happens to be, and is lost in places: around a fork, in a callback
of the import system, while a thread is started. So SIGTERM, and a terminal that is closed, raise nothing here: what is
to be cleaned up is cleaned up by the handler. Ctrl-C is left to Python, but for places where it must not come up.
"""

from __future__ import annotations

import contextlib
import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ENDING = (signal.SIGTERM, signal.SIGHUP)
_ALL = (signal.SIGINT, *_ENDING)


class _Ends:
    """What is known of the signals that end this process.

    Attributes:
        process: the one whose main thread handles them.
        stops: what is called first, to stop whoever might still be at work.
        cleanups: what is called then, the last first.
        delays: how deep this is in blocks that are not broken off.
        came: the signals that came in such a block.
    """

    def __init__(self) -> None:
        self.process = 0
        self.stops: list[Callable[[], None]] = []
        self.cleanups: dict[object, Callable[[], None]] = {}
        self.delays = 0
        self.came: list[int] = []

    def handle(self, number: int, _: object) -> None:
        if self.delays:
            self.came.append(number)
        else:
            self.end(number)

    def end(self, number: int) -> None:
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        if self.process == os.getpid():
            for act in (*self.stops, *reversed(self.cleanups.values())):
                with contextlib.suppress(Exception):  # the others are to be called all the same
                    act()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


_ends = _Ends()


def _in_main_thread() -> bool:
    """Tell whether this is the thread that Python runs handlers in."""
    import threading  # noqa: PLC0415 - a run that cleans nothing up does without

    return threading.current_thread() is threading.main_thread()


def stopped_by(stop: Callable[[], None]) -> None:
    """Have *stop* called when a signal ends this process, before anything is cleaned up."""
    _ends.stops.append(stop)


def cleaned_up_by(clean: Callable[[], None]) -> Callable[[], None]:
    """Have *clean* called when SIGTERM, or a terminal that is closed, ends this process; it still ends by that signal.

    A handler that somebody else has put there stays, and a thread other than the main one cannot put one there.

    Returns:
        What is to be called once there is nothing to clean up any more.
    """
    if not _in_main_thread():
        return lambda: None
    if _ends.process != os.getpid():
        _ends.process = os.getpid()
        _ends.cleanups.clear()
    key = object()
    _ends.cleanups[key] = clean
    for number in _ENDING:
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _ends.handle)
    return lambda: _forget(key)


def _forget(key: object) -> None:
    _ends.cleanups.pop(key, None)
    if not _ends.cleanups and _in_main_thread():
        _let_go()


def _let_go() -> None:
    """Let signals do what they do by themselves."""
    for number in _ENDING:
        if signal.getsignal(number) == _ends.handle:
            signal.signal(number, signal.SIG_DFL)


@contextlib.contextmanager
def in_one_piece() -> Iterator[None]:
    """Have no signal break the block off: neither Ctrl-C nor one that would clean up. It comes when the block is left.

    Unlike with :func:`held_back`, a program that is started meanwhile knows nothing of it.
    """
    if not _in_main_thread():
        yield
        return
    _ends.delays += 1
    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if ours:
        signal.signal(signal.SIGINT, _ends.handle)
    try:
        yield
    finally:
        _ends.delays -= 1
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        while _ends.came and not _ends.delays:
            _ends.end(_ends.came.pop())


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Hold the signals back that end this process for as long as it forks.

    Python runs handlers around a fork (those of logging, for instance) and drops what they raise: an interrupt that
    came while one runs would be lost. It comes when the block is left. A process forked in it has to call
    :func:`taken`.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ALL)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def taken() -> None:
    """Take signals again, as a process does that has nothing to clean up, in one forked while they were held back."""
    _let_go()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ALL)
