"""``core/api-version-not-served`` for Kubernetes' own groups."""

from __future__ import annotations

from typing import Any

import pytest

from karlint.model.source import Anchor
from karlint.schema import SchemaSet

from .build import findings, resource

CASES = [
    (
        "resource.k8s.io/v1alpha3",
        "ResourceClaim",
        "1.36",
        "resource.k8s.io/v1alpha3 ResourceClaim is not served by Kubernetes 1.36; use resource.k8s.io/v1.",
        "",
    ),
    (
        "resource.k8s.io/v1",
        "ResourceClaim",
        "1.33",
        "resource.k8s.io/v1 ResourceClaim is not served by Kubernetes 1.33; use resource.k8s.io/v1beta2.",
        "",
    ),
    (
        "resource.k8s.io/v1",
        "ResourceClaim",
        "1.30",
        "resource.k8s.io/v1 ResourceClaim is not served by Kubernetes 1.30; use resource.k8s.io/v1alpha2.",
        "It is alpha, so it must be enabled in the API server.",
    ),
    (
        "resource.k8s.io/v1",
        "ResourceClaim",
        "1.25",
        "resource.k8s.io/v1 ResourceClaim is not served by Kubernetes 1.25.",
        "Kubernetes 1.34 is the first that serves it.",
    ),
    (
        "resource.k8s.io/v1alpha2",
        "ResourceClass",
        "1.36",
        "resource.k8s.io/v1alpha2 ResourceClass is not served by Kubernetes 1.36.",
        "Kubernetes 1.30 was the last that served it.",
    ),
    (
        "autoscaling/v2beta2",
        "HorizontalPodAutoscaler",
        "1.26",
        "autoscaling/v2beta2 HorizontalPodAutoscaler is not served by Kubernetes 1.26; use autoscaling/v2.",
        "",
    ),
    (
        "extensions/v1beta1",
        "Ingress",
        "1.36",
        "extensions/v1beta1 Ingress is not served by Kubernetes 1.36; use networking.k8s.io/v1.",
        "",
    ),
    (
        "v1",
        "Deployment",
        "1.36",
        "v1 Deployment is not served by Kubernetes 1.36; use apps/v1.",
        "",
    ),
    (
        "policy/v1beta1",
        "PodSecurityPolicy",
        "1.36",
        "policy/v1beta1 PodSecurityPolicy is not served by Kubernetes 1.36.",
        "No Kubernetes since 1.25 serves it.",
    ),
]


@pytest.mark.parametrize(("api_version", "kind", "target", "message", "advice"), CASES)
def test_words(api_version: str, kind: str, target: str, message: str, advice: str) -> None:
    (finding,) = findings({"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}}, target)
    assert finding.rule == "core/api-version-not-served"
    assert (finding.at, finding.anchor) == (("apiVersion",), Anchor.VALUE)
    assert (finding.message, finding.help or "") == (message, advice)
    assert finding.versions == ()


@pytest.mark.parametrize(
    ("api_version", "kind", "guess"), [("apps/v1", "Deploymnet", "Deployment"), ("v1", "Configmap", "ConfigMap")]
)
def test_a_misspelt_kind_is_told_apart(api_version: str, kind: str, guess: str) -> None:
    (finding,) = findings({"apiVersion": api_version, "kind": kind})
    assert (finding.at, finding.message) == (("kind",), f"Kubernetes has no kind {kind} in {api_version}.")
    assert finding.help == f'Did you mean "{guess}"?'


@pytest.mark.parametrize(("api_version", "kind"), [("apps/${V}", "Deployment"), ("apps/v1", "{{ .Values.kind }}")])
def test_template_tokens_are_unknown(api_version: str, kind: str) -> None:
    verdict = SchemaSet(["1.36"], []).validate(resource({"apiVersion": api_version, "kind": kind}))
    assert (verdict.known, verdict.findings) == (False, ())


def test_targets_that_agree_are_merged_and_those_with_other_advice_are_not() -> None:
    claim = {
        "apiVersion": "resource.k8s.io/v1beta1",
        "kind": "ResourceClaim",
        "metadata": {"name": "gpu"},
        "spec": {"devices": {"requests": [{"name": "gpu", "deviceClassName": "gpu.nvidia.com"}]}},
    }
    found = findings(claim, "1.29", "1.30", "1.31", "1.32", "1.36")
    assert [(finding.versions, finding.message) for finding in found] == [
        (
            ("1.29", "1.30"),
            "resource.k8s.io/v1beta1 ResourceClaim is not served by Kubernetes 1.29 and 1.30;"
            " use resource.k8s.io/v1alpha2.",
        ),
        (
            ("1.31",),
            "resource.k8s.io/v1beta1 ResourceClaim is not served by Kubernetes 1.31; use resource.k8s.io/v1alpha3.",
        ),
    ]


WEB = {"name": "web", "namespace": "ml"}
PODS = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "a", "image": "a:1"}]}}


@pytest.mark.parametrize(
    ("version", "kind", "spec", "to", "safe"),
    [
        (
            "batch/v1beta1",
            "CronJob",
            {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": PODS}}},
            "batch/v1",
            True,
        ),
        (
            "policy/v1beta1",
            "PodDisruptionBudget",
            {"minAvailable": 1, "selector": {"matchLabels": {"a": "b"}}},
            "policy/v1",
            True,
        ),
        ("policy/v1beta1", "PodDisruptionBudget", {"minAvailable": 1, "selector": {}}, "policy/v1", False),
        (
            "extensions/v1beta1",
            "Ingress",
            {"backend": {"serviceName": "a", "servicePort": 80}},
            "networking.k8s.io/v1",
            True,
        ),
        ("extensions/v1beta1", "Deployment", {"template": PODS}, "apps/v1", False),
        (
            "apps/v1beta2",
            "StatefulSet",
            {"serviceName": "a", "template": PODS, "selector": {"matchLabels": {"app": "web"}}},
            "apps/v1",
            False,
        ),
        ("extensions/v1beta1", "Ingress", {"backend": {"serviceName": "a"}, "more": 1}, "", False),
        ("extensions/v1beta1", "PodSecurityPolicy", {"privileged": False}, "", False),
    ],
)
def test_a_way_to_what_is_served_is_a_fix(version: str, kind: str, spec: dict[str, Any], to: str, safe: bool) -> None:
    body = {"apiVersion": version, "kind": kind, "metadata": WEB, "spec": spec}
    (found,) = [item for item in findings(body, "1.36") if item.rule == "core/api-version-not-served"]
    assert [operation.value for operation in found.fix[:1]] == ([to] if to else [])
    assert (found.safe is True) == safe
