"""Reads JSON texts: checks the grammar, notes where everything stands, finds repeated keys; orjson makes the values."""

from __future__ import annotations

import re
from enum import Enum

import orjson
from msgspec import Struct, field

from karlint.source.loaded import DUPLICATE_KEY, FILE_LIMIT, SYNTAX_ERROR, Limits
from karlint.source.nodes import Entry, Node
from karlint.source.parser import HARD_DEPTH
from karlint.source.problems import TextProblem
from karlint.source.yamltext import RawDocument, RawStream

_TOKEN = re.compile(
    r"""[ \t\r\n]*(?:
        (?P<string>"(?:[^"\\\x00-\x1f]+|\\.)*")
      | (?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?(?![0-9.a-zA-Z]))
      | (?P<word>(?:true|false|null)(?![0-9a-zA-Z]))
      | (?P<mark>[{}\[\]:,])
      | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
_BLANK = re.compile(r"[ \t\r\n]*")


class _Scan(Struct):
    """The state of one scan: open containers, the key that waits for its value, and what was found."""

    text: str
    limit: int
    roots: list[Node] = field(default_factory=list)
    problems: list[TextProblem] = field(default_factory=list)
    open: list[Node] = field(default_factory=list)
    keys: list[tuple[str, Node] | None] = field(default_factory=list)
    seen: list[set[str]] = field(default_factory=list)


class JsonKind(Enum):
    """Whether a text is JSON: YAML is what it is otherwise."""

    SURELY = "surely"
    PERHAPS = "perhaps"
    NEVER = "never"


def json_kind(path: str, text: str) -> JsonKind:
    """Tell whether the text of the file at *path* is JSON; PERHAPS means that it is if it parses.

    kubectl goes by the text, not by the name: what starts with a brace is tried as JSON first.
    """
    first = text.lstrip()[:1]
    if path.endswith(".json"):
        return JsonKind.SURELY if first in ("{", "[") else JsonKind.PERHAPS
    return JsonKind.PERHAPS if first == "{" else JsonKind.NEVER


def read_json(text: str, limits: Limits) -> RawStream:
    """Read *text*, one JSON value after the other. Problems end the reading, repeated keys do not."""
    stream = RawStream()
    nodes, stream.problems = scan_json(text, min(limits.max_depth, HARD_DEPTH))
    for ordinal, node in enumerate(nodes):
        if ordinal >= limits.max_documents:
            message = f"The file has more than {limits.max_documents:,} JSON values, so the rest was not read."
            stream.problems.append(TextProblem(FILE_LIMIT, message, node.start, node.start + 1))
            break
        stream.starts.append(node.start)
        try:
            value = orjson.loads(text[node.start : node.end])
        except orjson.JSONDecodeError as error:
            place = node.start + error.pos
            message = f"This is no valid JSON: {error.msg.partition(':')[0]}."
            stream.problems.append(TextProblem(SYNTAX_ERROR, message, place, place + 1))
            continue
        stream.documents.append(RawDocument(ordinal, node.start, node.start, value))
    return stream


def scan_json(text: str, limit: int = HARD_DEPTH) -> tuple[list[Node], list[TextProblem]]:
    """Return the places of all JSON values in *text* up to the first error, and the problems found."""
    scan = _Scan(text, limit)
    try:
        position = 0
        while position < len(text):
            position = _value(scan, position)
            position = _BLANK.match(text, position).end()  # type: ignore[union-attr]
    except TextProblem as problem:
        scan.problems.append(problem)
    return scan.roots, scan.problems


def _value(scan: _Scan, position: int) -> int:
    """Read one value and everything in it. Return the position after it."""
    expected = "value"
    while True:
        token = _TOKEN.match(scan.text, position)
        if token is None or (token.lastgroup == "end" and (scan.open or expected != "value")):
            raise _broken(scan, position, expected)
        kind = token.lastgroup or ""
        if kind == "end":
            return token.end()
        start, position = token.start(kind), token.end()
        expected = _take(scan, kind, start, position, expected)
        if not expected:
            return position


def _take(scan: _Scan, kind: str, start: int, end: int, expected: str) -> str:
    """Take one token. Return what may come next, "" when the value is complete."""
    mark = scan.text[start] if kind == "mark" else ""
    if expected.startswith("value"):
        if mark in ("{", "["):
            return _begin(scan, start, mark)
        if mark == "]" and expected == "value or ]":
            return _end(scan, end)
        if not mark:
            return _place(scan, Node(start, end))
    elif expected.startswith("key"):
        if kind == "string":
            _key(scan, start, end)
            return "colon"
        if mark == "}" and expected == "key or }":
            return _end(scan, end)
    elif expected == "colon":
        if mark == ":":
            return "value"
    elif mark == ",":
        return "value" if scan.open[-1].items is not None else "key"
    elif mark == ("]" if scan.open[-1].items is not None else "}"):
        return _end(scan, end)
    raise _broken(scan, start, expected)


def _begin(scan: _Scan, start: int, mark: str) -> str:
    if len(scan.open) >= scan.limit:
        message = f"The document is nested deeper than {scan.limit} levels, so it was not read any further."
        raise TextProblem(FILE_LIMIT, message, start, start + 1)
    scan.keys.append(None)
    scan.seen.append(set())
    if mark == "{":
        scan.open.append(Node(start, start, entries=[]))
        return "key or }"
    scan.open.append(Node(start, start, items=[]))
    return "value or ]"


def _end(scan: _Scan, end: int) -> str:
    node = scan.open.pop()
    scan.keys.pop()
    scan.seen.pop()
    node.end = end
    return _place(scan, node)


def _place(scan: _Scan, node: Node) -> str:
    if not scan.open:
        scan.roots.append(node)
        return ""
    parent, key = scan.open[-1], scan.keys[-1]
    if parent.items is not None:
        parent.items.append(node)
        return "comma"
    if parent.entries is not None and key is not None:
        parent.entries.append(Entry(key[0], key[1], node))
        scan.keys[-1] = None
    return "comma"


def _key(scan: _Scan, start: int, end: int) -> None:
    raw = scan.text[start:end]
    try:
        key: str = orjson.loads(raw) if "\\" in raw else raw[1:-1]
    except orjson.JSONDecodeError as error:
        raise TextProblem(SYNTAX_ERROR, "This key holds an escape that JSON does not know.", start, end) from error
    if key in scan.seen[-1]:
        message = f'The key "{key}" stands twice in this object. Here the last one counts; strict readers refuse it.'
        scan.problems.append(TextProblem(DUPLICATE_KEY, message, start, end, "Remove one of the two."))
    scan.seen[-1].add(key)
    scan.keys[-1] = (key, Node(start, end))


_EXPECTED = {
    "value": "a value is expected here",
    "value or ]": "a value or ] is expected here",
    "key": "a key in double quotes is expected here",
    "key or }": "a key in double quotes or } is expected here",
    "colon": "a : is expected here",
    "comma": "a , or the closing bracket is expected here",
}


def _broken(scan: _Scan, position: int, expected: str) -> TextProblem:
    blank = _BLANK.match(scan.text, position)
    start = blank.end() if blank else position
    rest = re.compile(r"[^\r\n]*").match(scan.text, start)
    end = max(start, rest.end() if rest else start)
    at_end = " (the text ends)" if start >= len(scan.text) else ""
    return TextProblem(SYNTAX_ERROR, f"This is no valid JSON: {_EXPECTED[expected]}{at_end}.", start, end)
