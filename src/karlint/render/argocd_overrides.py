"""The overrides that Argo CD reads beside the manifests: ``.argocd-source.yaml``, and the one of an Application.

They are merged over the source, as a JSON merge patch, except for where the source itself lies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karlint.model.unit import Place
from karlint.render.world import Node, RefusedError

if TYPE_CHECKING:
    from karlint.model.path import Path
    from karlint.render.world import Declared, World

PREFIX = ".argocd-source"
_PROTECTED = {"repoURL", "path", "chart", "targetRevision", "ref"}


def overridden(node: Node, directory: str, declared: Declared, world: World) -> Node:
    """Return the source *node* with the overrides of its *directory*, each value with the place that it now has.

    Raises RefusedError for an override file that cannot be read.
    """
    base = f"{directory}/" if directory else ""
    for name in (f"{PREFIX}.yaml", f"{PREFIX}-{declared.name}.yaml"):
        if world.kind(base + name) == "file":
            node = _overridden(node, base + name, world)
    return node


def _overridden(node: Node, file: str, world: World) -> Node:
    try:
        documents = world.parse(world.read(file) or "")
    except ValueError:
        raise RefusedError("override file cannot be read", f"Correct {file}.", Place(file)) from None
    patch = documents[0] if documents else None
    if not isinstance(patch, dict):
        return node
    kept = {key: value for key, value in patch.items() if key not in _PROTECTED}
    return patched(node, Node(kept, lambda at: Place(file, 0, at)))


def patched(node: Node, patch: Node) -> Node:
    """Return *node* with a JSON merge patch applied: what the patch says has the place that it has in the patch."""
    before, start = node.value, len(node.at)

    def place_of(at: Path) -> Place:
        inside = at[start:]
        return patch.place_of((*patch.at, *inside)) if _sets(patch.value, before, inside) else node.place_of(at)

    return Node(merged(before, patch.value), place_of, node.at)


def merged(value: Any, patch: Any) -> Any:
    """Return *value* with a JSON merge patch (RFC 7386) applied; neither is changed."""
    if not isinstance(patch, dict):
        return patch
    found = dict(value) if isinstance(value, dict) else {}
    for key, item in patch.items():
        if item is None:
            found.pop(key, None)
        else:
            found[key] = merged(found.get(key), item)
    return found


def _sets(patch: Any, before: Any, at: Path) -> bool:
    """Return whether *patch*, rather than what was there *before*, says the value at *at*."""
    for step in at:
        if not isinstance(patch, dict):
            return True  # the patch replaced something above
        if step not in patch:
            return False
        patch = patch[step]
        before = before.get(step) if isinstance(before, dict) else None
    return not (isinstance(patch, dict) and isinstance(before, dict))
