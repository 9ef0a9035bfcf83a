"""Values that are written inside an object, as layers that each stand in one place of the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karlint.model.unit import Place, ValuesLayer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karlint.model.path import Path
    from karlint.render.world import Node


def inline_layers(node: Node) -> tuple[ValuesLayer, ...]:
    """Return the mapping *node* as layers of values.

    An object that was rendered may have its values from several places: a base, and a patch over it. Each place gives a
    layer of its own, with the values that are written there; no two of them set the same value.
    """
    groups: dict[Place, dict[str, Any]] = {}
    for at, value in _leaves(node.value, ()):
        _put(groups.setdefault(_root(node, at), {}), at, value)
    if not groups:
        return (ValuesLayer("inline", node.place, {}),)
    return tuple(ValuesLayer("inline", place, values) for place, values in groups.items())


def _root(node: Node, at: Path) -> Place:
    """Return where the mapping stands that holds the value at *at* of *node*, as that value's place tells."""
    place = node.place_of((*node.at, *at))
    if place.at[-len(at) :] == at:
        return Place(place.file, place.ordinal, place.at[: -len(at)])
    return node.place


def _leaves(value: Any, at: Path) -> Iterator[tuple[Path, Any]]:
    """Yield what Helm does not merge: everything but mappings with something in them."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, (*at, key))
    elif at:
        yield at, value


def _put(target: dict[str, Any], at: Path, value: Any) -> None:
    for step in at[:-1]:
        target = target.setdefault(str(step), {})
    target[str(at[-1])] = value
