"""The words of a container's command line, through the one or two shells that people wrap around it.

The kubelet joins ``command`` and ``args`` without a shell and replaces ``$(NAME)`` by variables of the container
(https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/). Only what follows a
shell's ``-c``, or stands alone as a script, is split as a shell would.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Words = tuple[str, ...]

_UNKNOWN = re.compile(r"\$\(|\$\{|\{\{|\$[A-Za-z_@*#0-9]|`|^<[^<>]*>$")
_REFERENCE = re.compile(r"(?<!\$)\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)")
_SHELLS = frozenset(("sh", "bash", "ash", "dash", "zsh", "ksh"))
_SHELL_SCRIPT_FLAG = re.compile(r"^-[a-z]*c$")
_PIECE = re.compile(
    r"""(?P<skip>\\\r?\n | (?<!\S)\#[^\n]* | \d*[<>]+&?\d*-? | [^\S\n]+)
      | (?P<cut>\n | && | \|\| | [;|&])
      | (?P<word>(?: "(?:\\.|[^"\\])*" | '[^']*' | \$\([^()]*\) | \$?\{\{[^{}]*\}\} | \\.
                   | [^\s"'\\;&|<>] | ["'\\] )+)""",
    re.VERBOSE | re.DOTALL,
)
_QUOTING = re.compile(r"""\\\n|\\(.)|"((?:\\.|[^"\\])*)"|'([^']*)'|["']""", re.DOTALL)
_ESCAPED = re.compile(r'\\([\\"$`])|\\\n')
_MAX_SCRIPT = 64_000
"""Longer scripts are not taken apart: they are programs, and no launcher hides behind that much text."""


def is_unknown(word: str) -> bool:
    """Return True when *word* holds something that is filled in later: ``$(N)``, ``${N}``, ``{{ .n }}``, ``$N``."""
    return ("$" in word or "{{" in word or "`" in word or word[:1] == "<") and _UNKNOWN.search(word) is not None


def tokens_of(container: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return command and args of *container* as words; None when one of them is unknown."""
    return known_words(segments_of(container))


def known_words(segments: Iterable[Words]) -> tuple[str, ...] | None:
    """Return the words of all *segments* in one; None when one of them is unknown."""
    words = tuple(word for segment in segments for word in segment)
    return None if any(map(is_unknown, words)) else words


def segments_of(container: Mapping[str, Any]) -> tuple[Words, ...]:
    """Return the simple commands that *container* starts: one, or for a shell script one for each of its commands.

    References to literal variables of the container are resolved; others stay in the words as they are.
    """
    if not container.get("command") and not container.get("args"):
        return ()
    words = [_resolved(word, container) for word in (*_strings(container, "command"), *_strings(container, "args"))]
    return tuple(_segments(words))


def literal_env(container: Mapping[str, Any], name: str) -> str | None:
    """Return the value that *container* sets for the variable *name*; None when it does not, or not literally."""
    env = container.get("env")
    for item in reversed(env) if isinstance(env, list) else ():
        if isinstance(item, dict) and item.get("name") == name:
            value = item.get("value", "" if "valueFrom" not in item else None)
            return value if isinstance(value, str) and not is_unknown(value) else None
    return None


def sets_env(container: Mapping[str, Any], name: str) -> bool:
    """Return True when *container* sets, or may set, the variable *name*."""
    if container.get("envFrom"):
        return True
    env = container.get("env")
    return any(isinstance(item, dict) and item.get("name") == name for item in (env if isinstance(env, list) else ()))


def _strings(container: Mapping[str, Any], key: str) -> list[str]:
    items = container.get(key)
    if isinstance(items, str):
        return [items]
    return [str(item) for item in items if isinstance(item, str | int | float)] if isinstance(items, list) else []


def _resolved(word: str, container: Mapping[str, Any]) -> str:
    if "$(" not in word:
        return word
    return _REFERENCE.sub(lambda found: literal_env(container, found[1]) or found[0], word)


def _segments(words: Sequence[str]) -> Iterator[Words]:
    plain: list[str] = []
    for index, word in enumerate(words):
        if _is_script(words, index):
            if not _only_shell(plain):
                yield tuple(plain)
            yield from _commands(word)
            plain = []
        else:
            plain.append(word)
    if plain:
        yield tuple(plain)


def _is_script(words: Sequence[str], index: int) -> bool:
    """Tell whether a shell reads the word: it follows ``-c``, or it is all there is and looks like a script."""
    word = words[index]
    flag = index - 2 if index > 1 and words[index - 1] == "--" else index - 1
    if flag > 0 and _SHELL_SCRIPT_FLAG.match(words[flag]):
        return any(before.rpartition("/")[2] in _SHELLS for before in words[:flag])
    return not index and len(words) == 1 and " " in word.strip() and word[:1] not in "-{["


def _only_shell(words: Sequence[str]) -> bool:
    return bool(words) and words[0].rpartition("/")[2] in _SHELLS and all(word[:1] == "-" for word in words[1:])


@lru_cache(maxsize=512)
def _commands(script: str) -> tuple[Words, ...]:
    """Return the commands of *script*; cached, since every container is asked twice, and copies of a script abound."""
    return tuple(_split(script))


def _split(script: str, depth: int = 0) -> Iterator[Words]:
    if len(script) > _MAX_SCRIPT:
        return
    segment: list[str] = []
    for piece in _PIECE.finditer(script):
        if piece.lastgroup == "cut" and segment:
            yield from _unwrapped(tuple(segment), depth)
            segment = []
        elif piece.lastgroup == "word":
            segment.append(_unquoted(piece[0]))
    if segment:
        yield from _unwrapped(tuple(segment), depth)


def _unwrapped(segment: Words, depth: int) -> Iterator[Words]:
    """Yield the commands of ``eval "..."`` and ``bash -c "..."`` inside a script, else the segment itself."""
    if depth < 3:
        if segment[0] == "eval":
            yield from _split(" ".join(segment[1:]), depth + 1)
            return
        for index in range(1, len(segment)):
            if _is_script(segment, index):
                yield from _split(segment[index], depth + 1)
                return
    yield segment


def _unquoted(word: str) -> str:
    if not any(mark in word for mark in "\"'\\"):
        return word
    return _QUOTING.sub(_unquote_piece, word)


def _unquote_piece(found: re.Match[str]) -> str:
    if found[1] is not None:
        return found[1]
    if found[2] is not None:
        return _ESCAPED.sub(lambda escaped: escaped[1] or "", found[2])
    return found[3] or ""
