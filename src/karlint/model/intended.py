"""What a document's value is to be once an operation is done: what every edit of its text is held against."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import orjson

from karlint.model.fix import Operation, OperationKind
from karlint.model.refused import RefusedError

if TYPE_CHECKING:
    from karlint.model.path import Path

_NOT_THERE = object()


def value_at(value: Any, at: Path) -> Any:
    """Return the value at *at*. Raises RefusedError when there is none."""
    found = _look(value, at)
    if found is _NOT_THERE:
        raise RefusedError("the place is not in the text")
    return found


def has(value: Any, at: Path) -> bool:
    """Tell whether there is an entry at *at*."""
    return _look(value, at) is not _NOT_THERE


def _look(value: Any, at: Path) -> Any:
    for step in at:
        if isinstance(step, str):
            if not isinstance(value, dict) or step not in value:
                return _NOT_THERE
        elif not isinstance(value, list) or not 0 <= step < len(value):
            return _NOT_THERE
        value = value[step]
    return value


def same(one: Any, other: Any) -> bool:
    """Tell whether two JSON values are equal, where 1, 1.0 and true are three different ones."""
    return orjson.dumps(one, option=orjson.OPT_SORT_KEYS) == orjson.dumps(other, option=orjson.OPT_SORT_KEYS)


def intended(value: Any, operation: Operation) -> Any:
    """Return what *operation* makes of *value*, which stays as it is. Raises RefusedError where it makes no sense."""
    if not operation.at:
        raise RefusedError("a document as a whole is not replaced")
    changed = deepcopy(value)
    last = operation.at[-1]
    if operation.kind is OperationKind.ADD:
        _add(changed, operation)
        return changed
    parent = value_at(changed, operation.at[:-1])
    here = value_at(changed, operation.at)
    if operation.kind is OperationKind.WRAP:
        _wrap(here, operation)
        return changed
    if operation.kind is OperationKind.UNWRAP:
        _unwrap(parent, operation)
        return changed
    if operation.kind is OperationKind.SET:
        parent[last] = operation.value
    elif operation.kind is OperationKind.REMOVE:
        del parent[last]
    elif not isinstance(parent, dict) or operation.name in parent:
        raise RefusedError(f"there is an entry {operation.name} already")
    else:
        parent[operation.name] = parent.pop(last)
    return changed


def _wrap(here: Any, operation: Operation) -> None:
    moved = operation.value
    if not isinstance(here, dict) or not moved or operation.name in here or not all(key in here for key in moved):
        raise RefusedError("the entries to move are not there")
    here[operation.name] = {key: here.pop(key) for key in moved}


def _unwrap(parent: Any, operation: Operation) -> None:
    name = operation.at[-1]
    inner = parent[name] if isinstance(parent, dict) else None
    if not isinstance(inner, dict) or not inner or (inner.keys() - {name}) & parent.keys() or name in inner:
        raise RefusedError("the entries have no room there")
    del parent[name]
    parent.update(inner)


def _add(changed: Any, operation: Operation) -> None:
    here = changed
    for depth, step in enumerate(operation.at[:-1]):
        if isinstance(step, int) or (isinstance(here, dict) and step in here and here[step] is not None):
            here = value_at(here, (step,))
            continue
        if not isinstance(here, dict):
            raise RefusedError("what the entry belongs into is no mapping")
        rest = operation.at[depth + 1 :]
        if any(isinstance(inner, int) for inner in rest):
            raise RefusedError("there is no list to add to")
        here[step] = {}
        here = here[step]
    last = operation.at[-1]
    if isinstance(here, dict) and isinstance(last, str) and last not in here:
        here[last] = operation.value
    elif isinstance(here, list) and last == len(here):
        here.append(operation.value)
    else:
        raise RefusedError("there is an entry already, or nothing to add it to")
