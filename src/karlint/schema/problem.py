"""What is wrong with a resource, before it is known for which versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from karlint.model.fix import Operation
    from karlint.model.path import Path
    from karlint.model.source import Anchor


class Problem(Struct, frozen=True):
    """One mistake of one resource.

    Attributes:
        code: what sort of mistake: "unknown-field", "missing-field", or the JSON Schema keyword that fails.
        at: path of what is wrong, in the resource as written.
        anchor: which part of the entry at *at* is meant.
        subject: the field that is unknown or missing; "" for the others.
        message: one sentence.
        help: what to do about it; "" when the message says it.
        fix: what would mend it, in order; empty where there is more than one way, or none.
        safe: whether the resource means the same after its fix.
    """

    code: str
    at: Path
    anchor: Anchor
    subject: str
    message: str
    help: str = ""
    fix: tuple[Operation, ...] = ()
    safe: bool = False
