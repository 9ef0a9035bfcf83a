"""Strategic merge patches and JSON patches over values that know where they were written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from karlint.render.origins.kustomize_schema import Keys, Where
    from karlint.render.origins.kustomize_tree import Node

DIRECTIVE = "$patch"


class Merger:
    """Merges one strategic merge patch into one resource, as kyaml's merge2 does it."""

    def __init__(self, keys: Callable[[Where], Keys | None]) -> None:
        self._keys = keys

    def merge(self, base: Node, patch: Node, where: Where = ()) -> Node | None:
        """Return *base* with *patch* merged in, in place where that is possible; None where it is removed."""
        if patch.is_null:
            return None
        if patch.is_map and (base.is_map or base.is_null):
            return self._merge_map(base, patch, where)
        if patch.is_list and base.is_list and (keys := self._keys(where)) is not None:
            return self._merge_list(base, patch, keys, where)
        cleaned = self._clean(patch, where)
        if cleaned is not None:
            base.become(cleaned)  # in place, since the node of a label may stand in several fields
        return base if cleaned is not None else None

    def _merge_map(self, base: Node, patch: Node, where: Where) -> Node | None:
        directive = patch.text(DIRECTIVE)
        if directive == "delete":
            return None
        if directive == "replace" or base.is_null:
            return self._clean(patch, where)
        target = base.map
        for key, value in patch.map.items():
            if key == DIRECTIVE:
                continue
            known = target.get(key)
            merged = self._clean(value, (*where, key)) if known is None else self.merge(known, value, (*where, key))
            if merged is None:
                target.pop(key, None)
            else:
                target[key] = merged
        return base

    def _merge_list(self, base: Node, patch: Node, keys: Keys, where: Where) -> Node | None:
        directive = next((item.text(DIRECTIVE) for item in patch.items if _is_directive(item)), "")
        news = [item for item in patch.items if not _is_directive(item)]
        if directive == "delete":
            return None
        if directive == "replace":
            return self._of(patch, [item for new in news if (item := self._clean(new, where)) is not None])
        if not keys:
            known = {str(item.scalar) for item in news}
            return self._of(base, [*news, *(item for item in base.items if str(item.scalar) not in known)])
        left = list(base.items)
        merged: list[Node] = []
        for new in news:
            match = next((item for item in left if _named(item, keys) == _named(new, keys)), None)
            if match is not None:
                left.remove(match)
                item = self.merge(match, new, where)
            elif any(_clash(_named(item, keys), _named(new, keys)) for item in left):
                continue
            else:
                item = self._clean(new, where)
            if item is not None:
                merged.append(item)
        return self._of(base, [*merged, *left])

    @staticmethod
    def _of(model: Node, items: list[Node]) -> Node:
        model.items[:] = items
        return model

    def _clean(self, patch: Node, where: Where) -> Node | None:
        """Return what *patch* says where nothing is there yet: without directives, and without what it removes."""
        if patch.is_map:
            directive = patch.text(DIRECTIVE)
            if directive == "delete":
                return None
            patch.map.pop(DIRECTIVE, None)
            for key, value in list(patch.map.items()):
                if value.is_map and self._clean(value, (*where, key)) is None:
                    del patch.map[key]
        elif patch.is_list and self._keys(where) is not None and any(_is_directive(item) for item in patch.items):
            patch.items[:] = [item for item in patch.items if not _is_directive(item)]
        return patch


def _is_directive(item: Node) -> bool:
    return item.is_map and len(item.map) == 1 and DIRECTIVE in item.map


def _named(item: Node, keys: Keys) -> Keys:
    return tuple(item.text(key) for key in keys)


def _clash(left: Keys, right: Keys) -> bool:
    """Tell whether two items differ in nothing but a key that one of them leaves out, as the protocol of a port.

    kustomize then keeps the item of the base as it is, and drops that of the patch (kyaml's appendListNode).
    """
    return (
        len(left) > 1 and left[0] == right[0] and all(a == b or not (a and b) for a, b in zip(left, right, strict=True))
    )


def apply_json(root: Node, operations: Node) -> None:
    """Apply a JSON patch (RFC 6902). What cannot be applied is passed over: kustomize itself refuses it."""
    root.become(root.copy())  # it becomes JSON on its way, where no node stands in two places
    for operation in operations.items:
        name = operation.text("op")
        path = _pointer(operation.text("path"))
        value = operation.get("value")
        source = _pointer(operation.text("from"))
        if not path:
            continue
        if name in ("add", "replace") and value is not None:
            _put(root, path, value.copy(), name == "add", operation.get("path"))
        elif name == "remove":
            _take(root, path)
        elif name == "move" and (moved := _take(root, source)) is not None:
            _put(root, path, moved, True)
        elif name == "copy" and (found := _find(root, source)) is not None:
            _put(root, path, found.copy(), True)


def _pointer(text: str) -> Where:
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:])


def _find(root: Node, path: Where) -> Node | None:
    node: Node | None = root
    for step in path:
        if node is None:
            return None
        if node.is_list:
            index = _index(step, len(node.items))
            node = node.items[index] if index is not None else None
        else:
            node = node.map.get(step)
    return node


def _index(step: str, length: int) -> int | None:
    """Return the index that *step* means in a list; negative ones count from its end."""
    try:
        index = int(step)
    except ValueError:
        return None
    index = index + length if index < 0 else index
    return index if 0 <= index < length else None


def _put(root: Node, path: Where, value: Node, insert: bool, named: Node | None = None) -> None:
    parent = _find(root, path[:-1])
    if parent is None:
        return
    step = path[-1]
    if not parent.is_list:
        if parent.is_map and (insert or step in parent.map):
            value.mark = replace(value.mark, key=named.mark) if named is not None else value.mark
            parent.map[step] = value
        return
    items = parent.items
    if insert and step in ("-", str(len(items))):
        items.append(value)
        return
    index = _index(step, len(items))
    if index is not None and insert:
        items.insert(index, value)
    elif index is not None:
        items[index] = value


def _take(root: Node, path: Where) -> Node | None:
    parent = _find(root, path[:-1]) if path else None
    if parent is None:
        return None
    if not parent.is_list:
        return parent.map.pop(path[-1], None)
    index = _index(path[-1], len(parent.items))
    return parent.items.pop(index) if index is not None else None
