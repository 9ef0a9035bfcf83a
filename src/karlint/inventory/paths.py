"""Paths with wildcards into a resource, and counts as Kubernetes reads them.

A path is dotted: ``[*]`` stands for every item of a list, ``.*`` for every entry of a map, and ``["a.b/c"]`` for a key
that holds a dot.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from karlint.model.path import Path

Wild = tuple[str, ...]
_STEP = re.compile(r"""\["([^"]*)"\]|(\[\*\])|([^.\[]+)""")
_MOST = 2**53
"""No cluster has more pods or devices; beyond it, numbers are typing errors, which JSON readers would not take."""


class Match(Struct, frozen=True):
    """A place that a resource really has: its path, and what each wildcard stood for."""

    path: Path
    wildcards: tuple[str | int, ...]


@lru_cache(maxsize=2048)
def split(dotted: str) -> Wild:
    """Return the steps of a dotted path; ``[*]`` becomes a step of its own."""
    return tuple(quoted or items or plain for quoted, items, plain in _STEP.findall(dotted))


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


def find(body: Any, dotted: str, wildcards: Sequence[str | int] = ()) -> Any:
    """Return what stands at a dotted path, its wildcards replaced by those of a match; None where there is nothing."""
    return value_at(body, fill(split(dotted), wildcards))


def exists(value: Any) -> bool:
    """Tell whether a value counts as there: unless it is absent, ``false``, ``""`` or an empty list."""
    return not (value is None or value is False or value in ("", []))


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
