"""Findings that were there before: told from new ones by who they are about, never by line.

A baseline holds, for each rule, resource and path, how often that was found, and in which environments. It only ever
shrinks by itself: what is mended leaves it, what is new has to be accepted on purpose.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from karlint.model.path import to_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from karlint.model.finding import Finding, Instance

SCHEMA = 1
PLAIN = ""
"""The environment of what is linted as it is written."""


class BaselineError(ValueError):
    """A baseline that cannot be read; its text says why."""


class Entry(Struct, frozen=True):
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


class Baseline(Struct, frozen=True):
    """Entries by identity."""

    entries: Mapping[str, Entry]


class Compared(Struct, frozen=True):
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
        for instance in finding.instances:
            known = entries.get(instance.identity)
            counts = Counter(known.environments if known else {})
            counts[instance.environment] += 1
            entries[instance.identity] = replace(
                known or _new_entry(finding, instance, reason, expires), environments=dict(sorted(counts.items()))
            )
    return Baseline(entries)


def _new_entry(finding: Finding, instance: Instance, reason: str, expires: date | None) -> Entry:
    return Entry(
        identity=instance.identity,
        rule=finding.rule,
        resource=str(instance.resource) if instance.resource else finding.location.path,
        path=to_text(finding.at),
        message=finding.message,
        environments={},
        reason=reason,
        expires=expires,
    )


def compare(
    findings: Sequence[Finding], baseline: Baseline, today: date, environments: Collection[str] | None = None
) -> Compared:
    """Tell which of *findings* are new. An entry that has expired knows nothing any more.

    Args:
        environments: all that were rendered. What the baseline knows of one that is gone counts for another: an overlay
            that has moved, or manifests that a kustomization has taken over, bring nothing new. None where only a part
            of the tree was linted, so that what is not among them is not gone.
    """
    expired = {key: entry for key, entry in baseline.entries.items() if entry.expires and entry.expires < today}
    valid = {key: entry for key, entry in baseline.entries.items() if key not in expired}
    room = {identity: Counter(entry.environments) for identity, entry in valid.items()}
    unknown = _unknown(findings, room, environments)
    new: list[Finding] = []
    known: list[Finding] = []
    for number, finding in enumerate(findings):
        fresh = unknown.get(number)
        if fresh:
            names = tuple(dict.fromkeys(item.environment for item in fresh if item.environment))
            new.append(replace(finding, environments=names, instances=tuple(fresh), resource=fresh[0].resource))
        elif finding.instances:
            text = f"in the baseline: {valid[finding.instances[0].identity].reason}".removesuffix(": ")
            known.append(replace(finding, suppressed=text, external=True))
        else:
            new.append(finding)
    seen = {instance.identity for finding in findings for instance in finding.instances}
    vanished = [entry for identity, entry in valid.items() if any(count > 0 for count in room[identity].values())]
    return Compared(tuple(new), tuple(known), tuple(expired[key] for key in expired if key in seen), tuple(vanished))


def _unknown(
    findings: Sequence[Finding], room: Mapping[str, Counter[str]], environments: Collection[str] | None
) -> dict[int, list[Instance]]:
    """Return by number of the finding the instances that *room* is not there for; takes what the others need off it."""
    left: list[tuple[int, Instance]] = []
    for number, finding in enumerate(findings):
        for instance in finding.instances:
            own = room.get(instance.identity)
            if own is not None and own[instance.environment] > 0:
                own[instance.environment] -= 1
            else:
                left.append((number, instance))
    unknown: dict[int, list[Instance]] = {}
    for number, instance in left:
        own = room.get(instance.identity, Counter())
        gone = None
        if environments is not None:
            rest = (name for name, count in own.items() if count > 0)
            gone = next((name for name in rest if name == PLAIN or name not in environments), None)
        if gone is None:
            unknown.setdefault(number, []).append(instance)
        else:
            own[gone] -= 1
    return unknown


def ratchet(
    old: Baseline, findings: Sequence[Finding], environments: Collection[str] | None, accepted: Baseline | None = None
) -> Baseline:
    """Return *old* without what was mended, and with what moved under its new name. Reasons and dates of *old* stay.

    Args:
        findings: what was found now.
        environments: as of :func:`compare`; None also keeps what was not found, since it was not looked for.
        accepted: the baseline of *findings*, to take in what is new; None to leave that out.
    """
    room = {identity: Counter(entry.environments) for identity, entry in old.entries.items()}
    unknown = _unknown(findings, room, environments)
    kept = baseline_of(
        replace(finding, instances=tuple(item for item in finding.instances if item not in unknown.get(number, ())))
        for number, finding in enumerate(findings)
    )
    entries = dict(old.entries) if environments is None else {}
    for identity, entry in {**kept.entries, **(accepted.entries if accepted else {})}.items():
        known = old.entries.get(identity, entry)
        before = known.environments if environments is None else {}
        counts = {**before, **entry.environments}
        entries[identity] = replace(known, message=entry.message, environments=dict(sorted(counts.items())))
    return Baseline(entries)
