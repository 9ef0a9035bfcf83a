"""From values to their text: in the style of what stands there, and never open to another reading."""

from __future__ import annotations

import re
from typing import Any

import orjson
from msgspec import Struct

from karlint.source.scalars import resolve_plain

_PLAIN = re.compile(r"[A-Za-z0-9_./](?:[A-Za-z0-9_./@%+=~-]|:(?=[A-Za-z0-9_./@-])| (?=[A-Za-z0-9_./]))*")
_ALMOST_NUMBER = re.compile(r"[-+.0-9][-+.,:_0-9eExXoObBTtZ ]*")  # to some reader a number or a time
_FLOW_ENDS = re.compile(r"[,\[\]{}]")
_TO_ESCAPE = re.compile("[\x7f-\xa0\u2028\u2029\ufdd0-\ufdef\ufeff\ufffe\uffff\U0001fffe\U0001ffff]|[\ud800-\udfff]")


class Manner(Struct, frozen=True):
    """How the text around writes things.

    Attributes:
        json: True where it is JSON, so that every string is quoted.
        newline: what ends its lines.
        step: columns by which its mappings are indented.
        indented_lists: True where the dashes of a list stand deeper than the key above them.
        tight: True for JSON without spaces.
    """

    json: bool
    newline: str
    step: int = 2
    indented_lists: bool = False
    tight: bool = False


def scalar_text(value: Any, manner: Manner, quote: str = "", flow: bool = False) -> str:
    """Return the text of a scalar; a string keeps to *quote* (``'``, ``"`` or "" for none) where it can.

    *flow* tells that it stands between brackets.
    """
    if not isinstance(value, str):
        return orjson.dumps(_number(value)).decode()
    if manner.json or quote == '"':
        return _double_quoted(value)
    if quote == "'" and _is_printable(value):
        return "'" + value.replace("'", "''") + "'"
    if quote == "" and _is_plain(value) and not (flow and _FLOW_ENDS.search(value)):
        return value
    if quote == "" and ('"' in value or "\\" in value) and _is_printable(value):
        return "'" + value.replace("'", "''") + "'"
    return _double_quoted(value)


def _number(value: Any) -> Any:
    """Return a number without a fraction of nothing: Rego has one kind of number, so 8 may arrive as 8.0."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def normal(value: Any) -> Any:
    """Return *value* with its whole numbers as integers, and what has a name with that first, as people write it."""
    if isinstance(value, dict):
        names = ("name", *value) if "name" in value else tuple(value)
        return {key: normal(value[key]) for key in names}
    if isinstance(value, list | tuple):
        return [normal(item) for item in value]
    return _number(value)


def _is_plain(text: str) -> bool:
    return bool(_PLAIN.fullmatch(text)) and not _ALMOST_NUMBER.fullmatch(text) and resolve_plain(text) == text


def _is_printable(text: str) -> bool:
    return not re.search(r"[\x00-\x1f]", text) and not _TO_ESCAPE.search(text)


def _double_quoted(text: str) -> str:
    quoted = orjson.dumps(text).decode()
    return _TO_ESCAPE.sub(lambda found: _escape(found.group()), quoted)


def _escape(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def flow_text(value: Any, manner: Manner) -> str:
    """Return *value* in one line, with brackets."""
    comma = "," if manner.tight else ", "
    if isinstance(value, dict):
        colon = ":" if manner.tight else ": "
        pairs = (scalar_text(key, manner, flow=True) + colon + flow_text(item, manner) for key, item in value.items())
        return "{" + comma.join(pairs) + "}"
    if isinstance(value, list):
        return "[" + comma.join(flow_text(item, manner) for item in value) + "]"
    return scalar_text(value, manner, flow=True)


def entry_lines(key: str, value: Any, manner: Manner) -> list[str]:
    """Return the lines of the entry *key* of a block mapping, which starts in column 0."""
    head = f"{scalar_text(key, manner)}:"
    if not value or not isinstance(value, dict | list):
        return [f"{head} {flow_text(value, manner)}"]
    shift = " " * (0 if isinstance(value, list) and not manner.indented_lists else manner.step)
    return [head, *(shift + line for line in block_lines(value, manner))]


def item_lines(value: Any, manner: Manner) -> list[str]:
    """Return the lines of an item of a block list, its dash in column 0."""
    lines = block_lines(value, manner)
    return [("- " if number == 0 else "  ") + line for number, line in enumerate(lines)]


def block_lines(value: Any, manner: Manner) -> list[str]:
    """Return the lines of *value* without brackets where they can be spared."""
    if isinstance(value, dict) and value:
        return [line for key, item in value.items() for line in entry_lines(key, item, manner)]
    if isinstance(value, list) and value:
        return [line for item in value for line in item_lines(item, manner)]
    return [flow_text(value, manner)]
