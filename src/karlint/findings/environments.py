"""One mistake in a base is one finding, however many overlays deploy it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from karlint.findings.fingerprint import identity_of
from karlint.findings.fixes import agreed
from karlint.model.finding import Instance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from karlint.findings.draft import Draft

    Verdict = tuple[Draft, str | None]
    """A draft, and the reason for which it is ignored; None for an active one."""


def merge_environments(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return *verdicts*, with those that are the same finding at the same place in several environments made one.

    The same means: rule, place, path, words and the reason to ignore it. Of the resources that it is about, the one in
    the environment that comes first by name is shown; all of them are its instances.
    """
    merged: dict[tuple[Any, ...], Verdict] = {}
    kept: list[Verdict] = []
    for draft, reason in sorted(verdicts, key=_name):
        name = _name((draft, reason))
        instance = Instance(name, draft.resource.ref if draft.resource else None, identity_of(draft))
        if not name:
            kept.append((replace(draft, instances=(instance,)), reason))
            continue
        key = (draft.rule, draft.location, draft.at, draft.message, draft.help, draft.severity, draft.versions, reason)
        if key not in merged:
            merged[key] = replace(draft, environments=(name,), instances=(instance,)), reason
        else:
            known = merged[key][0]
            names = dict.fromkeys((*known.environments, name))
            instances = dict.fromkeys((*known.instances, instance))
            fix = agreed(known.fix, draft.fix)
            known = replace(known, environments=tuple(names), instances=tuple(instances), fix=fix)
            merged[key] = known, reason
    return [*kept, *merged.values()]


def _name(verdict: Verdict) -> str:
    resource = verdict[0].resource
    return resource.environment.name if resource is not None and resource.environment is not None else ""
