"""Validates resources against the schemas of their kinds."""

from karlint.minors import available_versions, default_version
from karlint.schema.locations import SchemaLocation
from karlint.schema.pack import read_ahead
from karlint.schema.schemaset import SchemaSet, SchemaVerdict
from karlint.schema.served import is_core_group

__all__ = [
    "SchemaLocation",
    "SchemaSet",
    "SchemaVerdict",
    "available_versions",
    "default_version",
    "is_core_group",
    "read_ahead",
]
