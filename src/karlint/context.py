"""What the rest of the repository holds, where only a part of it is linted.

A changed pod may refer to a claim in a file that did not change. Rules that look up other resources would call it
missing if they saw the changed file alone, so that the files that may matter are loaded too. They are not judged, and
few of them are read: those that hold a kind which a rule would look up for what is linted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

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
            if rule.id not in wanted and traits.intersection(rule.kinds) and _spoken_of(rule, text, traits):
                wanted[rule.id] = rule
    return list(wanted.values())


def _spoken_of(rule: Rule, text: bytes, traits: Collection[str]) -> bool:
    return not rule.mentions or "borrower" in traits or any(word.encode() in text for word in rule.mentions)


def context_files(
    rules: Sequence[Rule],
    custom: Collection[str],
    lenders: Collection[str],
    book: RuleBook,
    discovery: Discovery,
    everything: Callable[[], Discovery],
) -> list[SourceFile]:
    """Return the files of *everything* that are not linted and that may matter to what is.

    Args:
        rules: rules that look something up for what is linted.
        custom: kinds outside Kubernetes' own groups among what is linted, whose definitions judge them.
        lenders: kinds whose pod templates what is linted uses.
        book: tables and facts.
        discovery: what is linted.
        everything: finds all that could be.
    """
    if not rules and not custom and not lenders:
        return []
    linted = {file.path for file in discovery.files}
    kinds = {*_asked_for(rules, book), *(kind.rpartition("/")[2] for kind in lenders)}
    asked = _kind_pattern(kinds, book) if kinds else None
    defined = re.compile(_kind(custom).encode()) if custom else None
    return [file for file in everything().files if file.path not in linted and _matters(file, asked, defined)]


def _asked_for(rules: Sequence[Rule], book: RuleBook) -> set[str]:
    kinds = {kind for rule in rules for kind in rule.looks_up}
    if any(rule.uses for rule in rules):
        kinds |= _makers(kinds, book.tables["references"])
    if ANY_WORKLOAD in kinds:
        kinds |= book.tables["workloads"]["kinds"].keys()
    return {kind.rpartition("/")[2] for kind in kinds}


def _makers(kinds: Collection[str], table: Mapping[str, Any]) -> set[str]:
    """Return the kinds that make objects of *kinds*: without them the graph would call made objects missing."""
    makers = {maker for maker, objects in table["makes"].items() if any(made["kind"] in kinds for made in objects)}
    return {*makers, *table["makes_anything"]}


def _kind(names: Collection[str]) -> str:
    """Return what a text holds that is of one of the kinds, or a list of them; tags and anchors may stand between."""
    alternatives = "|".join(sorted(map(re.escape, names)))
    return rf"""\bkind["']?\s*:\s*(?:[&!]\S+\s+)*["']?(?:{alternatives})(?:List)?\b"""


def _kind_pattern(names: Collection[str], book: RuleBook) -> re.Pattern[bytes]:
    words = sorted({re.escape(word) for fact in book.facts for word in fact.mentions})
    # Items of a plain List state their own kind.
    return re.compile("|".join([_kind(names), *words]).encode())


def _matters(file: SourceFile, asked: re.Pattern[bytes] | None, defined: re.Pattern[bytes] | None) -> bool:
    try:
        text = file.read()
    except OSError:
        return False  # it is not linted, so nothing is claimed of it
    if text[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = text.decode("utf-16", "replace").encode()
    if asked is not None and asked.search(text):
        return True
    return defined is not None and b"CustomResourceDefinition" in text and defined.search(text) is not None
