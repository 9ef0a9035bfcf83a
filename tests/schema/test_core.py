"""Good and bad manifests of core kinds, for every packed minor."""

from __future__ import annotations

from typing import Any

import pytest

from karlint.schema import SchemaSet, available_versions, schemaset

from .build import CONTAINER, deployment, findings, parse, resource, told

GOOD = {
    "deployment": deployment(
        resources={"limits": {"cpu": 1, "memory": "16Gi", "nvidia.com/gpu": 1}},
        ports=[{"containerPort": 8000}],
        readinessProbe={"httpGet": {"path": "/health", "port": "http"}},
    ),
    "job": parse("""
        apiVersion: batch/v1
        kind: Job
        metadata: {generateName: train-, annotations: {a: b}}
        spec:
          backoffLimit: 0
          template:
            spec:
              restartPolicy: Never
              containers: [{name: main, image: busybox, command: [sh, -c, "true"]}]
    """),
    "service": parse("""
        apiVersion: v1
        kind: Service
        metadata: {name: s, creationTimestamp: null}
        spec: {selector: {app: x}, ports: [{port: 80, targetPort: http}, {port: 81, name: b, targetPort: 8080}]}
        status: {loadBalancer: {}}
    """),
    "budget": parse("""
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: b}
        spec: {minAvailable: 50%, selector: {matchLabels: {app: x}}}
        status: {}
    """),
    "definition": parse("""
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: widgets.example.com}
        spec:
          group: example.com
          scope: Namespaced
          names: {kind: Widget, plural: widgets}
          versions:
          - name: v1
            served: true
            storage: true
            schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
    """),
    "secret": parse("""
        apiVersion: v1
        kind: Secret
        metadata: {name: s}
        stringData: {token: abc}
    """),
    "autoscaler": parse("""
        apiVersion: autoscaling/v2
        kind: HorizontalPodAutoscaler
        metadata: {name: a}
        spec:
          scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: llm}
          maxReplicas: 4
          metrics: [{type: Pods, pods: {metric: {name: q}, target: {type: AverageValue, averageValue: 10}}}]
    """),
}


def _with(body: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """Return a deep copy with *value* at *path*; Ellipsis deletes."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    copy: Any = list(body) if isinstance(body, list) else dict(body)
    if value is ... and not rest:
        del copy[step]
    else:
        copy[step] = _with(copy[step] if rest else None, rest, value)
    return copy


BAD = [
    ("deployment", ("spec", "template", "spec", "continers"), [], ("spec", "template", "spec", "continers")),
    ("deployment", ("spec", "replicas"), "two", ("spec", "replicas")),
    ("deployment", ("spec", "selector"), ..., ("spec",)),
    ("deployment", ("metadata", "lables"), {}, ("metadata", "lables")),
    ("job", ("spec", "template"), ..., ("spec",)),
    ("job", ("metadata", "annotations", "a"), True, ("metadata", "annotations", "a")),
    ("service", ("spec", "ports", 0, "port"), ..., ("spec", "ports", 0)),
    ("service", ("spec", "ports", 1, "targetPort"), 1.5, ("spec", "ports", 1, "targetPort")),
    ("budget", ("spec", "minAvailable"), ["1"], ("spec", "minAvailable")),
    ("budget", ("status", "healthy"), 3, ("status", "healthy")),
    ("definition", ("spec", "versions", 0, "storage"), "yes", ("spec", "versions", 0, "storage")),
    ("definition", ("spec", "group"), ..., ("spec",)),
    ("secret", ("stringData", "token"), 7, ("stringData", "token")),
    ("autoscaler", ("spec", "maxReplicas"), ..., ("spec",)),
    ("autoscaler", ("spec", "metrics", 0, "pods", "target", "averageValue"), "10q",
     ("spec", "metrics", 0, "pods", "target", "averageValue")),
]  # fmt: skip


@pytest.mark.parametrize("version", available_versions())
def test_good_manifests_are_clean(version: str) -> None:
    schemas = SchemaSet([version], [])
    for body in GOOD.values():
        verdict = schemas.validate(resource(body))
        assert verdict.known
        assert verdict.findings == ()


@pytest.mark.parametrize("version", available_versions())
def test_bad_manifests_have_one_finding_at_the_place(version: str) -> None:
    schemas = SchemaSet([version], [])
    for name, path, value, at in BAD:
        verdict = schemas.validate(resource(_with(GOOD[name], path, value)))
        assert [(finding.rule, finding.at) for finding in verdict.findings] == [("core/schema-invalid", at)], (
            name,
            path,
        )


@pytest.mark.parametrize(
    "quantity",
    [1, 0.5, 1e3, "1", "500m", "1.5Gi", ".5", "5.", "+1", "1e3", "1E3", "1e-3", "1E", "128974848", " 1Gi ", "1n", "1k"],
)
def test_quantities_that_the_api_server_reads(quantity: Any) -> None:
    assert findings(deployment(resources={"limits": {"memory": quantity}})) == ()


@pytest.mark.parametrize("quantity", ["1 Gi", "16GB", "1gi", "1K", "16g", "", "one", "1Ki5", "1.2.3", "0x10", "1_000"])
def test_quantities_that_it_refuses(quantity: str) -> None:
    (finding,) = findings(deployment(resources={"limits": {"memory": quantity}}))
    assert finding.at == (*CONTAINER, "resources", "limits", "memory")
    assert finding.message is not None
    assert "no quantity" in finding.message


def test_nulls_count_as_absent() -> None:
    body = deployment(
        ports=None, resources={"limits": None, "requests": {"cpu": None}}, env=[{"name": "a", "value": None}]
    )
    body["metadata"]["creationTimestamp"] = None
    body["metadata"]["labels"] = {"a": None}
    body["spec"]["replicas"] = None
    body["spec"]["strategy"] = {"rollingUpdate": {"maxSurge": None}}
    body["status"] = None
    assert findings(body) == ()


def test_null_for_a_required_field_is_reported_at_the_null() -> None:
    body = deployment()
    body["spec"]["selector"] = None
    body["spec"]["template"]["spec"]["containers"] = None
    assert told(findings(body)) == [
        (
            ("spec", "selector"),
            "value",
            "spec.selector is null, which counts as missing, and it is required.",
            "",
        ),
        (
            ("spec", "template", "spec", "containers"),
            "value",
            "spec.template.spec.containers is null, which counts as missing, and it is required.",
            "",
        ),
    ]


def test_a_null_in_a_list_reads_as_an_empty_object() -> None:
    policy = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "open"}}
    assert findings({**policy, "spec": {"podSelector": {}, "ingress": [None]}}) == ()
    (finding,) = findings(deployment(env=[None]))
    assert finding.message == 'spec.template.spec.containers[0].env[0] lacks the required field "name".'


def test_null_does_not_hide_an_unknown_field() -> None:
    (finding,) = findings(deployment(imagePullPolciy=None))
    assert finding.at == (*CONTAINER, "imagePullPolciy")


@pytest.mark.parametrize("token", ["${REPLICAS}", "{{ .Values.replicas }}", "a-${X:-1}", "{{replicas}}"])
def test_a_template_token_is_unknown(token: str) -> None:
    body = deployment(resources={"limits": {"nvidia.com/gpu": token}}, ports=[{"containerPort": token}], env=token)
    body["spec"]["replicas"] = token
    body["spec"]["paused"] = token
    body["metadata"][token] = {}
    assert findings(body) == ()


@pytest.mark.parametrize("text", ["$(REPLICAS)", "$REPLICAS", "<replicas>", "}{"])
def test_what_kubernetes_would_see_as_text_is_wrong(text: str) -> None:
    body = deployment()
    body["spec"]["replicas"] = text
    assert [finding.at for finding in findings(body)] == [("spec", "replicas")]


def test_a_token_among_the_keys_may_stand_for_the_missing_field() -> None:
    body = deployment()
    del body["spec"]["selector"]
    body["spec"]["${SELECTOR}"] = "x"
    assert findings(body) == ()


def test_encrypted_secrets_are_decrypted_before_the_api_server_sees_them() -> None:
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s"},
        "immutable": "ENC[AES256_GCM,data:x,type:bool]",
        "sops": {"mac": "ENC[AES256_GCM,data:y,type:str]"},
    }
    assert findings(body) == ()
    body["spos"] = body.pop("sops")
    assert [finding.at for finding in findings(body)] == [("spos",)]


NOT_ENFORCED = [
    "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: x}, spec: {policyTypes: [Ingress]}}",
    "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, roleRef: {kind: Role, name: r}}",
    "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: x}}",
]


@pytest.mark.parametrize("text", NOT_ENFORCED)
def test_fields_that_only_the_document_requires(text: str) -> None:
    assert findings(text, "1.25") == ()


def test_a_patch_is_not_judged_and_said_so() -> None:
    schemas = SchemaSet(["1.36"], [])
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}, "$patch": "delete"}
    verdict = schemas.validate(resource(body, "patches/ns.yaml"))
    assert (verdict.known, verdict.findings) == (False, ())
    assert schemas.notices == ("patches/ns.yaml: Namespace x is a patch, so it was not checked against a schema.",)


def test_a_kustomization_may_add_what_is_missing() -> None:
    body = deployment(imge="x")
    del body["spec"]["selector"]
    verdict = SchemaSet(["1.36"], []).validate(resource(body, partial=True))
    assert [finding.at for finding in verdict.findings] == [(*CONTAINER, "imge")]


def test_targets_are_named_only_when_there_are_several() -> None:
    body = deployment(resizePolicy=[{"resourceName": "cpu", "restartPolicy": "NotRequired"}])
    body["spec"]["replicas"] = "2"
    by_place = {finding.at[-1]: finding for finding in findings(body, "1.26", "1.27")}
    assert by_place["replicas"].versions == ("1.26", "1.27")
    assert by_place["resizePolicy"].versions == ("1.26",)
    assert by_place["resizePolicy"].help == "Kubernetes 1.27 is the first that has it."
    assert {finding.versions for finding in findings(body, "1.26")} == {()}


def test_a_definition_is_read_and_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    compiled: list[str] = []
    monkeypatch.setattr(
        schemaset, "definitions", lambda version, real=schemaset.definitions: read.append(version) or real(version)
    )
    monkeypatch.setattr(
        schemaset,
        "core_schema",
        lambda defs, name, real=schemaset.core_schema: compiled.append(name) or real(defs, name),
    )
    schemas = SchemaSet(["1.36"], [])
    for _ in range(3):
        for body in GOOD.values():
            schemas.validate(resource(body))
    assert read == ["1.36"]
    assert len(compiled) == len(set(compiled)) == len(GOOD)
