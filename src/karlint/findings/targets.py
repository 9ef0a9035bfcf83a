"""What a versioned rule says of several target minors in the same words is one finding, which names them all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from karlint.model.finding import RawFinding

TARGET = "target"
"""The argument by which rules name the minor that they were asked about."""


def joined(raw: Iterable[RawFinding]) -> list[RawFinding]:
    """Return *raw*, with findings that differ in nothing but the minor that they name made one.

    A fix stays where all of them have it.
    """
    result: list[RawFinding] = []
    known: dict[str, int] = {}
    for finding in raw:
        if finding.versions != ((finding.args or {}).get(TARGET),):
            result.append(finding)
            continue
        key = _key(finding)
        if key not in known:
            known[key] = len(result)
            result.append(finding)
            continue
        first = result[known[key]]
        versions = (*first.versions, *(version for version in finding.versions if version not in first.versions))
        fix = first.fix if first.fix == finding.fix else ()
        args = {**(first.args or {}), TARGET: spoken(versions)}
        result[known[key]] = replace(first, versions=versions, args=args, fix=fix)
    return result


def without_target(args: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what of *args* does not depend on the minors that are linted for."""
    return {name: value for name, value in (args or {}).items() if name != TARGET}


def spoken(versions: Sequence[str]) -> str:
    """Return "1.34", "1.34 and 1.36" or, for three in a row and more, "1.34 to 1.36"."""
    minors = sorted({int(version.rpartition(".")[2]): version for version in versions}.items())
    names = [name for _, name in minors]
    if len(names) > 2 and minors[-1][0] - minors[0][0] == len(names) - 1:
        return f"{names[0]} to {names[-1]}"
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _key(finding: RawFinding) -> str:
    own = [finding.rule, finding.resource, finding.at, finding.anchor, finding.case, finding.severity]
    said = [without_target(finding.args), finding.message, finding.help]
    related = [(item.resource, item.at, item.message) for item in finding.related]
    return json.dumps([own, said, related], default=str)
