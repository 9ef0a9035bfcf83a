"""What rendering gives: a stream, or why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from karlint.model.path import Path
    from karlint.model.source import Span
    from karlint.model.unit import Unit


class Failure(Struct, frozen=True):
    """A renderer that gave up.

    Attributes:
        message: one sentence, with the tool's own words.
        file: repository-relative path of the file that it names, or of the one that made it run.
        span: the place that it names; None for the file as a whole.
        reason: one of :mod:`karlint.render.reasons` where that is known, "" for a defect of what it was given.
        help: what to do.
        at: path of the value in *file* that is meant; None for what *span* says.
        ordinal: document of the file that *at* is in.
    """

    message: str
    file: str
    span: Span | None = None
    reason: str = ""
    help: str = ""
    at: Path | None = None
    ordinal: int = 0


class Output(Struct, frozen=True):
    """What a renderer made of a unit.

    Attributes:
        stream: what it printed; for kustomize without what was asked for to learn origins.
        annotated: for kustomize the same with ``config.kubernetes.io/origin`` annotations; else the stream.
        before: the stream before Flux filled in variables, or before its post-renderers, if it does.
        inputs: files that were read, as far as they are known; repository-relative.
        base: for kustomize, the directory that origins are relative to: absolute.
        failure: why there is no stream; None where there is one.
    """

    unit: Unit
    stream: bytes = b""
    annotated: bytes = b""
    inputs: frozenset[str] = frozenset()
    base: str = ""
    failure: Failure | None = None
    before: bytes = b""
