"""What is deployed and was not rendered: what that asks for is not migrated, and a person has to know."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from karlint.inventory import Inventory
    from karlint.model.resource import Resource
    from karlint.model.unit import NotRendered
    from karlint.source.loaded import LoadedFile

_NAME = re.compile(r"[A-Za-z0-9.-]+/[A-Za-z0-9._-]+")
_MOST_NAMED = 3


_UNREAD = ("core/syntax-error", "core/unreadable-file", "core/file-limit")


def unread(loaded: Iterable[LoadedFile]) -> Iterator[str]:
    """Yield a remark on the files that are not read as a whole."""
    files = [file.file.path for file in loaded if any(finding.rule in _UNREAD for finding in file.findings)]
    if files:
        named = ", ".join(files[:_MOST_NAMED])
        more = f" and {len(files) - _MOST_NAMED} more" if len(files) > _MOST_NAMED else ""
        yield f"Not read as a whole, so that workloads there may be missing: {named}{more} (see `karlint check`)."


def unseen(missing: Sequence[NotRendered], resources: Iterable[Resource], inventory: Inventory) -> Iterator[str]:
    """Yield remarks on what is *missing*: one for each that names an accelerator, one for all others."""
    if not missing:
        return
    bodies = {(resource.path, resource.document.ordinal): resource.body for resource in resources}
    others = []
    for item in missing:
        names = _accelerators(bodies.get((item.place.file, item.place.ordinal)), inventory)
        if names:
            yield (
                f"{item.what} ({item.place.file}) asks for {', '.join(names)} and is not rendered ({item.reason}), so "
                "it is left as it is: see whether its chart takes claims."
            )
        else:
            others.append(item)
    if others:
        named = ", ".join(item.what for item in others[:_MOST_NAMED])
        more = f" and {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else ""
        reasons = ", ".join(dict.fromkeys(item.reason for item in others))
        yield f"Not rendered, so that what it deploys is neither seen nor checked: {named}{more} ({reasons})."


def _accelerators(body: Any, inventory: Inventory) -> list[str]:
    """Return the accelerators that *body* names as keys, also in a text of values."""
    words = {word for text in _texts(body) for word in _NAME.findall(text)}
    return sorted(word for word in words if inventory.accelerators.vendor(word))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str) and "\n" in value:
        yield value
