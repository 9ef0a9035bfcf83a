"""What the rest of the repository holds, where only a part of it is linted.

A changed pod may refer to a claim in a file that did not change. Rules that look up other resources would call it
missing if they saw the changed file alone, so that the files that may matter are loaded too. They are not judged, and
few of them are read: those that hold a kind which a rule would look up for what is linted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from karlint.discover import Discovery
    from karlint.inventory import Inventory
    from karlint.model.resource import Resource
    from karlint.model.rule import Rule
    from karlint.model.source import SourceFile
    from karlint.rules import RuleBook

ANY_WORKLOAD = "workload"
"""Stands in a rule's ``looks_up`` for every kind that makes pods."""


def looked_up(rules: Iterable[Rule], resources: Iterable[Resource], inventory: Inventory) -> list[Rule]:
    """Return those of *rules* that look something up and have something to say of one of *resources*."""
    searching = [rule for rule in rules if rule.looks_up]
    wanted: dict[str, Rule] = {}
    for resource in resources:
        traits = set(inventory.traits(resource))
        text = resource.document.json
        for rule in searching:
            if rule.id not in wanted and traits.intersection(rule.kinds) and _spoken_of(rule, text):
                wanted[rule.id] = rule
    return list(wanted.values())


def _spoken_of(rule: Rule, text: bytes) -> bool:
    return not rule.mentions or any(word.encode() in text for word in rule.mentions)


def context_files(
    rules: Sequence[Rule], book: RuleBook, discovery: Discovery, everything: Callable[[], Discovery]
) -> list[SourceFile]:
    """Return the files of *everything* that are not linted and that one of *rules* may ask about."""
    if not rules:
        return []
    linted = {file.path for file in discovery.files}
    pattern = _pattern({kind for rule in rules for kind in rule.looks_up}, book)
    return [file for file in everything().files if file.path not in linted and _holds(file, pattern)]


def _pattern(kinds: set[str], book: RuleBook) -> re.Pattern[bytes]:
    """Return what the text of a file holds that defines one of *kinds*, or that a fact on the whole tree rests on."""
    if ANY_WORKLOAD in kinds:
        table: Mapping[str, object] = book.tables["workloads"]["kinds"]
        kinds = kinds | table.keys()
    names = "|".join(sorted({re.escape(kind.rpartition("/")[2]) for kind in kinds}))
    words = "|".join(sorted({re.escape(word) for fact in book.facts for word in fact.mentions}))
    return re.compile(rf"""\bkind["']?\s*:\s*["']?(?:{names})\b|{words}""".encode())


def _holds(file: SourceFile, pattern: re.Pattern[bytes]) -> bool:
    try:
        return pattern.search(file.read()) is not None
    except OSError:
        return False  # it is not linted, so nothing is claimed of it
