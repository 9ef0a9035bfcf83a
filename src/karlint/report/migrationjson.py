"""A migration for programs. Fields are only ever added while ``schema`` stays the same number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from msgspec import Struct

from karlint import __version__
from karlint.report.sanitise import encodable

if TYPE_CHECKING:
    from karlint.model.migration import Migration

SCHEMA = 1
"""Number of the envelope; it changes when a field goes away or changes its meaning."""


def render_json(migration: Migration, diff: bytes) -> bytes:
    """Return *migration* as JSON, keys in a fixed order; of the files that change their paths and *diff*."""
    document = {"schema": SCHEMA, "tool": {"name": "karlint", "version": __version__}, **_plain(migration)}
    for workload, plain in zip(migration.workloads, document["workloads"], strict=True):
        plain["migrated"] = workload.is_migrated
    document["files"] = [encodable(file.path) for file in migration.files]
    document["diff"] = encodable(diff.decode("utf-8", "surrogateescape"))
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _plain(value: Any) -> Any:
    """Return a value of the model as JSON has it."""
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, bytes):
        return None
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Struct):
        return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
    return value
