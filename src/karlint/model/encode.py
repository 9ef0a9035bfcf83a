"""Values of the model as JSON."""

from __future__ import annotations

from typing import Any

import orjson
from msgspec.structs import asdict


def to_json(value: Any) -> bytes:
    """Return *value*, which may hold structs and fragments of JSON, as JSON text. Raises TypeError for another type."""
    return orjson.dumps(value, default=asdict)
