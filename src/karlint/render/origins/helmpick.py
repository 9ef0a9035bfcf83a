"""Chooses, among all that a rendered value is made of, the place that a person edits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from karlint.model.origin import Origin, Spot
from karlint.model.source import Span
from karlint.model.unit import Place, ValuesLayer
from karlint.render.origins.helmeval import Env, Evaluator
from karlint.render.origins.helmexpr import Const, includes
from karlint.render.origins.helmpart import Piece, inside, is_structure, is_templated
from karlint.render.origins.helmspots import line_spot, skeleton, span_spot
from karlint.render.origins.helmval import (
    UNKNOWN,
    FromFile,
    FromMeta,
    FromText,
    FromValues,
    Val,
    mixed,
    text_of,
    top,
    whole,
)
from karlint.render.origins.helmvalues import MISSING, dig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karlint.model.path import Path
    from karlint.render.origins.helmchart import Chart, Library
    from karlint.render.origins.helmmarks import Mark
    from karlint.render.origins.helmspots import Spots
    from karlint.render.origins.helmtext import Template
    from karlint.render.origins.helmtrace import Block, Trace
    from karlint.render.origins.helmval import Source
    from karlint.render.origins.helmvalues import Values

_NAME = ("metadata", "name")
_OVERRIDES = {"nameOverride", "fullnameOverride"}
_UNMARKED = "The template is somewhere around here."


class Picked(Struct, frozen=True):
    """The origin.

    Attributes:
        origin: what was worked out.
        doubtful: values that show whether it is the true one, where only rendering can tell.
        otherwise: the nearest sure place, for an origin that is not true, or of which nobody knows.
    """

    origin: Origin
    doubtful: ValuesLayer | None = None
    otherwise: Origin | None = None


class _Line(Struct, frozen=True):
    """The marks of a line: what wrote it, in one template, and through which calls it got there (inner first)."""

    parts: list[Mark]
    calls: list[Mark]


class Picker:
    """Picks origins in one chart; *run* are the names of release and namespace."""

    def __init__(self, library: Library, values: Values, spots: Spots, run: tuple[str, str]) -> None:
        self._library = library
        self._run = run
        self._values = values
        self._spots = spots
        self._evaluator = Evaluator(library)

    def pick(self, piece: Piece, trace: Trace, block: Block, chart: Chart, template: Template) -> Picked:
        """Return the origin of *piece*, which *template* of *chart* printed in *block*."""
        marks = trace.marks(block)
        row = piece.span.line - 1
        if piece.span.end_line > piece.span.line and not piece.by_key:
            if trace.lines[row][piece.span.column - 1 :][:1] in {"|", ">"}:
                return self._lines(piece, trace, block, chart, template)
            if not marks.get(row):  # of a scalar that goes on in the next line, the last one has the marks
                row = piece.span.end_line - 1
            start = piece.span.column if row == piece.span.line - 1 else 1
            ends = len(trace.lines[row]) + 1
            piece = replace(piece, span=Span(row + 1, start, row + 1, ends))
        found = marks.get(row)
        if not found:
            return self._around(marks, row, trace.lines, block, template)
        line = _split(found)
        text = trace.lines[row]
        start, end = piece.span.column - 1, max(piece.span.end_column - 1, piece.span.column)
        actions = [m for m in line.parts if m.place.output is not None and m.start < end and m.end > start]
        if not actions or (actions[0].whole and line.parts[0].place.output is None):
            return self._literal(line, text[start:end])
        return self._actions(piece, actions, line, text, chart, template)

    def _literal(self, line: _Line, text: str) -> Picked:
        place = line.parts[0].place
        spot = line_spot(place.template, place.line, text.strip())
        return Picked(Origin(spot, _via(line.calls)))

    def _around(
        self, marks: dict[int, list[Mark]], row: int, lines: list[str], block: Block, template: Template
    ) -> Picked:
        """Return the nearest sure place above a line that nothing is known of."""
        wanted = lines[row].strip()
        for above in range(row - 1, block.start - 1, -1):
            if above in marks:
                place = marks[above][0].place
                for line in range(place.line, min(place.line + row - above, len(place.template.lines)) + 1):
                    if wanted and place.template.lines[line - 1].strip() == wanted and line > place.line:
                        return Picked(Origin(line_spot(place.template, line, ""), _via(_split(marks[above]).calls)))
                return Picked(Origin(line_spot(place.template, place.line, exact=False), _via(marks[above][1:])))
        alike = [n for n in range(1, len(template.lines) + 1) if wanted and skeleton(template, n).fullmatch(wanted)]
        first = next((n for n, text in enumerate(template.lines, 1) if text.strip()), 1)
        spot = line_spot(template, alike[0] if len(alike) == 1 else first, exact=False)
        return Picked(Origin(replace(spot, why=_UNMARKED) if len(alike) != 1 else spot))

    def _lines(self, piece: Piece, trace: Trace, block: Block, chart: Chart, template: Template) -> Picked:
        """Return the origin of a scalar of several lines: its values where one action wrote it, else its lines."""
        marks = trace.marks(block)
        rows = [row for row in range(piece.span.line - 1, piece.span.end_line) if trace.lines[row].strip()]
        body = rows[1:] if len(rows) > 1 else rows
        found = [(row, _split(marks[row])) for row in body if marks.get(row)]
        if not found:
            return self._around(marks, rows[0], trace.lines, block, template)
        literal = [(row, line) for row, line in found if line.parts[0].place.output is None]
        if not literal:
            row, line = found[0]
            return self._actions(piece, line.parts[:1], line, trace.lines[row], chart, template)
        first, last = literal[0][1], literal[-1][1]
        one, other = first.parts[0].place, last.parts[0].place
        if one.template is not other.template or other.line < one.line:
            other = one
        start = one.start + len(one.template.text[one.start :]) - len(one.template.text[one.start :].lstrip())
        end = other.template.line_start(other.line) + len(other.template.lines[other.line - 1].rstrip())
        return Picked(Origin(span_spot(one.template, start, end), _via(first.calls)))

    def _actions(
        self, piece: Piece, actions: list[Mark], line: _Line, text: str, chart: Chart, template: Template
    ) -> Picked:
        """Return the origin of a value that *actions* wrote."""
        vals: list[Val] = []
        for mark in actions:
            val = self._value(mark, line.calls, chart, template)
            if mark.whole or (len(actions) == 1 and is_structure(val)):
                val = inside(val, piece, text)
            vals.append(val)
        place = actions[0].place
        here = line_spot(place.template, place.line) if place.output is not None else line_spot(template, 1)
        via = (here, *_via(line.calls))
        val = vals[0] if len(vals) == 1 else mixed(vals)
        source, spot = self._best(val)
        if source is None or spot is None:
            sure = not (actions[0].whole or actions[0].first)
            return Picked(Origin(replace(here, exact=sure), via[1:]))
        inline = not (actions[0].whole or actions[0].first)
        if (
            inline
            and piece.path == _NAME
            and isinstance(source, FromValues)
            and _OVERRIDES.intersection(source.path[-1:])
        ):
            return Picked(Origin(here, via[1:]))  # what is said of an object by its name is not said of these
        sure = all(self._proven(v, m, piece, text) for v, m in zip(vals, actions, strict=True))
        if spot.span is not None and spot.file == here.file and here.span is not None:
            same = spot.span.line == here.span.line
            via = via[1:] if same else via
        origin = Origin(replace(spot, exact=spot.exact and sure), via)
        if sure:
            return Picked(origin)
        doubtful = self._mutation(source) if isinstance(source, FromValues) and spot.exact else None
        if not inline and isinstance(source, FromValues) and not _about(source, piece):
            return Picked(origin, doubtful, Origin(replace(here, exact=False), _via(line.calls)))
        return Picked(origin, doubtful, Origin(here, _via(line.calls)) if inline else None)

    def _best(self, val: Val) -> tuple[Source | None, Spot | None]:
        """Return the source that a person edits: the last value that is set, else Chart.yaml, a file, a literal."""
        for kind in (FromValues, FromMeta, FromFile, FromText):
            for source in reversed(val.sources):
                if isinstance(source, FromMeta) and source.path == ("name",):
                    continue  # nobody renames a chart to change what it renders
                if isinstance(source, kind) and (spot := self._spots.of(source)) is not None:
                    return source, spot
        return None, None

    def _proven(self, val: Val, mark: Mark, piece: Piece, text: str) -> bool:
        """Tell whether the value that was worked out is the one that was rendered."""
        value = whole(val)
        if value is UNKNOWN:
            return False
        if isinstance(value, dict | list):
            return bool(value == piece.value) or piece.by_key
        if piece.by_key and val.sources and isinstance(val.sources[-1], FromValues) and val.sources[-1].key:
            return True
        wanted = text_of(value).strip()
        if piece.by_key and mark.whole and wanted == str(piece.path[-1]):
            return True
        shown = text[mark.start : mark.end].strip() if not mark.whole else text.strip()
        return wanted in {shown, shown.strip("\"'"), text_of(piece.value).strip()} or is_templated(value)

    def _value(self, mark: Mark, calls: list[Mark], chart: Chart, template: Template) -> Val:
        """Return what the action of *mark* gives, called as it was."""
        try:
            self._evaluator.begin()
            return self._called(mark, calls, chart, template)
        except RecursionError:  # templates may nest as deep as they like
            return Val()

    def _called(self, mark: Mark, calls: list[Mark], chart: Chart, template: Template) -> Val:
        dot = top(chart, self._values.of(chart), *self._run)
        frames = [*reversed(calls), mark]
        if frames[0].place.define is not None or frames[0].place.template is not template:
            return Val()
        nodes = template.nodes
        env = Env(chart, template, dot, {"$": dot})
        for frame, after in zip(frames, [*frames[1:], None], strict=True):
            output = frame.place.output
            if output is None:
                return Val()
            env = self._evaluator.environment(nodes, frame.place.start, env, list(frame.keys))
            if after is None:
                return self._evaluator.value(output.pipeline.expr, env)
            define = after.place.define
            call = next((c for c in includes(output.pipeline.expr) if self._calls(c.args[0], after)), None)
            if define is None or call is None:
                return Val()
            given = self._evaluator.value(call.args[1], env) if len(call.args) > 1 else Val(None)
            nodes, env = define.body, Env(chart, after.place.template, given, {"$": given})
        return Val()

    def _calls(self, name: Any, after: Mark) -> bool:
        found = self._library.define(str(name.value)) if isinstance(name, Const) else None
        return found is not None and found[1] is after.place.define

    def searched(self, key: str, piece: Piece) -> Picked | None:
        """Return a value below *key* of the root's values that looks like *piece*, of a chart that is not read."""
        root = self._library.root
        leaves = list(_leaves(dig(self._values.of(root), (key,)), (key,)))
        alike = [path for path, value in leaves if value == piece.value and value not in (None, "")]
        named = [path for path in alike if path[-1:] == piece.path[-1:]] or alike
        source = FromValues(root, named[0]) if named else None
        spot = self._spots.of(source) if source is not None else None
        if source is None or spot is None:
            return None
        return Picked(Origin(replace(spot, exact=False)), self._mutation(source))

    def _mutation(self, source: FromValues) -> ValuesLayer | None:
        """Return values that differ from the real ones in *source* only."""
        values = self._values.of(source.chart)
        path = source.path
        old = dig(values, path)
        new = _other(None if old is MISSING else old)
        for cut, step in enumerate(path):
            if isinstance(step, int):
                new = _replaced(dig(values, path[:cut]), path[cut:], new)
                path = path[:cut]
                break
        keys = () if path[:1] == ("global",) else source.chart.keys
        for step in reversed((*keys, *path)):
            new = {str(step): new}
        return ValuesLayer("inline", Place(""), new)


def _split(marks: list[Mark]) -> _Line:
    """Return what of *marks* speaks for the line itself: those of one template line, or of one action."""
    first = marks[0]
    parts = [first]
    rest = marks[1:]
    if not (first.whole and first.place.output is not None):
        while rest and rest[0].place.template is first.place.template and rest[0].place.line == first.place.line:
            parts.append(rest.pop(0))
            if parts[-1].whole:
                break
    literal = [mark for mark in parts if mark.place.output is None]
    return _Line(
        [*literal, *(mark for mark in parts if mark.place.output is not None)]
        if len(parts) == len(literal)
        else [*(mark for mark in parts if mark.place.output is not None), *literal],
        rest,
    )


def _via(calls: list[Mark]) -> tuple[Spot, ...]:
    return tuple(line_spot(mark.place.template, mark.place.line) for mark in calls)


def _about(source: FromValues, piece: Piece) -> bool:
    """Tell whether *source* may hold *piece*: what a template puts together of many values is made of others too."""
    return not source.path or source.path[-1:] == piece.path[-1:]


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    elif value is not MISSING:
        yield path, value


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return f"{value}x" if isinstance(value, str) else "x"


def _replaced(value: Any, path: Path, new: Any) -> Any:
    if not path:
        return new
    if isinstance(value, list):
        return [_replaced(item, path[1:], new) if n == path[0] else item for n, item in enumerate(value)]
    if isinstance(value, dict):
        return {**value, path[0]: _replaced(value.get(path[0]), path[1:], new)}
    return value
