"""Loads many files with worker processes. A file that kills its worker becomes a finding, the others are not lost."""

from __future__ import annotations

import gc
import marshal
import multiprocessing
import signal
from collections import deque
from contextlib import suppress
from multiprocessing import connection
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from karlint._interrupt import held_back, taken
from karlint.model.finding import FileFinding
from karlint.model.source import Document, Span, SuppressionComment
from karlint.source.load import load
from karlint.source.loaded import UNREADABLE_FILE, Head, Limits, LoadedDocument, LoadedFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkProcess

    from karlint.model.source import SourceFile

_CHUNKS_A_JOB = 12
_LARGEST_CHUNK = 64  # files; all of these are read one by one when one of them kills its worker


def can_fork() -> bool:
    """Tell whether the platform can start processes that inherit what is in memory."""
    return "fork" in multiprocessing.get_all_start_methods()


def load_with_workers(files: Sequence[SourceFile], limits: Limits, sizes: Sequence[int], jobs: int) -> list[LoadedFile]:
    """Read *files*, of *sizes* in bytes, with up to *jobs* processes. Return what each gave, in the same order."""
    return _Pool(files, limits).run(_chunks(sizes, jobs), jobs)


def _chunks(sizes: Sequence[int], jobs: int) -> deque[list[int]]:
    """Cut the indexes of files into runs of about the same number of bytes, large files first."""
    target = sum(sizes) // (jobs * _CHUNKS_A_JOB) + 1
    chunks: deque[list[int]] = deque()
    chunk: list[int] = []
    filled = 0
    for index in sorted(range(len(sizes)), key=sizes.__getitem__, reverse=True):
        chunk.append(index)
        filled += sizes[index]
        if filled >= target or len(chunk) >= _LARGEST_CHUNK:
            chunks.append(chunk)
            chunk, filled = [], 0
    if chunk:
        chunks.append(chunk)
    return chunks


class _Worker(Struct):
    process: ForkProcess
    pipe: Connection
    chunk: list[int]


class _Pool:
    """Hands chunks of files to workers, one at a time, so that it always knows what each of them was reading."""

    def __init__(self, files: Sequence[SourceFile], limits: Limits) -> None:
        self._files = files
        self._limits = limits
        self._workers: dict[Connection, _Worker] = {}
        self._results: list[LoadedFile | None] = [None] * len(files)
        self._suspects: list[int] = []
        self._trial: list[int] = []
        self._context = multiprocessing.get_context("fork")

    def run(self, chunks: deque[list[int]], jobs: int) -> list[LoadedFile]:
        """Read all *chunks* with up to *jobs* workers at once, none of which outlives this call."""
        try:
            self._drain(chunks, jobs)
            for index in self._suspects:
                self._trial = [index]
                self._drain(deque([self._trial]), 1)
        finally:
            for worker in list(self._workers.values()):
                self._end(worker)
        return [result for result in self._results if result is not None]

    def _drain(self, chunks: deque[list[int]], jobs: int) -> None:
        while chunks or self._workers:
            while chunks and len(self._workers) < jobs:
                self._start(chunks.popleft())
            for pipe in connection.wait(list(self._workers)):
                self._receive(self._workers[pipe], chunks)  # type: ignore[index]

    def _start(self, chunk: list[int]) -> None:
        ours, theirs = self._context.Pipe()
        inherited = [ours, *self._workers]
        process = self._context.Process(target=_work, args=(theirs, inherited, self._files, self._limits), daemon=True)
        with held_back():
            process.start()
        theirs.close()
        worker = self._workers[ours] = _Worker(process, ours, chunk)
        self._send(worker, chunk)

    def _receive(self, worker: _Worker, chunks: deque[list[int]]) -> None:
        try:
            data = worker.pipe.recv_bytes()
        except (EOFError, OSError):
            self._bury(worker)
            return
        for index, packed in zip(worker.chunk, marshal.loads(data), strict=True):
            self._results[index] = _unpack(self._files[index], packed)
        if chunks:
            self._send(worker, chunks.popleft())
        else:
            self._end(worker)

    def _send(self, worker: _Worker, chunk: list[int]) -> None:
        worker.chunk = chunk
        with suppress(OSError):  # it died between two chunks: the next receive sees that, and deals with this one
            worker.pipe.send_bytes(marshal.dumps(chunk))

    def _bury(self, worker: _Worker) -> None:
        """Deal with what a dead worker was reading: its files are suspects, and one that kills a fresh one is it."""
        self._end(worker)
        if worker.chunk != self._trial:
            self._suspects += worker.chunk
            return
        file = self._files[worker.chunk[0]]
        code = worker.process.exitcode
        how = signal.Signals(-code).name if code is not None and code < 0 else f"exit code {code}"
        message = f"Reading this file ended the process that did it ({how}), so it was not linted."
        finding = FileFinding(UNREADABLE_FILE, file.path, None, message, "Exclude the file, and please report it.")
        self._results[worker.chunk[0]] = LoadedFile(file, (), (finding,))

    def _end(self, worker: _Worker) -> None:
        del self._workers[worker.pipe]
        worker.pipe.close()  # a worker that waits for more ends by this
        worker.process.join(0.05)
        if worker.process.exitcode is None:
            worker.process.kill()
            worker.process.join()


def _work(pipe: Connection, inherited: list[Connection], files: Sequence[SourceFile], limits: Limits) -> None:
    """Read chunks until the parent closes the pipe, or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent gets it too, and ends its workers
    taken()
    for other in inherited:
        other.close()  # or this process would keep its siblings waiting for a parent that is gone
    gc.disable()
    try:
        while True:
            chunk: list[int] = marshal.loads(pipe.recv_bytes())
            packed = [_pack(load(files[index], limits, all_values=False)) for index in chunk]
            pipe.send_bytes(marshal.dumps(packed))
    except (EOFError, OSError):
        return


def _pack(loaded: LoadedFile) -> tuple[Any, ...]:
    """Return *loaded* as tuples of plain values, which marshal sends far faster than pickle sends objects."""
    documents = tuple(
        (
            item.document.ordinal,
            item.document.line,
            item.document.json,
            tuple((h.prefix, h.api_version, h.kind, h.namespace, h.name, h.generate_name) for h in item.heads),
            tuple((c.line, c.column, c.rules, c.reason, c.own_line) for c in item.comments),
        )
        for item in loaded.documents
    )
    findings = tuple((f.rule, _pack_span(f.span), f.message, f.help) for f in loaded.findings)
    return documents, findings, loaded.skip_reason


def _pack_span(span: Span | None) -> tuple[int, int, int, int] | None:
    return None if span is None else (span.line, span.column, span.end_line, span.end_column)


def _unpack(file: SourceFile, packed: tuple[Any, ...]) -> LoadedFile:
    documents, findings, skip_reason = packed
    return LoadedFile(
        file,
        tuple(
            LoadedDocument(
                Document(file, ordinal, line, value),
                tuple(Head(*head) for head in heads),
                tuple(SuppressionComment(*comment) for comment in comments),
            )
            for ordinal, line, value, heads, comments in documents
        ),
        tuple(
            FileFinding(rule, file.path, None if span is None else Span(*span), message, hint)
            for rule, span, message, hint in findings
        ),
        skip_reason,
    )
