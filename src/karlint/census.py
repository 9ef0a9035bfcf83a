"""What ``karlint inventory`` tells: the AI workloads of a tree, taken from everything that would be linted."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from msgspec.structs import replace

from karlint.inventory.census import take_census
from karlint.locate import Locator
from karlint.model.census import Unread
from karlint.model.source import Anchor
from karlint.prepared import load_rule_book, prepare, tables_with
from karlint.reading import discover_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karlint.config import Settings
    from karlint.model.census import Census
    from karlint.model.path import Path
    from karlint.model.resource import Resource
    from karlint.prepared import Prepared

_ENTRIES = ("kustomization.yaml", "kustomization.yml", "Kustomization", "Chart.yaml")
_UNREAD = (
    "core/syntax-error",
    "core/unreadable-file",
    "core/file-limit",
    "core/render-failed",
    "core/not-rendered",
)


def census(settings: Settings) -> Census:
    """Return the census of what *settings* name. Raises KarlintError when it cannot be taken at all.

    References are looked for in the whole repository, also where only a part of it is counted.
    """
    book = load_rule_book()
    found = discover_files(settings)
    named = {file.path for file in found.files}
    counted = named | {item.path for item in found.skipped}  # templates and kustomizations, of which something is made
    prepared = prepare(whole_of(settings), book)
    if not named <= {file.path for file in prepared.discovery.files}:
        prepared = prepare(settings, book)  # named outright, and left out otherwise
    locate = Locator(prepared.discovery.root)

    def line(resource: Resource, at: Path) -> int | None:
        location = locate(resource, at, Anchor.VALUE).location
        return location.span.line if location.path == resource.path else None

    return take_census(
        prepared.inventory,
        [resource for resource in prepared.resources if is_counted(resource, counted)],
        tables_with(book.tables, settings),
        line,
        list(_unread(prepared, counted)),
    )


def whole_of(settings: Settings) -> Settings:
    """Return *settings* for the whole repository, unless what they name is no part of one."""
    inside = settings.stdin is None and (settings.root / ".git").exists()
    return replace(settings, paths=()) if inside else settings


def is_counted(resource: Resource, counted: set[str]) -> bool:
    """Tell whether what was named holds *resource*, or the chart or kustomization that it was rendered from."""
    if resource.path in counted or resource.environment is None:
        return resource.path in counted
    return any(posixpath.join(resource.environment.home, name) in counted for name in _ENTRIES)


def _unread(prepared: Prepared, counted: set[str]) -> Iterator[Unread]:
    found = [finding for file in prepared.loaded for finding in file.findings]
    for finding in (*found, *prepared.deployed.findings):
        if finding.path in counted and finding.rule in _UNREAD:
            yield Unread(finding.path, finding.span.line if finding.span else None, finding.message)
