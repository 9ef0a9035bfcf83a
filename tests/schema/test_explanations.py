"""The exact words, places and order of explanations."""

from __future__ import annotations

from typing import Any

import pytest

from .build import CONTAINER, crd, deployment, findings, told, widget

POD = ("spec", "template", "spec")


def test_every_independent_mistake_is_told_once() -> None:
    body = deployment(
        env=[{"name": "A", "value": 1}, {"name": "B", "value": True}, {"nmae": "C"}],
        resources={"limits": {"cpu": ["1"], "memory": "16 Gi"}},
        readinessProbe={"httpGet": {"port": True}},
        args="--model x",
    )
    body["spec"]["nodeSelector"] = {"gpu": "true"}
    body["spec"]["replicas"] = "2"
    body["spec"]["paused"] = "true"
    assert told(findings(body)) == [
            ((*CONTAINER, "env", 0, "value"), "value",
             "spec.template.spec.containers[0].env[0].value must be a string, but is the integer 1.",
             "Put it in quotes, as it is written."),
            ((*CONTAINER, "env", 1, "value"), "value",
             "spec.template.spec.containers[0].env[1].value must be a string, but is the boolean true.",
             "Put it in quotes, as it is written."),
            ((*CONTAINER, "env", 2, "nmae"), "key",
             'spec.template.spec.containers[0].env[2] has no field "nmae".', 'Did you mean "name"?'),
            ((*CONTAINER, "resources", "limits", "cpu"), "value",
             "spec.template.spec.containers[0].resources.limits.cpu must be a number or a string, but is a list.", ""),
            ((*CONTAINER, "resources", "limits", "memory"), "value",
             'spec.template.spec.containers[0].resources.limits.memory is "16 Gi", which is no quantity such as'
             ' "500m", "16Gi" or 2.', ""),
            ((*CONTAINER, "readinessProbe", "httpGet", "port"), "value",
             "spec.template.spec.containers[0].readinessProbe.httpGet.port must be an integer or a string,"
             " but is the boolean true.", ""),
            ((*CONTAINER, "args"), "value",
             'spec.template.spec.containers[0].args must be a list, but is the string "--model x".',
             "Write it as a list, each item after a dash."),
            (("spec", "nodeSelector"), "key", 'spec has no field "nodeSelector".',
             "It is a field of spec.template.spec: check the indentation."),
            (("spec", "replicas"), "value", 'spec.replicas must be an integer, but is the string "2".',
             "Write it without quotes: 2."),
            (("spec", "paused"), "value", 'spec.paused must be a boolean, but is the string "true".',
             "Write it without quotes: true."),
    ]  # fmt: skip


def test_a_misspelt_required_field_is_one_mistake() -> None:
    body = deployment()
    body["spec"]["selecter"] = body["spec"].pop("selector")
    assert told(findings(body)) == [
        (("spec", "selecter"), "key", 'spec has no field "selecter".', 'Did you mean "selector"?')
    ]


def test_wrong_case_is_a_slip() -> None:
    (finding,) = findings(deployment(imagepullpolicy="Always"))
    assert finding.help == 'Did you mean "imagePullPolicy"?'


def test_a_missing_field_is_told_at_its_owner() -> None:
    body = deployment(ports=[{"name": "http"}], volumeMounts=[{"name": "m"}])
    del body["spec"]["template"]["spec"]["containers"][0]["name"]
    body["spec"]["template"]["spec"]["volumes"] = [{"name": "v", "persistentVolumeClaim": {}}]
    assert told(findings(body)) == [
        (CONTAINER, "value", 'spec.template.spec.containers[0] lacks the required field "name".', ""),
        ((*CONTAINER, "ports", 0), "value",
         'spec.template.spec.containers[0].ports[0] lacks the required field "containerPort".', ""),
        ((*CONTAINER, "volumeMounts", 0), "value",
         'spec.template.spec.containers[0].volumeMounts[0] lacks the required field "mountPath".', ""),
        ((*POD, "volumes", 0, "persistentVolumeClaim"), "key",
         'spec.template.spec.volumes[0].persistentVolumeClaim lacks the required field "claimName".', ""),
    ]  # fmt: skip


def test_a_field_that_was_taken_back_is_told_with_its_last_minor() -> None:
    (finding,) = findings(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "p"},
            "spec": {
                "containers": [{"name": "c", "image": "i"}],
                "resourceClaims": [{"name": "gpu", "source": {"resourceClaimName": "gpu"}}],
            },
        },
        "1.33",
    )
    assert told([finding]) == [
        (("spec", "resourceClaims", 0, "source"), "key", 'spec.resourceClaims[0] has no field "source".',
         "Kubernetes 1.30 was the last that had it."),
    ]  # fmt: skip


def test_the_root_has_a_name_too() -> None:
    body = deployment()
    body["specs"] = body.pop("spec")
    assert told(findings(body)) == [(("specs",), "key", 'The resource has no field "specs".', 'Did you mean "spec"?')]


def test_twenty_at_most_and_the_last_counts_the_rest() -> None:
    found = findings(deployment(env=[{"name": f"N{i}", "value": i} for i in range(33)]))
    assert len(found) == 20
    assert found[-1].message is not None
    assert found[-1].message.endswith("13 more schema errors in this resource are not shown.")
    assert "not shown" not in str(found[-2].message)


def test_arguments_identify_the_mistake_and_not_the_value() -> None:
    body = deployment()
    body["spec"]["replicas"] = "2"
    (first,) = findings(body)
    body["spec"]["replicas"] = "3"
    (second,) = findings(body, "1.30")
    assert first.args == second.args == {"problem": "type", "field": ""}


def _spec(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"spec": {"type": "object", "properties": fields}}}


CRD_CASES = [
    ({"type": "string", "enum": ["Small", "Large"]}, "small",
     'spec.a must be one of "Small", "Large", but is the string "small".', 'Did you mean "Small"?'),
    ({"type": "string", "pattern": "^[a-z]+$"}, "A1", 'spec.a is "A1", which does not match the pattern ^[a-z]+$.', ""),
    ({"type": "integer", "minimum": 1}, 0, "spec.a must be 1 or more, but is 0.", ""),
    ({"type": "integer", "minimum": 1, "exclusiveMinimum": True}, 1, "spec.a must be more than 1, but is 1.", ""),
    ({"type": "number", "multipleOf": 2}, 3, "spec.a is 3, which is not a multiple of 2.", ""),
    ({"type": "string", "maxLength": 3}, "abcd", "spec.a must have 3 characters or fewer, but has 4.", ""),
    ({"type": "array", "minItems": 1, "items": {"type": "string"}}, [],
     "spec.a must have 1 items or more, but has 0.", ""),
    ({"type": "array", "maxItems": 1, "items": {"type": "string"}}, ["a", "b"],
     "spec.a must have 1 items or fewer, but has 2.", ""),
    ({"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}}, {},
     "spec.a must have 1 fields or more, but has 0.", ""),
    ({"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]}, 0.5,
     "spec.a must be an integer or a string, but is the number 0.5.", ""),
    ({"x-kubernetes-preserve-unknown-fields": True, "anyOf": [{"type": "boolean"}, {"type": "array"}]}, "x",
     'spec.a must be a list or a boolean, but is the string "x".', ""),
    ({"type": "object", "properties": {"p": {"type": "string"}, "q": {"type": "string"}},
      "oneOf": [{"required": ["p"]}, {"required": ["q"]}]}, {},
     'spec.a needs one of the fields "p" or "q".', ""),
    ({"type": "object", "properties": {"p": {"type": "string"}, "q": {"type": "string"}},
      "oneOf": [{"required": ["p"]}, {"required": ["q"]}]}, {"p": "1", "q": "1"},
     "spec.a matches several alternatives of which only one is allowed.", ""),
    ({"type": "object", "properties": {"p": {"type": "string"}, "q": {"type": "string"}},
      "not": {"required": ["p", "q"]}}, {"p": "1", "q": "1"},
     'spec.a must not have "p" and "q" together.', ""),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "value", "message", "advice"), CRD_CASES)
def test_constraints_in_words(schema: dict[str, Any], value: Any, message: str, advice: str) -> None:
    (finding,) = findings(widget({"a": value}), crds=[crd(_spec(a=schema))])
    assert (finding.at, finding.message, finding.help or "") == (("spec", "a"), message, advice)


def test_the_deepest_branch_of_a_junctor_explains_it() -> None:
    schema = {
        "type": "object",
        "properties": {"kind": {"type": "string"}, "size": {"type": "integer"}},
        "anyOf": [
            {"properties": {"kind": {"enum": ["none"]}}, "required": ["reason"]},
            {"properties": {"size": {"maximum": 3}}},
        ],
    }
    (finding,) = findings(widget({"a": {"kind": "box", "size": 9}}), crds=[crd(_spec(a=schema))])
    assert told([finding]) == [(("spec", "a", "size"), "value", "spec.a.size must be 3 or less, but is 9.", "")]
