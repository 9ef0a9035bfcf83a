"""From paths in resources to places in files, through the origins of what was rendered."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from msgspec.structs import replace

from karlint.model.finding import Location, Placed, RelatedLocation
from karlint.model.fix import Change, Operation, OperationKind
from karlint.model.source import Anchor, SourceFile, Span
from karlint.source import Positions

if TYPE_CHECKING:
    from pathlib import Path as FilePath
    from typing import Any

    from karlint.model.origin import Origin, Spot
    from karlint.model.path import Path
    from karlint.model.resource import Resource

_KEPT = 64  # files whose positions are held: the findings of a document come together, its origins lie in few files
_STDIN = "<stdin>"
_TOP = Span(1, 1, 1, 1)
_CAPABILITIES = ".Capabilities"


class Locator:
    """Turns paths into places; keeps the positions of the files that it was asked about last.

    Args:
        root: directory that paths of origins are relative to.
        stdin: what standard input held.
    """

    def __init__(self, root: FilePath | None = None, stdin: bytes | None = None) -> None:
        self._root = root
        self._stdin = stdin
        self._positions: OrderedDict[str, Positions] = OrderedDict()

    def __call__(self, resource: Resource, at: Path, anchor: Anchor) -> Placed:
        """Return where *at* of *resource* is written."""
        document = resource.document
        path = (*resource.prefix, *at)
        if resource.origins is None:
            located = self._of(document.file).locate(document.ordinal, path, anchor)
            return Placed(Location(document.file.path, located.span, located.exact), document.ordinal)
        return self.placed(resource.origins.locate(document.ordinal, path, anchor))

    def asks_the_cluster(self, resource: Resource) -> bool:
        """Tell whether the template of a rendered *resource* chooses its apiVersion by what the cluster serves.

        What helm renders without a cluster says little of such a choice: it takes all APIs that it knows to be served.
        """
        if resource.origins is None or self._root is None:
            return False
        at = (*resource.prefix, "apiVersion")
        place = self.location(resource.origins.locate(resource.document.ordinal, at, Anchor.VALUE).primary)
        text = _text(self._root / place.path)
        lines = text.split("\n")
        if "{{" not in text or _CAPABILITIES in text:
            return "{{" in text
        written = lines[place.span.line - 1] if place.span.line <= len(lines) else ""
        templates = next((above for above in (self._root / place.path).parents if above.name == "templates"), None)
        helpers = templates.rglob("*.tpl") if templates is not None and "{{" in written else ()
        return any(_CAPABILITIES in _text(helper) for helper in helpers)

    def placed(self, origin: Origin) -> Placed:
        """Return the places of an origin."""
        location = self.location(origin.primary)
        # That an edit there changes more than this value does not make the place a vague one.
        ways = (replace(spot, exact=True) for spot in origin.via)
        via = (RelatedLocation(self.location(spot), spot.why or "It comes from here.") for spot in ways)
        related = tuple(
            item for item in via if (item.location.path, item.location.span) != (location.path, location.span)
        )
        return Placed(location, origin.primary.ordinal, related)

    def location(self, spot: Spot) -> Location:
        """Return the place of one spot."""
        if spot.at is None:
            span = spot.span or _TOP
            return Location(spot.file, span, spot.exact and spot.span is not None)
        piped = self._stdin if spot.file == _STDIN else None
        file = SourceFile(spot.file, self._root / spot.file if self._root is not None else None, piped)
        located = self._of(file).locate(spot.ordinal, spot.at, spot.anchor)
        return Location(spot.file, located.span, spot.exact and located.exact)

    def _of(self, file: SourceFile) -> Positions:
        known = self._positions.get(file.path)
        if known is None:
            known = self._positions[file.path] = Positions(file)
            if len(self._positions) > _KEPT:
                self._positions.popitem(last=False)
        else:
            self._positions.move_to_end(file.path)
        return known


def _text(file: FilePath) -> str:
    try:
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""


def changes_for(resource: Resource, operations: tuple[Operation, ...]) -> tuple[Change, ...]:
    """Return where *operations* on *resource* are to be done; empty where one of them has no sure place.

    What stands in the tree is edited where it stands. A rendered value is edited where it is written, if the origin is
    exact. Entries of a rendered mapping come, go and change their names only where all of it is written in one place.
    """
    document = resource.document
    if resource.origins is None:
        moved = tuple(replace(operation, at=(*resource.prefix, *operation.at)) for operation in operations)
        expected = tuple(
            ((*resource.prefix, *item.at), _value(resource.body, item.at))
            for item in operations
            if item.kind is OperationKind.SET and _there(resource.body, item.at)
        )
        return (Change(document.file.path, document.ordinal, moved, expected),)
    changes = []
    for operation in operations:
        whole = operation.kind in {OperationKind.SET, OperationKind.WRAP}
        at = operation.at if whole else _written_above(resource.body, operation.at)
        spot = resource.origins.locate(document.ordinal, (*resource.prefix, *at), Anchor.VALUE).primary
        if not spot.exact or spot.at is None or not _there(resource.body, at):
            return ()
        there = replace(operation, at=(*spot.at, *operation.at[len(at) :]))
        changes.append(Change(spot.file, spot.ordinal, (there,), ((spot.at, _value(resource.body, at)),)))
    return tuple(changes)


def _written_above(body: Any, at: Path) -> Path:
    """Return the path of the nearest collection around the entry *at* that is there."""
    above = at[:-1]
    while above and not _there(body, above):
        above = above[:-1]
    return above


def _there(body: Any, at: Path) -> bool:
    try:
        _value(body, at)
    except (KeyError, IndexError, TypeError):
        return False
    return True


def _value(body: Any, at: Path) -> Any:
    for step in at:
        body = body[step]
    return body
