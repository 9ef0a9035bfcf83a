"""Where rendered values come from: places in Git that a person can edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from msgspec import Struct

from karlint.model.source import Anchor

if TYPE_CHECKING:
    from collections.abc import Callable

    from karlint.model.path import Path
    from karlint.model.source import Span


class Spot(Struct, frozen=True):
    """A place in a file of the tree: either a path in a YAML document, or a span of its text (a template's line).

    Attributes:
        file: repository-relative POSIX path.
        ordinal, at: document and path in it; *at* None where *span* says it.
        exact: True when an edit of exactly this place changes exactly the rendered value, and nothing nearer does.
        why: words for a related location, one short sentence: "The template puts it here."
    """

    file: str
    ordinal: int = 0
    at: Path | None = None
    span: Span | None = None
    anchor: Anchor = Anchor.VALUE
    exact: bool = False
    why: str = ""


class Origin(Struct, frozen=True):
    """The place to edit, and the rest of the way to it: template, chart, patch, Application."""

    primary: Spot
    via: tuple[Spot, ...] = ()


class OriginMap(Protocol):
    """Knows where the values of one rendered stream come from. Works things out when asked: few are."""

    def locate(self, ordinal: int, at: Path, anchor: Anchor) -> Origin:
        """Return the origin of the value at *at* of the rendered document *ordinal*; never raises, never at random."""
        ...


class Literal(Struct, frozen=True):
    """Lines of a template that are printed as they stand.

    Attributes:
        file: the template, a repository-relative POSIX path.
        start: where in its text the lines begin.
        lines: the lines, each with its line break.
        indent: how many spaces stand before each of them once printed, beside its own.
    """

    file: str
    start: int
    lines: tuple[str, ...]
    indent: int = 0


class Printed(Struct, frozen=True):
    """The text of one rendered document.

    Attributes:
        text: the document alone.
        literal: gives the template's lines for the first to the last of some lines of *text*, counted from 0; None
            where one of them is not literal, or where nobody should edit them.
    """

    text: str
    literal: Callable[[int, int], Literal | None]


@runtime_checkable
class Printing(OriginMap, Protocol):
    """Origins that also know which template printed a document."""

    def printed(self, ordinal: int) -> Printed | None:
        """Return the text of the rendered document *ordinal*; None where no template is known to have printed it."""
        ...


@runtime_checkable
class Filling(OriginMap, Protocol):
    """Origins of a stream in whose strings something was filled in."""

    def stretch(self, ordinal: int, at: Path, inner: Span) -> tuple[Origin, Span | None]:
        """Return the origin of the string at *at* as it was before, and where in it the stretch *inner* stood.

        For a stretch that was filled in, return the origin of what fills it, and None. Lines and columns are those of
        the string.
        """
        ...
