"""Evaluates rules that are a JSON Schema: each violation is a finding at the place that violates it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema_rs
import orjson

from karlint.engine.embedded import index_by_trait, spoken_of
from karlint.errors import PolicyError
from karlint.model.finding import RawFinding
from karlint.model.source import Anchor

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from karlint.model.path import Path
    from karlint.model.resource import Resource
    from karlint.model.rule import Rule
    from karlint.model.workload import Workload


class SchemaRules:
    """Rules in ``rule.schema.json``, compiled once."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        """Compile the schemas. Raises PolicyError for one that is no JSON Schema."""
        chosen = [rule for rule in rules if rule.language == "schema"]
        self._index = index_by_trait(chosen)
        self._validators = {rule.id: _compile(rule) for rule in chosen}

    def evaluate(self, resource: Resource, traits: Collection[str], workload: Workload | None) -> Iterator[RawFinding]:
        """Yield what the rules say of one resource."""
        asked = {rule.id: rule for trait in traits for rule in self._index.get(trait, ())}
        for rule in spoken_of(asked.values(), resource, traits):
            for prefix, value in _targets(rule, resource, workload):
                yield from self._violations(rule, resource, prefix, value)

    def _violations(
        self, rule: Rule, resource: Resource, prefix: Path, value: Mapping[str, Any]
    ) -> Iterator[RawFinding]:
        validator = self._validators[rule.id]
        if validator.is_valid(value):
            return
        for error in validator.iter_errors(value):
            at = (*prefix, *error.instance_path)
            field = str(at[-1]) if at else ""
            yield RawFinding(
                rule=rule.id,
                resource=resource.index,
                at=at,
                anchor=Anchor.KEY if isinstance(at[-1:] and at[-1], str) else Anchor.VALUE,
                args={"field": field, "value": _short(error.instance), "expected": error.message},
            )


def _targets(rule: Rule, resource: Resource, workload: Workload | None) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    if rule.target == "object":
        yield (), resource.body
    elif workload is not None:
        for template in workload.templates:
            yield template.spec_path, template.spec


def _compile(rule: Rule) -> jsonschema_rs.Validator:
    if rule.logic is None:
        raise PolicyError(f"{rule.folder}: no rule.schema.json")
    schema = orjson.loads(rule.logic.read_bytes())
    try:
        return jsonschema_rs.validator_for(schema)
    except (ValueError, jsonschema_rs.ValidationError) as error:
        raise PolicyError(f"{rule.logic}: not a JSON Schema: {error}") from error


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= 60 else text[:57] + "..."
