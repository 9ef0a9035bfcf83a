"""Sources as places in Git: values files, parameters, templates, Chart.yaml."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from karlint.model.origin import Spot
from karlint.model.source import Anchor, Span
from karlint.render.origins.helmval import FromFile, FromMeta, FromText, FromValues

if TYPE_CHECKING:
    from collections.abc import Callable

    from karlint.model.path import Path
    from karlint.model.source import Located
    from karlint.model.unit import ValuesLayer
    from karlint.render.origins.helmchart import Library, Tree
    from karlint.render.origins.helmtext import Template
    from karlint.render.origins.helmtrace import Block
    from karlint.render.origins.helmval import Source
    from karlint.render.origins.helmvalues import Values

VALUES = "The values set it here."
TEMPLATE = "The template puts it here."
CHART = "Chart.yaml says it here."
COPIED = "The file says it here."
_BLOCK_SCALAR = re.compile(r"[|>][-+0-9]*\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*(?:-\s+)*(?:"[^"]*"|'[^']*'|[^\s:#{}\[\]"'][^:]*):\s+(?=\S)|^\s*(?:-\s+)+""")


class Spots:
    """Turns sources into spots."""

    def __init__(
        self,
        tree: Tree,
        positions: Callable[[str, bytes], Callable[[int, Path, Anchor], Located]],
        library: Library,
        values: Values,
    ) -> None:
        self._tree = tree
        self._positions = positions
        self._library = library
        self._values = values

    def of(self, source: Source) -> Spot | None:
        """Return the spot of *source*, marked exact; None where nothing in the tree says it."""
        if isinstance(source, FromValues):
            return self._setting(source)
        if isinstance(source, FromText):
            template = self._library.template(source.file)
            return None if template is None else span_spot(template, source.start, source.end)
        if isinstance(source, FromMeta):
            return Spot(source.chart.file("Chart.yaml"), 0, source.path, exact=True, why=CHART)
        if isinstance(source, FromFile) and self._tree.read(source.file) is not None:
            if source.path is not None:
                return Spot(source.file, 0, source.path, exact=True, why=COPIED)
            return Spot(source.file, span=Span(1, 1, 1, 1), exact=True, why=COPIED)
        return None

    def _setting(self, source: FromValues) -> Spot | None:
        setting = self._values.setting(source.chart, source.path) if source.path else None
        if setting is None:
            return None
        anchor = Anchor.KEY if source.key else Anchor.VALUE
        sure = self._values.sure(setting) and not (source.key and self._values.is_shared(source.chart, source.path))
        if setting.layer is None:
            file = setting.chart.file("values.yaml") if setting.chart is not None else ""
            return Spot(file, 0, setting.at, anchor=anchor, exact=sure, why=VALUES)
        layer = setting.layer
        place = layer.place
        if layer.kind == "text":
            spot = self._in_text(layer, setting.at, anchor)
            return replace(spot, exact=spot.exact and sure)
        return Spot(place.file, place.ordinal, (*place.at, *setting.at), anchor=anchor, exact=sure, why=VALUES)

    def _in_text(self, layer: ValuesLayer, at: Path, anchor: Anchor) -> Spot:
        """Return the spot inside of a string that holds YAML: its line where the string is a literal block."""
        place = layer.place
        whole = Spot(place.file, place.ordinal, place.at, why=VALUES)
        data = self._tree.read(place.file)
        if data is None:
            return whole
        span = self._positions(place.file, data)(place.ordinal, place.at, Anchor.VALUE).span
        lines = data.decode("utf-8", "replace").split("\n")
        head = lines[span.line - 1][span.column - 1 :]
        body = lines[span.line : span.end_line]
        if not _BLOCK_SCALAR.match(head.strip()) or head[:1] != "|":
            return whole
        indent = min((len(line) - len(line.lstrip()) for line in body if line.strip()), default=0)
        text = "\n".join(line[indent:] for line in body).encode()
        located = self._positions(f"{place.file} (values)", text)(0, at, anchor)
        inner = located.span
        moved = Span(
            inner.line + span.line, inner.column + indent, inner.end_line + span.line, inner.end_column + indent
        )
        return Spot(place.file, place.ordinal, None, moved, anchor, located.exact, VALUES)

    def copied(self, file: str, lines: list[str], block: Block, span: Span) -> Spot:
        """Return the spot in *file*, which *block* is a copy of: a CRD file, or a template without actions."""
        theirs = [line.rstrip() for line in (self._tree.text(file) or "").split("\n")]
        mine = [line.rstrip() for line in lines[block.start : block.end]]
        first = next((index for index, line in enumerate(mine) if line), 0)
        while mine and not mine[-1]:
            mine.pop()
        body = mine[first:]
        line = span.line - 1 - block.start - first
        starts = [i for i, text in enumerate(theirs) if body and text == body[0] and theirs[i : i + len(body)] == body]
        if not starts or line < 0:
            return Spot(file, span=Span(1, 1, 1, 1), why=COPIED)
        start = starts[min(block.nth, len(starts) - 1)]
        shift = start + line + 1 - span.line
        moved = Span(span.line + shift, span.column, span.end_line + shift, span.end_column)
        return Spot(file, span=moved, exact=True, why=COPIED)


def skeleton(template: Template, line: int) -> re.Pattern[str]:
    """Return what a line that the template's *line* puts out looks like; nothing where it has too little text."""
    start = template.line_start(line)
    end = start + len(template.lines[line - 1])
    pieces: list[str] = []
    at = min(template.end_of_action(start), end)  # the rest of an action that began above is no text
    for action in template.actions_from(start):
        if action.start >= end:
            break
        pieces.append(template.text[at : action.start])
        at = min(action.end, end)
    pieces.append(template.text[at:end].rstrip())
    pieces[0] = pieces[0].lstrip()
    size = sum(len(piece.strip()) for piece in pieces)
    return re.compile(".*".join(map(re.escape, pieces)) if size > 2 else r"(?!)")


def span_spot(template: Template, start: int, end: int, exact: bool = True) -> Spot:
    """Return the spot of a stretch of a template."""
    span = Span(template.line_of(start), template.column_of(start), template.line_of(end), template.column_of(end))
    return Spot(template.file, span=span, exact=exact, why=TEMPLATE)


def line_spot(template: Template, line: int, literal: str = "", exact: bool = True) -> Spot:
    """Return the spot of *literal* in a template's line, else of all that stands behind its key."""
    text = template.lines[line - 1].rstrip()
    start = template.line_start(line)
    at = text.rfind(literal) if literal else -1
    if at >= 0:
        return span_spot(template, start + at, start + at + len(literal), exact)
    key = _KEY.match(text)
    at = key.end() if key else len(text) - len(text.lstrip())
    return span_spot(template, start + min(at, len(text)), start + len(text), exact)
