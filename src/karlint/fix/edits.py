"""From one symbolic operation to the edits of the text that do it, and touch nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from karlint.fix.adding import add_entry, add_item
from karlint.fix.removing import remove
from karlint.fix.replacing import quote_of, replace_value
from karlint.fix.scalars import normal, scalar_text
from karlint.fix.wrapping import unwrap, wrap
from karlint.model.fix import OperationKind, TextEdit
from karlint.model.refused import RefusedError

if TYPE_CHECKING:
    from karlint.fix.spots import DocumentText
    from karlint.model.fix import Operation

_TOKEN = re.compile(r"\$\{|\{\{|\}\}|\$\(|^<[^<>]*>$|^@[^@]*@$|ENC\[")
"""What something else fills in before the API server sees it."""


def edits_for(document: DocumentText, operation: Operation) -> list[TextEdit]:
    """Return the edits that do *operation*, in order, none overlapping. Raises RefusedError."""
    if not operation.at:
        raise RefusedError("a document as a whole is not replaced")
    if operation.kind is OperationKind.ADD:
        return _add(document, operation)
    way = document.way(operation.at)
    if len(way) <= len(operation.at):
        raise RefusedError("the place is not in the text")
    spot = way[-1]
    if operation.kind is OperationKind.RENAME:
        return [_rename(document, operation, way[-1].entry)]
    if operation.kind is OperationKind.WRAP:
        return wrap(document, spot, operation.name, operation.value)
    if operation.kind is OperationKind.UNWRAP:
        return unwrap(document, way)
    document.check_inside(spot.node)
    if _TOKEN.search(document.text[spot.node.start : spot.node.end]):
        raise RefusedError("a template fills in the value")
    if operation.kind is OperationKind.REMOVE:
        return remove(document, way)
    return replace_value(document, spot, normal(operation.value))


def _rename(document: DocumentText, operation: Operation, entry: Any) -> TextEdit:
    if entry is None:
        raise RefusedError("an item of a list has no name")
    key = entry.key
    text = document.text[key.start : key.end]
    if key.target is not None or not text or text[0] in "&!*|>?" or "\n" in text or _TOKEN.search(text):
        raise RefusedError("the key is not plain text")
    flow = not document.json and document.is_flow(document.way(operation.at[:-1])[-1].node)
    return TextEdit(key.start, key.end, scalar_text(operation.name, document.manner, quote_of(text), flow))


def _add(document: DocumentText, operation: Operation) -> list[TextEdit]:
    at, value = operation.at, normal(operation.value)
    way = document.way(at[:-1])
    spot = way[-1]
    for step in reversed(at[len(way) :]):
        if isinstance(step, int):
            raise RefusedError("there is no list to add to")
        value = {step: value}
    step, node = at[len(way) - 1], spot.node
    if node.entries:
        return add_entry(document, spot, str(step), value)
    if node.items:
        return add_item(document, spot, value)
    return replace_value(document, spot, [value] if isinstance(step, int) else {step: value}, into_empty=True)
