"""Validates resources against the schemas of their kinds."""

from karlint.schema.pack import available_versions, default_version
from karlint.schema.schemaset import SchemaSet, SchemaVerdict

__all__ = ["SchemaSet", "SchemaVerdict", "available_versions", "default_version"]
