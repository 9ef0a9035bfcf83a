"""Loads several files, with worker processes where that saves time."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

from karlint.source.load import load
from karlint.source.parser import parser_events

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from karlint.model.source import SourceFile
    from karlint.source.loaded import Limits, LoadedFile

_ENOUGH_FILES = 200
_ENOUGH_BYTES = 2_000_000


def load_files(files: Sequence[SourceFile], limits: Limits, jobs: int) -> list[LoadedFile]:
    """Read *files* with up to *jobs* processes. Return what each gave, in the same order.

    A file that holds no manifest, since the words apiVersion and kind are not in it, is checked for its syntax only:
    its documents are counted and have no value (their ``json`` is ``null``).
    """
    parser_events("")  # raises where there is no parser, here rather than in every worker
    sizes = [_size(file) for file in files] if jobs > 1 else []
    enough = len(files) >= _ENOUGH_FILES or sum(sizes) >= _ENOUGH_BYTES
    if jobs > 1 and len(files) > 1 and enough:
        from karlint.source import parallel  # noqa: PLC0415 - few runs need processes

        if parallel.can_fork():
            return parallel.load_with_workers(files, limits, sizes, jobs)
    with _no_collection():
        return [load(file, limits, all_values=False) for file in files]


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hold the garbage collector: millions of small objects come and go here, and none is part of a cycle."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _size(file: SourceFile) -> int:
    if file.data is not None or file.location is None:
        return len(file.data or b"")
    try:
        return file.location.stat().st_size
    except OSError:
        return 0  # loading it will say why
