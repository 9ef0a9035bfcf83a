"""Patterns for paths: the kinds that Argo CD knows."""

from __future__ import annotations

import re
from functools import lru_cache

_WILD = re.compile(r"[*?\[{]")
_TOKEN = re.compile(r"\*\*/|\*+|\?|\[[!^]?[^\]]+\]|\\.|.", re.DOTALL)


def is_glob(text: str) -> bool:
    """Return whether *text* is a pattern rather than a path."""
    return _WILD.search(text) is not None


def match_path(pattern: str, path: str) -> bool:
    """Return whether *path* matches as Go's path.Match has it: ``*`` stops at a slash, there is no ``**``."""
    return _fits(pattern, path, "path")


def match_doublestar(pattern: str, path: str) -> bool:
    """Return whether *path* matches: ``**/`` is any number of directories, ``{a,b}`` is one of two."""
    return _fits(pattern, path, "doublestar")


def match_any(pattern: str, path: str) -> bool:
    """Return whether *path* matches where ``*`` crosses slashes, as in include and exclude of a directory."""
    return _fits(pattern, path, "any")


def match_pathspec(pattern: str, path: str) -> bool:
    """Return whether *path* matches as Git has it: ``*`` crosses slashes, and a directory stands for all below it."""
    return _fits(pattern, path, "pathspec") or path.startswith(pattern.rstrip("/") + "/")


def _fits(pattern: str, path: str, style: str) -> bool:
    compiled = _compiled(pattern, style)
    return compiled is not None and compiled.fullmatch(path) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str, style: str) -> re.Pattern[str] | None:
    """Return *pattern* as a regular expression; None for a malformed one, which matches nothing."""
    if len(pattern) > 1000 or pattern.count("*") > 20:
        return None
    one = "." if style in {"any", "pathspec"} else "[^/]"
    found, depth = "", 0
    for token in _TOKEN.findall(pattern):
        if token == "**/" and style == "doublestar":
            found += "(?:.*/)?"
        elif token[0] == "*":
            stars = len(token.rstrip("/"))
            found += (".*" if stars > 1 and style == "doublestar" else one + "*") + token[stars:]
        elif token == "?":
            found += one
        elif token[0] == "[" and len(token) > 1:
            found += _class(token[1:-1])
        elif token == "{" and style in {"any", "doublestar"}:
            found, depth = found + "(?:", depth + 1
        elif token == "}" and depth:
            found, depth = found + ")", depth - 1
        elif token == "," and depth:
            found += "|"
        else:
            found += re.escape(token[-1])
    try:
        return re.compile(found, re.DOTALL)
    except re.error:
        return None


def _class(inner: str) -> str:
    negated = inner[0] in "!^" and len(inner) > 1
    return f"[{'^' if negated else ''}" + re.sub(r"([&~|\[\\])", r"\\\1", inner[negated:]) + "]"
