"""The small language of ``${VARIABLES}`` that Flux fills in: a subset of the shell's, with habits of its own.

Facts: github.com/fluxcd/pkg/envsubst, which is what kustomize-controller calls. Its habits that a shell does not have:
``:-``, ``:+`` and ``:?`` all mean ``:=``; lengths and positions count bytes; ``*`` in a pattern matches a slash too;
the first part of ``${v/a/b}`` ends at the next slash, wherever that is; ``$v`` without braces is plain text.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct

_DEPTH = 50
_PATTERN_LIMIT = 5000  # a pattern is tried against every prefix: longer values are not worth the time
_OPERATOR = {
    ":": re.compile(r":?[=\-?+]"),
    "=": re.compile(r"="),
    ",": re.compile(r"[,^]{1,2}"),
    "^": re.compile(r"[,^]{1,2}"),
    "/": re.compile(r"/[/#%]?"),
    "#": re.compile(r"##?"),
    "%": re.compile(r"%%?"),
}
_MARK = re.compile(r"\$[${]")
_CLASS = re.compile(r"\^?(?:(?:\\.|[^\]\\-])(?:-(?:\\.|[^\]\\-]))?)+\]", re.DOTALL)
_INTEGER = re.compile(r"[+-]?[0-9]+\Z")


class SubstitutionError(ValueError):
    """The text holds a ``${`` that is no variable; Flux refuses all of it."""


class Use(Struct, frozen=True):
    """One ``${...}`` of a text.

    Attributes:
        start, end: where it stands, in characters of the text that was read; *end* is exclusive.
        name: the variable.
        operator: ``""``, ``:=``, ``/`` and so on.
        arguments: what follows the operator, each of them text and further uses.
    """

    start: int
    end: int
    name: str
    operator: str = ""
    arguments: tuple[tuple[str | Use, ...], ...] = ()


Parts = tuple[str | Use, ...]
Lookup = Callable[[str], str | None]
"""Returns the value of a variable; None where it is not known, which is not the same as not set ("")."""


class UnknownValueError(LookupError):
    """What a use stands for depends on a variable that is not known."""


def parse(text: str) -> Parts:
    """Return *text* as literal pieces and uses of variables. Raises SubstitutionError as Flux would refuse it."""
    reader = _Reader(text)
    parts: list[str | Use] = []
    while mark := _MARK.search(text, reader.at):
        if mark.start() > reader.at or mark.group() == "$$":
            parts.append(text[reader.at : mark.start()] + ("$" if mark.group() == "$$" else ""))
        reader.at = mark.end()
        if mark.group() == "${":
            reader.at = mark.start()
            parts.append(reader.use(0))
    parts.append(text[reader.at :])
    return tuple(parts)


def value_of(use: Use, lookup: Lookup, used: list[str]) -> str:
    """Return what *use* stands for, and add the variables that its text came from to *used*.

    Raises UnknownValueError.
    """
    value = lookup(use.name)
    if value is None:
        raise UnknownValueError(use.name)
    if use.operator in _DEFAULTS:
        if value:
            used.append(use.name)
            return value
        return "".join(_text(argument, lookup, used) for argument in use.arguments)
    used.append(use.name)
    arguments = [_text(argument, lookup, used) for argument in use.arguments]
    return _apply(use.operator, value, arguments)


def _text(parts: Parts, lookup: Lookup, used: list[str]) -> str:
    return "".join(part if isinstance(part, str) else value_of(part, lookup, used) for part in parts)


class _Reader:
    """Reads a text from left to right; *at* is the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def opens(self) -> bool:
        return self.text.startswith("${", self.at)

    def run(self, stops: str, escapes: str = "") -> str:
        """Return the text up to one of *stops*, a ``${`` or the end. An escaped character loses its escape."""
        found: list[str] = []
        while (char := self.peek()) and not self.opens():
            pair = self.text[self.at : self.at + 2]
            if (pair == "$$" and "$" in escapes) or (pair in {"\\/", "\\\\"} and "\\" in escapes):
                found.append(pair[1])
                self.at += 2
                continue
            if char in stops:
                break
            found.append(char)
            self.at += 1
        return "".join(found)

    def use(self, depth: int) -> Use:
        """Read a use, from its ``${`` to its ``}``."""
        if depth > _DEPTH:
            raise SubstitutionError("variables are nested too deeply")
        start = self.at
        self.at += 2
        if self.peek() == "#":
            self.at += 1
            name = self.name()
            return Use(start, self.close(), name, "#len")
        name = self.name()
        kind = self.peek()
        if kind not in _OPERATOR:
            return Use(start, self.close(), name)
        found = _OPERATOR[kind].match(self.text, self.at)
        operator = found.group() if found else ":"
        self.at += len(operator)
        arguments = self.arguments(operator, depth)
        return Use(start, self.close(), name, operator, arguments)

    def arguments(self, operator: str, depth: int) -> tuple[Parts, ...]:
        if operator in _DEFAULTS:
            found: list[Parts] = []
            while self.peek() != "}":
                found.append(self.argument("}", depth))
            return tuple(found)
        if operator[0] in "#%":
            return (self.argument("}", depth),)
        if operator == ":":
            return self.divided(":}", ":", "", depth)
        if operator[0] == "/":
            return self.divided("/", "/", "$\\", depth)
        return ()

    def divided(self, stops: str, divider: str, escapes: str, depth: int) -> tuple[Parts, ...]:
        """Read one argument, and a second one behind *divider* where there is one."""
        first = self.argument(stops, depth, escapes)
        if self.peek() != divider:
            if divider == ":":
                return (first,)
            raise SubstitutionError("bad substitution")
        while self.peek() == divider:
            self.at += 1
        if divider == "/" and self.peek() == "}":
            return (first,)
        return (first, self.argument("}", depth, escapes))

    def argument(self, stops: str, depth: int, escapes: str = "") -> Parts:
        if self.opens():
            return (self.use(depth + 1),)
        before = self.at
        text = self.run(stops, escapes)
        if self.at == before:
            raise SubstitutionError("unable to parse substitution within function")
        return (text,)

    def name(self) -> str:
        start = self.at
        while (char := self.peek()) and (char == "_" or char.isalpha() or char.isdecimal()):
            self.at += 1
        if self.at == start:
            raise SubstitutionError("unable to parse variable name")
        return self.text[start : self.at]

    def close(self) -> int:
        if self.peek() != "}":
            raise SubstitutionError("missing closing brace")
        self.at += 1
        return self.at


_DEFAULTS = {"", "=", ":=", ":-", ":?", ":+", "-", "+", "?"}


def _apply(operator: str, value: str, arguments: list[str]) -> str:
    match operator:
        case "#len":
            return str(len(value.encode()))
        case ",," | "^^":
            return _cased(value, operator)
        case "," | "^":
            return _cased(value[:1], operator) + value[1:]
        case ":":
            return _slice(value, arguments)
        case "#" | "##":
            return _without_prefix(value, arguments[0], longest=operator == "##")
        case "%" | "%%":
            return _without_prefix(value[::-1], arguments[0][::-1], longest=operator == "%%")[::-1]
        case "/" | "//":
            return value.replace(arguments[0], arguments[1] if len(arguments) > 1 else "", 1 if operator == "/" else -1)
        case "/#" if len(arguments) > 1 and value.startswith(arguments[0]):
            return arguments[1] + value[len(arguments[0]) :]
        case "/%" if len(arguments) > 1 and value.endswith(arguments[0]):
            return value[: len(value) - len(arguments[0])] + arguments[1]
    return value


def _cased(text: str, operator: str) -> str:
    """Change the case letter by letter: what has no single letter in the other case (``ß``) stays, as in Go."""
    changed = ((char, char.upper() if operator[0] == "^" else char.lower()) for char in text)
    return "".join(new if len(new) == 1 else old for old, new in changed)


def _slice(value: str, arguments: list[str]) -> str:
    """Return bytes of *value* from a position, up to a length. What is no number changes nothing."""
    if not _INTEGER.match(arguments[0]):
        return value
    data = value.encode()
    start = int(arguments[0])
    if start < 0:
        start = max(0, len(data) + start)
    if len(arguments) == 1:
        return data[start:].decode(errors="replace")
    if not _INTEGER.match(arguments[1]):
        return value
    length = int(arguments[1])
    end = len(data) + length if length < 0 else start + length
    return data[start : max(start, end)].decode(errors="replace")


def _without_prefix(value: str, pattern: str, longest: bool) -> str:
    if len(value) > _PATTERN_LIMIT:
        raise UnknownValueError(pattern)
    matches = _matcher(pattern)
    if matches is None:
        return value
    lengths = range(len(value), 0, -1) if longest else range(1, len(value) + 1)
    for length in lengths:
        if matches.fullmatch(value, 0, length):
            return value[length:]
    return value


def _matcher(pattern: str) -> re.Pattern[str] | None:
    """Return a shell pattern as a regular expression that never tries a star twice; None for a malformed one."""
    pieces, at = [""], 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            pieces.append("")
        elif char == "?":
            pieces[-1] += "."
        elif char == "[":
            read = _CLASS.match(pattern, at)
            if read is None:
                return None
            pieces[-1] += "[" + re.sub(r"([\[&~|])", r"\\\1", read.group())
            at = read.end()
        else:
            if char == "\\":
                char = pattern[at : at + 1]
                at += 1
            if not char:
                return None
            pieces[-1] += re.escape(char)
    first, *middle, last = pieces if len(pieces) > 1 else (*pieces, "")
    star = ".*" if len(pieces) > 1 else ""
    try:
        return re.compile(first + "".join(f"(?>.*?{piece})" for piece in middle) + star + last, re.DOTALL)
    except re.error:
        return None
