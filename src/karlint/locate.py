"""From paths in resources to places in files, through the origins of what was rendered."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from karlint.model.finding import Location, Placed, RelatedLocation
from karlint.model.source import SourceFile, Span
from karlint.source import Positions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path as FilePath

    from karlint.model.origin import Origin, OriginMap, Spot
    from karlint.model.path import Path
    from karlint.model.resource import Resource
    from karlint.model.source import Anchor

_KEPT = 64  # files whose positions are held: the findings of a document come together, its origins lie in few files
_DEEPEST = 8
_TOP = Span(1, 1, 1, 1)


class Locator:
    """Turns paths into places; keeps the positions of the files that it was asked about last.

    An origin may lie in what something else rendered, an Application out of a chart, say: it is followed up.

    Args:
        root: directory that paths of origins are relative to.
        streams: path of a rendered stream to its origins.
    """

    def __init__(self, root: FilePath | None = None, streams: Mapping[str, OriginMap] | None = None) -> None:
        self._root = root
        self._streams = streams or {}
        self._positions: OrderedDict[str, Positions] = OrderedDict()

    def __call__(self, resource: Resource, at: Path, anchor: Anchor) -> Placed:
        """Return where *at* of *resource* is written."""
        document = resource.document
        path = (*resource.prefix, *at)
        if resource.origins is None:
            located = self._of(document.file).locate(document.ordinal, path, anchor)
            return Placed(Location(document.file.path, located.span, located.exact), document.ordinal)
        return self.placed(resource.origins.locate(document.ordinal, path, anchor))

    def placed(self, origin: Origin) -> Placed:
        """Return the places of an origin."""
        primary, ways = self._followed(origin)
        via = tuple(
            RelatedLocation(self.location(spot), spot.why or "It comes from here.") for spot in ways if spot.file
        )
        location = self.location(primary)
        return Placed(location, primary.ordinal, tuple(item for item in via if item.location != location))

    def location(self, spot: Spot) -> Location:
        """Return the place of one spot."""
        if spot.at is None:
            span = spot.span or _TOP
            return Location(spot.file, span, spot.exact and spot.span is not None)
        file = SourceFile(spot.file, self._root / spot.file if self._root is not None else None)
        located = self._of(file).locate(spot.ordinal, spot.at, spot.anchor)
        return Location(spot.file, located.span, spot.exact and located.exact)

    def _followed(self, origin: Origin) -> tuple[Spot, tuple[Spot, ...]]:
        primary, ways = origin.primary, origin.via
        for _ in range(_DEEPEST):
            stream = self._streams.get(primary.file)
            if stream is None:
                break
            above = stream.locate(primary.ordinal, primary.at or (), primary.anchor)
            exact = primary.exact and above.primary.exact
            primary, ways = replace(above.primary, exact=exact), (*ways, *above.via)
        return primary, tuple(spot for way in ways for spot in self._resolved(way))

    def _resolved(self, spot: Spot) -> tuple[Spot, ...]:
        stream = self._streams.get(spot.file)
        if stream is None:
            return (spot,)
        above = stream.locate(spot.ordinal, spot.at or (), spot.anchor).primary
        return () if above.file in self._streams else (replace(above, why=spot.why),)

    def _of(self, file: SourceFile) -> Positions:
        known = self._positions.get(file.path)
        if known is None:
            known = self._positions[file.path] = Positions(file)
            if len(self._positions) > _KEPT:
                self._positions.popitem(last=False)
        else:
            self._positions.move_to_end(file.path)
        return known
