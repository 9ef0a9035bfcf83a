"""The committed schemas of custom resources: made from upstream's definitions, small, and without upstream's prose."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from karlint.cli.crdfiles import read_crds
from karlint.schema import available_versions
from karlint.schema.compiled import Compiled
from karlint.schema.embedded import EmbeddedTypes
from karlint.schema.files import read_schema
from karlint.schema.form import children
from karlint.schema.importing import import_crds
from karlint.schema.pack import definitions, raw_definitions, self_contained

from .build import crd
from .upstream import CRDS, SCHEMAS, projects, upstream_versions

FILES = sorted(SCHEMAS.glob("*/*_*.json"))


def test_there_are_schemas() -> None:
    assert len(FILES) > 300
    assert sum(file.stat().st_size for file in FILES) < 3_000_000


def test_they_are_what_the_tool_makes_of_upstream() -> None:
    if not CRDS.is_dir():
        pytest.skip("upstream's definitions are not beside this checkout")
    made = import_crds(read_crds([str(CRDS / project) for project in projects()]))
    assert sorted(made) == [file.relative_to(SCHEMAS).as_posix() for file in FILES]
    assert [name for name, text in made.items() if (SCHEMAS / name).read_bytes() != text] == []
    assert {f"{item.id}.json" for item in upstream_versions()} == made.keys()


@pytest.mark.parametrize("version", [available_versions()[0], available_versions()[-1]])
def test_every_reference_leads_somewhere(version: str) -> None:
    core = raw_definitions(version)
    lost = [
        (file.name, name)
        for file in FILES
        for schema in [orjson.loads(file.read_bytes())]
        for name in references(schema)
        if name not in core and name not in schema.get("$defs", {})
    ]
    assert lost == []


# These hold variations on the pod's specification, which are no copies: Knative and KServe leave fields out or make
# them optional, Dynamo too, the operator of Prometheus mixes them with its own, and Notebook's is older than 1.25.
VARIATIONS = (
    "serving.knative.dev/", "serving.kserve.io/", "monitoring.coreos.com/", "kubeflow.org/notebook_",
    "nvidia.com/dynamocomponentdeployment_v1alpha1", "nvidia.com/dynamographdeployment_v1alpha1",
)  # fmt: skip


def test_they_hold_no_prose_and_no_copy_of_a_pod_specification() -> None:
    for file in FILES:
        name = file.relative_to(SCHEMAS).as_posix()
        for node in nodes(orjson.loads(file.read_bytes())):
            assert not {"description", "title", "examples", "example"} & node.keys(), name
            fields = node.get("properties", {}).keys()
            assert name.startswith(VARIATIONS) or not {"initContainers", "nodeSelector", "dnsConfig"} <= fields, name


def test_every_pattern_can_be_compiled() -> None:
    """Each file is compiled here, as a run does when the kind occurs."""
    types = EmbeddedTypes(definitions(available_versions()[-1]))
    dropped = {file.name: Compiled(self_contained(types, read_schema(file)), custom=True).dropped for file in FILES}
    assert {name: patterns for name, patterns in dropped.items() if patterns} == {}


def test_importing_is_deterministic() -> None:
    field = {"type": "object", "properties": {"a": {"type": "string", "maxLength": 63}, "b": {"type": "integer"}}}
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"x": field, "y": field}}}}
    assert import_crds([crd(schema)]) == import_crds([crd(schema)])


def references(schema: Any) -> set[str]:
    return {node["$ref"].removeprefix("#/$defs/") for node in nodes(schema) if "$ref" in node}


def nodes(schema: dict[str, Any]) -> list[dict[str, Any]]:
    found = [schema]
    for node in found:
        found += [child for _, child in children(node)]
    for definition in schema.get("$defs", {}).values():
        found += nodes(definition)
    return found
