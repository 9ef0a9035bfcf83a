"""Objects that were rendered and render something themselves: their fields stand in a stream, not in a file.

A place in what a unit renders has the name of the unit for its file. Origins that end there go on with the origins of
that unit, until they reach a file of the tree: an app of apps, or a HelmRelease that a Flux Kustomization patches.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from karlint.model.origin import Origin, OriginMap, Spot
from karlint.model.source import Anchor
from karlint.model.unit import Place
from karlint.render.world import Declared

if TYPE_CHECKING:
    from collections.abc import Callable

    from karlint.model.path import Path
    from karlint.model.unit import Unit

_OPEN, _CLOSE = "<", ">"
_STEP = "It is set here for what renders it."
_DEEPEST = 20


def stream_of(unit: Unit) -> str:
    """Return the name that the stream of *unit* has as a file."""
    return f"{_OPEN}{unit.id}{_CLOSE}"


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


@dataclass(frozen=True, slots=True)
class ChainedOrigins(OriginMap):
    """Origins of a unit that something rendered declares.

    Attributes:
        inner: origins as if the streams of other units were files.
        streams: returns the origins of a stream by its name; those may be chained themselves.
    """

    inner: OriginMap
    streams: Callable[[str], OriginMap | None]

    def locate(self, ordinal: int, at: Path, anchor: Anchor) -> Origin:
        """Return the origin of the value at *at* of the rendered document *ordinal*: a place in the tree."""
        found = self.inner.locate(ordinal, at, anchor)
        primary = self._followed(found.primary)
        via = [spot for step in found.via for spot in _flat(self._followed(step))]
        return Origin(primary.primary, tuple(_once([*via, *primary.via], primary.primary)))

    def _followed(self, spot: Spot) -> Origin:
        via: tuple[Spot, ...] = ()
        for _ in range(_DEEPEST):
            if not is_stream(spot.file):
                break
            origins = self.streams(spot.file)
            if origins is None:
                break
            found = origins.locate(spot.ordinal, spot.at or (), spot.anchor if spot.at else Anchor.VALUE)
            via = (*found.via, *via)
            exact = spot.exact and spot.at is not None and found.primary.exact
            spot = replace(found.primary, exact=exact, why=spot.why or found.primary.why or _STEP)
        return Origin(spot, via)


def _flat(origin: Origin) -> list[Spot]:
    return [replace(origin.primary, exact=False), *origin.via]


def _once(spots: list[Spot], primary: Spot) -> list[Spot]:
    """Return *spots* without those that lie where another one, or the *primary* one, lies."""
    seen = {_where(primary)}
    return [spot for spot in spots if _where(spot) not in seen and not seen.add(_where(spot))]  # type: ignore[func-returns-value]


def _where(spot: Spot) -> tuple[object, ...]:
    return spot.file, spot.ordinal, spot.at, spot.span
