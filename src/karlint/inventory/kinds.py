"""The table of workload kinds: where the pod templates of a kind are, and how many pods it makes of each.

A row of ``policies/tables/workloads.json`` is all that a new kind needs. Its paths are dotted, ``[*]`` stands for every
item of a list and ``.*`` for every entry of a map. A number of pods is an expression:

====================================  =====================================================================
``3`` / ``null``                      that number / unknown
``"spec.replicas=1"``                 the number at that path, with its default; without ``=``: absent
``["*", a, b]``, ``["-", a, b]``      product, difference
``["min", a, b]``                     the smaller of those present
``["clamp", a, low, high]``           *a* within the bounds present
``["if", path, a, b]``                *a* where the path exists, else *b*
``["unless", path, a]``               unknown where the path exists, else *a*
``["if-not-equal", path, value, a]``  unknown where the path holds that value, else *a*
====================================  =====================================================================

A path "exists" unless it is absent, ``false``, ``""`` or an empty list; an empty map is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from karlint.model.path import Path

Wild = tuple[str, ...]
_MISSING: Any = object()
_MOST = 2**53
"""No cluster has more pods or devices; beyond it, numbers are typing errors, which JSON readers would not take."""


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """One place where a kind keeps a pod template (see the module text for the expressions).

    Attributes:
        parts: steps of *path* down to its last wildcard: the tasks, roles or groups that the workload consists of.
    """

    path: Wild
    parts: int
    pods: Any
    max_pods: Any
    role: str
    podspec: bool
    metadata: Wild | None
    containers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KindRow:
    """One workload kind."""

    templates: tuple[TemplateRow, ...]
    operator_probes: bool


@dataclass(frozen=True, slots=True)
class Match:
    """A template that a resource really has: its path, and what each wildcard stood for."""

    path: Path
    wildcards: tuple[str | int, ...]


def read_kinds(table: Mapping[str, Any]) -> dict[str, KindRow]:
    """Return the rows of ``policies/tables/workloads.json`` by group/kind."""
    return {
        kind: KindRow(
            templates=tuple(_template_row(entry) for entry in row["templates"]),
            operator_probes=bool(row.get("operator_probes", False)),
        )
        for kind, row in table["kinds"].items()
    }


def _template_row(entry: Mapping[str, Any]) -> TemplateRow:
    metadata = entry.get("metadata")
    path = split(entry["path"])
    return TemplateRow(
        path=path,
        parts=max((number for number, step in enumerate(path, 1) if step in ("*", "[*]")), default=0),
        pods=entry["pods"],
        max_pods=entry.get("max", _MISSING),
        role=entry.get("role", ""),
        podspec=bool(entry.get("podspec", False)),
        metadata=None if metadata is None else split(metadata),
        containers=tuple(entry.get("containers", ())),
    )


@lru_cache(maxsize=1024)
def split(dotted: str) -> Wild:
    """Return the steps of a dotted path; ``[*]`` becomes a step of its own."""
    return tuple(step for step in dotted.replace("[*]", ".[*]").split(".") if step)


def matches(body: Any, pattern: Wild) -> Iterator[Match]:
    """Yield every place in *body* that *pattern* names, in the order of the text."""
    found: list[tuple[Any, Path, tuple[str | int, ...]]] = [(body, (), ())]
    for step in pattern:
        found = [
            (child, (*path, key), (*wild, key) if step in ("*", "[*]") else wild)
            for value, path, wild in found
            for key, child in _children(value, step)
        ]
    for _, path, wild in found:
        yield Match(path, wild)


def _children(value: Any, step: str) -> Iterator[tuple[str | int, Any]]:
    if step == "[*]":
        if isinstance(value, list):
            yield from enumerate(value)
    elif step == "*":
        if isinstance(value, dict):
            yield from value.items()
    elif isinstance(value, dict) and value.get(step) is not None:
        yield step, value[step]


def value_at(body: Any, path: Sequence[str | int]) -> Any:
    """Return what stands at *path*, None where there is nothing."""
    for step in path:
        if isinstance(body, dict):
            body = body.get(step)
        elif isinstance(body, list) and isinstance(step, int) and 0 <= step < len(body):
            body = body[step]
        else:
            return None
    return body


def fill(pattern: Wild, wildcards: Sequence[str | int]) -> Path:
    """Return *pattern* with its wildcards replaced by those of a match, first by first."""
    rest = iter(wildcards)
    return tuple(next(rest, step) if step in ("*", "[*]") else step for step in pattern)


def whole_number(value: Any) -> int | None:
    """Return a count as Kubernetes reads it: an integer, or a string of digits; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return within_reason(value) if isinstance(value, int) else None


def within_reason(number: int) -> int | None:
    """Return a count, None for one that no cluster could have: negative, or beyond what JSON readers take."""
    return number if 0 <= number <= _MOST else None


def product(numbers: Iterable[int | None]) -> int | None:
    """Return the product of counts; nothing times an unknown number is nothing."""
    result: int | None = 1
    for number in numbers:
        if number == 0:
            return 0
        result = None if number is None or result is None else within_reason(result * number)
    return result


def total(numbers: Iterable[int | None]) -> int | None:
    """Return the sum of counts, None when one is unknown."""
    result: int | None = 0
    for number in numbers:
        result = None if number is None or result is None else within_reason(result + number)
    return result


def pods_of(row: TemplateRow, body: Any, match: Match) -> tuple[int | None, int | None]:
    """Return the pods made from a template, as written and at the upper bound of its own autoscaling."""
    pods = _known(_number(row.pods, body, match))
    return pods, pods if row.max_pods is _MISSING else _known(_number(row.max_pods, body, match))


def _known(number: Any) -> int | None:
    return None if number is _MISSING else number


def _number(expression: Any, body: Any, match: Match) -> Any:
    """Evaluate an expression to an int, None for unknown, or _MISSING for a path that is not there."""
    if expression is None or isinstance(expression, int):
        return expression
    if isinstance(expression, str):
        return _number_at(expression, body, match)
    operator, *operands = expression
    return _OPERATORS[operator](operands, body, match)


def _number_at(expression: str, body: Any, match: Match) -> Any:
    dotted, has_default, default = expression.partition("=")
    value = value_at(body, fill(split(dotted), match.wildcards))
    if value is None:
        return int(default) if has_default else _MISSING
    return whole_number(value)


def _evaluate(operands: Sequence[Any], body: Any, match: Match) -> list[Any]:
    return [_number(operand, body, match) for operand in operands]


def _product(operands: Sequence[Any], body: Any, match: Match) -> Any:
    return product(_known(number) for number in _evaluate(operands, body, match))


def _difference(operands: Sequence[Any], body: Any, match: Match) -> Any:
    left, right = (_known(number) for number in _evaluate(operands, body, match))
    return None if left is None or right is None else max(left - right, 0)


def _smallest(operands: Sequence[Any], body: Any, match: Match) -> Any:
    present = [number for number in _evaluate(operands, body, match) if number is not _MISSING]
    return None if None in present else min(present, default=_MISSING)


def _clamp(operands: Sequence[Any], body: Any, match: Match) -> Any:
    number, low, high = _evaluate(operands, body, match)
    if number is _MISSING or number is None or low is None or high is None:
        return None
    if low is not _MISSING:
        number = max(number, low)
    return number if high is _MISSING else min(number, high)


def _exists(dotted: str, body: Any, match: Match) -> bool:
    value = value_at(body, fill(split(dotted), match.wildcards))
    return not (value is None or value is False or value in ("", []))


def _conditional(operands: Sequence[Any], body: Any, match: Match) -> Any:
    path, then, otherwise = operands
    return _number(then if _exists(path, body, match) else otherwise, body, match)


def _unless(operands: Sequence[Any], body: Any, match: Match) -> Any:
    path, number = operands
    return None if _exists(path, body, match) else _number(number, body, match)


def _if_not_equal(operands: Sequence[Any], body: Any, match: Match) -> Any:
    path, value, number = operands
    found = value_at(body, fill(split(path), match.wildcards))
    return None if found == value else _number(number, body, match)


_OPERATORS = {
    "*": _product,
    "-": _difference,
    "min": _smallest,
    "clamp": _clamp,
    "if": _conditional,
    "unless": _unless,
    "if-not-equal": _if_not_equal,
}
