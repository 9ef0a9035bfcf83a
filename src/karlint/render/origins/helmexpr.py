"""Pipelines of Go templates, read far enough to tell which values flow through them."""

from __future__ import annotations

import json
import re
from typing import Any

from msgspec import Struct

_TOKEN = re.compile(
    r'"(?:\\.|[^"\\])*"|`[^`]*`|\'(?:\\.|[^\'\\])*\'|\$\w*|\.[A-Za-z_]\w*|\.|:=|=|\||\(|\)|,'
    r"|[-+]?[0-9][\w.]*|[A-Za-z_]\w*|\S"
)
_NUMBER = re.compile(r"^[-+]?[0-9][\w.]*$")
_WORDS = {"true": True, "false": False, "nil": None}
_MAX_DEPTH = 50
_MAX_PIPES = 100
_MAX_TOKENS = 1000
"""Longer pipelines than this are of no person; what they give is unknown."""


class Const(Struct, frozen=True):
    """A literal: text, number, truth value or nil. *start* and *end* are its place in the file."""

    value: Any
    start: int
    end: int


class Field(Struct, frozen=True):
    """``.a.b``, ``$x.a`` or ``(pipeline).a``: *base* None is the dot, a text is a variable ("$" for the root)."""

    base: Expr | str | None
    names: tuple[str, ...] = ()


class Call(Struct, frozen=True):
    """A function, or a method such as ``.Files.Get``, and its arguments; what is piped in comes last."""

    name: str
    args: tuple[Expr, ...] = ()
    on: Field | None = None


Expr = Const | Field | Call


class Pipeline(Struct, frozen=True):
    """What an action holds: names it declares or assigns, whether it declares them, and the value."""

    names: tuple[str, ...]
    declares: bool
    expr: Expr | None


class _Reader:
    """Recursive descent over tokens. What it cannot read becomes a call of "?", whose value is unknown."""

    def __init__(self, text: str, offset: int) -> None:
        self.tokens = [(m.group(), m.start() + offset, m.end() + offset) for m in _TOKEN.finditer(text)]
        self.at = 0
        self.depth = 0

    def peek(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def declaration(self) -> tuple[tuple[str, ...], bool]:
        names: list[str] = []
        at = self.at
        while at < len(self.tokens) and self.tokens[at][0].startswith("$"):
            names.append(self.tokens[at][0])
            at += 1
            mark = self.tokens[at][0] if at < len(self.tokens) else ""
            if mark in {":=", "="}:
                self.at = at + 1
                return tuple(names), mark == ":="
            if mark != ",":
                break
            at += 1
        return (), False

    def pipeline(self) -> Expr | None:
        value = self.command(None)
        while self.peek() == "|":
            self.at += 1
            value = self.command(value)
        return value

    def command(self, piped: Expr | None) -> Expr | None:
        operands: list[Expr] = []
        name = ""
        while self.at < len(self.tokens) and self.peek() not in {"|", ")"}:
            token = self.peek()
            if not operands and not name and _is_function(token):
                name = token
                self.at += 1
                continue
            operands.append(self.operand())
        if piped is not None:
            operands.append(piped)
        if name:
            return Call(name, tuple(operands))
        if len(operands) < 2:
            return operands[0] if operands else None
        head = operands[0]
        return Call("method", tuple(operands[1:]), head) if isinstance(head, Field) else Call("?", tuple(operands))

    def operand(self) -> Expr:
        token, start, end = self.tokens[self.at]
        self.at += 1
        base: Expr | str | None
        if token == "(":
            base = self.parenthesis()
        elif token.startswith("$"):
            base = token
        elif token == ".":
            base, end = None, -1
        elif token.startswith("."):
            return Field(None, (token[1:], *self.fields(end)))
        elif _is_function(token):
            return Call(token)
        else:
            return Const(_constant(token), start, end)
        names = self.fields(self.tokens[self.at - 1][2] if end >= 0 else -1)
        if isinstance(base, Const | Field | Call) and not names:
            return base
        return Field(base, names)

    def parenthesis(self) -> Expr:
        self.depth += 1
        inner = self.pipeline() if self.depth < _MAX_DEPTH else None
        self.depth -= 1
        if self.peek() == ")":
            self.at += 1
        return inner if inner is not None else Call("?")

    def fields(self, end: int) -> tuple[str, ...]:
        """Return the names of a chain that goes on without white space at *end*."""
        names: list[str] = []
        while self.at < len(self.tokens):
            token, start, stop = self.tokens[self.at]
            if start != end or len(token) < 2 or token[0] != ".":
                break
            names.append(token[1:])
            self.at, end = self.at + 1, stop
        return tuple(names)


def _is_function(token: str) -> bool:
    return (token[:1].isalpha() or token[:1] == "_") and token not in _WORDS


def _constant(token: str) -> Any:
    if token in _WORDS:
        return _WORDS[token]
    if token[0] == '"':
        try:
            return json.loads(token, strict=False)
        except ValueError:
            return token[1:-1]
    if token[0] in "`'":
        return token[1:-1]
    if _NUMBER.match(token):
        try:
            return int(token, 0)
        except ValueError:
            try:
                return float(token)
            except ValueError:
                return token
    return token


def parse_pipeline(text: str, offset: int) -> Pipeline:
    """Return the pipeline that *text* holds, which stands at *offset* of its file. It never raises."""
    reader = _Reader(text, offset)
    if len(reader.tokens) > _MAX_TOKENS or text.count("|") > _MAX_PIPES:
        return Pipeline((), False, Call("?"))
    names, declares = reader.declaration()
    return Pipeline(names, declares, reader.pipeline())


def includes(expr: Expr | None) -> list[Call]:
    """Return the calls of ``include`` with a literal name in *expr*, the outer first."""
    found: list[Call] = []
    if isinstance(expr, Call):
        if expr.name == "include" and expr.args and isinstance(expr.args[0], Const):
            found.append(expr)
        for argument in expr.args:
            found += includes(argument)
    elif isinstance(expr, Field) and isinstance(expr.base, Field | Call):
        found += includes(expr.base)
    return found
