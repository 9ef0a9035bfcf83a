"""Fixes of what a chart's template prints as it stands: carried over to the template's text.

What is edited here has to be proven by rendering all of the tree again: see ``proven``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from msgspec.structs import replace

from karlint.fix import RefusedError, mend
from karlint.fix.rewriting import carried_over
from karlint.model.fix import Change
from karlint.model.origin import Printing

if TYPE_CHECKING:
    from karlint.model.fix import Operation
    from karlint.model.resource import Resource

_NAME = "<rendered>.yaml"


def template_changes(resource: Resource, operations: tuple[Operation, ...]) -> tuple[Change, ...]:
    """Return the change of a template that does *operations* on *resource*; empty where none surely does.

    The edit is made on the text that was rendered, as on any manifest. It is one of the template where each line that
    it touches stands there as it was printed.
    """
    document, origins = resource.document, resource.origins
    printed = origins.printed(document.ordinal) if isinstance(origins, Printing) else None
    if printed is None:
        return ()
    moved = tuple(replace(operation, at=(*resource.prefix, *operation.at)) for operation in operations)
    whole = orjson.loads(document.json)
    try:
        edits = mend(_NAME, printed.text, [Change(_NAME, 0, moved, (((), whole),))]).edits
        file, rewrites = carried_over(printed, edits)
    except RefusedError:
        return ()
    return (Change(file, 0, operations, rewrites=rewrites),)
