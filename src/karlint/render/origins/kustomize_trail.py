"""Follows a path through a resource of a simulated build and the document that kustomize put out, side by side."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from karlint.render.origins.kustomize_tree import Node, same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karlint.model.origin import Spot
    from karlint.model.path import Path
    from karlint.render.origins.kustomize_match import Names
    from karlint.render.origins.kustomize_tree import Mark

_VAR = re.compile(r"\$\(([^)\s]+)\)")
_BOOLEANS = {True: ("true", "yes", "on", "y"), False: ("false", "no", "off", "n")}
_LONGEST = 10_000


class Trail:
    """One search. *via* then holds what leads from a name that is referred to, to the one it has now, or fills vars in.

    *variables* are the entries of ``vars`` by name.
    """

    def __init__(self, names: Names, variables: Mapping[str, Spot]) -> None:
        self._names = names
        self._variables = variables
        self._sure = True
        self.via: tuple[Spot, ...] = ()

    def follow(self, node: Node, rendered: Any, at: Path) -> tuple[Mark, bool]:
        """Return the mark of the value at *at*, or of the nearest one above it, and whether it surely is that value."""
        for step in at:
            below = self._below(node, rendered, step)
            if below is None:
                return node.mark, False
            node, rendered = below, rendered[step]
        return node.mark, self._sure and self._agrees(node, rendered)

    def _below(self, node: Node, rendered: Any, step: str | int) -> Node | None:
        """Return our value below *step*; None where it is not there, or not in ours."""
        if isinstance(rendered, dict):
            return node.map.get(step) if isinstance(step, str) and step in rendered else None
        if not isinstance(rendered, list) or not isinstance(step, int) or not 0 <= step < len(rendered):
            return None
        items = node.items
        if len(items) == len(rendered) and self._may_be(items[step], rendered[step]):
            return items[step]
        # Ours has another form than the real list: the item of the same name is near, but not sure.
        self._sure = False
        name = _name(rendered[step])
        named = [item for item in items if name and item.text("name") == name]
        return named[0] if len(named) == 1 else None

    def _may_be(self, item: Node, rendered: Any) -> bool:
        """Tell whether an item may be the rendered one: not if they are called differently."""
        name, ours = _name(rendered), item.text("name")
        return not name or not ours or name == ours or self._names.changed(ours, name) is not None or "$(" in ours

    def _agrees(self, node: Node, rendered: Any) -> bool:
        if isinstance(rendered, dict):
            return node.is_map and node.map.keys() == rendered.keys()
        if isinstance(rendered, list):
            return node.is_list and len(node.items) == len(rendered)
        if node.is_map or node.is_list:
            return False
        value = node.scalar
        if same(value, rendered) or _same_text(value, rendered):
            return True
        if isinstance(value, str) and isinstance(rendered, str):
            way = self._names.changed(value, rendered)
            if way is not None:
                self.via = way
                return True
            self.via = tuple(self._variables[name] for name in _VAR.findall(value) if name in self._variables)
            return bool(self.via) and _substituted(value, rendered)
        return False


def _name(value: Any) -> str:
    name = value.get("name") if isinstance(value, dict) else None
    return name if isinstance(name, str) else ""


def _same_text(value: Any, rendered: Any) -> bool:
    """Tell whether two scalars are written alike: ``"1"`` that is copied into a number is read as one.

    Words such as ``yes`` are booleans for the API server's reader of YAML, and texts for kustomize, which quotes them.
    """
    if isinstance(value, bool) and isinstance(rendered, str):
        return rendered.lower() in _BOOLEANS[value]
    if value is None or rendered is None:
        return False
    return str(value) == str(rendered) or str(value).lower() == str(rendered).lower() in ("true", "false")


def _substituted(value: str, rendered: str) -> bool:
    """Tell whether *rendered* is *value* with its ``$(VARS)`` filled in."""
    parts = _VAR.split(value)[::2]
    if len(parts) == 1 or len(value) > _LONGEST:
        return False
    if not rendered.startswith(parts[0]) or not rendered.endswith(parts[-1]):
        return False
    position = len(parts[0])
    for part in parts[1:-1]:
        position = rendered.find(part, position)
        if position < 0:
            return False
        position += len(part)
    return position <= len(rendered) - len(parts[-1])
