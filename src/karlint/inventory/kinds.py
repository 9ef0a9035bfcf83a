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
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from karlint.model.path import Path

Wild = tuple[str, ...]
_MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """One place where a kind keeps a pod template (see the module text for the expressions)."""

    path: Wild
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
    return TemplateRow(
        path=split(entry["path"]),
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
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return None


def pods_of(row: TemplateRow, body: Any, match: Match) -> tuple[int | None, int | None]:
    """Return the pods made from a template, as written and at the upper bound of its own autoscaling."""
    pods = _number(row.pods, body, match)
    if row.max_pods is _MISSING:
        return pods, pods
    upper = _number(row.max_pods, body, match)
    return pods, pods if upper is _MISSING else upper


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
    result = 1
    numbers = _evaluate(operands, body, match)
    if 0 in numbers:
        return 0
    for number in numbers:
        if number is None or number is _MISSING:
            return None
        result *= number
    return result


def _difference(operands: Sequence[Any], body: Any, match: Match) -> Any:
    left, right = _evaluate(operands, body, match)
    return None if left is None or right is None else max(left - right, 0)


def _smallest(operands: Sequence[Any], body: Any, match: Match) -> Any:
    present = [number for number in _evaluate(operands, body, match) if number is not _MISSING]
    return None if None in present else min(present)


def _clamp(operands: Sequence[Any], body: Any, match: Match) -> Any:
    number, low, high = _evaluate(operands, body, match)
    if number is None or low is None or high is None:
        return None
    if low is not _MISSING:
        number = max(number, low)
    return number if high is _MISSING else min(number, high)


def _exists(dotted: str, body: Any, match: Match) -> bool:
    return bool(value_at(body, fill(split(dotted), match.wildcards)))


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
