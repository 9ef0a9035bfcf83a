"""Schemas that the user has: where they lie, in which forms, and what becomes of bad ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from karlint.errors import UsageError
from karlint.schema import SchemaLocation, SchemaSet
from karlint.schema.importing import import_crds

from .build import crd, resource, widget

if TYPE_CHECKING:
    from pathlib import Path

SIZE = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}}}


def write(folder: Path, schema: Any, name: str = "example.com/widget_v1.json") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(schema if isinstance(schema, bytes) else orjson.dumps(schema))
    return file


def places(schemas: SchemaSet, body: dict[str, Any]) -> list[Any]:
    verdict = schemas.validate(resource(body))
    assert verdict.known
    return [finding.at for finding in verdict.findings]


def test_a_directory_in_the_layout_of_the_catalogue(tmp_path: Path) -> None:
    write(tmp_path / "mine", SIZE)
    schemas = SchemaSet(["1.36"], [], None, [SchemaLocation("mine", tmp_path)])
    assert places(schemas, widget({"size": "x"})) == [("spec", "size")]
    assert schemas.validate(resource(widget({}, "v2"))).known is False


@pytest.mark.parametrize(
    "template",
    [
        "{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json",
        "{{ .Group }}/{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json",
        "all/{{.ResourceKind}}-{{.ResourceAPIVersion}}.json",
    ],
)
def test_a_template(tmp_path: Path, template: str) -> None:
    write(tmp_path, SIZE)
    write(tmp_path, SIZE, "all/widget-v1.json")
    schemas = SchemaSet(["1.36"], [], None, [SchemaLocation(template, tmp_path)])
    assert places(schemas, widget({"size": "x"})) == [("spec", "size")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.com/{{.Group}}.json", "does not use the network"),
        ("{{.Group}}/{{.NormalizedKubernetesVersion}}.json", "a variable that is not known"),
        ("{{Group}}.json", "a variable that is not known"),
        ("nowhere", "is no directory"),
        ("nowhere/{{.Group}}.json", "is no directory"),
    ],
)
def test_a_location_that_makes_no_sense(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(UsageError, match=expected):
        SchemaLocation(text, tmp_path)


@pytest.mark.parametrize(
    ("group", "kind", "version"), [("..", "x", "v1"), ("a", "../x", "v1"), ("a", "x", "../v1"), ("", "x", "v1")]
)
def test_a_manifest_leads_nowhere_else(tmp_path: Path, group: str, kind: str, version: str) -> None:
    (tmp_path / "in").mkdir()
    write(tmp_path, SIZE, "x_v1.json")
    write(tmp_path, SIZE, "in/x_v1.json")
    assert SchemaLocation("in", tmp_path).find(group, kind, version) is None
    assert (
        SchemaLocation("in/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json", tmp_path).find(
            group, kind, version
        )
        is None
    )


def test_what_the_user_names_counts_before_the_tree_and_the_tree_before_ours(tmp_path: Path) -> None:
    def closed(field: str) -> dict[str, Any]:
        inner = {"type": "object", "properties": {field: {"type": "string"}}}
        return {"type": "object", "properties": {"spec": inner}}

    for name in ("own", "first", "second"):
        spec = {**closed(name)["properties"]["spec"], "additionalProperties": False}
        write(tmp_path / name, {"type": "object", "properties": {"spec": spec}})
    tree = [crd(closed("tree"))]
    body = widget({"own": "", "tree": "", "first": "", "second": ""})

    def accepted(crds: list[Any], *names: str) -> set[Any]:
        locations = [SchemaLocation(name, tmp_path) for name in names]
        refused = places(SchemaSet(["1.36"], crds, tmp_path / "own", locations), body)
        return set(body["spec"]) - {at[1] for at in refused}

    assert accepted([]) == {"own"}
    assert accepted(tree) == {"tree"}
    assert accepted(tree, "first", "second") == {"first"}
    assert accepted(tree, "second") == {"second"}


def test_the_forms_of_the_catalogue_and_of_openapi(tmp_path: Path) -> None:
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "https://example.com/widget.json",
        "type": "object",
        "definitions": {"size": {"type": "string", "pattern": "^[[:digit:]]+$"}},
        "properties": {
            "description": {"type": "string"},
            "spec": {
                "type": "object",
                "description": "words",
                "properties": {
                    "size": {"$ref": "#/definitions/size"},
                    "none": {"type": "string", "nullable": True},
                    "port": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
                    "format": {"type": "string", "format": "int-or-string"},
                },
                "additionalProperties": False,
            },
        },
    }
    write(tmp_path, schema)
    schemas = SchemaSet(["1.36"], [], None, [SchemaLocation(".", tmp_path)])
    assert places(schemas, widget({"size": "10", "none": None, "port": 1, "format": "x"})) == []
    assert places(schemas, widget({"size": "x", "port": [], "format": 1, "other": 1})) == [
        ("spec", "size"),
        ("spec", "port"),
        ("spec", "format"),
        ("spec", "other"),
    ]


ENDLESS = {"type": "object", "properties": {"a": {"$ref": "#/$defs/a", "default": {}}}}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (b"{", "it is no JSON"),
        (b"", "it is no JSON"),
        (b"\xff", "it is no JSON"),
        (b"[]", "it is JSON, but no object"),
        ({"type": "strin"}, "it makes no sense"),
        ({"properties": {"a": {"minLength": -1}}}, "it makes no sense"),
        (
            {"$ref": "https://example.com/x.json"},
            "it refers to https://example.com/x.json, and only #/$defs/... is followed",
        ),
        ({"$ref": "/etc/passwd"}, "it refers to /etc/passwd"),
        ({"$ref": 7}, "it refers to 7"),
        ({"$ref": "#/definitions/nothing"}, "it refers to nothing, which nothing defines"),
        ({"$ref": "#/$defs/io.k8s.api.core.v1.Nothing"}, "io.k8s.api.core.v1.Nothing, which nothing defines"),
        ({"properties": {"spec": {"$ref": "#/$defs/a"}}, "$defs": {"a": ENDLESS}}, "never ends"),
    ],
)
def test_a_bad_file_is_told_and_the_next_schema_is_asked(tmp_path: Path, schema: Any, expected: str) -> None:
    file = write(tmp_path, schema)
    schemas = SchemaSet(["1.36"], [crd(SIZE)], None, [SchemaLocation(".", tmp_path)])
    verdict = schemas.validate(resource(widget({"size": "x"})))
    (failure,) = schemas.failures
    assert expected in failure
    if "never ends" not in failure:
        assert str(file) in failure
        assert [finding.at for finding in verdict.findings] == [("spec", "size")]


def test_a_definition_of_itself_says_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"properties": {"spec": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"$ref": "#/$defs/a"}}})
    schemas = SchemaSet(["1.36"], [], None, [SchemaLocation(".", tmp_path)])
    assert places(schemas, widget({"x": None})) == []


def test_a_new_version_is_one_more_file(tmp_path: Path) -> None:
    for name, text in import_crds([crd(SIZE)]).items():
        write(tmp_path, text, name)
    schemas = SchemaSet(["1.36"], [], tmp_path)
    assert schemas.validate(resource(widget({"size": "x"}, "v2"))).known is False
    write(tmp_path, (tmp_path / "example.com" / "widget_v1.json").read_bytes(), "example.com/widget_v2.json")
    assert places(SchemaSet(["1.36"], [], tmp_path), widget({"size": "x"}, "v2")) == [("spec", "size")]
