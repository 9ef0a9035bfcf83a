"""Flux' post-build substitution: a pass over the text of each resource, and where the values in the result come from.

Facts: github.com/fluxcd/pkg/kustomize, SubstituteVariables. A resource is written as YAML, its variables are replaced
in that text, and what comes out is read again: so ``replicas: ${N}`` becomes a number, quoted or not in the source.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from karlint.model.origin import Origin, OriginMap, Spot
from karlint.model.source import Anchor, Span
from karlint.render.envsubst import SubstitutionError, UnknownValueError, Use, parse, value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from karlint.model.path import Path
    from karlint.model.unit import Variable

OTHERS = "*"
"""Key among a unit's variables that stands for all names that are not listed: a Secret that is not in the tree may hold
them. No variable can be called so."""

_ANNOTATION = "kustomize.toolkit.fluxcd.io/substitute"
_NAME = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*\Z")
_SEPARATOR = re.compile(r"^---$\n?", re.MULTILINE)
_TOP = re.compile(r"^(\S[^:]*):")
_SECOND = re.compile(r"^  (labels|annotations):\s*$")
_DISABLED = re.compile(rf"^    [\"']?{re.escape(_ANNOTATION)}[\"']?: [\"']?disabled[\"']?\s*$")


def substitute_stream(stream: str, variables: Mapping[str, Variable]) -> str:
    """Return the YAML *stream*, as kustomize writes it, with the variables of each document filled in.

    What depends on a value that is not known stays as written: ``${LIKE_THIS}`` counts as unknown everywhere else.
    Raises SubstitutionError where Flux would fail.
    """
    check_names(variables)
    documents = _SEPARATOR.split(stream)
    return "---\n".join(
        text if "$" not in text or _says_disabled(text) else fill(text, variables) for text in documents
    )


def check_names(variables: Mapping[str, Variable]) -> None:
    """Raise SubstitutionError for a name that Flux refuses."""
    for name in variables:
        if name != OTHERS and not _NAME.match(name):
            raise SubstitutionError(f"{name} cannot be the name of a variable: Flux takes letters, digits and _ only")


def fill(text: str, variables: Mapping[str, Variable]) -> str:
    """Return *text* with its variables filled in, as far as they are known. Raises SubstitutionError."""
    return "".join(_filled(text, part, variables, []) for part in parse(text))


def origin_of(scalar: str, variables: Mapping[str, Variable], where: Origin) -> Origin:
    """Return the origin of what *scalar* became, given *where* it stands before substitution.

    The place to edit is the variable's, and *where* is on the way to it. A default (``${N:=3}``) stands where it is.
    """
    used: list[str] = []
    try:
        for part in parse(scalar):
            _filled(scalar, part, variables, used)
    except SubstitutionError:
        return where
    known = _known(used, variables)
    return _said(known[0], variables, where) if known else where


def _known(used: Sequence[str], variables: Mapping[str, Variable]) -> list[str]:
    return [name for name in used if name in variables and variables[name].value]


def _said(name: str, variables: Mapping[str, Variable], where: Origin) -> Origin:
    """Return the origin of what the variable *name* says, which is filled in at *where*."""
    place = variables[name].place
    step = replace(where.primary, exact=False, why=f"${{{name}}} is filled in here.")
    return Origin(Spot(place.file, place.ordinal, place.at, exact=True), (step, *where.via))


def _before(line: str, start: int, end: int, variables: Mapping[str, Variable]) -> tuple[str, int, int]:
    """Return the variable that fills in a part of the columns *start* to *end* of *line*, as it is filled in, or else
    "" and the columns that the same text has in *line* itself. Raises SubstitutionError.
    """
    if "$$" in line:  # columns are not told where an escape became shorter
        raise SubstitutionError(line)
    after = before = 0
    for part in parse(line):
        used: list[str] = []
        text = _filled(line, part, variables, used)
        if isinstance(part, str) and after <= start and end <= after + len(text):
            return "", before + start - after, before + end - after
        known = _known(used, variables)
        if known and start < after + len(text) and after < end:
            return known[0], start, end
        after += len(text)
        before = before + len(part) if isinstance(part, str) else part.end
    return "", start, end


class SubstitutedOrigins(Struct, frozen=True):
    """Origins in a substituted stream.

    Attributes:
        inner: origins in the stream before.
        before: returns a document of the stream before, by its ordinal, as a value.
        variables: what was filled in.
    """

    inner: OriginMap
    before: Callable[[int], Any]
    variables: Mapping[str, Variable]

    def locate(self, ordinal: int, at: Path, anchor: Anchor) -> Origin:
        """Return the origin of the value at *at* of the document *ordinal*."""
        document = self.before(ordinal)
        if is_disabled(document):
            return self.inner.locate(ordinal, at, anchor)
        path, value = self._path_before(document, at)
        scalar = path[-1] if anchor is Anchor.KEY and len(path) == len(at) and path else value
        where = self.inner.locate(ordinal, path, anchor if len(path) == len(at) else Anchor.VALUE)
        if not isinstance(scalar, str) or "${" not in scalar:
            return where
        return origin_of(scalar, self.variables, where)

    def stretch(self, ordinal: int, at: Path, inner: Span) -> tuple[Origin, Span | None]:
        """Return the origin of the string at *at* before substitution, and where in it the stretch *inner* stood.

        What a variable filled in has the origin of its value, and no place in the string.
        """
        document = self.before(ordinal)
        path, value = self._path_before(document, at)
        where = self.inner.locate(ordinal, path, Anchor.VALUE)
        lines = value.split("\n") if isinstance(value, str) and len(path) == len(at) else []
        if is_disabled(document) or not inner.line == inner.end_line <= len(lines):
            return where, inner
        line = lines[inner.line - 1]
        try:
            name, start, end = _before(line, inner.column - 1, inner.end_column - 1, self.variables)
        except SubstitutionError:
            return where, inner
        if name:
            return _said(name, self.variables, where), None
        return where, Span(inner.line, start + 1, inner.line, end + 1)

    def _path_before(self, document: Any, at: Path) -> tuple[Path, Any]:
        """Return the path that *at* had before, as deep as there is one, and what stood there."""
        path: list[str | int] = []
        value = document
        for step in at:
            if isinstance(value, dict):
                key = step if step in value else self._key_before(value, step)
                if key is None:
                    break
                path.append(key)
                value = value[key]
            elif isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
                path.append(step)
                value = value[step]
            else:
                break
        return tuple(path), value

    def _key_before(self, value: dict[Any, Any], key: str | int) -> str | None:
        for old in value:
            if isinstance(old, str) and "$" in old:
                try:
                    if fill(old, self.variables) == key:
                        return old
                except SubstitutionError:
                    continue
        return None


def is_disabled(document: Any) -> bool:
    """Return True for a resource whose label or annotation turns substitution off."""
    metadata = document.get("metadata") if isinstance(document, dict) else None
    maps = (metadata.get("labels"), metadata.get("annotations")) if isinstance(metadata, dict) else ()
    return any(isinstance(found, dict) and found.get(_ANNOTATION) == "disabled" for found in maps)


def _says_disabled(text: str) -> bool:
    """Return the same for a resource's text, as kustomize writes it: two blanks for each level."""
    if _ANNOTATION not in text:
        return False
    top = second = ""
    for line in text.splitlines():
        if found := _TOP.match(line):
            top, second = found.group(1), ""
        elif line.startswith("  ") and line[2:3] not in {" ", ""}:
            found = _SECOND.match(line)
            second = found.group(1) if found else ""
        elif top == "metadata" and second and _DISABLED.match(line):
            return True
    return False


def _filled(text: str, part: str | Use, variables: Mapping[str, Variable], used: list[str]) -> str:
    if isinstance(part, str):
        return part
    try:
        return value_of(part, lambda name: _value(name, variables), used)
    except UnknownValueError:
        return text[part.start : part.end]


def _value(name: str, variables: Mapping[str, Variable]) -> str | None:
    if name in variables:
        return variables[name].value
    return None if OTHERS in variables else ""
