"""Custom resources against the definitions in the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karlint.schema import SchemaSet

from .build import crd, findings, resource, told, widget

if TYPE_CHECKING:
    from pathlib import Path

STRING = {"type": "string"}
SIZE = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}}}


def places(body: dict[str, Any], schema: dict[str, Any] | None, **definition: Any) -> list[Any]:
    return [finding.at for finding in findings(body, crds=[crd(schema, **definition)])]


def spec(field: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {"spec": field}}


def test_unknown_fields_are_errors_where_the_api_server_prunes() -> None:
    body = widget({"size": 1, "sise": 2}, extra={}, metadata={"name": "w", "lables": {}})
    assert told(findings(body, crds=[crd(SIZE)])) == [
        (("metadata", "lables"), "key", 'metadata has no field "lables".', 'Did you mean "labels"?'),
        (("spec", "sise"), "key", 'spec has no field "sise".', 'Did you mean "size"?'),
        (("extra",), "key", 'The resource has no field "extra".', ""),
    ]


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ({"type": "object"}, {"any": 1}, [("spec", "any")]),
        ({"type": "object", "x-kubernetes-preserve-unknown-fields": True}, {"any": {"thing": 1}}, []),
        # What is specified under a preserving object is pruned again.
        (
            {
                "type": "object",
                "x-kubernetes-preserve-unknown-fields": True,
                "properties": {"in": {"type": "object", "properties": {"a": STRING}}},
            },
            {"other": 1, "in": {"a": "x", "b": 1}},
            [("spec", "in", "b")],
        ),
        # The entries of a preserving list are not.
        (
            {"type": "array", "x-kubernetes-preserve-unknown-fields": True, "items": {"type": "object"}},
            [{"any": 1}],
            [],
        ),
        ({"type": "object", "additionalProperties": STRING}, {"any": "x"}, []),
        ({"type": "object", "additionalProperties": STRING}, {"any": 1}, [("spec", "any")]),
        ({"type": "object", "additionalProperties": True}, {"any": 1}, []),
        # A junctor's branches judge values and never prune.
        (
            {
                "type": "object",
                "properties": {"a": STRING, "b": STRING},
                "anyOf": [{"properties": {"a": {"minLength": 1}}, "required": ["a"]}, {"required": ["b"]}],
            },
            {"a": "x", "b": "y"},
            [],
        ),
        # An embedded resource has these three without saying so.
        (
            {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {"spec": {"type": "object"}}},
            {"apiVersion": "v1", "kind": "X", "metadata": {"name": "x", "bad": 1}, "spec": {}},
            [("spec", "metadata", "bad")],
        ),
        ({"type": "object", "x-kubernetes-embedded-resource": True}, {"kind": "X"}, [("spec",)]),
    ],
)
def test_pruning(field: dict[str, Any], value: Any, expected: list[Any]) -> None:
    assert places(widget(value), spec(field)) == expected


@pytest.mark.parametrize("value", [8080, "http", "50%"])
def test_int_or_string_takes_both(value: Any) -> None:
    field = {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]}
    assert places(widget(value), spec(field)) == []
    in_all_of = {"x-kubernetes-int-or-string": True, "allOf": [{"anyOf": [{"type": "integer"}, {"type": "string"}]}]}
    assert places(widget(value), spec(in_all_of)) == []


@pytest.mark.parametrize(("value", "right"), [("a.b", True), ("a b", False), (" ", False)])
def test_named_classes_of_characters_are_those_of_go(value: str, right: bool) -> None:
    assert places(widget(value), spec({"type": "string", "pattern": "^[^[:space:]]+$"})) == (
        [] if right else [("spec",)]
    )


def test_int_or_string_is_one_error() -> None:
    field = {
        "x-kubernetes-int-or-string": True,
        "anyOf": [{"type": "integer"}, {"type": "string"}],
        "pattern": "^[0-9]+%?$",
    }
    assert places(widget(1.5), spec(field)) == [("spec",)]
    assert places(widget("many"), spec(field)) == [("spec",)]


def test_nulls_are_dropped_unless_nullable() -> None:
    fields = {"keep": {"type": "string", "nullable": True, "enum": ["a"]}, "drop": STRING, "items": {"type": "array"}}
    fields["items"] = {"type": "array", "items": STRING}
    schema = spec({"type": "object", "required": ["keep"], "properties": fields})
    assert places(widget({"keep": None, "drop": None}), schema) == []
    assert places(widget({"keep": "a", "items": [None]}), schema) == [("spec", "items", 0)]
    strict = spec({"type": "object", "required": ["drop"], "properties": fields})
    assert places(widget({"drop": None}), strict) == [("spec", "drop")]


def test_entries_that_must_not_repeat() -> None:
    item = {"type": "object", "properties": {"name": STRING, "port": {"type": "integer", "default": 80}}}
    keyed = {
        "type": "array",
        "items": item,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name", "port"],
    }
    plain = {"type": "array", "items": STRING, "x-kubernetes-list-type": "set"}
    atomic = {"type": "array", "items": STRING, "x-kubernetes-list-type": "atomic"}
    schema = spec({"type": "object", "properties": {"keyed": keyed, "plain": plain, "atomic": atomic}})
    right = {
        "keyed": [{"name": "a"}, {"name": "a", "port": 81}, {"name": "${X}"}, {"name": "${X}"}],
        "plain": ["a", "b"],
    }
    assert places(widget({**right, "atomic": ["a", "a"]}), schema) == []
    wrong = widget({"keyed": [{"name": "a"}, {"name": "a", "port": 80}], "plain": ["a", "b", "a"]})
    assert told(findings(wrong, crds=[crd(schema)])) == [
        (("spec", "keyed", 1), "value", "spec.keyed[1] has the same name and port as spec.keyed[0].", ""),
        (("spec", "plain", 2), "value", "spec.plain[2] is the same as spec.plain[0].", ""),
    ]


def test_a_default_stands_in_for_a_required_field() -> None:
    inner = {"type": "object", "required": ["size"], "properties": {"size": {"type": "integer", "default": 1}}}
    schema = spec({"type": "object", "required": ["box"], "properties": {"box": inner}})
    assert places(widget({"box": {}}), schema) == []
    assert places(widget({}), schema) == [("spec",)]


def test_status_is_ignored_only_with_its_subresource() -> None:
    schema = spec({"type": "object"})
    schema["properties"]["status"] = {"type": "object", "required": ["ready"], "properties": {"ready": STRING}}
    body = widget({}, status={"old": 1})
    assert places(body, schema) == [("status",), ("status", "old")]
    versions = [{"name": "v1", "served": True, "schema": {"openAPIV3Schema": schema}, "subresources": {"status": {}}}]
    assert places(body, None, versions=versions) == []


def test_a_version_that_the_definition_does_not_serve() -> None:
    (finding,) = findings(widget({}, "v1alpha1"), "1.35", "1.36", crds=[crd(SIZE)])
    assert finding.rule == "core/api-version-not-served"
    assert finding.at == ("apiVersion",)
    assert finding.message == "The CustomResourceDefinition of Widget does not serve example.com/v1alpha1."
    assert finding.help == "Use example.com/v1 or example.com/v1beta1."
    assert [(item.resource, item.at) for item in finding.related] == [(100, ("spec",))]
    assert finding.versions == ()


def test_a_custom_resource_does_not_depend_on_the_target() -> None:
    (finding,) = findings(widget({"size": "x"}), "1.25", "1.36", crds=[crd(SIZE)])
    assert finding.versions == ()


def test_an_undefined_kind_is_unknown() -> None:
    schemas = SchemaSet(["1.36"], [crd(SIZE)])
    for kind, group in (("Gadget", "example.com"), ("Widget", "other.com")):
        verdict = schemas.validate(resource({"apiVersion": f"{group}/v1", "kind": kind, "spec": {"x": 1}}))
        assert (verdict.known, verdict.findings) == (False, ())


def test_a_version_without_a_schema_is_unknown() -> None:
    verdict = SchemaSet(["1.36"], [crd(None)]).validate(resource(widget({"x": 1})))
    assert (verdict.known, verdict.findings) == (False, ())


def test_the_nearest_of_several_definitions_counts() -> None:
    definitions = [
        crd(spec({"type": "object", "properties": {"old": STRING}}), path="clusters/a/crds/w.yaml", index=1),
        crd(spec({"type": "object", "properties": {"new": STRING}}), path="clusters/b/crds/w.yaml", index=2),
    ]
    new = widget({"new": "x"})
    assert findings(new, crds=definitions, path="clusters/b/apps/w.yaml") == ()
    assert [item.at for item in findings(new, crds=definitions, path="clusters/a/apps/w.yaml")] == [("spec", "new")]


def test_equally_near_definitions_have_to_agree() -> None:
    definitions = [
        crd(spec({"type": "object", "properties": {"old": STRING}}), path="charts/crds/w.yaml", index=1),
        crd(spec({"type": "object", "properties": {"new": STRING}}), path="config/crd/w.yaml", index=2),
    ]
    body = widget({"new": "x", "old": "y", "neither": "z"})
    assert [item.at for item in findings(body, crds=definitions, path="apps/w.yaml")] == [("spec", "neither")]


def test_a_version_counts_as_served_when_any_definition_serves_it() -> None:
    definitions = [
        crd(SIZE, path="old/w.yaml", index=1),
        crd(None, path="new/w.yaml", index=2, versions=[{"name": "v2", "served": True, "schema": {}}]),
    ]
    verdict = SchemaSet(["1.36"], definitions).validate(resource(widget({}, "v2"), "old/x.yaml"))
    assert verdict.findings == ()


def test_the_v1beta1_forms() -> None:
    schema = {"openAPIV3Schema": SIZE}
    for form in ({"version": "v1", "versions": None}, {"versions": [{"name": "v1", "served": True, "storage": True}]}):
        definition = crd(None, validation=schema, **form)
        old = resource({**definition.body, "apiVersion": "apiextensions.k8s.io/v1beta1"}, definition.path, 100)
        found = findings(widget({"size": "x", "kept": 1}), crds=[old])
        assert [item.at for item in found] == [("spec", "size")], "v1beta1 keeps unknown fields"
        pruning = orjson.loads(orjson.dumps(old.body))
        pruning["spec"]["preserveUnknownFields"] = False
        found = findings(widget({"size": 1, "kept": 1}), crds=[resource(pruning, index=100)])
        assert [item.at for item in found] == [("spec", "kept")]


def test_a_pattern_of_another_dialect_is_a_notice() -> None:
    schema = spec({"type": "object", "properties": {"a": {"type": "string", "pattern": "^(?!x)y$"}, "b": STRING}})
    schemas = SchemaSet(["1.36"], [crd(schema)])
    verdict = schemas.validate(resource(widget({"a": "zzz", "b": 1})))
    assert [finding.at for finding in verdict.findings] == [("spec", "b")]
    assert schemas.notices == (
        "crds/widget.yaml: widgets.example.com: the pattern ^(?!x)y$ cannot be compiled, so it is not checked.",
    )


def test_a_definition_that_makes_no_sense_is_a_notice() -> None:
    schemas = SchemaSet(["1.36"], [crd(spec({"type": "string", "minLength": -1}))])
    assert schemas.validate(resource(widget("x"))).known is False
    (notice,) = schemas.notices
    assert notice.startswith("crds/widget.yaml: widgets.example.com: the schema is not used: it makes no sense:")


@pytest.mark.parametrize(
    "spec_",
    [
        None,
        [],
        {"conversion": {}},
        {"group": "${G}", "names": {"kind": "Widget"}},
        {"group": "example.com", "names": []},
        {"group": "example.com", "names": {"kind": "Widget"}, "versions": "v1"},
    ],
)
def test_an_incomplete_definition_defines_nothing(spec_: Any) -> None:
    body = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": spec_}
    definition = resource({**body, "metadata": {"name": "widgets.example.com"}})
    assert SchemaSet(["1.36"], [definition]).validate(resource(widget({}))).known is False


def test_a_webhook_fills_in_before_validation() -> None:
    rules = {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["name", "action"],
            "properties": {"name": STRING, "action": STRING},
        },
    }
    policy = {"type": "object", "properties": {"rules": rules}}
    schema = spec({"type": "object", "properties": {"failurePolicy": policy}})
    definition = crd(schema, group="jobset.x-k8s.io", names={"kind": "JobSet", "plural": "jobsets"})
    definition.body["metadata"]["name"] = "jobsets.jobset.x-k8s.io"
    definition = resource(definition.body, index=100)
    body = {"apiVersion": "jobset.x-k8s.io/v1", "kind": "JobSet", "spec": {"failurePolicy": {"rules": [{}]}}}
    (finding,) = findings(body, crds=[definition])
    assert finding.message == 'spec.failurePolicy.rules[0] lacks the required field "action".'


def test_authored_schemas_are_used_where_the_tree_defines_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "example.com"
    folder.mkdir()
    schema = {
        "type": "object",
        "properties": {
            "spec": {"type": "object", "properties": {"template": {"$ref": "#/$defs/io.k8s.api.core.v1.PodSpec"}}}
        },
    }
    (folder / "widget_v1.json").write_bytes(orjson.dumps(schema))
    body = resource(widget({"template": {"containers": [{"name": "x", "imag": "y"}]}}))
    verdict = SchemaSet(["1.36"], [], tmp_path).validate(body)
    assert verdict.known
    assert [finding.at for finding in verdict.findings] == [("spec", "template", "containers", 0, "imag")]
    assert (
        SchemaSet(["1.36"], [crd(spec({"x-kubernetes-preserve-unknown-fields": True}))], tmp_path)
        .validate(body)
        .findings
        == ()
    )
    assert SchemaSet(["1.36"], [], tmp_path).validate(resource(widget({}, "v2"))).known is False


_KEYWORDS = [
    "type", "properties", "items", "additionalProperties", "required", "enum", "pattern", "minimum", "maxLength",
    "exclusiveMinimum", "anyOf", "oneOf", "allOf", "not", "nullable", "default", "format", "uniqueItems", "multipleOf",
    "x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource", "$ref", "a",
]  # fmt: skip
_SCALARS = (
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-2, 2) | st.sampled_from(["a", "object", "string", "["])
)
_JSON = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYWORDS), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=120, deadline=None)
@given(schema=_JSON, value=_JSON)
def test_no_definition_and_no_value_brings_it_down(schema: Any, value: Any) -> None:
    definition = crd(spec(schema))
    schemas = SchemaSet(["1.36"], [definition])
    verdict = schemas.validate(resource(widget(value)))
    assert verdict.known or not verdict.findings
    assert schemas.validate(definition).known


_CORE = SchemaSet(["1.36"], [])


@settings(max_examples=100, deadline=None)
@given(value=_JSON, field=st.sampled_from(["metadata", "spec", "status", "x"]))
def test_no_manifest_brings_it_down(value: Any, field: str) -> None:
    body = {"apiVersion": "apps/v1", "kind": "Deployment", field: value}
    for finding in _CORE.validate(resource(body)).findings:
        assert finding.message
        assert finding.message.endswith(".")
