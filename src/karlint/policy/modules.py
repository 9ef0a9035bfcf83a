"""Rego modules as they come: which version of the language, which package, what they must not do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import regorus

from karlint.errors import PolicyError
from karlint.policy.model import Module

if TYPE_CHECKING:
    from collections.abc import Iterator

# Strings in both quotes, and comments: what stands in them is no code.
_NO_CODE = re.compile(r'"(?:\\.|[^"\\\n])*"|`[^`]*`|#[^\n]*')
_PACKAGE = re.compile(r'^\s*package\s+((?:\w|\.|\["[^"]+"\])+)', re.MULTILINE)
_SEGMENT = re.compile(r'\.?(\w+)|\["([^"]+)"\]')

FORBIDDEN = ("http.send", "opa.runtime", "net.lookup_ip_addr", "rego.parse_module")
"""Built-ins that reach the network, the environment or the engine itself. A linted pull request may bring policies."""

_FORBIDDEN = re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, FORBIDDEN))})(?!\w)")
_INPUT = re.compile(r"""(?<![\w.])input(?P<steps>(?:\.\w+|\[\s*(?:"[^"]*"|\d+|[^\[\]"]*)\s*\])+)""")
_STEP = re.compile(r"""\.(?P<name>\w+)|\[\s*(?:"(?P<text>[^"]*)"|(?P<number>\d+)|(?P<other>[^\[\]"]*))\s*\]""")


def read_module(name: str, text: str, v0: bool | None = None) -> Module:
    """Return the module that *text* is; *v0* None to find out.

    Raises:
        PolicyError: it parses as neither version, has no package, or calls what is not allowed.
    """
    code = code_of(text)
    refused = _FORBIDDEN.search(code)
    if refused:
        line = text.count("\n", 0, refused.start()) + 1
        raise PolicyError(
            f"{name}:{line}: {refused.group()} is not allowed: policies reach neither network nor environment",
            f"Not allowed are {', '.join(FORBIDDEN)}.",
        )
    match = _PACKAGE.search(code_of(text, keep_strings=True))
    if match is None:
        raise PolicyError(f"{name}:1: there is no package")
    return Module(name, text, _dotted(match[1]), _is_v0(name, text) if v0 is None else v0)


def code_of(text: str, *, keep_strings: bool = False) -> str:
    """Return *text* with comments, and strings, blanked; every character keeps its place."""

    def blank(match: re.Match[str]) -> str:
        found = match.group()
        if keep_strings and not found.startswith("#"):
            return found
        return re.sub(r"[^\n]", " ", found)

    return _NO_CODE.sub(blank, text)


def _dotted(package: str) -> str:
    return ".".join(match[1] or match[2] for match in _SEGMENT.finditer(package))


def _is_v0(name: str, text: str) -> bool:
    """Tell which version *text* is. What parses as both means the same in either, so that v1 is as good."""
    wrong = ""
    for v0 in (False, True):
        engine = regorus.Engine()
        engine.set_rego_v0(v0)
        try:
            engine.add_policy(name, text)
        except RuntimeError as error:
            wrong = wrong or str(error)
        else:
            return v0
    raise PolicyError(f"{name}: the Rego does not parse: {_first_line(wrong)}")


def _first_line(error: str) -> str:
    lines = [line.strip() for line in error.partition("\n\nStack backtrace")[0].splitlines() if line.strip()]
    said = (line.removeprefix("error: ") for line in lines if line.startswith("error: "))
    return next(said, lines[0] if lines else "")


def rules_in(text: str, pattern: re.Pattern[str]) -> dict[str, str]:
    """Return the rules of a module whose names match *pattern*, each with the text of all its clauses."""
    found: dict[str, str] = {}
    for name, clause in _clauses(text):
        if pattern.match(name):
            found[name] = found.get(name, "") + clause + "\n"
    return found


def _clauses(text: str) -> Iterator[tuple[str, str]]:
    """Yield what begins at the start of a line, up to the next that does, with the name that it begins with."""
    code = code_of(text)
    starts = [match.start() for match in re.finditer(r"^(?:default\s+)?[A-Za-z_]\w*", code, re.MULTILINE)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        head = re.match(r"(default\s+)?(\w+)", code[start:end])
        if head and head[2] not in ("package", "import") and not head[1]:
            yield head[2], text[start:end]


def input_paths(text: str) -> tuple[tuple[str | int | None, ...], ...]:
    """Return the paths of ``input`` that a rule's text reads, the longest first; a step in a variable is None."""
    paths = dict.fromkeys(_steps(match["steps"]) for match in _INPUT.finditer(code_of(text, keep_strings=True)))
    return tuple(sorted(paths, key=lambda path: -len(path)))


def _steps(text: str) -> tuple[str | int | None, ...]:
    steps: list[str | int | None] = []
    for match in _STEP.finditer(text):
        if match["name"] is not None or match["text"] is not None:
            steps.append(match["name"] if match["name"] is not None else match["text"])
        else:
            steps.append(int(match["number"]) if match["number"] is not None else None)
    return tuple(steps)
