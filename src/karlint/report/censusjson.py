"""The census for programs: ``schemas/karlint-inventory.schema.json`` describes it.

Fields are only ever added while ``schema`` stays the same number. Text is given as it is in the repository.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from msgspec import Struct

from karlint import __version__
from karlint.report.sanitise import encodable

if TYPE_CHECKING:
    from karlint.model.census import Census

SCHEMA = 1
"""Number of the envelope; it changes when a field goes away or changes its meaning."""


def render_json(census: Census) -> bytes:
    """Return *census* as JSON, keys in a fixed order, so that equal runs give equal bytes."""
    document = {"schema": SCHEMA, "tool": {"name": "karlint", "version": __version__}, **_plain(census)}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _plain(value: Any) -> Any:
    """Return a value of the model as JSON has it."""
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Struct):
        return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
    return value
