"""Objects that were rendered and render something themselves: their fields stand in a stream, not in a file.

A place in what a unit renders has the name of the unit for its file. Origins that end there go on with the origins of
that unit, until they reach a file of the tree: an app of apps, or a HelmRelease that a Flux Kustomization patches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from karlint.model.origin import Filling, Origin, OriginMap, Printed, Printing, Spot
from karlint.model.source import Anchor, Span
from karlint.model.unit import Place
from karlint.render.origins.kustomize_text import embedded_span
from karlint.render.world import Declared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from karlint.model.path import Path
    from karlint.model.unit import Unit
    from karlint.render.origins.kustomize_text import Places

_OPEN, _CLOSE = "<", ">"
_STEP = "It is set here for what renders it."
_DEEPEST = 20


def stream_of(unit: Unit) -> str:
    """Return the name that the stream of *unit* has as a file."""
    return f"{_OPEN}{unit.id}{_CLOSE}"


def unit_of(file: str) -> str:
    """Return the id of the unit whose stream has the name *file*; "" for a file of the tree."""
    return file[len(_OPEN) : -len(_CLOSE)] if is_stream(file) else ""


def is_stream(file: str) -> bool:
    """Return whether *file* is what a unit renders, rather than a file of the tree."""
    return file.startswith(_OPEN) and file.endswith(_CLOSE)


def rendered(body: Any, ordinal: int, unit: Unit) -> Declared:
    """Return the document *ordinal* that *unit* renders as an object that may declare units itself."""
    file = stream_of(unit)
    return Declared(
        body,
        lambda at: Place(file, ordinal, at),
        parent=unit.id,
        cluster=unit.cluster or unit.id,
        namespace=unit.namespace,
    )


class Texts(Struct, frozen=True):
    """Where the values of files and of streams stand, both by their name.

    Attributes:
        documents: returns the values of the documents.
        places: returns the lines, and what locates paths in them.
    """

    documents: Callable[[str], Sequence[Any]]
    places: Callable[[str], Places]


class ChainedOrigins(Struct, frozen=True):
    """Origins of a unit that something rendered declares.

    Attributes:
        inner: origins as if the streams of other units were files.
        streams: returns the origins of a stream by its name; those may be chained themselves.
        texts: leads from a stretch of a string in a stream (values, a patch) to the same stretch of that string in the
            tree; without it the string as a whole is the place.
    """

    inner: OriginMap
    streams: Callable[[str], OriginMap | None]
    texts: Texts | None = None

    def locate(self, ordinal: int, at: Path, anchor: Anchor) -> Origin:
        """Return the origin of the value at *at* of the rendered document *ordinal*: a place in the tree."""
        found = self.inner.locate(ordinal, at, anchor)
        primary = self._followed(found.primary)
        via = [spot for step in found.via for spot in _flat(self._followed(step))]
        return Origin(primary.primary, tuple(_once([*via, *primary.via], primary.primary)))

    def printed(self, ordinal: int) -> Printed | None:
        """Return the text of the rendered document *ordinal*, if a template is known to have printed it."""
        return self.inner.printed(ordinal) if isinstance(self.inner, Printing) else None

    def stretch(self, ordinal: int, at: Path, inner: Span) -> tuple[Origin, Span | None]:
        """Return the origin of a stretch of a string as those of the unit itself do, in the tree."""
        found, there = _stretch(self.inner, ordinal, at, inner)
        primary = self._followed(found.primary)
        via = [spot for step in found.via for spot in _flat(self._followed(step))]
        return Origin(primary.primary, tuple(_once([*via, *primary.via], primary.primary))), there

    def _followed(self, spot: Spot) -> Origin:
        via: tuple[Spot, ...] = ()
        for _ in range(_DEEPEST):
            origins = self.streams(spot.file) if is_stream(spot.file) else None
            if origins is None:
                break
            if spot.at is None and spot.span is not None:
                found = self._in_text(spot, spot.span, origins)
            else:
                found = origins.locate(spot.ordinal, spot.at or (), spot.anchor)
            via = (*found.via, *via)
            exact = spot.exact and found.primary.exact
            spot = replace(found.primary, exact=exact, why=spot.why or found.primary.why or _STEP)
        return Origin(spot, via)

    def _in_text(self, spot: Spot, span: Span, origins: OriginMap) -> Origin:
        """Return the origin of a stretch of a string: the same stretch of it in the tree, if it is written there."""
        holder = self._holder(spot.file, span) if self.texts is not None else None
        if self.texts is None or holder is None:
            return _vague(origins.locate(spot.ordinal, (), Anchor.VALUE))
        ordinal, at, block = holder
        lines = self.texts.places(spot.file).lines
        printed = _inside(lines, block, span)
        if printed is None:
            return _vague(origins.locate(ordinal, at, Anchor.VALUE))
        whole, inner = _stretch(origins, ordinal, at, printed)
        there = whole.primary
        if inner is None:
            return whole
        if is_stream(there.file):
            return _vague(whole)
        places = self.texts.places(there.file)
        outer = there.span or places.locate(there.ordinal, there.at or (), Anchor.VALUE).span
        for real in (embedded_span(places.lines, outer, inner), _shifted(inner, outer.line - 1)):
            if real is not None and _slice(places.lines, real) == _slice(lines, span) is not None:
                return Origin(Spot(there.file, there.ordinal, None, real, spot.anchor, exact=True), whole.via)
        return _vague(whole)

    def _holder(self, file: str, span: Span) -> tuple[int, Path, Span] | None:
        """Return the string of several lines that holds *span* in the stream *file*: document, path and its span."""
        assert self.texts is not None
        places = self.texts.places(file)
        for ordinal, document in enumerate(self.texts.documents(file)):
            for at in _blocks(document):
                block = places.locate(ordinal, at, Anchor.VALUE).span
                if block.line < span.line and span.end_line <= block.end_line:
                    return ordinal, at, block
        return None


def _stretch(origins: OriginMap, ordinal: int, at: Path, inner: Span) -> tuple[Origin, Span | None]:
    """Return the origin of the string at *at*, and where in it the stretch *inner* stands; see :class:`Filling`."""
    if isinstance(origins, Filling):
        return origins.stretch(ordinal, at, inner)
    return origins.locate(ordinal, at, Anchor.VALUE), inner


def _blocks(value: Any, at: Path = ()) -> Iterator[Path]:
    """Yield the paths of all strings of several lines."""
    if isinstance(value, str):
        if "\n" in value:
            yield at
    elif isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _blocks(item, (*at, key))


def _inside(lines: Sequence[str], block: Span, span: Span) -> Span | None:
    """Return *span* as a stretch of the text that *block*, a literal block of *lines*, stands for."""
    first = embedded_span(lines, block, Span(1, 1, 1, 1))
    if first is None:
        return None
    column = first.column - 1
    return _shifted(Span(span.line, span.column - column, span.end_line, span.end_column - column), -block.line)


def _shifted(span: Span, lines: int) -> Span:
    return Span(span.line + lines, span.column, span.end_line + lines, span.end_column)


def _slice(lines: Sequence[str], span: Span) -> list[str] | None:
    """Return the lines of *span*, without what stands around it and without their indentation; None for no such."""
    if not 1 <= span.line <= span.end_line <= len(lines) or span.column < 1:
        return None
    taken = list(lines[span.line - 1 : span.end_line])
    taken[-1] = taken[-1][: span.end_column - 1]
    taken[0] = taken[0][span.column - 1 :]
    return [line.strip() for line in taken]


def _vague(origin: Origin) -> Origin:
    return replace(origin, primary=replace(origin.primary, exact=False))


def _flat(origin: Origin) -> list[Spot]:
    return [replace(origin.primary, exact=False), *origin.via]


def _once(spots: list[Spot], primary: Spot) -> list[Spot]:
    """Return *spots* without those that lie where another one, or the *primary* one, lies."""
    seen = {_where(primary)}
    return [spot for spot in spots if _where(spot) not in seen and not seen.add(_where(spot))]  # type: ignore[func-returns-value]


def _where(spot: Spot) -> tuple[object, ...]:
    return spot.file, spot.ordinal, spot.at, spot.span
