"""Evaluates rules: Rego with regorus, JSON Schema with jsonschema-rs."""

from karlint.engine.embedded import EmbeddedEngine, Target, work_out_facts
from karlint.engine.jsonrules import SchemaRules

__all__ = ["EmbeddedEngine", "SchemaRules", "Target", "work_out_facts"]
