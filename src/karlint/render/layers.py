"""Values for a chart as layers: what an object holds, what a file holds, each with where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karlint.model.unit import Place, ValuesLayer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karlint.model.path import Path
    from karlint.render.world import Node, World


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


def file_layer(world: World, file: str) -> ValuesLayer:
    """Return the values of a *file*; without values where it cannot be read, which Helm is left to say."""
    return ValuesLayer("file", Place(file), _mapping(world, world.read(file) or ""))


def text_layer(world: World, node: Node, text: str) -> ValuesLayer:
    """Return the values that the string *text* at *node* holds; the string itself where it cannot be read."""
    values = _mapping(world, text)
    return ValuesLayer("text", node.place, text if values is None else values)


def _mapping(world: World, text: str) -> dict[str, Any] | None:
    """Return the mapping that a text of values is, as Helm reads it: the first document, {} for nothing."""
    try:
        documents = world.parse(text)
    except ValueError:
        return None
    value = documents[0] if documents else {}
    return {} if value is None else value if isinstance(value, dict) else None


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
