"""OPA's type checker over every policy, with the published schema of the input: no rule asks for what is not there."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from karlint.inventory.inputschema import input_schema
from tests.policies.realopa import policy_files

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.tools

RULE = """package karlint.rules.demo.types

import data.karlint.lib.pods

findings contains {{"at": [], "args": {{"value": {expression}}}}} if {{
	some template in {templates}
	some container in template.containers
	some request in container.accelerators
}}
"""


def typed(value: Any, definitions: dict[str, Any]) -> Any:
    """Return a schema in the form that OPA makes types of: no references, and no null beside another type.

    OPA takes a union with null for anything at all.
    """
    if isinstance(value, list):
        return [typed(item, definitions) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return typed(definitions[value["$ref"].rpartition("/")[2]], definitions)
    options = [option for option in value.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) == 1:
        return typed(options[0], definitions)
    return {key: typed(item, definitions) for key, item in value.items() if key != "$defs"}


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    whole = input_schema()
    file = tmp_path_factory.mktemp("schema") / "input.json"
    file.write_text(json.dumps(typed(whole, whole["$defs"])), "utf-8")
    return file


def check(opa: Path, schema: Path, *more: Path) -> subprocess.CompletedProcess[str]:
    command = [str(opa), "check", "--strict", "--schema", str(schema), *map(str, policy_files()), *map(str, more)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_every_policy_fits_the_input(opa: Path, schema: Path) -> None:
    done = check(opa, schema)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("templates", "expression", "unknown"),
    [
        ("input.workload.template", "1", "template"),
        ("input.workload.templates", "input.workload.replicas", "replicas"),
        ("input.workload.templates", "input.resource.labels", "labels"),
        ("input.workload.templates", "template.replicas", "replicas"),
        ("pods.templates", "template.replicas", "replicas"),
        ("pods.templates", "container.image", "image"),
        ("pods.templates", "request.amount", "amount"),
        ("pods.templates", "container.server.name", "name"),
    ],
)
def test_a_field_that_is_not_there_is_found(
    opa: Path, schema: Path, tmp_path: Path, templates: str, expression: str, unknown: str
) -> None:
    rule = tmp_path / "rule.rego"
    rule.write_text(RULE.format(templates=templates, expression=expression), "utf-8")
    done = check(opa, schema, rule)
    assert done.returncode != 0
    assert "rego_type_error: undefined ref" in done.stderr
    assert f'have: "{unknown}"' in done.stderr


@pytest.mark.parametrize("expression", ["template.borrowed", "input.workload.scale", "request.quantity"])
def test_a_field_that_is_there_passes(opa: Path, schema: Path, tmp_path: Path, expression: str) -> None:
    rule = tmp_path / "rule.rego"
    rule.write_text(RULE.format(templates="pods.templates", expression=expression), "utf-8")
    done = check(opa, schema, rule)
    assert done.returncode == 0, done.stderr
