"""Supersession: the telling finding replaces the general one about the same mistake."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from karlint.findings.draft import Draft
    from karlint.model.rule import Rule


def drop_superseded(drafts: Sequence[Draft], rules: Mapping[str, Rule], targets: Sequence[str]) -> list[Draft]:
    """Return *drafts* without those that another rule's finding says better.

    A finding goes when a rule that supersedes its rule has a finding about the same resource, at the same path or
    *above* it: a schema error inside the entry that the other finding is about tells nothing new. A finding about the
    whole resource replaces findings about the whole resource only. Where the better finding holds for some target
    versions, the general one stays for the rest of them.

    Args:
        drafts: all findings.
        rules: the enabled rules.
        targets: the versions of the run; empty when they are not known.
    """
    by_resource: dict[int, list[Draft]] = defaultdict(list)
    for draft in drafts:
        rule = rules.get(draft.rule)
        if draft.resource is not None and rule is not None and rule.supersedes:
            by_resource[draft.resource.index].append(draft)
    if not by_resource:
        return list(drafts)
    kept = []
    for draft in drafts:
        better = by_resource.get(draft.resource.index, ()) if draft.resource is not None else ()
        winners = [other for other in better if _replaces(other, draft, rules)]
        left = _left_over(draft, winners, targets) if winners else draft
        if left is not None:
            kept.append(left)
    return kept


def _replaces(better: Draft, general: Draft, rules: Mapping[str, Rule]) -> bool:
    if better.rule == general.rule or general.rule not in rules[better.rule].supersedes:
        return False
    if not better.at:
        return not general.at
    return general.at[: len(better.at)] == better.at


def _left_over(draft: Draft, winners: Iterable[Draft], targets: Sequence[str]) -> Draft | None:
    covered: set[str] = set()
    for winner in winners:
        if not winner.versions:
            return None
        covered.update(winner.versions)
    versions = draft.versions or tuple(targets)
    left = tuple(version for version in versions if version not in covered)
    return replace(draft, versions=left) if left else None
