"""Paths into a resource: the language that rules and the host have in common."""

from __future__ import annotations

import re

Path = tuple[str | int, ...]
"""Keys and list indexes from the root of a resource, e.g. ``("spec", "containers", 0, "image")``."""

_PLAIN_KEY = re.compile(r"^[A-Za-z_][A-Za-z0-9_-]*$")


def to_pointer(path: Path) -> str:
    """Return *path* as a JSON pointer (RFC 6901): ``/spec/containers/0/image``; the root is ``""``."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def to_text(path: Path) -> str:
    """Return *path* as people write it: ``spec.containers[0].resources.limits["nvidia.com/gpu"]``."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN_KEY.match(step):
            text += f".{step}" if text else step
        else:
            text += f'["{step}"]'
    return text
