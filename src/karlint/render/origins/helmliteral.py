"""Lines of a chart's templates that are printed as they stand: what may be edited there, as text.

Nothing here proves that an edit of such a line changes only what was meant: a helper may be included twice, a range go
round more than once, another release use the chart. Whoever edits renders again and compares.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from karlint.model.origin import Literal, Printed
from karlint.model.source import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from karlint.render.origins.helmchart import Library, Tree
    from karlint.render.origins.helmmarks import Mark
    from karlint.render.origins.helmspots import Spots
    from karlint.render.origins.helmtext import Template
    from karlint.render.origins.helmtrace import Block, Trace

_ACTION = ("{{", "}}")


class Printer:
    """Knows the literal lines of what a chart prints."""

    def __init__(self, tree: Tree, library: Library, trace: Trace, spots: Spots) -> None:
        self._tree = tree
        self._library = library
        self._trace = trace
        self._spots = spots

    def printed(self, block: Block, file: str) -> Printed:
        """Return the text of *block*, which *file* printed, and what tells its literal lines."""
        lines = self._trace.lines

        def literal(first: int, last: int) -> Literal | None:
            first, last = block.start + first, block.start + last
            found = self._place(block, file, first, last)
            if found is None or is_vendored(self._tree, found[0].file):
                return None
            return _taken(*found, lines[first : last + 1])

        return Printed("\n".join(lines[block.start : block.end]) + "\n", literal)

    def _place(self, block: Block, file: str, first: int, last: int) -> tuple[Template, int] | None:
        """Return the template that holds rows *first* to *last* of the output, and its line (from 1) of the first."""
        template = self._library.template(file)
        if template is None or not template.actions or file not in self._library.owners:
            spot = self._spots.copied(file, self._trace.lines, block, Span(first + 1, 1, last + 1, 1))
            return None if template is None or spot.span is None or not spot.exact else (template, spot.span.line)
        marks = self._trace.marks(block)
        one, other = _literal_line(marks.get(first)), _literal_line(marks.get(last))
        if one is None or other is None or one[0] is not other[0] or other[1] - one[1] != last - first:
            return None
        return one


def _literal_line(marks: Sequence[Mark] | None) -> tuple[Template, int] | None:
    """Return the template and the line that *marks* of an output line say it is, if no action had a part in it."""
    if not marks or not marks[0].whole or marks[0].place.output is not None:
        return None
    return marks[0].place.template, marks[0].place.line


def _taken(template: Template, line: int, printed: Sequence[str]) -> Literal | None:
    """Return the lines of *template* from *line* on, if they are what was *printed*, all of them indented alike."""
    own = template.lines[line - 1 : line - 1 + len(printed)]
    if len(own) < len(printed) or any(sign in text for text in own for sign in _ACTION):
        return None
    indents = {
        _indent(text.rstrip(), shown.rstrip())  # Helm leaves out the white space that a file ends with
        for text, shown in zip(own, printed, strict=True)
        if text.strip() or shown.strip()
    }
    if len(indents) != 1 or min(indents) < 0:
        return None
    ends = ["\n"] * len(own)
    if line - 1 + len(own) == len(template.lines):
        ends[-1] = ""  # the file ends without a line break
    lines = tuple(text + end for text, end in zip(own, ends, strict=True))
    return Literal(template.file, template.line_start(line), lines, indents.pop())


def _indent(text: str, shown: str) -> int:
    """Return how many spaces *shown* begins with beside *text*; -1 where it is another line."""
    size = len(shown) - len(text)
    return size if size >= 0 and shown == " " * size + text else -1


def is_vendored(tree: Tree, file: str) -> bool:
    """Tell whether *file* is of a copy below ``charts/`` that ``helm dependency update`` makes anew."""
    steps = file.split("/")
    for index in (index for index in range(len(steps) - 2) if steps[index] == "charts"):
        parent, chart = "/".join(steps[:index]), "/".join(steps[: index + 2])
        name = tree.mapping(posixpath.join(chart, "Chart.yaml")).get("name") or steps[index + 1]
        if any(entry.get("repository") and entry.get("name") == name for entry in _dependencies(tree, parent)):
            return True
    return False


def _dependencies(tree: Tree, chart: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name in ("Chart.yaml", "requirements.yaml"):
        listed = tree.mapping(posixpath.join(chart, name)).get("dependencies")
        found += [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    return found
