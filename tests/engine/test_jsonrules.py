"""Rules that are a JSON Schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from karlint.engine import SchemaRules
from karlint.errors import PolicyError
from karlint.model.source import Anchor
from tests.inventory.support import inventory_of, pod
from tests.rules.support import book_of

if TYPE_CHECKING:
    from pathlib import Path

    from karlint.model.finding import RawFinding


def evaluate(data: Path, schema: dict[str, Any], text: str, **custom: Any) -> list[RawFinding]:
    extra = {
        "severity": "error",
        "kinds": ["workload"],
        "message": "The field {field} is not as it should be.",
        **custom,
    }
    described = {"title": "Some schema", "description": "A statement that a schema makes best of all, as it happens."}
    text_of_rule = json.dumps({**described, "x-karlint": extra, **schema})
    book = book_of(data, {"demo/a/rule.schema.json": text_of_rule})
    inventory = inventory_of(text)
    rules = SchemaRules(list(book.rules.values()))
    (resource,) = inventory.resources
    return list(rules.evaluate(resource, inventory.traits(resource), inventory.workloads.get(0)))


NO_HOST_NETWORK = {"properties": {"hostNetwork": {"const": False}}}


def test_pod_spec_wherever_the_kind_keeps_it(tmp_path: Path) -> None:
    text = (
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}\n"
        "spec: {jobTemplate: {spec: {template: {spec: {hostNetwork: true}}}}}"
    )
    (finding,) = evaluate(tmp_path, NO_HOST_NETWORK, text, target="podspec")
    assert finding.at == ("spec", "jobTemplate", "spec", "template", "spec", "hostNetwork")
    assert finding.anchor is Anchor.KEY
    assert finding.args is not None
    assert (finding.args["field"], finding.args["value"]) == ("hostNetwork", "true")


def test_whole_object(tmp_path: Path) -> None:
    schema = {"properties": {"spec": {"properties": {"containers": {"items": {"required": ["name"]}}}}}}
    (finding,) = evaluate(tmp_path, schema, pod("{containers: [{name: a}, {}]}"))
    assert (finding.at, finding.anchor) == (("spec", "containers", 1), Anchor.VALUE)


def test_violation_at_the_root(tmp_path: Path) -> None:
    (finding,) = evaluate(tmp_path, {"required": ["other"]}, pod("{}"))
    assert (finding.at, finding.anchor) == ((), Anchor.VALUE)


def test_what_conforms_is_left_alone(tmp_path: Path) -> None:
    assert evaluate(tmp_path, NO_HOST_NETWORK, pod("{hostNetwork: false}"), target="podspec") == []
    assert evaluate(tmp_path, NO_HOST_NETWORK, pod("{hostNetwork: true}"), target="podspec", mentions=["hostIPC"]) == []


def test_what_is_no_schema_names_its_file(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"rule\.schema\.json: not a JSON Schema"):
        evaluate(tmp_path, {"type": "nothing"}, pod("{}"))
