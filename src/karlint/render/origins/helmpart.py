"""Which part of a structure, as a template's expression gave it, became a rendered value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from karlint.render.origins.helmval import (
    UNKNOWN,
    FromValues,
    Val,
    descend,
    line_of,
    mixed,
    name_of,
    text_of,
    whole,
)
from karlint.render.origins.helmvalues import dig

if TYPE_CHECKING:
    from karlint.model.path import Path
    from karlint.model.source import Span


class Piece(Struct, frozen=True):
    """What is looked for: a rendered value, and its span (of a mapping or list, its first line), in its document."""

    path: Path
    value: Any
    span: Span
    by_key: bool
    document: Any


def is_templated(value: Any) -> bool:
    """Tell whether *value* is text that goes through a template once more, so that what it becomes is not known."""
    return isinstance(value, str) and "{{" in value


def _same(value: Any, rendered: Any) -> bool:
    if isinstance(value, dict) or isinstance(rendered, dict):
        return isinstance(value, dict) and isinstance(rendered, dict)
    if isinstance(value, list) or isinstance(rendered, list):
        return isinstance(value, list) and isinstance(rendered, list)
    return text_of(value).strip() == text_of(rendered).strip() or is_templated(value)


def is_structure(val: Val) -> bool:
    """Tell whether *val* is a mapping or a list, as a whole or in pieces."""
    return val.kids is not None or bool(val.layers) or isinstance(whole(val), dict | list)


def _alike(value: Any, rendered: Any) -> bool:
    """Tell whether *value* may have been rendered to *rendered*, all parts compared."""
    if not _same(value, rendered):
        return False
    if isinstance(value, dict):
        return value.keys() == rendered.keys() and all(_alike(item, rendered[key]) for key, item in value.items())
    if isinstance(value, list):
        return len(value) == len(rendered) and all(_alike(a, b) for a, b in zip(value, rendered, strict=True))
    return True


def inside(val: Val, piece: Piece, line: str = "") -> Val:
    """Return the part of the structure *val* that became *piece*: the longest end of its path that leads to it.

    A list may have been put behind other items: then its items have other indexes than those of the path.
    """
    if val.pieces:
        return line_of(val, line) or mixed([val])
    for cut in range(len(piece.path) + 1):
        rest = piece.path[cut:]
        shifts = range(int(rest[0]) + 1) if rest and isinstance(rest[0], int) else range(1)
        for shift in shifts:
            moved = (int(rest[0]) - shift, *rest[1:]) if shift else rest
            if moved and isinstance(moved[0], int):
                item = whole(descend(val, moved[:1]))
                if not _alike(item, dig(piece.document, piece.path[: cut + 1])):
                    continue
            found = descend(val, moved)
            value = whole(found)
            if value is not UNKNOWN and value is not None and _same(value, piece.value):
                return _key(val, moved, found) if piece.by_key and rest else found
    return mixed([val])


def _key(val: Val, path: Path, found: Val) -> Val:
    """Return what the last key of *path* in *val*, whose value is *found*, was made of."""
    made = name_of(val, path)
    if made is not None and text_of(made.value) == path[-1]:
        return made
    here = found.here
    own = isinstance(here, FromValues) and here.path[-1:] == path[-1:]
    return replace(found, sources=(replace(here, key=True),)) if own and isinstance(here, FromValues) else found
