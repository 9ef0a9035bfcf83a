"""Suppressions: what someone chose to ignore, with a reason, beside the thing itself.

A comment ``# karlint: ignore[dra/rule, quota/*] reason`` speaks for

- the finding on its line, when it trails;
- the finding on the line below, when it stands alone (further comment lines may come between);
- a whole list item (a container, say), when it trails or stands above the item's first line;
- the whole document, when it stands before the document's first key.

For what is rendered, "its line" is the place that the finding points at, in a base, a patch, a template or a values
file, and the places on the way to it; "the document" is that file's, and of a template all of it.

An annotation ``karlint.dev/ignore: "dra/rule, quota/*: reason"`` (one entry a line), or one annotation a rule,
``karlint.dev/ignore.dra.rule: reason``, speaks for the resource, or for the pod template whose metadata holds it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from karlint.model.finding import Location
from karlint.model.source import Anchor, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from karlint.findings.draft import Draft
    from karlint.model.finding import Placed
    from karlint.model.path import Path
    from karlint.model.resource import Resource
    from karlint.model.source import SourceFile, SuppressionComment

    Locate = Callable[[Resource, Path, Anchor], Placed]

ANNOTATION = "karlint.dev/ignore"
"""The annotation, and the prefix of the annotations that name one rule each."""

EXCLUDED_REASON = "turned off for this path by the configuration"
"""The reason that findings of a path exclusion carry among the suppressed ones."""

_NEWLINE = re.compile(r"\r\n|\r|\n")
_NOTHING_YET = re.compile(r"^[\s-]*(?:#.*)?$")


class Suppression(Struct, frozen=True):
    """One suppression, of either form.

    Attributes:
        patterns: rule ids or ``category/*``, as written.
        reason: why; a suppression without one has no effect.
        location: where it stands.
        resource: the resource it belongs to, the first one of the document for a comment; None for a comment in a file
            that is rendered.
        ordinal: for a comment in a file that is rendered, the document that it stands in.
        at: path of the annotation; () for a comment.
        line: for a comment, the line it speaks for; None for the whole document.
        scope: for an annotation, the path of what it speaks for; None for a comment.
    """

    patterns: tuple[str, ...]
    reason: str
    location: Location
    resource: Resource | None
    at: Path = ()
    line: int | None = None
    scope: Path | None = None
    ordinal: int = 0


class CommentedFile(Struct, frozen=True):
    """A file that is rendered, with comments in it.

    Attributes:
        documents: ordinal, line of the first content, and comments of each document that has some.
    """

    file: SourceFile
    documents: tuple[tuple[int, int, tuple[SuppressionComment, ...]], ...]


def matches(pattern: str, rule: str) -> bool:
    """Tell whether *pattern*, a rule id or ``category/*``, names *rule*. ``*`` alone names nothing."""
    category, _, name = pattern.partition("/")
    return pattern == rule or (name == "*" and bool(category) and rule.startswith(category + "/"))


class Suppressions:
    """All suppressions of a run, and which of their patterns matched something."""

    def __init__(self, resources: Sequence[Resource], locate: Locate, commented: Iterable[CommentedFile] = ()) -> None:
        self._locate = locate
        self.all: list[Suppression] = []
        self.used: set[tuple[int, str]] = set()
        self._by_document: dict[tuple[str, int], list[int]] = {}
        self._by_file: dict[str, list[int]] = {}
        self._by_resource: dict[int, list[int]] = {}
        for comment in (*_comments(resources), *_comments_in(commented)):
            path = comment.location.path
            if comment.line is not None:
                self._by_file.setdefault(path, []).append(len(self.all))
            document = comment.resource.document if comment.resource is not None else None
            ordinal = document.ordinal if document is not None else comment.ordinal
            self._by_document.setdefault((path, ordinal), []).append(len(self.all))
            self.all.append(comment)
        for index, annotation in _annotations(resources, locate):
            self._by_resource.setdefault(index, []).append(len(self.all))
            self.all.append(annotation)

    def reason_for(self, draft: Draft) -> str | None:
        """Return the reason for which *draft* is ignored, None when it is active; remembers what matched."""
        resource = draft.resource
        if resource is None:
            return None
        reason: str | None = None
        lines: set[tuple[str, int]] | None = None
        for number in self._candidates(draft, resource):
            suppression = self.all[number]
            patterns = [pattern for pattern in suppression.patterns if matches(pattern, draft.rule)]
            if not patterns or not suppression.reason:
                continue
            if suppression.scope is None and suppression.line is not None:
                lines = _lines_of(draft, resource, self._locate) if lines is None else lines
                covered = (suppression.location.path, suppression.line) in lines
            else:
                scope = suppression.scope or ()
                covered = draft.at[: len(scope)] == scope
            if covered:
                self.used.update((number, pattern) for pattern in patterns)
                reason = suppression.reason if reason is None else reason
        return reason

    def _candidates(self, draft: Draft, resource: Resource) -> Iterable[int]:
        """Return the numbers of the suppressions that may speak for *draft*."""
        own = self._by_resource.get(resource.index, ())
        if resource.origins is None:
            document = (resource.document.file.path, resource.document.ordinal)
            return [*self._by_document.get(document, ()), *own]
        ways = {related.location.path for related in draft.related}
        there = self._by_document.get((draft.location.path, draft.ordinal), ())
        return [*there, *(number for path in sorted(ways) for number in self._by_file.get(path, ())), *own]


def _lines_of(draft: Draft, resource: Resource, locate: Locate) -> set[tuple[str, int]]:
    """Return the lines at which a comment speaks for *draft*: its own, its key's, and where its list items begin.

    For what is rendered, each of them has places on the way to it, which count too.
    """
    at = draft.at
    places = [draft.location]
    asked = [(at, Anchor.KEY)] if at and isinstance(at[-1], str) else []
    if resource.origins is not None:
        asked.append((at, Anchor.VALUE))
    for length in range(len(at) + 1):
        step = at[length - 1] if length else (resource.prefix or ("",))[-1]
        if isinstance(step, int):
            asked.append((at[:length], Anchor.VALUE))
    for path, anchor in asked:
        placed = locate(resource, path, anchor)
        places += (placed.location, *(related.location for related in placed.via))
    return {(place.path, place.span.line) for place in places}


def _comments(resources: Iterable[Resource]) -> Iterator[Suppression]:
    seen: set[tuple[str, int]] = set()
    for resource in resources:
        document = resource.document
        key = (document.file.path, document.ordinal)
        if not resource.comments or key in seen:
            continue
        seen.add(key)
        yield from _read_comments(document.file, document.ordinal, document.line, resource.comments, resource)


def _comments_in(files: Iterable[CommentedFile]) -> Iterator[Suppression]:
    for commented in files:
        for ordinal, line, comments in commented.documents:
            yield from _read_comments(commented.file, ordinal, line, comments, None)


def _read_comments(
    file: SourceFile, ordinal: int, first: int, comments: Iterable[SuppressionComment], resource: Resource | None
) -> Iterator[Suppression]:
    lines = _text_lines(file)
    for comment in comments:
        yield Suppression(
            patterns=comment.rules,
            reason=comment.reason,
            location=Location(file.path, _comment_span(comment, lines)),
            resource=resource,
            line=None if comment.line < first else _target_line(comment, lines),
            ordinal=ordinal,
        )


def _text_lines(file: SourceFile) -> list[str]:
    try:
        text = file.read().decode("utf-8-sig", "replace")
    except OSError:
        return []  # the file went away after it was loaded; comments then speak for the very next line
    return _NEWLINE.split(text)


def _comment_span(comment: SuppressionComment, lines: Sequence[str]) -> Span:
    end = comment.column + 1
    if comment.line <= len(lines):
        end = max(end, len(lines[comment.line - 1].rstrip()) + 1)
    return Span(comment.line, comment.column, comment.line, end)


def _target_line(comment: SuppressionComment, lines: Sequence[str]) -> int:
    """Return the line that *comment* speaks for, which for a comment of its own is the next line with content.

    A blank line ends the search: what stands apart does not speak for what follows. A bare dash is no content, the
    item it opens begins below it.
    """
    if not comment.own_line:
        before = lines[comment.line - 1][: comment.column - 1] if comment.line <= len(lines) else "?"
        if before.strip(" \t-"):
            return comment.line
    line = comment.line + 1
    while line <= len(lines) and lines[line - 1].strip() and _NOTHING_YET.match(lines[line - 1]):
        line += 1
    return line


def _annotations(resources: Iterable[Resource], locate: Locate) -> Iterator[tuple[int, Suppression]]:
    needle = ANNOTATION.encode()
    for resource in resources:
        if needle not in resource.document.json:
            continue  # decoding every resource to look for something so rare would cost more than all the rest
        for scope, key, value in _find_annotations(resource.body):
            at = (*scope, "metadata", "annotations", key)
            location = locate(resource, at, Anchor.KEY).location
            for patterns, reason in _parse(key, value):
                yield resource.index, Suppression(patterns, reason, location, resource, at=at, scope=scope)


def _find_annotations(body: Any) -> Iterator[tuple[Path, str, Any]]:
    """Yield owner path, key and value of every karlint annotation in *body*, in document order."""
    stack: list[tuple[Path, Any]] = [((), body)]
    while stack:
        path, node = stack.pop()
        if isinstance(node, dict):
            metadata = node.get("metadata")
            annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
            for key, value in annotations.items() if isinstance(annotations, dict) else ():
                if key == ANNOTATION or key.startswith(ANNOTATION + "."):
                    yield path, key, value
            children: list[tuple[str | int, Any]] = list(node.items())
        elif isinstance(node, list):
            children = list(enumerate(node))
        else:
            continue
        stack.extend(((*path, step), child) for step, child in reversed(children) if isinstance(child, dict | list))


def _parse(key: str, value: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    text = "" if value is None else str(value)
    if key != ANNOTATION:
        yield (key[len(ANNOTATION) + 1 :].replace(".", "/", 1),), text.strip()
        return
    for entry in text.splitlines() or [""]:
        names, _, reason = entry.partition(":")
        patterns = tuple(name.strip() for name in names.split(",") if name.strip())
        if patterns or not text.strip():
            yield patterns, reason.strip()
