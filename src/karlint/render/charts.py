"""Charts that lie in the repository: where one from elsewhere may have been vendored."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from karlint.render.world import World

_EXACT = re.compile(r"\d+\.\d+\.\d+(?:[-+].*)?\Z")
_WILD = re.compile(r"(?:\d+\.)*[xX*](?:\.[xX*])*\Z")


def vendored(world: World, name: str, version: str) -> str | None:
    """Return the directory of a chart of the repository with this *name* and *version*; None where there is none.

    *version* may be empty, or end in wildcards (``1.x``). Other ranges are not worked out: they match nothing.
    """
    base = posixpath.basename(name.rstrip("/"))
    for directory, found, release in world.charts():
        if found == base and _covers(version, release):
            return directory
    return None


def _covers(wanted: str, version: str) -> bool:
    wanted, version = wanted.strip().removeprefix("v"), version.strip().removeprefix("v")
    if wanted in {"", "*"}:
        return True
    if _WILD.match(wanted):
        return version.startswith(re.split(r"[xX*]", wanted, maxsplit=1)[0])
    return bool(_EXACT.match(wanted)) and wanted.split("+", maxsplit=1)[0] == version.split("+", maxsplit=1)[0]
