"""Runs one function over several inputs at once, in processes that inherit all that was prepared before."""

from __future__ import annotations

import gc
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
        with ProcessPoolExecutor(len(inputs), multiprocessing.get_context("fork"), gc.disable) as pool:
            # Inputs are inherited too: an index is all that is sent.
            _inherited.append(inputs.__getitem__)
            return list(pool.map(_call, range(len(inputs))))
    except (BrokenProcessPool, OSError):
        return None
    finally:
        gc.unfreeze()
        _inherited.clear()


def _call(index: int) -> Any:
    function, item = _inherited
    return function(item(index))
