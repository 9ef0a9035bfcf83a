"""Runs one function over several inputs at once, in processes that inherit all that was prepared before."""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Any, TypeVar

from karlint._interrupt import held_back, taken

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_WATCH_SECONDS = 0.5
_T = TypeVar("_T")
_R = TypeVar("_R")
_inherited: list[Callable[[Any], Any]] = []


def forked(function: Callable[[_T], _R], inputs: Sequence[_T]) -> list[_R] | None:
    """Return what *function* gives for each of *inputs*, one process each; None where that cannot be done.

    The function is not sent to the processes but inherited by them, so that it may hold what cannot be sent, such as
    compiled rules; what it returns is sent back. None means that nothing is lost but time: call it here then. It is
    the answer where processes cannot be forked, and where one of them was killed.
    """
    if "fork" not in multiprocessing.get_all_start_methods():
        return None
    _inherited[:] = [function]
    # What a collector touches in an inherited object is a copy of its memory page. There is nothing to collect there.
    gc.freeze()
    try:
        with ProcessPoolExecutor(len(inputs), multiprocessing.get_context("fork"), _settle, (os.getpid(),)) as pool:
            # Inputs are inherited too: an index is all that is sent.
            _inherited.append(inputs.__getitem__)
            try:
                with held_back():
                    results = pool.map(_call, range(len(inputs)))
                return list(results)
            except KeyboardInterrupt:
                # Leaving the pool waits for its workers, of which not all need have been interrupted.
                for worker in list(pool._processes.values()):
                    worker.terminate()
                raise
    except (BrokenProcessPool, OSError):
        return None
    finally:
        gc.unfreeze()
        _inherited.clear()


def _settle(parent: int) -> None:
    """Make a worker's memory its own business, and its life that of its parent."""
    taken()
    gc.disable()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process when its parent is gone, killed for instance, and cannot tell it to."""
    while os.getppid() == parent:
        time.sleep(_WATCH_SECONDS)
    os._exit(1)


def _call(index: int) -> Any:
    function, item = _inherited
    return function(item(index))
