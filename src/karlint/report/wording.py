"""Phrases that several reports share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from karlint.model.rule import Requirement


def count(number: int, noun: str, plural: str = "") -> str:
    """Return ``1 file``, ``2 files``, ``25,000 files``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def requirement(wanted: Requirement) -> str:
    """Return ``KAR-0051 dra_support, MUST in 1.34, 1.35``; the versions are those of the conformance checklists."""
    by_level: dict[str, list[str]] = {}
    for version, level in sorted(wanted.levels.items(), key=lambda item: version_key(item[0])):
        by_level.setdefault(level, []).append(version)
    levels = "; ".join(f"{level} in {', '.join(versions)}" for level, versions in by_level.items())
    name = " ".join(dict.fromkeys(part for part in (wanted.kar, wanted.id) if part))  # some have an id and no number
    relation = "relates to " if wanted.relation == "relates" else ""
    return f"{relation}{name}" + (f", {levels}" if levels else "")


def version_key(version: str) -> tuple[int, ...]:
    """Return what versions sort by: 1.9 before 1.10."""
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))


def some(items: Iterable[tuple[str, int]], limit: int = 5) -> str:
    """Return ``RayCluster 3, JobSet 1`` with the most frequent first, and how many more there are."""
    ranked = sorted(items, key=lambda item: (-item[1], item[0]))
    texts = [f"{name} {number:,}" for name, number in ranked[:limit]]
    if len(ranked) > limit:
        texts.append(f"{len(ranked) - limit} more")
    return ", ".join(texts)


def first_of(names: Sequence[str], limit: int = 4) -> str:
    """Return ``clusters/dev, clusters/prod and 3 more``."""
    more = f" and {len(names) - limit:,} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
