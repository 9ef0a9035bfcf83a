"""Findings that were there before: told from new ones by who they are about, never by line.

A baseline holds, for each rule, resource and path, how often that was found, and in which environments. It only ever
shrinks by itself: what is mended leaves it, what is new has to be accepted on purpose.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from karlint.model.path import to_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from karlint.model.finding import Finding

SCHEMA = 1
PLAIN = ""
"""The environment of what is linted as it is written."""


class BaselineError(ValueError):
    """A baseline that cannot be read; its text says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known at one path of one resource.

    Attributes:
        identity: as of :class:`karlint.model.finding.Finding`.
        rule, resource, path, message: for people who read the file.
        environments: environment to number of findings; the key "" stands for manifests as written.
        reason: why it may stay.
        expires: the last day on which it counts; None for ever.
    """

    identity: str
    rule: str
    resource: str
    path: str
    message: str
    environments: Mapping[str, int]
    reason: str = ""
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Baseline:
    """Entries by identity."""

    entries: Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class Compared:
    """Findings beside a baseline.

    Attributes:
        new: findings that it does not know, in the order given; environments that it knows are taken off them.
        known: the others, suppressed.
        expired: entries that no longer count, and match something.
        vanished: entries of which some, or all, was not found again.
    """

    new: tuple[Finding, ...]
    known: tuple[Finding, ...]
    expired: tuple[Entry, ...]
    vanished: tuple[Entry, ...]


def read_baseline(value: Any) -> Baseline:
    """Return the baseline that a file's JSON *value* holds. Raises BaselineError."""
    if not isinstance(value, dict) or value.get("schema") != SCHEMA or not isinstance(value.get("entries"), list):
        raise BaselineError(f"it must be an object with schema {SCHEMA} and a list of entries")
    entries = [_entry(number, item) for number, item in enumerate(value["entries"])]
    return Baseline({entry.identity: entry for entry in entries})


def _entry(number: int, item: Any) -> Entry:
    where = f"entries[{number}]"
    if not isinstance(item, dict):
        raise BaselineError(f"{where} is not an object")
    texts = {}
    for name in ("identity", "rule", "resource", "path", "message", "reason"):
        text = item.get(name, "")
        if not isinstance(text, str) or (name == "identity" and not text):
            raise BaselineError(f"{where}.{name} is not a text")
        texts[name] = text
    found = item.get("environments")
    if not isinstance(found, dict) or not all(type(count) is int and count > 0 for count in found.values()):
        raise BaselineError(f"{where}.environments is not a mapping to numbers above 0")
    expires = item.get("expires")
    try:
        day = None if expires is None else date.fromisoformat(expires)
    except (TypeError, ValueError):
        raise BaselineError(f"{where}.expires is not a date such as 2027-01-31") from None
    return Entry(**texts, environments=dict(found), expires=day)


def written(baseline: Baseline) -> dict[str, Any]:
    """Return *baseline* for JSON, in an order that changes little from one version to the next."""
    ordered = sorted(baseline.entries.values(), key=lambda entry: (entry.rule, entry.resource, entry.path))
    return {"schema": SCHEMA, "entries": [_for_json(entry) for entry in ordered]}


def _for_json(entry: Entry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "rule": entry.rule,
        "resource": entry.resource,
        "path": entry.path,
        "message": entry.message,
        "environments": dict(sorted(entry.environments.items())),
        "identity": entry.identity,
    }
    if entry.reason:
        item["reason"] = entry.reason
    if entry.expires is not None:
        item["expires"] = entry.expires.isoformat()
    return item


def baseline_of(findings: Iterable[Finding], reason: str = "", expires: date | None = None) -> Baseline:
    """Return the baseline that knows just *findings*."""
    entries: dict[str, Entry] = {}
    for finding in findings:
        known = entries.get(finding.identity)
        counts = Counter(known.environments if known else {})
        counts.update(environments_of(finding))
        entries[finding.identity] = replace(
            known or _new_entry(finding, reason, expires), environments=dict(sorted(counts.items()))
        )
    return Baseline(entries)


def _new_entry(finding: Finding, reason: str, expires: date | None) -> Entry:
    return Entry(
        identity=finding.identity,
        rule=finding.rule,
        resource=str(finding.resource) if finding.resource else finding.location.path,
        path=to_text(finding.at),
        message=finding.message,
        environments={},
        reason=reason,
        expires=expires,
    )


def environments_of(finding: Finding) -> tuple[str, ...]:
    """Return the environments of *finding*; PLAIN alone for one about a manifest as written."""
    return finding.environments or (PLAIN,)


def compare(findings: Sequence[Finding], baseline: Baseline, today: date) -> Compared:
    """Tell which of *findings* are new. An entry that has expired knows nothing any more."""
    left = {identity: Counter(entry.environments) for identity, entry in baseline.entries.items()}
    expired = {key: entry for key, entry in baseline.entries.items() if entry.expires and entry.expires < today}
    new: list[Finding] = []
    known: list[Finding] = []
    seen: set[str] = set()
    for finding in findings:
        entry = baseline.entries.get(finding.identity)
        seen.add(finding.identity)
        if entry is None or finding.identity in expired:
            new.append(finding)
            continue
        room = left[finding.identity]
        fresh = tuple(name for name in environments_of(finding) if room[name] <= 0)
        room.subtract(environments_of(finding))
        if not fresh:
            known.append(replace(finding, suppressed=f"in the baseline: {entry.reason}".removesuffix(": ")))
        elif finding.environments:
            new.append(replace(finding, environments=fresh))
        else:
            new.append(finding)
    vanished = [
        entry
        for identity, entry in baseline.entries.items()
        if identity not in expired and any(count > 0 for count in left[identity].values())
    ]
    return Compared(tuple(new), tuple(known), tuple(expired[key] for key in expired if key in seen), tuple(vanished))


def ratchet(old: Baseline, found: Baseline, *, accept_new: bool = False) -> Baseline:
    """Return *old* without what was mended; with *accept_new* also with what *found* has besides.

    Reasons and dates of *old* stay.
    """
    entries: dict[str, Entry] = {}
    for identity, entry in found.entries.items():
        known = old.entries.get(identity)
        if known is None:
            if accept_new:
                entries[identity] = entry
            continue
        counts = {
            name: number if accept_new else min(number, known.environments.get(name, 0))
            for name, number in entry.environments.items()
        }
        kept = {name: number for name, number in counts.items() if number}
        if kept:
            entries[identity] = replace(known, message=entry.message, environments=kept)
    return Baseline(entries)
