"""Where the values of a rendered chart come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from karlint.model.origin import Origin, Spot
from karlint.model.source import Anchor, Span
from karlint.render.origins.helmchart import Chart, Library, Tree, read_chart
from karlint.render.origins.helmcopies import Copies
from karlint.render.origins.helmliteral import Printer
from karlint.render.origins.helmpart import Piece
from karlint.render.origins.helmpick import Picker
from karlint.render.origins.helmspots import Spots
from karlint.render.origins.helmtrace import Trace
from karlint.render.origins.helmvalues import MISSING, Values, dig, leaves
from karlint.render.origins.kustomize_text import embedded_span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from karlint.model.origin import Printed
    from karlint.model.path import Path
    from karlint.model.source import Located
    from karlint.model.unit import HelmSource, ValuesLayer
    from karlint.render.origins.helmtrace import Block


class Locate(Protocol):
    """Turns paths of one text into spans, as ``source.Positions.locate`` does."""

    def __call__(self, ordinal: int, path: Path, anchor: Anchor) -> Located:
        """Return where *path* of the document with that ordinal stands."""
        ...


class Changes(Struct, frozen=True):
    """What to change before a chart is rendered again, in a scratch copy.

    Attributes:
        files: new content by repository-relative path; some of the files are new.
        layers: values that are laid over all others.
    """

    files: Mapping[str, bytes]
    layers: tuple[ValuesLayer, ...] = ()


class Tools(Struct, frozen=True):
    """What the stage is given, since it reads no YAML and runs nothing itself.

    Attributes:
        tree: how the repository is read.
        positions: gives the spans of a text, by the name of its file and its bytes.
        render: renders the chart as before with changes; None for its failure. None where nothing may run: then only
            what is sure without it is exact.
    """

    tree: Tree
    positions: Callable[[str, bytes], Locate]
    render: Callable[[Changes], bytes | None] | None = None


MAX_VERIFIED = 4
"""At most this often a chart is rendered only to see whether a single value changes what it is thought to."""


class HelmOrigins:
    """The origins of one rendered chart. Nothing is read, and nothing runs, before something is located.

    What ``exact`` says here: whoever edits the reported place and renders again finds the rendered value changed, and
    no place nearer to it decides it. It does not say that nothing else changes: values and defines are shared.
    """

    def __init__(self, source: HelmSource, rendered: bytes, tools: Tools) -> None:
        self._source = source
        self._bytes = rendered
        self._tools = tools
        self._state: _State | None = None
        self.renders = 0

    def locate(self, ordinal: int, at: Path, anchor: Anchor) -> Origin:
        """Return the origin of the value at *at* of the rendered document *ordinal*; never raises."""
        if self._state is None:
            self._state = _State(self._source, self._bytes, self._tools, self._render)
        return self._state.locate(ordinal, at, anchor)

    def printed(self, ordinal: int) -> Printed | None:
        """Return the text of the rendered document *ordinal*; None where no file of the tree printed it for sure."""
        if self._source.stands_in:
            return None
        if self._state is None:
            self._state = _State(self._source, self._bytes, self._tools, self._render)
        return self._state.printed(ordinal)

    def stretch(self, ordinal: int, at: Path, inner: Span) -> tuple[Origin, Span | None]:
        """Return the origin of what stands at *inner* in the string at *at*, and None, where the template's line is
        known that printed it; else that of the string, and *inner*. A string of YAML in an Application is such.
        """
        whole = self.locate(ordinal, at, Anchor.VALUE)
        found = self._state.stretch(ordinal, at, inner) if self._state is not None else None
        return (whole, inner) if found is None else (found, None)

    def _render(self, changes: Changes) -> bytes | None:
        self.renders += 1
        return self._tools.render(changes) if self._tools.render is not None else None


class _State:
    """What is read once something is located."""

    def __init__(
        self, source: HelmSource, rendered: bytes, tools: Tools, render: Callable[[Changes], bytes | None]
    ) -> None:
        text = rendered.decode("utf-8", "replace")
        self._tools = tools
        self._render = render
        self._root = read_chart(tools.tree, source.chart, source.own_values)
        self._library = Library(tools.tree, self._root)
        self._values = Values(self._root, [_read(layer, tools.tree) for layer in source.layers])
        self._rendered = tools.positions("<rendered>", rendered)
        self._documents = tools.tree.parse(text)
        marked = (lambda files: render(Changes(files))) if tools.render is not None else None
        self._trace = Trace(text, self._library, marked)
        self._spots = Spots(tools.tree, tools.positions, self._library, self._values)
        self._copies = Copies(tools.tree, tools.positions, self._root, marked)
        self._picker = Picker(self._library, self._values, self._spots, (source.release, source.namespace))
        self._verified: dict[tuple[int, Path, Spot], bool] = {}

    def locate(self, ordinal: int, at: Path, anchor: Anchor) -> Origin:
        """Return the origin of a rendered value, or of the nearest thing around it."""
        path, value = at, self._value(ordinal, at)
        while value is MISSING and path:
            path = path[:-1]
            value = self._value(ordinal, path)
        scalar = not isinstance(value, dict | list)
        by_key = anchor is Anchor.KEY or not scalar or path != at
        located = self._rendered(ordinal, path, Anchor.KEY if by_key else Anchor.VALUE)
        span = located.span if scalar or not by_key else _first_line(located.span)
        block = self._trace.block(span.line - 1)
        home = self._library.source(block.source) if block is not None else None
        keyed = by_key and bool(path) and isinstance(path[-1], str)
        piece = Piece(path, value, span, keyed, self._value(ordinal, ()))
        if block is None or home is None:
            return self._packed(ordinal, piece, block)
        origin = self._origin(ordinal, piece, block, *home)
        if scalar and not by_key and not origin.primary.exact:
            copied = self._copies.spot(self._documents, ordinal, path)
            origin = origin if copied is None else Origin(copied, (origin.primary, *origin.via))
        return origin if path == at else replace(origin, primary=replace(origin.primary, exact=False))

    def stretch(self, ordinal: int, at: Path, inner: Span) -> Origin | None:
        """Return the origin of a scalar in the YAML that the string at *at* is; None where it is not sure."""
        text = self._value(ordinal, at)
        block = self._rendered(ordinal, at, Anchor.VALUE).span
        span = embedded_span(self._trace.lines, block, inner) if isinstance(text, str) else None
        held = self._tools.tree.parse(text)[:1] if span is not None else []
        path = self._path_to(inner, text, held[0]) if held else None
        home = self._trace.block(span.line - 1) if span is not None else None
        known = self._library.source(home.source) if home is not None else None
        if span is None or path is None or home is None or known is None:
            return None
        document = _laid(self._value(ordinal, ()), at, held[0])
        piece = Piece((*at, *path), dig(held[0], path), span, by_key=False, document=document)
        origin = self._origin(ordinal, piece, home, *known)
        return origin if origin.primary.exact else None

    def _path_to(self, inner: Span, text: str, held: Any) -> Path | None:
        """Return the path of the scalar that stands at *inner* in *text*, whose value is *held*."""
        locate = self._tools.positions("<text>", text.encode())
        return next((path for path in leaves(held) if locate(0, path, Anchor.VALUE).span == inner), None)

    def printed(self, ordinal: int) -> Printed | None:
        """Return the text of the rendered document *ordinal*, and what tells its literal lines."""
        if not 0 <= ordinal < len(self._documents):
            return None
        block = self._trace.block(self._rendered(ordinal, (), Anchor.VALUE).span.line - 1)
        home = self._library.source(block.source) if block is not None else None
        if block is None or home is None:
            return None
        return Printer(self._tools.tree, self._library, self._trace, self._spots).printed(block, home[1])

    def _value(self, ordinal: int, path: Path) -> Any:
        document = self._documents[ordinal] if 0 <= ordinal < len(self._documents) else MISSING
        return dig(document, path) if path else document

    def _origin(self, ordinal: int, piece: Piece, block: Block, chart: Chart, file: str) -> Origin:
        template = self._library.template(file)
        if template is None or not template.actions or file not in self._library.owners:
            return Origin(self._spots.copied(file, self._trace.lines, block, piece.span))
        picked = self._picker.pick(piece, self._trace, block, chart, template)
        if picked.doubtful is not None and self._changes(ordinal, piece, picked.doubtful, picked.origin.primary):
            return replace(picked.origin, primary=replace(picked.origin.primary, exact=True))
        return picked.otherwise or picked.origin

    def _changes(self, ordinal: int, piece: Piece, changed: ValuesLayer, spot: Spot) -> bool:
        """Tell whether the rendered value is another one with *changed* laid over the values."""
        key = (ordinal, piece.path, spot)
        if key not in self._verified:
            if len(self._verified) >= MAX_VERIFIED or self._tools.render is None:
                return False
            output = self._render(Changes({}, (changed,)))
            documents = self._tools.tree.parse(output.decode("utf-8", "replace")) if output is not None else []
            same = len(documents) == len(self._documents)
            there = self._deep(documents[ordinal], piece.path) if same else MISSING
            self._verified[key] = there is not MISSING and there != piece.value
        return self._verified[key]

    def _deep(self, value: Any, path: Path) -> Any:
        """Return what stands at *path* of *value*, which may lead into strings that are YAML."""
        for number, step in enumerate(path):
            if isinstance(value, str):
                held = self._tools.tree.parse(value)
                return dig(held[0], path[number:]) if held else MISSING
            value = dig(value, (step,))
        return value

    def _packed(self, ordinal: int, piece: Piece, block: Block | None) -> Origin:
        """Return the origin of what a chart in an archive rendered: our values for it, where they prove to be that."""
        outside = self._outside(block)
        steps = block.source.split("/") if block is not None else []
        picked = self._picker.searched(steps[2], piece) if steps[1:2] == ["charts"] and len(steps) > 3 else None
        if picked is None or picked.doubtful is None:
            return Origin(outside)
        if not self._changes(ordinal, piece, picked.doubtful, picked.origin.primary):
            return Origin(outside)
        return Origin(replace(picked.origin.primary, exact=True), (outside,))

    def _outside(self, block: Block | None) -> Spot:
        """Return the nearest place for what no file of the tree explains: the dependency that brought it."""
        file = self._root.file("Chart.yaml")
        packed = block.source.split("/") if block is not None else []
        listed = self._root.meta.get("dependencies")
        if len(packed) > 2 and packed[1] == "charts" and isinstance(listed, list):
            for index, entry in enumerate(listed):
                if isinstance(entry, dict) and packed[2] in {entry.get("alias"), entry.get("name")}:
                    return Spot(file, 0, ("dependencies", index), why="A chart that is not in the tree renders it.")
        return Spot(file, 0, (), why="The chart renders it.")


def _read(layer: ValuesLayer, tree: Tree) -> ValuesLayer:
    """Return *layer* with its values: those of a file may not have been read yet."""
    if layer.kind != "file" or layer.unknown or layer.values is not None:
        return layer
    return replace(layer, values=tree.mapping(layer.place.file))


def _laid(value: Any, at: Path, held: Any) -> Any:
    """Return *value* with *held* at *at*."""
    if not at:
        return held
    step, rest = at[0], at[1:]
    if isinstance(value, list):
        return [_laid(item, rest, held) if number == step else item for number, item in enumerate(value)]
    return {**value, step: _laid(value.get(step), rest, held)} if isinstance(value, dict) else value


def _first_line(span: Span) -> Span:
    return span if span.end_line == span.line else Span(span.line, span.column, span.line, span.column + 1)
