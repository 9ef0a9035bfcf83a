"""The words of explanations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from karlint.schema.pack import QUANTITY_PATTERN

if TYPE_CHECKING:
    from collections.abc import Sequence

    import jsonschema_rs

_LONGEST = 60
_NAMES = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "object": "an object",
    "array": "a list",
    "null": "null",
}


def type_of(value: Any) -> str:
    """Return the JSON Schema type of a decoded value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    for kind, name in ((str, "string"), (int, "integer"), (float, "number"), (list, "array")):
        if isinstance(value, kind):
            return name
    return "object"


def types_text(types: Sequence[str]) -> str:
    """Return "a string", "an integer or a string"."""
    return " or ".join(_NAMES[kind] for kind in types)


def shown(value: Any) -> str:
    """Return the value as a sentence shows it: ``the string "two"``, ``the integer 3``, ``a list``."""
    kind = type_of(value)
    if kind in {"object", "array", "null"}:
        return _NAMES[kind]
    return f"the {kind} {literal(value)}"


def literal(value: Any) -> str:
    """Return a scalar as JSON writes it, shortened."""
    text = orjson.dumps(value).decode()
    return text if len(text) <= _LONGEST else f'{text[:_LONGEST]}..."'


def quoted(names: Sequence[str], word: str = "or") -> str:
    """Return ``"a", "b" or "c"``."""
    marked = [f'"{name}"' for name in names]
    return f" {word} ".join([", ".join(marked[:-1]), marked[-1]]) if len(marked) > 1 else marked[0]


def type_help(expected: Sequence[str], value: Any) -> str:
    """Return how to write the value so that it has the type, "" when there is no simple way."""
    kind = type_of(value)
    if list(expected) == ["string"] and kind in {"integer", "number", "boolean"}:
        return "Put it in quotes, as it is written."
    if kind == "string" and _reads_as(value, expected):
        return f"Write it without quotes: {value}."
    if list(expected) == ["array"] and kind in {"object", "string", "integer"}:
        return "Write it as a list, each item after a dash."
    return ""


def _reads_as(text: str, expected: Sequence[str]) -> bool:
    if "boolean" in expected and text in {"true", "false"}:
        return True
    digits = text.removeprefix("-")
    return bool({"integer", "number"} & set(expected)) and digits.isascii() and digits.isdigit()


def constraint(error: jsonschema_rs.ValidationError) -> str:
    """Return the predicate of a sentence about a value that breaks a limit or a pattern."""
    name = error.kind.name
    detail: dict[str, Any] = error.kind.as_dict()
    value: Any = error.instance
    if name == "pattern":
        if detail["pattern"] == QUANTITY_PATTERN:
            return f'is {literal(value)}, which is no quantity such as "500m", "16Gi" or 2'
        return f"is {literal(value)}, which does not match the pattern {detail['pattern']}"
    if name in _LIMITS:
        return _LIMITS[name].format(limit=detail["limit"], got=value if name in _COMPARED else len(value))
    if name == "multipleOf":
        return f"is {literal(value)}, which is not a multiple of {detail['multiple_of']}"
    if name == "falseSchema":
        return "is not allowed here"
    if name == "uniqueItems":
        return "has the same item more than once"
    return f"is not valid: {error.message}"


_COMPARED = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
_LIMITS = {
    "minimum": "must be {limit} or more, but is {got}",
    "maximum": "must be {limit} or less, but is {got}",
    "exclusiveMinimum": "must be more than {limit}, but is {got}",
    "exclusiveMaximum": "must be less than {limit}, but is {got}",
    "minLength": "must have {limit} characters or more, but has {got}",
    "maxLength": "must have {limit} characters or fewer, but has {got}",
    "minItems": "must have {limit} items or more, but has {got}",
    "maxItems": "must have {limit} items or fewer, but has {got}",
    "minProperties": "must have {limit} fields or more, but has {got}",
    "maxProperties": "must have {limit} fields or fewer, but has {got}",
}
