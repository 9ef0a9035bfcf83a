"""Charts that lie in the repository: where one from elsewhere may have been vendored."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from karlint.render.versions import allows

if TYPE_CHECKING:
    from karlint.render.world import World


def vendored(world: World, name: str, version: str) -> str | None:
    """Return the directory of a chart of the repository with this *name* and *version*; None where there is none.

    *version* is as Helm takes it: exact, a range, or "" for any.
    """
    base = posixpath.basename(name.rstrip("/"))
    for directory, found, release in world.charts():
        if found == base and allows(version, release):
            return directory
    return None
