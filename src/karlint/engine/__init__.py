"""Evaluates rules: Rego with regorus or on an OPA server, JSON Schema with jsonschema-rs."""

from karlint.engine.embedded import EmbeddedEngine, Target, with_something_to_say, work_out_facts
from karlint.engine.jsonrules import SchemaRules
from karlint.engine.opaserver import ServerOptions
from karlint.engine.spelling import needed

__all__ = [
    "EmbeddedEngine",
    "SchemaRules",
    "ServerOptions",
    "Target",
    "needed",
    "with_something_to_say",
    "work_out_facts",
]
