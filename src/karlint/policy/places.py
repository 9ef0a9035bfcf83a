"""Where a finding of somebody else's policy belongs: the policy's own word, or what it reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from karlint.model.path import Path

_PATH_KEYS = ("at", "path", "field", "json_path")
_PART = re.compile(r"""\.?([^.\[\]"']+)|\[\s*(\d+)\s*\]|\[\s*["']([^"']*)["']\s*\]""")


def returned_path(body: Any, answer: Mapping[str, Any]) -> Path | None:
    """Return the path that a policy gives along (``at``, ``path``, ``field``): an array, a pointer, or dotted text.

    None where it gives none, or one that *body* does not have.
    """
    details = answer.get("details")
    for holder in (answer, details if isinstance(details, dict) else {}):
        for key in _PATH_KEYS:
            path = _read(holder.get(key))
            if path is not None and _exists(body, path):
                return path
    return None


def _read(value: Any) -> Path | None:
    if isinstance(value, list) and value and all(isinstance(step, str | int) for step in value):
        return tuple(value)
    if not isinstance(value, str) or not value:
        return None
    if value.startswith("/"):
        steps = value[1:].split("/")
        return tuple(_index(step.replace("~1", "/").replace("~0", "~")) for step in steps)
    text = value.removeprefix("$").removeprefix("input.").removeprefix(".")
    parts = list(_PART.finditer(text))
    if "".join(part.group() for part in parts) != text:
        return None
    return tuple(
        int(part[2]) if part[2] is not None else _index(part[1]) if part[1] is not None else part[3] for part in parts
    )


def _index(step: str) -> str | int:
    return int(step) if step.isdigit() and len(step) < 10 else step


def _exists(body: Any, path: Sequence[str | int]) -> bool:
    return deepest(body, path) == tuple(path)


def deepest(body: Any, path: Iterable[str | int | None]) -> Path:
    """Return the longest beginning of *path* that *body* has. A step that is None stands for an only item."""
    found: list[str | int] = []
    for wanted in path:
        step = _only(body) if wanted is None else wanted
        if step is None or not _has(body, step):
            break
        body = body[step]
        found.append(step)
    return tuple(found)


def _has(body: Any, step: str | int) -> bool:
    if isinstance(body, dict):
        return step in body
    return isinstance(body, list) and isinstance(step, int) and 0 <= step < len(body)


def _only(body: Any) -> str | int | None:
    """Return the key or index of what a collection of one holds; None for any other value."""
    if not isinstance(body, list | dict) or len(body) != 1:
        return None
    return 0 if isinstance(body, list) else next(iter(body))


def mentioned_path(body: Any, mentions: Iterable[Sequence[str | int | None]]) -> Path:
    """Return the deepest place in *body* that one of the paths leads to; () for none."""
    return max((deepest(body, path) for path in mentions), key=len, default=())
