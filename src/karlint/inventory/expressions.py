"""The little language in which the table of workload kinds says how many pods there are.

==========================================  =====================================================================
``3`` / ``null``                            that number / unknown
``"spec.replicas=1"``                       the number at that path, with its default; without ``=``: absent
``["*", a, b]``, ``["+", a, b]``            product, sum
``["-", a, b]``, ``["/", a, b]``            difference, quotient rounded down; never below 0
``["min", a, b]``, ``["max", a, b]``        the smaller, the larger of those present
``["first", a, b]``                         the first that is present
``["clamp", a, low, high]``                 *a* within the bounds present
``["nonzero", a]``                          unknown where *a* is 0, which stands for "no limit"
``["if", path, a, b]``                      *a* where the path exists, else *b*
``["unless", path, a]``                     unknown where the path exists, else *a*
``["switch", path, {value: a}, b]``         by the text or truth value at the path, *b* for any other
``["listed", list, in, name, number, b]``   *number* of the item of *list* whose list *in* holds the value at *name*;
                                            *b* where there is no such item
==========================================  =====================================================================

A path "exists" unless it is absent, ``false``, ``""`` or an empty list; an empty map is there. Wildcards stand for
what they stood for in the path of the template.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karlint.inventory.paths import exists, find, product, total, whole_number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Wildcards = Sequence[str | int]
    Operator = Callable[[Sequence[Any], Any, Wildcards], Any]

ABSENT: Any = object()


def number_of(expression: Any, body: Any, wildcards: Wildcards) -> int | None:
    """Return what *expression* says of *body*, None for unknown or absent."""
    return _known(_number(expression, body, wildcards))


def _known(number: Any) -> int | None:
    return None if number is ABSENT else number


def _number(expression: Any, body: Any, wildcards: Wildcards) -> Any:
    """Evaluate an expression to an int, None for unknown, or ABSENT for a path that is not there."""
    if expression is None or isinstance(expression, int):
        return expression
    if isinstance(expression, str):
        dotted, has_default, default = expression.partition("=")
        value = find(body, dotted, wildcards)
        if value is None:
            return int(default) if has_default else ABSENT
        return whole_number(value)
    operator, *operands = expression
    return _OPERATORS[operator](operands, body, wildcards)


def _evaluate(operands: Sequence[Any], body: Any, wildcards: Wildcards) -> list[Any]:
    return [_number(operand, body, wildcards) for operand in operands]


def _product(operands: Sequence[Any], body: Any, wildcards: Wildcards) -> Any:
    return product(_known(number) for number in _evaluate(operands, body, wildcards))


def _sum(operands: Sequence[Any], body: Any, wildcards: Wildcards) -> Any:
    return total(_known(number) for number in _evaluate(operands, body, wildcards))


def _difference(operands: Sequence[Any], body: Any, wildcards: Wildcards) -> Any:
    left, right = (_known(number) for number in _evaluate(operands, body, wildcards))
    return None if left is None or right is None else max(left - right, 0)


def _quotient(operands: Sequence[Any], body: Any, wildcards: Wildcards) -> Any:
    left, right = (_known(number) for number in _evaluate(operands, body, wildcards))
    return None if left is None or not right else left // right


def _smallest(operands: Sequence[Any], body: Any, wildcards: Wildcards) -> Any:
    present = [number for number in _evaluate(operands, body, wildcards) if number is not ABSENT]
    return None if None in present else min(present, default=ABSENT)


def _largest(operands: Sequence[Any], body: Any, wildcards: Wildcards) -> Any:
    present = [number for number in _evaluate(operands, body, wildcards) if number is not ABSENT]
    return None if None in present else max(present, default=ABSENT)


def _first(operands: Sequence[Any], body: Any, wildcards: Wildcards) -> Any:
    return next((number for number in _evaluate(operands, body, wildcards) if number is not ABSENT), ABSENT)


def _clamp(operands: Sequence[Any], body: Any, wildcards: Wildcards) -> Any:
    number, low, high = _evaluate(operands, body, wildcards)
    if number is ABSENT or number is None or low is None or high is None:
        return None
    if low is not ABSENT:
        number = max(number, low)
    return number if high is ABSENT else min(number, high)


def _nonzero(operands: Sequence[Any], body: Any, wildcards: Wildcards) -> Any:
    return _known(_number(operands[0], body, wildcards)) or None


def _conditional(operands: Sequence[Any], body: Any, wildcards: Wildcards) -> Any:
    path, then, otherwise = operands
    return _number(then if exists(find(body, path, wildcards)) else otherwise, body, wildcards)


def _unless(operands: Sequence[Any], body: Any, wildcards: Wildcards) -> Any:
    path, number = operands
    return None if exists(find(body, path, wildcards)) else _number(number, body, wildcards)


def _switch(operands: Sequence[Any], body: Any, wildcards: Wildcards) -> Any:
    path, cases, otherwise = operands
    value = find(body, path, wildcards)
    if isinstance(value, bool):
        value = str(value).lower()
    return _number(cases.get(value, otherwise) if isinstance(value, str) else otherwise, body, wildcards)


def _listed(operands: Sequence[Any], body: Any, wildcards: Wildcards) -> Any:
    at, inside, name, number, otherwise = operands
    wanted = find(body, name, wildcards)
    items = find(body, at, wildcards)
    if items is not None and not isinstance(items, list):
        return None
    for item in items or ():
        names = find(item, inside)
        if not isinstance(names, list) or not isinstance(wanted, str):
            return None
        if wanted in names:
            return _number(number, item, ())
    return _number(otherwise, body, wildcards)


_OPERATORS: dict[str, Operator] = {
    "*": _product,
    "+": _sum,
    "-": _difference,
    "/": _quotient,
    "min": _smallest,
    "max": _largest,
    "first": _first,
    "clamp": _clamp,
    "nonzero": _nonzero,
    "if": _conditional,
    "unless": _unless,
    "switch": _switch,
    "listed": _listed,
}
