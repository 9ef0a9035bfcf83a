"""Values that know where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from karlint.render.origins.helmvalues import MISSING, dig

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from karlint.model.path import Path
    from karlint.render.origins.helmchart import Chart


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()
"""The value of what cannot be worked out here."""


class FromValues(Struct, frozen=True):
    """``.Values`` + *path* of *chart*; *key* where it is the last key itself, not what it holds."""

    chart: Chart
    path: Path
    key: bool = False


class FromText(Struct, frozen=True):
    """Text of a template from *start* to *end*."""

    file: str
    start: int
    end: int


class FromMeta(Struct, frozen=True):
    """A field of a chart's Chart.yaml, by its path there."""

    chart: Chart
    path: Path


class FromFile(Struct, frozen=True):
    """The content of a file that ``.Files`` reads; *path* in it, where it is parsed."""

    file: str
    path: Path | None = None


class FromRun(Struct, frozen=True):
    """What only the run knows: the release, the cluster's capabilities, chance."""

    what: str


Source = FromValues | FromText | FromMeta | FromFile | FromRun


class Val(Struct, frozen=True):
    """A value and its sources.

    Attributes:
        value: the value, or UNKNOWN.
        sources: what its text is made of, in order; what was asked for and empty, so that a default stood in, is last.
        here: where it stands as it is, if it does: a part of it is a part of that.
        kids: parts by key, for what a template puts together.
        layers: values merged into one, the first that has a key wins.
        pieces: for text of several lines, what it was put together from.
        context: the chart whose top context (``.Values``, ``.Release``, ...) it is.
        names: what the keys of *kids* are made of, where that is more than a literal.
    """

    value: Any = UNKNOWN
    sources: tuple[Source, ...] = ()
    here: FromValues | FromMeta | FromFile | None = None
    kids: Mapping[str | int, Val] | None = None
    layers: tuple[Val, ...] = ()
    pieces: tuple[Val, ...] = ()
    context: Chart | None = None
    names: Mapping[str | int, Val] | None = None

    @property
    def known(self) -> bool:
        """Whether the value itself is known."""
        return self.value is not UNKNOWN


NOTHING = Val(None)


def top(chart: Chart, values: Any, release: str, namespace: str) -> Val:
    """Return the top context of *chart*, whose merged values are *values*."""
    run = (FromRun("release"),)
    said = {"Name": release, "Namespace": namespace or UNKNOWN, "Service": "Helm", "IsInstall": True, "Revision": 1}
    said["IsUpgrade"] = False
    parts: dict[str | int, Val] = {
        "Values": Val(values, (FromValues(chart, ()),), FromValues(chart, ())),
        "Chart": Val(chart.meta, (FromMeta(chart, ()),), FromMeta(chart, ())),
        "Release": Val(kids={name: Val(value, run) for name, value in said.items()}),
        "Capabilities": Val(UNKNOWN, (FromRun("capabilities"),)),
        "Template": Val(UNKNOWN, (FromRun("template"),)),
        "Files": Val(UNKNOWN, (FromRun("files"),)),
    }
    return Val(kids=parts, context=chart)


def child(val: Val, step: str | int) -> Val:
    """Return the part of *val* at *step*; nil where it is known to have none."""
    for layer in val.layers:
        part = child(layer, step)
        if not part.known or part.value is not None or part.kids is not None:
            return part
    if val.layers:
        return NOTHING
    if val.kids is not None:
        return val.kids.get(step, NOTHING)
    if isinstance(val.here, FromMeta):
        name = step[:1].lower() + step[1:] if isinstance(step, str) and not val.here.path else step
        there = FromMeta(val.here.chart, (*val.here.path, name))
        value = dig(val.value, (name,))
        return Val(None if value is MISSING else value, (there,), there)
    if isinstance(val.here, FromFile):
        inside = FromFile(val.here.file, (*(val.here.path or ()), step))
        value = dig(val.value, (step,))
        return Val(None if value is MISSING else value, (inside,), inside)
    if val.here is not None:
        value = dig(val.value, (step,))
        place = FromValues(val.here.chart, (*val.here.path, step))
        return Val(None if value is MISSING else value, (place,), place)
    if val.known and not val.sources:
        value = dig(val.value, (step,))
        return Val(None if value is MISSING else value)
    value = dig(val.value, (step,)) if val.known else UNKNOWN
    return Val(UNKNOWN if value is MISSING else value, val.sources)


def descend(val: Val, path: Iterable[str | int]) -> Val:
    """Return the part of *val* at *path*."""
    for step in path:
        val = child(val, step)
    return val


def name_of(val: Val, path: Sequence[str | int]) -> Val | None:
    """Return what the last key of *path* is made of in *val*, where a template put the mapping together."""
    holder = descend(val, path[:-1])
    for layer in holder.layers or (holder,):
        part = child(layer, path[-1])
        if not part.known or part.value is not None or part.kids is not None:
            inner = name_of(layer, path[-1:]) if layer.layers else None
            return inner or (layer.names or {}).get(path[-1])
    return None


_MAX_PARTS = 5000
_MAX_TEXT = 1 << 20


def whole(val: Val) -> Any:
    """Return the value of *val*, its parts put together; UNKNOWN where a part is, or where there are too many."""
    return _whole(val, [_MAX_PARTS])


def _whole(val: Val, left: list[int]) -> Any:
    left[0] -= 1
    if left[0] < 0:
        return UNKNOWN
    if val.layers:
        merged: dict[str, Any] = {}
        for layer in reversed(val.layers):
            value = _whole(layer, left)
            if not isinstance(value, dict):
                return UNKNOWN
            merged.update(value)
        return merged
    if val.kids is None:
        return val.value
    parts = {key: _whole(part, left) for key, part in val.kids.items()}
    if any(part is UNKNOWN for part in parts.values()):
        return UNKNOWN
    if parts and all(isinstance(key, int) for key in parts):
        return [parts[key] for key in sorted(parts, key=int)]
    return parts


def truth(val: Val) -> bool | None:
    """Return whether a template takes *val* for true; None where that is not known."""
    if val.kids is not None:
        return bool(val.kids) or val.context is not None
    if val.layers:
        states = [truth(layer) for layer in val.layers]
        return True if True in states else None if None in states else False
    return bool(val.value) if val.known else None


def mixed(parts: Iterable[Val], value: Any = UNKNOWN) -> Val:
    """Return a value that is made of *parts* in some way."""
    sources: dict[Source, None] = {}  # a set that keeps its order
    for part in parts:
        for layer in (part, *part.layers, *(part.kids or {}).values()) if part.context is None else (part,):
            sources.update(dict.fromkeys(layer.sources))
    return Val(UNKNOWN if isinstance(value, str) and len(value) > _MAX_TEXT else value, tuple(sources))


def text_of(value: Any) -> str:
    """Return *value* as a template prints it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) and value.is_integer() else str(value)


def line_of(val: Val, line: str) -> Val | None:
    """Return what *line* of the text *val* is made of; None where it is not one of its lines, or several alike are."""
    wanted = line.strip()
    rows: list[list[Val]] = [[]]  # a piece that is not known may be anything behind the key
    for piece in val.pieces:
        inner = text_of(piece.value).split("\n")
        for number, text in enumerate(inner):
            if number:
                rows.append([])
            if text.strip():
                rows[-1].append(Val(text, piece.sources, piece.here) if len(inner) > 1 else piece)
    found = [row for row in rows if _fits(row, wanted)]
    same = found and all(mixed(row).sources == mixed(found[0]).sources for row in found)
    return mixed(found[0], wanted if all(piece.known for piece in found[0]) else UNKNOWN) if same else None


def _fits(row: list[Val], wanted: str) -> bool:
    """Tell whether the pieces of *row* may make the line *wanted*; one that is not known makes anything."""
    for piece in row:
        if not piece.known:
            return row[0].known
        text = text_of(piece.value) if piece is not row[0] else text_of(piece.value).lstrip()
        if not wanted.startswith(text.rstrip() if piece is row[-1] else text):
            return False
        wanted = wanted[len(text.rstrip() if piece is row[-1] else text) :]
    return bool(row) and not wanted
