"""What is wrong with a value, in words: a JSON Schema's verdict, and the name that was probably meant."""

from __future__ import annotations

import difflib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson
from msgspec import Struct

from karlint.model.path import to_text
from karlint.model.source import Anchor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jsonschema.exceptions import ValidationError

    from karlint.model.path import Path

_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


class Problem(Struct, frozen=True):
    """Something wrong in a configuration, and where."""

    path: Path
    anchor: Anchor
    message: str
    hint: str = ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``Did you mean x?`` for the one of *known* that is close to *word*; "" when none is."""
    folded = {name.lower().replace("-", "_"): name for name in known}
    close = difflib.get_close_matches(word.lower().replace("-", "_"), folded, n=1)
    return f"Did you mean {folded[close[0]]}?" if close else ""


def schema_problems(value: Any) -> list[Problem]:
    """Return what the published schema has against *value*, a configuration file's content."""
    return problems_with(value, _schema())


def problems_with(value: Any, schema: dict[str, Any]) -> list[Problem]:
    """Return what *schema* (draft 2020-12) has against *value*."""
    import jsonschema_rs  # noqa: PLC0415 (both cost time that a run without configuration need not spend)

    if jsonschema_rs.is_valid(schema, value):
        return []
    from jsonschema import Draft202012Validator  # noqa: PLC0415

    problems = [item for error in Draft202012Validator(schema).iter_errors(value) for item in _explain(error)]
    # The two validators disagreeing must not read as "all is well".
    return problems or [Problem((), Anchor.VALUE, "the value does not match its schema.")]


@lru_cache(maxsize=1)
def _schema() -> dict[str, Any]:
    from karlint.rules.locate import data_dir  # noqa: PLC0415

    schema: dict[str, Any] = orjson.loads((data_dir() / "schemas" / "karlint-config.schema.json").read_bytes())
    return schema


def _explain(error: ValidationError) -> Iterator[Problem]:
    path: Path = tuple(error.absolute_path)
    instance: Any = error.instance
    wanted: Any = error.validator_value
    rule, schema = str(error.validator), error.schema if isinstance(error.schema, dict) else {}
    if rule == "additionalProperties":
        known = schema.get("properties", {})
        for key in sorted(set(instance) - set(known)):
            hint = did_you_mean(key, known) or f"Known keys: {', '.join(sorted(known))}."
            yield Problem((*path, key), Anchor.KEY, f"{_of(path)}unknown key {key!r}.", hint)
    elif "propertyNames" in error.absolute_schema_path:
        key = str(instance)
        yield Problem((*path, key), Anchor.KEY, f"{_of(path)}{key!r} is not {_expected(schema)}.")
    elif rule == "enum":
        choices = [str(choice) for choice in wanted if isinstance(choice, str)]
        message = f"{_name(path)} must be one of {', '.join(choices)}, not {_show(instance)}."
        yield Problem(path, Anchor.VALUE, message, did_you_mean(str(instance), choices))
    elif rule == "required":
        missing = [key for key in wanted if key not in instance]
        yield Problem(path, Anchor.VALUE, f"{_name(path)} has no {' and no '.join(missing)}.")
    elif rule in ("type", "const", "pattern", "minimum", "minLength"):
        yield Problem(path, Anchor.VALUE, f"{_name(path)} must be {_expected(schema)}, not {_show(instance)}.")
    elif rule == "minItems":
        yield Problem(path, Anchor.VALUE, f"{_name(path)} must not be empty.", "Leave the key out for the default.")
    else:
        yield Problem(path, Anchor.VALUE, f"{_name(path)}: {error.message.removesuffix('.')}.")


def _expected(schema: dict[str, Any]) -> str:
    """Return what *schema* wants: its title, which is a noun phrase, or else its type."""
    kind = str(schema.get("type"))
    named = None if kind in ("object", "array") else schema.get("title")
    return str(named or _TYPES.get(kind, "as the schema says"))


def _name(path: Path) -> str:
    return to_text(path) if path else "the configuration"


def _of(path: Path) -> str:
    return f"{to_text(path)}: " if path else ""


def _show(value: Any) -> str:
    if isinstance(value, dict | list):
        return _TYPES["object" if isinstance(value, dict) else "array"]
    text = orjson.dumps(value).decode()
    return text if len(text) <= 60 else text[:57] + "..."
