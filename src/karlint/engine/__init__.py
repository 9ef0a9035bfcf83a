"""Evaluates rules: Rego with regorus or on an OPA server, JSON Schema with jsonschema-rs."""

from karlint.engine.embedded import EmbeddedEngine, Target, work_out_facts
from karlint.engine.jsonrules import SchemaRules
from karlint.engine.opaserver import ServerOptions

__all__ = ["EmbeddedEngine", "SchemaRules", "ServerOptions", "Target", "work_out_facts"]
