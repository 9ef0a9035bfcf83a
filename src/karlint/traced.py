"""Where what was rendered comes from: the origin maps of the renderers, made and joined into chains."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from karlint.model.finding import Location
from karlint.model.origin import Filling, Origin, Printing, Spot
from karlint.model.source import Anchor, SourceFile, Span
from karlint.model.unit import HelmSource, KustomizeSource, Place, ValuesLayer
from karlint.render import chart_entry, render_changed
from karlint.render.chain import ChainedOrigins, Texts, stream_of
from karlint.render.origins.helm import Changes, HelmOrigins, Tools
from karlint.render.origins.helmchart import Tree as HelmTree
from karlint.render.origins.kustomize import KustomizeOrigins
from karlint.render.origins.kustomize import Tree as KustomizeTree
from karlint.render.origins.kustomize_text import Embedding
from karlint.render.substitution import SubstitutedOrigins
from karlint.source import Positions
from karlint.tree import Tree, parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from karlint.model.origin import OriginMap, Printed
    from karlint.model.path import Path
    from karlint.model.unit import Unit
    from karlint.render import Kitchen, Output
    from karlint.render.origins.helm import Locate

_ORIGIN = re.compile(r"^    config\.kubernetes\.io/origin: \|\n((?:      .*\n|\n)+)", re.MULTILINE)
_PATHS = ("path", "configuredIn")


class Tracer:
    """Makes the origin maps of outputs, each when it is first asked; few are.

    Args:
        tree: files, and streams by their names.
        kitchen: renders charts again to see what a value changes.
    """

    def __init__(self, tree: Tree, kitchen: Kitchen) -> None:
        self._tree = tree
        self._kitchen = kitchen
        self._made: dict[str, OriginMap] = {}
        self._kustomize = KustomizeTree(
            tree.bytes_of,
            tree.parsed,
            tree.below,
            self._inflate,
            Embedding(tree.documents, tree.positions, tree.positions_in),
        )

    def add(self, output: Output) -> OriginMap:
        """Return the origins of *output*, and let those of others lead through it."""
        name = stream_of(output.unit)
        self._tree.streams[name] = output.stream
        self._made[name] = made = LazyOrigins(lambda: self._chained(output))
        return made

    def origins(self, unit: Unit) -> OriginMap:
        """Return the origins of an output that was added."""
        return self._made[stream_of(unit)]

    def location(self, place: Place) -> Location:
        """Return the lines of *place*."""
        spot = self.place(place)
        if spot.at is None:
            return Location(spot.file, spot.span or Span(1, 1, 1, 1), spot.span is not None)
        located = self._tree.positions(spot.file).locate(spot.ordinal, spot.at)
        return Location(spot.file, located.span, located.exact)

    def _chained(self, output: Output) -> OriginMap:
        texts = Texts(self._tree.documents, self._tree.positions)
        return ChainedOrigins(self._origins(output), self._made.get, texts)

    def place(self, place: Place) -> Spot:
        """Return where *place* is written, which may lie in something that was rendered."""
        chained = ChainedOrigins(_Here(Spot(place.file, place.ordinal, place.at)), self._made.get)
        return chained.locate(0, (), Anchor.VALUE).primary

    def _origins(self, output: Output) -> OriginMap:
        source = output.unit.source
        if isinstance(source, HelmSource):
            return self._of_chart(output, source)
        if not isinstance(source, KustomizeSource):
            raise TypeError(f"{output.unit.id} is not rendered")
        before = parsed(output.before or output.stream)
        origins: OriginMap = KustomizeOrigins(
            source,
            self._kustomize,
            before,
            self._annotations(output),
            wrapped=not (source.edits or source.generated),
            annotated_from="",
        )
        if output.unit.variables is None:
            return origins
        return SubstitutedOrigins(origins, lambda number: _item(before, number), output.unit.variables)

    def _of_chart(self, output: Output, source: HelmSource) -> OriginMap:
        before = output.before or output.stream
        origins: OriginMap = self.chart_origins(source, before)
        if source.post:
            documents, after = parsed(before), parsed(output.stream)
            origins = KustomizeOrigins(
                KustomizeSource("", source.post), self._kustomize, after, base=(documents, origins)
            )
        return origins

    def chart_origins(self, source: HelmSource, stream: bytes) -> HelmOrigins:
        """Return the origins of what a chart rendered."""
        tree = HelmTree(self._tree.bytes_of, self._tree.below, lambda text: self._tree.parsed(text.encode()))
        return HelmOrigins(source, stream, Tools(tree, _locate_in, lambda changes: self._again(source, changes)))

    def _again(self, source: HelmSource, changes: Changes) -> bytes | None:
        return render_changed(source, self._kitchen, changes)

    def _inflate(
        self, directory: str, entry: Mapping[str, Any], namespace: str, place: Place
    ) -> tuple[Sequence[Any], OriginMap] | None:
        """Render an entry of ``helmCharts`` as kustomize does, to learn where its values come from."""
        source = chart_entry(directory, entry, namespace, place, self._kitchen)
        if source is None:
            return None
        layers = tuple(self._with_values(layer) for layer in source.layers)
        stream = render_changed(replace(source, layers=layers), self._kitchen, Changes({}))
        return (parsed(stream), self.chart_origins(replace(source, layers=layers), stream)) if stream else None

    def _with_values(self, layer: ValuesLayer) -> ValuesLayer:
        if layer.kind != "file":
            return layer
        documents = self._tree.documents(layer.place.file)
        return replace(layer, values=documents[0] if documents else {})

    def _annotations(self, output: Output) -> list[Mapping[str, Any] | None]:
        """Return the origin annotation of each document, its paths starting at the root."""
        found: list[Mapping[str, Any] | None] = []
        for text in re.split(r"^---\n", output.annotated.decode("utf-8", "replace"), flags=re.MULTILINE):
            match = _ORIGIN.search(text)
            block = re.sub(r"^      ", "", match[1], flags=re.MULTILINE) if match else ""
            values = parsed(block.encode()) if block else []
            note = values[0] if values and isinstance(values[0], dict) else None
            found.append(self._from_root(note, output.base) if note is not None else None)
        return found

    def _from_root(self, note: Mapping[str, Any], base: str) -> Mapping[str, Any]:
        if "repo" in note:
            return note
        moved = dict(note)
        for key in _PATHS:
            if isinstance(note.get(key), str):
                inside = self._kitchen.graph.resolve("", posixpath.join(base, note[key]))
                moved[key] = note[key] if inside is None else inside
        return moved


class LazyOrigins:
    """Origins that are made when they are first asked."""

    def __init__(self, make: Callable[[], OriginMap]) -> None:
        self._make = make
        self._made: OriginMap | None = None

    def locate(self, ordinal: int, at: Path, anchor: Anchor) -> Origin:
        """Return the origin of the value at *at* of the rendered document *ordinal*."""
        return self._map().locate(ordinal, at, anchor)

    def printed(self, ordinal: int) -> Printed | None:
        """Return the text of the rendered document *ordinal*, if a template is known to have printed it."""
        made = self._map()
        return made.printed(ordinal) if isinstance(made, Printing) else None

    def stretch(self, ordinal: int, at: Path, inner: Span) -> tuple[Origin, Span | None]:
        """Return the origin of a string, and where in it the stretch *inner* stood before something was filled in."""
        made = self._map()
        return (
            made.stretch(ordinal, at, inner)
            if isinstance(made, Filling)
            else (
                made.locate(ordinal, at, Anchor.VALUE),
                inner,
            )
        )

    def _map(self) -> OriginMap:
        if self._made is None:
            self._made = self._make()
        return self._made


class _Here:
    def __init__(self, spot: Spot) -> None:
        self._spot = spot

    def locate(self, ordinal: int, at: Path, anchor: Anchor) -> Origin:  # noqa: ARG002 (as origin maps are)
        return Origin(self._spot)


def _locate_in(name: str, data: bytes) -> Locate:
    return Positions(SourceFile(name if name.endswith((".yaml", ".yml")) else f"{name}.yaml", None, data)).locate


def _item(values: Sequence[Any], number: int) -> Any:
    return values[number] if 0 <= number < len(values) else None
