"""Version ranges as Helm and Flux write them for charts.

Facts: github.com/Masterminds/semver: a comma or a blank is "and", ``||`` is "or", ``~1.2`` keeps the minor version,
``^1.2`` the major one (of ``0.2`` the minor one), ``1.x`` leaves it open, ``1 - 2`` goes from one to the other.
"""

from __future__ import annotations

import re

_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?\Z")
_TERM = re.compile(
    r"(=|!=|>=|=>|<=|=<|>|<|~>?|\^)?\s*v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(-[0-9A-Za-z.-]+)?(?:\+\S+)?"
)
_HYPHEN = re.compile(r"(\S+)\s+-\s+(\S+)")

Numbers = tuple[int, int, int]


def allows(wanted: str, version: str) -> bool:
    """Return whether *version* lies in the range *wanted*. What cannot be read allows only the very same text.

    >>> allows("^1.2", "1.9.0"), allows("~1.2.3", "1.3.0"), allows(">=1, <2 || 3.x", "v3.1.0"), allows("", "1.0.0")
    (True, False, True, True)
    """
    found = _VERSION.match(version.strip())
    if wanted.strip().removeprefix("v") == version.strip().removeprefix("v") or not wanted.strip():
        return True
    if found is None:
        return False
    numbers = (int(found[1]), int(found[2]), int(found[3]))
    return any(_all_allow(part, numbers, found[4] or "") for part in wanted.split("||"))


def _all_allow(part: str, numbers: Numbers, pre: str) -> bool:
    """Return whether all terms of *part* allow a version; one with a pre-release only where a term names one too."""
    part = _HYPHEN.sub(r">=\1 <=\2", part)
    terms = list(_TERM.finditer(part))
    if not terms or _TERM.sub("", part).strip(" ,\t"):
        return False
    if pre and not any(term[5] for term in terms):
        return False
    return all(_allows(term, numbers, pre) for term in terms)


def _allows(term: re.Match[str], numbers: Numbers, pre: str) -> bool:
    operator = term[1] or "="
    steps = [step for step in (term[2], term[3], term[4]) if step is not None]
    given = [int(step) for step in steps if step.isdecimal()]
    given = given[: next((n for n, step in enumerate(steps) if not step.isdecimal()), len(given))]
    low = _full(given)
    after = _next(given, len(given))
    at = (numbers, *_order(pre))
    floor = (low, *_order(term[5] or ""))
    match operator.replace("=>", ">=").replace("=<", "<="):
        case "=":
            return at == floor if len(given) == 3 else low <= numbers < after
        case "!=":
            return at != floor if len(given) == 3 else not low <= numbers < after
        case ">":
            return at > floor if len(given) == 3 else numbers >= after
        case ">=":
            return at >= floor
        case "<":
            return at < floor
        case "<=":
            return at <= floor if len(given) == 3 else numbers < after
        case "^":
            kept = next((n + 1 for n, number in enumerate(given) if number), len(given))
            return at >= floor and numbers < _next(given, kept)
    return at >= floor and numbers < _next(given, min(2, len(given)))


def _full(given: list[int]) -> Numbers:
    padded = [*given, 0, 0, 0]
    return padded[0], padded[1], padded[2]


def _next(given: list[int], kept: int) -> Numbers:
    """Return the first version that differs in the first *kept* numbers; one beyond all where none is kept."""
    if not kept:
        return (1 << 62, 0, 0)
    return _full([*given[: kept - 1], given[kept - 1] + 1])


def _order(pre: str) -> tuple[int, tuple[tuple[int, int, str], ...]]:
    """Return a pre-release as something to compare: without one a version is later, numbers come before words."""
    if not pre:
        return 1, ()
    return 0, tuple((0, int(x), "") if x.isdecimal() else (1, 0, x) for x in pre.removeprefix("-").split("."))
