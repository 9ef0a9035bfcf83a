"""Gitignore patterns, matched the way Git matches them while it walks: each entry by itself, directories first.

pathspec translates a pattern to a regular expression that also matches what lies below a matching directory. The walk
prunes a directory as soon as it is ignored, so what is needed here is the direct match only: with it, a negation in
an inner ``.gitignore`` speaks for the entries it names and not for everything below them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable

_DIRECTORY_MARK = "(?P<ps_d>/)"


class Layer(Struct, frozen=True):
    """The patterns of one file, for the entries below the directory *prefix* ("" or ends with "/")."""

    prefix: str
    anything: re.Pattern[str]
    patterns: tuple[tuple[re.Pattern[str], bool], ...]

    def verdict(self, path: str) -> bool | None:
        """True when *path* is ignored, False when it is kept explicitly, None when no pattern matches.

        *path* lies below the prefix; that of a directory ends with "/".
        """
        inner = path[len(self.prefix) :]
        # One alternation answers for most files at once; which pattern it was is only asked when one did match.
        if not self.anything.fullmatch(inner):
            return None
        for pattern, include in reversed(self.patterns):
            if pattern.fullmatch(inner):
                return include
        return None


def is_ignored(path: str, layers: tuple[Layer, ...]) -> bool:
    """Return whether *path* is ignored by *layers*, the innermost first. Its parents are taken as not ignored."""
    for layer in layers:
        verdict = layer.verdict(path)
        if verdict is not None:
            return verdict
    return False


def is_excluded(path: str, layer: Layer | None) -> bool:
    """Return whether *layer* ignores *path* or a directory above it."""
    if layer is None:
        return False
    ends = [index + 1 for index, letter in enumerate(path) if letter == "/" and index + 1 < len(path)]
    return any(layer.verdict(path[:end]) for end in [*ends, len(path)])


def compile_layer(lines: Iterable[str], prefix: str = "") -> Layer | None:
    """Compile gitignore *lines*; None when they hold no pattern.

    A line that Git would not accept matches nothing, as in Git. Use :func:`invalid_patterns` to complain about it.
    """
    compiled = [entry for line in lines if (entry := _compile(line)) is not None]
    if not compiled:
        return None
    sources = "|".join(f"(?:{source})" for source, _ in compiled)
    patterns = tuple((re.compile(source, re.DOTALL), include) for source, include in compiled)
    return Layer(prefix, re.compile(sources, re.DOTALL), patterns)


def invalid_patterns(lines: Iterable[str]) -> list[str]:
    """Return those of *lines* that are no gitignore patterns (comments and blank lines are fine)."""
    return [line for line in lines if line.strip() and not line.startswith("#") and _compile(line) is None]


def ignore_lines(data: bytes) -> list[str]:
    """Return the lines of an ignore file as Git splits them: by LF, a CR before it dropped, no BOM."""
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    return [line.removesuffix("\r") for line in text.split("\n")]


def _compile(line: str) -> tuple[str, bool] | None:
    # pathspec costs 30 ms to import, which a tree without ignore files need not pay.
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern  # noqa: PLC0415

    try:
        pattern = GitIgnoreSpecPattern(line)
    except ValueError:
        return None
    if pattern.include is None or pattern.regex is None:
        return None
    return _direct(str(pattern.regex.pattern)), pattern.include


def _direct(source: str) -> str:
    """Turn pathspec's "this or anything below" expression into one that matches an entry by itself, as a whole."""
    if source == ".":  # "*": everything
        return ".+"
    if source == _DIRECTORY_MARK:  # "*/": every directory
        return ".+/"
    if source.endswith("/") and _DIRECTORY_MARK not in source:  # "a/**": all that is in a, and not a itself
        return source + ".+"
    return source.replace(_DIRECTORY_MARK, "/")
