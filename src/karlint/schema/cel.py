"""Parses the part of CEL that rules of CustomResourceDefinitions (``x-kubernetes-validations``) are mostly made of.

Grammar after the CEL language definition: conditional, ``||``, ``&&``, relations, ``+``, ``!``, members, calls, lists,
literals. What is outside of it, such as arithmetic beyond sums or message construction, does not parse.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<raw>[rR](?:\"\"\"(?P<long>.*?)\"\"\"|"(?P<double>[^"]*)"|'(?P<single>[^']*)'))
    |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<name>[A-Za-z_]\w*)
    |(?P<sign>\|\||&&|==|!=|<=|>=|[-+!?:<>()\[\],.])
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_RELATIONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in"})
_CONSTANTS = {"true": True, "false": False, "null": None}


class NotCelError(Exception):
    """The text is no CEL, or CEL of a kind that is not read here."""


class Node(Struct, frozen=True):
    """An expression.

    Attributes:
        kind: "literal", "name", "member", "index", "call", "list", or an operator: "!", "&&", "||", "?", "+", or a
            relation.
        value: of a literal; the name of a name, a member or a function.
        parts: the operands. A method's first one is what it is called on; a function has none of that, see *method*.
        method: True for a call on something.
    """

    kind: str
    value: Any = None
    parts: tuple[Node, ...] = ()
    method: bool = False


def parse(text: str) -> Node:
    """Return the expression that *text* is. Raises NotCelError."""
    parser = _Parser(_tokens(text))
    node = parser.conditional()
    parser.end()
    return node


def _tokens(text: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    text = text.rstrip()
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise NotCelError(text[position:])
        position = match.end()
        if match["raw"]:
            found.append(
                ("literal", next(part for part in match.group("long", "double", "single") if part is not None))
            )
        elif match["text"]:
            found.append(("literal", _unescaped(match["text"][1:-1])))
        elif match["number"]:
            found.append(("literal", float(match["number"]) if "." in match["number"] else int(match["number"])))
        elif match["name"] in _CONSTANTS:
            found.append(("literal", _CONSTANTS[match["name"]]))
        elif match["name"]:
            found.append(("sign" if match["name"] == "in" else "name", match["name"]))
        else:
            found.append(("sign", match["sign"]))
    return found


def _unescaped(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        code = match[1]
        return chr(int(code[1:], 16)) if len(code) > 1 else _ESCAPES.get(code, code)

    return _ESCAPE.sub(one, text)


class _Parser:
    """Recursive descent; one method a level of precedence."""

    def __init__(self, tokens: list[tuple[str, Any]]) -> None:
        self._tokens = [*tokens, ("end", None)]
        self._at = 0

    def end(self) -> None:
        if self._tokens[self._at][0] != "end":
            raise NotCelError("there is more")

    def conditional(self) -> Node:
        condition = self._left("||", lambda: self._left("&&", self._relation))
        if not self._take("?"):
            return condition
        yes = self.conditional()
        self._need(":")
        return Node("?", parts=(condition, yes, self.conditional()))

    def _left(self, sign: str, inner: Any) -> Node:
        parts = [inner()]
        while self._take(sign):
            parts.append(inner())
        return Node(sign, parts=tuple(parts)) if len(parts) > 1 else parts[0]

    def _relation(self) -> Node:
        left = self._left("+", self._unary)
        kind, sign = self._tokens[self._at]
        if kind == "sign" and sign in _RELATIONS:
            self._at += 1
            return Node(sign, parts=(left, self._left("+", self._unary)))
        return left

    def _unary(self) -> Node:
        if self._take("!"):
            return Node("!", parts=(self._unary(),))
        if self._take("-"):
            inner = self._unary()
            if inner.kind != "literal" or not isinstance(inner.value, int | float):
                raise NotCelError("-")
            return Node("literal", -inner.value)
        return self._member(self._primary())

    def _member(self, node: Node) -> Node:
        while True:
            if self._take("."):
                name = self._name()
                node = (
                    Node("call", name, (node, *self._list(")")), True)
                    if self._take("(")
                    else Node("member", name, (node,))
                )
            elif self._take("["):
                node = Node("index", parts=(node, self.conditional()))
                self._need("]")
            else:
                return node

    def _primary(self) -> Node:
        kind, value = self._tokens[self._at]
        self._at += 1
        if kind == "literal":
            return Node("literal", value)
        if kind == "name":
            return Node("call", value, self._list(")")) if self._take("(") else Node("name", value)
        if (kind, value) == ("sign", "("):
            inner = self.conditional()
            self._need(")")
            return inner
        if (kind, value) == ("sign", "["):
            return Node("list", parts=self._list("]"))
        raise NotCelError(str(value))

    def _list(self, closing: str) -> tuple[Node, ...]:
        parts: list[Node] = []
        while not self._take(closing):
            if parts:
                self._need(",")
            parts.append(self.conditional())
        return tuple(parts)

    def _name(self) -> str:
        kind, value = self._tokens[self._at]
        if kind not in {"name", "sign"} or not isinstance(value, str) or not value.isidentifier():
            raise NotCelError(str(value))
        self._at += 1
        return value

    def _take(self, sign: str) -> bool:
        if self._tokens[self._at] != ("sign", sign):
            return False
        self._at += 1
        return True

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise NotCelError(f"no {sign}")


def counted_of(node: Node) -> tuple[str, int, tuple[Node, ...]] | None:
    """Return relation, number and conditions of an expression that counts how many hold, None for any other.

    ``[a, b].filter(x, x).size() <= 1`` is one, and ``(a ? 1 : 0) + (b ? 1 : 0) == 1``.
    """
    if node.kind not in {"==", "<=", ">="} or node.parts[1].kind != "literal":
        return None
    left, number = node.parts[0], node.parts[1].value
    if left.kind == "+" and all(_is_one_or_none(part) for part in left.parts):
        return node.kind, number, tuple(part.parts[0] for part in left.parts)
    size = left.parts[0] if left.kind == "call" and left.value == "size" and left.parts else None
    if size is not None and size.kind == "call" and size.value == "filter" and size.parts[0].kind == "list":
        kept = size.parts[2]
        if kept == size.parts[1] or kept == Node("==", parts=(size.parts[1], Node("literal", True))):
            return node.kind, number, size.parts[0].parts
    return None


def _is_one_or_none(node: Node) -> bool:
    return node.kind == "?" and [part.value for part in node.parts[1:]] == [1, 0]
