"""Findings that the configuration ignores, for what nobody can write a comment into."""

from __future__ import annotations

import re
from datetime import date
from fnmatch import translate
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from karlint.findings.suppress import matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from karlint.model.finding import Finding


class Entry(Protocol):
    """One entry: what it covers, why, and until when. Empty texts cover everything."""

    @property
    def rule(self) -> str:
        """A rule id, or ``category/*``."""

    @property
    def reason(self) -> str:
        """Why it may stay."""

    @property
    def resource(self) -> str:
        """A glob over ``Kind namespace/name``."""

    @property
    def environment(self) -> str:
        """A glob over the names of environments."""

    @property
    def path(self) -> str:
        """A glob over the file of the finding."""

    @property
    def expires(self) -> str:
        """The last day on which it holds, as ``2027-01-31``."""


def ignore(
    findings: Sequence[Finding], entries: Sequence[Entry], today: date
) -> tuple[list[Finding], list[Finding], list[str]]:
    """Return active findings, ignored ones with their reasons, and what is wrong with the entries.

    An entry for one environment takes that environment off a finding that is of several.
    """
    active: list[Finding] = []
    ignored: list[Finding] = []
    used: set[int] = set()
    expired: set[int] = set()
    for finding in findings:
        left, reason = finding, ""
        for number, entry in enumerate(entries):
            covered = _covered(left, entry)
            if covered is None:
                continue
            if entry.expires and date.fromisoformat(entry.expires) < today:
                expired.add(number)
                continue
            used.add(number)
            rest = tuple(name for name in left.environments if name not in covered)
            if not rest:
                reason = entry.reason
                break
            left = replace(
                left,
                environments=rest,
                instances=tuple(item for item in left.instances if item.environment in rest),
            )
        if reason:
            ignored.append(replace(left, suppressed=reason, external=True))
        else:
            active.append(left)
    return active, ignored, list(_remarks(entries, used, expired))


def _covered(finding: Finding, entry: Entry) -> tuple[str, ...] | None:
    """Return the environments of *finding* that *entry* covers, () for a finding of none; None when it is not meant."""
    if not matches(entry.rule, finding.rule):
        return None
    owner = str(finding.resource) if finding.resource else ""
    if not _matches(entry.resource, owner) or not _matches(entry.path, finding.location.path):
        return None
    if not entry.environment:
        return finding.environments
    covered = tuple(name for name in finding.environments if _matches(entry.environment, name))
    return covered or None


def _matches(pattern: str, text: str) -> bool:
    return not pattern or _compiled(pattern).match(text) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern))


def _remarks(entries: Sequence[Entry], used: set[int], expired: set[int]) -> Iterable[str]:
    for number, entry in enumerate(entries):
        about = f"ignore[{number}] of the configuration ({entry.rule})"
        if number in expired:
            yield f"{about} has expired on {entry.expires}, so what it covers counts again."
        elif number not in used:
            yield f"{about} matches no finding."
