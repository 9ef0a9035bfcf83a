"""The two template languages of an ApplicationSet, as far as they only refer to parameters.

Without goTemplate: ``{{name}}``, where an unknown name stays as it is. With goTemplate: Go's text/template, of which
references, literals, parentheses, pipelines and the functions below are worked out; everything else is refused, since a
guess would be worse than nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Params = Mapping[str, Any]

_TAG = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_ONE_LINE = re.compile(r"\{\{.*\}\}")
_TOKEN = re.compile(
    r"\s*(?:(?P<text>\"(?:\\.|[^\"\\])*\"|`[^`]*`)|(?P<number>-?\d+)(?![\w.])|(?P<field>(?:\.[A-Za-z_]\w*)+|\.(?![\w.]))"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<mark>[|()]))"
)
_INVALID_NAME = re.compile(r"[^-a-z0-9.]")
_MISSING = "<no value>"


class UnresolvedError(Exception):
    """A template says more than can be worked out here."""


def render(text: str, params: Params, go: bool, strict: bool = False) -> str:
    """Return *text* with *params* filled in.

    Args:
        go: whether it is a Go template.
        strict: whether a missing parameter is an error (``missingkey=error``).

    Raises:
        UnresolvedError: a Go template that is more than references and known functions.
    """
    if not go:
        return _TAG.sub(lambda tag: _plain(tag, params), text) if _ONE_LINE.search(text) else text
    return _go(text, params, strict)


def normalize(name: str) -> str:
    """Return *name* as a DNS name, as Argo CD makes one of a path.

    >>> normalize("Team_A.")
    'team-a'
    """
    return _INVALID_NAME.sub("-", name.lower())[:253].strip("-.")


def _plain(tag: re.Match[str], params: Params) -> str:
    value = params.get(tag.group(1).strip())
    return value if isinstance(value, str) else tag.group()


def _go(text: str, params: Params, strict: bool) -> str:
    found, at = "", 0
    for action in re.finditer(r"\{\{(-\s)?(.*?)(\s-)?\}\}", text, re.DOTALL):
        before = text[at : action.start()]
        found += before.rstrip() if action.group(1) else before
        inner = action.group(2).strip()
        if not (inner.startswith("/*") and inner.endswith("*/")):
            found += _shown(_Expression(inner, params, strict).value())
        at = action.end()
        if action.group(3):
            at += len(text[at:]) - len(text[at:].lstrip())
    rest = text[at:]
    if "{{" in rest:
        raise UnresolvedError(rest)
    return found + rest


def _shown(value: Any) -> str:
    """Return *value* as Go prints it."""
    if value is None:
        return _MISSING
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    raise UnresolvedError(str(value))


class _Expression:
    """A pipeline of a Go template, worked out while it is read."""

    def __init__(self, text: str, params: Params, strict: bool) -> None:
        self.params = params
        self.strict = strict
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text.rstrip()):
            token = _TOKEN.match(text, at)
            if token is None:
                raise UnresolvedError(text)
            self.tokens.append((str(token.lastgroup), token.group(str(token.lastgroup))))
            at = token.end()
        self.text = text

    def value(self) -> Any:
        found = self.pipeline()
        if self.tokens:
            raise UnresolvedError(self.text)
        return found

    def pipeline(self) -> Any:
        found = self.command([])
        while self.tokens and self.tokens[0] == ("mark", "|"):
            self.tokens.pop(0)
            found = self.command([found])
        return found

    def command(self, piped: list[Any]) -> Any:
        if not self.tokens:
            raise UnresolvedError(self.text)
        kind, text = self.tokens[0]
        if kind != "name" or text in {"true", "false", "nil"}:
            if piped:
                raise UnresolvedError(self.text)
            return self.operand()
        self.tokens.pop(0)
        arguments = []
        while self.tokens and self.tokens[0] not in {("mark", "|"), ("mark", ")")}:
            arguments.append(self.operand())
        function = _FUNCTIONS.get(text)
        if function is None:
            raise UnresolvedError(self.text)
        try:
            return function(*arguments, *piped)
        except (TypeError, ValueError, AttributeError, LookupError):
            raise UnresolvedError(self.text) from None

    def operand(self) -> Any:
        kind, text = self.tokens.pop(0)
        if kind == "text":
            return text[1:-1] if text[0] == "`" else re.sub(r"\\(.)", _escape, text[1:-1])
        if kind == "number":
            return int(text)
        if kind == "field":
            return self.field(text)
        if text == "(":
            found = self.pipeline()
            if not self.tokens or self.tokens.pop(0) != ("mark", ")"):
                raise UnresolvedError(self.text)
            if self.tokens and self.tokens[0][0] == "field":
                raise UnresolvedError(self.text)
            return found
        if text in {"true", "false"}:
            return text == "true"
        raise UnresolvedError(self.text)

    def field(self, text: str) -> Any:
        value: Any = self.params
        for name in text.split(".")[1:]:
            if not name:
                continue
            if isinstance(value, Mapping) and name in value:
                value = value[name]
            elif self.strict or (value is not None and not isinstance(value, Mapping)):
                raise UnresolvedError(text)
            else:
                value = None
        return value


def _escape(found: re.Match[str]) -> str:
    plain = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
    if found.group(1) not in plain:
        raise UnresolvedError(found.group())
    return plain[found.group(1)]


def _index(value: Any, *steps: Any) -> Any:
    for step in steps:
        if isinstance(step, int) and step < 0:
            raise LookupError(step)
        value = value.get(step) if isinstance(value, Mapping) else value[step]
    return value


def _text(value: Any) -> str:
    if value is None:
        raise TypeError(value)
    return _shown(value)


def _printf(form: str, *values: Any) -> str:
    if len(re.findall(r"%[sdv]", form)) != len(values) or re.search(r"%[^sdv]", form):
        raise ValueError(form)
    return re.sub(r"%[sdv]", "%s", form) % tuple(_text(value) for value in values)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "index": _index,
    "default": lambda fallback, value=None: value or fallback,
    "quote": lambda value: '"' + _text(value).replace("\\", "\\\\").replace('"', '\\"') + '"',
    "squote": lambda value: f"'{_text(value)}'",
    "lower": lambda value: _text(value).lower(),
    "upper": lambda value: _text(value).upper(),
    "trim": lambda value: _text(value).strip(),
    "toString": _text,
    "normalize": lambda value: normalize(_text(value)),
    "replace": lambda old, new, value: _text(value).replace(old, new),
    "trimPrefix": lambda prefix, value: _text(value).removeprefix(prefix),
    "trimSuffix": lambda suffix, value: _text(value).removesuffix(suffix),
    "trunc": lambda length, value: _text(value)[:length] if length >= 0 else _text(value)[length:],
    "splitList": lambda separator, value: _text(value).split(separator),
    "join": lambda separator, values: separator.join(_text(value) for value in values),
    "first": lambda values: values[0],
    "last": lambda values: values[-1],
    "base": lambda value: _text(value).rstrip("/").rpartition("/")[2],
    "dir": lambda value: _text(value).rpartition("/")[0] or ".",
    "printf": _printf,
    "print": lambda *values: "".join(_text(value) for value in values),
}
