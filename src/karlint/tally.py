"""What a run saw, skipped and could not read: nothing is silently clean."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from karlint.discover import ALL_SKIPPED
from karlint.discover.reasons import NOT_A_FILE, UNREADABLE_DIRECTORY
from karlint.model.report import Counts, RuleFailure, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from karlint.config import Settings
    from karlint.court import Judged
    from karlint.discover import Discovery
    from karlint.prepared import Prepared
    from karlint.source import LoadedFile


def unread(discovery: Discovery, settings: Settings) -> list[RuleFailure]:
    """Return a failure for each directory that could not be listed, and for each path that was named in vain.

    What they hold may be full of defects: a pipe named as a file, a link that leads nowhere or out of the tree.
    """
    named = {Path(name).absolute() for name in settings.paths}
    found = []
    for item in discovery.skipped:
        if item.reason == UNREADABLE_DIRECTORY:
            message = f"The directory {item.path} cannot be read, so nothing in it was linted."
        elif item.reason in NOT_A_FILE and (discovery.root / item.path).absolute() in named:
            message = f"{item.path} was named and is not linted: {item.reason}. What a pipe brings is read with -."
        else:
            continue
        found.append(RuleFailure("core/unreadable-file", message))
    return found


def notices(prepared: Prepared) -> tuple[str, ...]:
    """Return remarks on what was found; that nothing is linted as it stands is none where something is rendered."""
    found = [text for text in prepared.discovery.notices if text != ALL_SKIPPED or not prepared.deployed.parts]
    return *found, *prepared.deployed.notices


def nothing_in(prepared: Prepared) -> list[str]:
    """Return a notice where files were read and hold no resource: an empty pipe must not pass for a clean one."""
    if prepared.resources or not (prepared.loaded or prepared.deployed.parts):
        return []
    return ["No Kubernetes resources were found in what was linted."]


def left(prepared: Prepared) -> list[Skipped]:
    """Return what discovery skipped and nothing rendered."""
    return [item for item in prepared.discovery.skipped if item.path not in prepared.deployed.owned]


def skipped(loaded: Iterable[LoadedFile]) -> list[Skipped]:
    """Return the files that turned out to be none to lint when they were read."""
    return [Skipped(file.file.path, file.skip_reason) for file in loaded if file.skip_reason is not None]


def counts(prepared: Prepared, judged: Judged) -> Counts:
    """Return the numbers of everything seen."""
    loaded, resources, deployed = prepared.loaded, prepared.resources, prepared.deployed
    streams = [file for part in deployed.parts for file in part.loaded]
    documents = [item for file in (*loaded, *streams) if file.skip_reason is None for item in file.documents]
    passed_over = sum(file.skip_reason is not None for file in loaded)
    seen = len(prepared.discovery.files) + len(prepared.discovery.skipped)
    return Counts(
        files=seen,
        files_linted=len(loaded) - passed_over,
        files_rendered=seen - len(loaded) - len(left(prepared)),
        rendered=len(deployed.parts),
        not_rendered=len(deployed.not_rendered),
        documents=len(documents),
        not_manifests=sum(not item.heads for item in documents),
        resources=len(resources),
        workloads=judged.workloads,
        accelerator_workloads=judged.accelerator_workloads,
        schema_checked=judged.schema_checked,
        without_schema=dict(sorted(judged.without_schema.items())),
        rules=len(prepared.rules),
    )
