"""Proof of edits in templates: everything is rendered before and after them, and only what was meant has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from karlint.deployed import deployed_by
from karlint.model.intended import intended, same
from karlint.model.refused import RefusedError
from karlint.reading import discover_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from karlint.config import Settings
    from karlint.model.finding import Finding
    from karlint.model.fix import Change, Operation
    from karlint.model.resource import Resource, ResourceRef


class Rendered(Struct, frozen=True):
    """What a tree deploys.

    Attributes:
        resources: of each environment by its name, in the order that they were rendered.
        unseen: files of what could not be rendered, so that nobody knows what an edit of them does.
    """

    resources: Mapping[str, Sequence[Resource]]
    unseen: frozenset[str]


def rendered(settings: Settings) -> Rendered:
    """Render all of the tree, whichever part of it *settings* ask for: others may use the same chart."""
    everything = replace(settings, paths=())
    deployed = deployed_by(everything, discover_all(everything))
    found: dict[str, list[Resource]] = {}
    for resource in deployed.resources(0):
        found.setdefault(resource.environment.name if resource.environment else "", []).append(resource)
    return Rendered(found, deployed.unseen())


def is_in_template(finding: Finding) -> bool:
    """Tell whether the fix of *finding* edits a template."""
    return any(change.rewrites for change in _changes(finding))


def unproven(before: Rendered, after: Rendered, done: Sequence[Finding]) -> tuple[list[Finding], bool]:
    """Return those of *done* whose edits of templates may have changed what they should not.

    Each resource that a finding stands for has to be exactly what its operations make of it, all others as they were.

    Returns:
        The findings, and whether each of them surely did harm.
    """
    edits = [finding for finding in done if is_in_template(finding)]
    hidden = [item for item in edits if any(change.file in before.unseen for change in _changes(item))]
    if hidden:
        return hidden, True
    if {name: len(items) for name, items in before.resources.items()} != {
        name: len(items) for name, items in after.resources.items()
    }:
        return edits, len(edits) == 1
    blamed: list[Finding] = []
    for name, items in before.resources.items():
        for old, new in zip(items, after.resources[name], strict=True):
            wanted = [item for item in edits if _concerns(item, name, old.ref)]
            if not _is_as_meant(old, new, wanted):
                blamed += wanted or _near(old, edits)
    found = list({item.fingerprint: item for item in blamed}.values())
    return found, len(found) == 1


def _is_as_meant(old: Resource, new: Resource, wanted: Sequence[Finding]) -> bool:
    if old.document.json == new.document.json and not wanted:
        return True
    try:
        aim: Any = old.body
        for operation in _operations(wanted):
            aim = intended(aim, operation)
    except RefusedError:
        return False
    return same(aim, new.body)


def _operations(wanted: Iterable[Finding]) -> Iterator[Operation]:
    """Yield what is to be done; what several findings ask for alike is done once."""
    seen: list[tuple[Operation, ...]] = []
    for change in (change for finding in wanted for change in _changes(finding)):
        if change.operations not in seen:
            seen.append(change.operations)
            yield from change.operations


def _concerns(finding: Finding, environment: str, ref: ResourceRef) -> bool:
    return any(item.environment == environment and item.resource == ref for item in finding.instances)


def _near(resource: Resource, edits: Sequence[Finding]) -> Sequence[Finding]:
    """Return those of *edits* in the template that printed *resource*; all where another one did it: a helper, say."""
    return [item for item in edits if any(change.file == resource.home for change in _changes(item))] or edits


def _changes(finding: Finding) -> Sequence[Change]:
    return finding.fix.changes if finding.fix else ()
