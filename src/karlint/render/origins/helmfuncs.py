"""Functions of Helm templates, as far as they say where a value comes from.

One that is not known here gives a mixture of its arguments.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
from typing import TYPE_CHECKING, Any

from karlint.render.origins.helmval import NOTHING, UNKNOWN, FromValues, Val, child, mixed, text_of, truth, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Args = tuple[Val, ...]

_SAME = {"quote", "squote", "toString", "toYaml", "toJson", "toRawJson", "toPrettyJson", "toYamlPretty", "mustToYaml"}
_SAME |= {"mustToJson", "indent", "nindent", "trim", "trimAll", "deepCopy", "mustDeepCopy", "int", "int64", "float64"}
_SAME |= {"print", "required"}
_MAX_ITEMS = 1000
_TESTS = {"eq", "ne", "lt", "le", "gt", "ge", "not", "empty", "hasKey", "contains", "hasPrefix", "hasSuffix", "has"}
_TESTS |= {"kindIs", "kindOf", "typeIs", "semverCompare"}


def call(name: str, args: Args) -> Val:
    """Return what the function *name* makes of *args*; never raises."""
    if name == "print" and len(args) > 1:
        name = "cat"
    if name in _SAME and args:
        return args[-1]
    if name in _TESTS:
        return Val(_test(name, args))
    function = _FUNCTIONS.get(name)
    if function is not None:
        try:
            return function(args)
        except (IndexError, TypeError, ValueError, AttributeError):
            return mixed(args)
    return mixed(args)


def _test(name: str, args: Args) -> Any:
    """Return the truth of a test, or UNKNOWN. Python compares what Go would refuse to; then nothing was rendered."""
    if name in {"not", "empty"} and args:
        state = truth(args[0])
        return UNKNOWN if state is None else not state
    values = [whole(arg) for arg in args]
    if name == "hasKey" and len(args) == 2:
        part = child(args[0], text_of(values[1]))
        return UNKNOWN if not part.known and part.kids is None else part is not NOTHING and part.value is not None
    if any(value is UNKNOWN for value in values) or len(values) < 2:
        return UNKNOWN
    first, second = values[0], values[1]
    try:
        return _compare(name, first, second, values)
    except (TypeError, re.error):
        return UNKNOWN


def _compare(name: str, first: Any, second: Any, values: Sequence[Any]) -> Any:
    tests: dict[str, Callable[[], bool]] = {
        "eq": lambda: any(first == other for other in values[1:]),
        "ne": lambda: bool(first != second),
        "lt": lambda: bool(first < second),
        "le": lambda: bool(first <= second),
        "gt": lambda: bool(first > second),
        "ge": lambda: bool(first >= second),
        "contains": lambda: str(first) in str(second),
        "hasPrefix": lambda: str(second).startswith(str(first)),
        "hasSuffix": lambda: str(second).endswith(str(first)),
        "has": lambda: isinstance(second, list) and first in second,
        "kindIs": lambda: _kind(second) == first,
        "typeIs": lambda: _kind(second) == first,
    }
    return tests[name]() if name in tests else UNKNOWN


def _kind(value: Any) -> str:
    names = {bool: "bool", str: "string", dict: "map", list: "slice", int: "float64", float: "float64"}
    return names.get(type(value), "invalid")


def _default(args: Args) -> Val:
    """Return the first argument where the last is empty. An empty one is the place to say something else."""
    fallback, given = args[0], args[-1]
    state = truth(given)
    if state is None:
        return mixed((fallback, given))
    if state:
        return given
    return Val(fallback.value, (*fallback.sources, *given.sources), fallback.here, fallback.kids, fallback.layers)


def _first_true(args: Args) -> Val:
    for position, arg in enumerate(args):
        state = truth(arg)
        if state is None:
            return mixed(args[position:])
        if state:
            return arg
    return args[-1] if args else NOTHING


def _all_true(args: Args) -> Val:
    for arg in args:
        state = truth(arg)
        if state is None:
            return mixed(args)
        if not state:
            return arg
    return args[-1]


def _ternary(args: Args) -> Val:
    state = truth(args[2])
    return mixed(args[:2]) if state is None else args[0] if state else args[1]


def _index(args: Args) -> Val:
    val = args[0]
    for arg in args[1:]:
        if not isinstance(arg.value, str | int):
            return mixed(args)
        val = child(val, arg.value)
    return val


def _dig(args: Args) -> Val:
    val = args[-1]
    for arg in args[:-2]:
        val = child(val, str(arg.value))
    return _default((args[-2], val))


def _dict(args: Args) -> Val:
    pairs = [(text_of(key.value), key, val) for key, val in zip(args[::2], args[1::2], strict=False)]
    names: dict[str | int, Val] = {text: key for text, key, _ in pairs if _from_values(key)}
    return Val(kids={text: val for text, _, val in pairs}, names=names or None)


def _from_values(val: Val) -> bool:
    return any(isinstance(source, FromValues) for source in val.sources)


def _list(args: Args) -> Val:
    return Val(kids=dict(enumerate(args)))


def _append(args: Args) -> Val:
    items = _items(args[0])
    return mixed(args) if items is None else _list((*items, args[1]))


def _prepend(args: Args) -> Val:
    items = _items(args[0])
    return mixed(args) if items is None else _list((args[1], *items))


def _concat(args: Args) -> Val:
    lists = [_items(arg) for arg in args]
    return _list(tuple(item for items in lists for item in items or ())) if None not in lists else mixed(args)


def _items(val: Val) -> list[Val] | None:
    """Return the items of a list; None for what is none, or not known to be one."""
    value = list(val.kids) if val.kids is not None else val.value
    if not isinstance(value, list) or len(value) > _MAX_ITEMS:
        return None
    return [child(val, index) for index in range(len(value))]


def _set(args: Args) -> Val:
    return Val(layers=(Val(kids={text_of(args[1].value): args[2]}), args[0]))


def _printf(args: Args) -> Val:
    pattern = args[0].value
    values = [whole(arg) for arg in args[1:]]
    if not isinstance(pattern, str):
        return mixed(args)
    used = iter([text_of(value) for value in values])
    known = all(value is not UNKNOWN for value in values)
    text = re.sub(r"%[-+# 0]*\d*(?:\.\d+)?([a-zA-Z%])", lambda m: "%" if m[1] == "%" else next(used, ""), pattern)
    return mixed(args, text if known else UNKNOWN)


def _joined(separator: str, args: Args) -> Val:
    values = [whole(arg) for arg in args]
    known = all(value is not UNKNOWN for value in values)
    return mixed(args, separator.join(text_of(value) for value in values) if known else UNKNOWN)


def _join(args: Args) -> Val:
    values = whole(args[1])
    known = isinstance(values, list) and isinstance(args[0].value, str)
    return mixed(args[1:], str(args[0].value).join(text_of(value) for value in values) if known else UNKNOWN)


def _changed(change: Callable[[str, Args], str]) -> Callable[[Args], Val]:
    def function(args: Args) -> Val:
        value = whole(args[-1])
        if value is UNKNOWN or any(not arg.known for arg in args[:-1]):
            return mixed(args[-1:])
        return mixed(args[-1:], change(text_of(value), args))

    return function


def _sum(args: Args) -> Val:
    return _reckoned(args, sum)


def _product(args: Args) -> Val:
    return _reckoned(args, math.prod)


def _difference(args: Args) -> Val:
    return _reckoned(args, lambda numbers: numbers[0] - sum(numbers[1:]))


def _reckoned(args: Args, function: Callable[[list[int]], int]) -> Val:
    """Return what *function* makes of whole numbers, as sprig's arithmetic takes them."""
    values = [whole(arg) for arg in args]
    if any(value is UNKNOWN for value in values):
        return mixed(args)
    return mixed(args, function([int(value or 0) for value in values]))


def _hashed(text: str, _: Args) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _encoded(text: str, _: Args) -> str:
    return base64.b64encode(text.encode()).decode()


def _without(keep: bool) -> Callable[[Args], Val]:
    def function(args: Args) -> Val:
        value = whole(args[0])
        if not isinstance(value, dict):
            return mixed(args[:1])
        named = {text_of(arg.value) for arg in args[1:]}
        return Val(kids={key: child(args[0], key) for key in value if (key in named) is keep})

    return function


_FUNCTIONS: dict[str, Callable[[Args], Val]] = {
    "default": _default,
    "coalesce": _first_true,
    "or": _first_true,
    "and": _all_true,
    "ternary": _ternary,
    "index": _index,
    "get": _index,
    "dig": _dig,
    "dict": _dict,
    "list": _list,
    "tuple": _list,
    "append": _append,
    "mustAppend": _append,
    "prepend": _prepend,
    "mustPrepend": _prepend,
    "push": _append,
    "concat": _concat,
    "set": _set,
    "merge": lambda args: Val(layers=args),
    "mustMerge": lambda args: Val(layers=args),
    "mergeOverwrite": lambda args: Val(layers=args[::-1]),
    "mustMergeOverwrite": lambda args: Val(layers=args[::-1]),
    "pick": _without(True),
    "omit": _without(False),
    "first": lambda args: child(args[0], 0),
    "tpl": lambda args: args[0],
    "printf": _printf,
    "cat": lambda args: _joined(" ", args),
    "join": _join,
    "add": _sum,
    "mul": _product,
    "sub": _difference,
    "sha256sum": _changed(_hashed),
    "b64enc": _changed(_encoded),
    "lower": _changed(lambda text, _: text.lower()),
    "upper": _changed(lambda text, _: text.upper()),
    "title": _changed(lambda text, _: text.title()),
    "trunc": _changed(lambda text, args: text[: int(args[0].value)]),
    "trimSuffix": _changed(lambda text, args: text.removesuffix(str(args[0].value))),
    "trimPrefix": _changed(lambda text, args: text.removeprefix(str(args[0].value))),
    "replace": _changed(lambda text, args: text.replace(str(args[0].value), str(args[1].value))),
}
