"""Ctrl-C while a process forks."""

from __future__ import annotations

import contextlib
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Hold SIGINT back for as long as this process forks.

    Python runs handlers around a fork (those of logging, for instance) and drops what they raise: an interrupt that
    came while one runs would be lost. It comes when the block is left. A process forked in it has to call
    :func:`taken`.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def taken() -> None:
    """Take SIGINT again, in a process that was forked while it was held back."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
