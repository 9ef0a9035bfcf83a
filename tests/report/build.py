"""A report with one of everything, and the files that it names."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from karlint.model.finding import Finding, Location, RelatedLocation
from karlint.model.fix import FileEdit, Fix
from karlint.model.report import Counts, Report, RuleFailure, Skipped
from karlint.model.resource import ResourceRef
from karlint.model.rule import Requirement, Rule, Severity
from karlint.model.source import Span
from karlint.report.sources import split_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

DRA_SUPPORT = Requirement("KAR-0051", "dra_support", {"1.34": "MUST", "1.35": "MUST"}, "derives")
AUTOSCALING = Requirement("KAR-0040", "pod_autoscaling", {"1.35": "SHOULD", "1.34": "MUST"}, "relates")
LLM = ResourceRef("apps", "v1", "Deployment", "prod", "llm")

DEPLOY = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: llm
  namespace: prod
spec:
  replicas: 2
  template:
    spec:
      containers:
        - name: vllm
          image: "registry.example/vllm:v1"  # 🚀 serves
          resources:
            requests:
              nvidia.com/gpu: 8
          env:
            - {name: GREETING, value: "héllo 世界 👩‍🚀 ok", extra: bad}
---
apiVersion: v1
kind: Service
"""
QUEUE = "apiVersion: kueue.x-k8s.io/v1beta2\r\nkind: LocalQueue\r\nmetadata:\r\n\tname: q\r\n"
FILES = {"apps/llm/deploy.yaml": DEPLOY, "queues/team a [1].yaml": QUEUE}


def read_lines(path: str) -> Sequence[str]:
    return split_lines(FILES.get(path, ""))


def rule(rule_id: str, **changes: Any) -> Rule:
    fields: dict[str, Any] = {
        "id": rule_id,
        "title": f"Title of {rule_id}",
        "description": "What it is,\nin two lines.\n\nWhy it matters.",
        "severity": Severity.ERROR,
        "requirements": (),
        "kinds": ("workload",),
        "looks_up": (),
        "since": None,
        "until": None,
        "versioned": False,
        "profile": "default",
        "params": {},
        "message": "",
        "help": "",
        "cases": {},
        "fix": "none",
        "sources": ("https://kubernetes.io/docs/concepts/", "owner/repo:path/file.go"),
        "supersedes": (),
        "language": "rego",
        "target": "object",
        "logic": None,
        "folder": FilePath("policies") / rule_id,
    }
    return Rule(**{**fields, **changes})


def finding(line: int, column: int, end: int, **changes: Any) -> Finding:
    fields: dict[str, Any] = {
        "rule": "dra/request-without-limit",
        "severity": Severity.ERROR,
        "message": "Container vllm requests nvidia.com/gpu without a limit, so the API server rejects the pod.",
        "help": 'Set limits["nvidia.com/gpu"] to the same number.',
        "location": Location("apps/llm/deploy.yaml", Span(line, column, line, end)),
        "resource": LLM,
        "at": ("spec", "template", "spec", "containers", 0, "resources", "requests", "nvidia.com/gpu"),
        "related": (),
        "versions": (),
        "fingerprint": f"{line:016x}{column:016x}",
    }
    return Finding(**{**fields, **changes})


RULES = {
    item.id: item
    for item in (
        rule("dra/request-without-limit", requirements=(DRA_SUPPORT,)),
        rule("access/host-devices", severity=Severity.WARNING),
        rule("serving/no-autoscaling", severity=Severity.NOTE, requirements=(AUTOSCALING,)),
        rule("core/syntax-error", sources=()),
    )
}

QUEUE_PLACE = Location("queues/team a [1].yaml", Span(4, 2, 4, 6))

FIX = Fix(
    'add limits["nvidia.com/gpu"]: 8',
    safe=True,
    changes=(),
    edits=(
        FileEdit("apps/llm/deploy.yaml", Span(12, 11, 12, 16), "🚀"),
        FileEdit(
            "apps/llm/deploy.yaml", Span(15, 32, 15, 32), "\n            limits:\n              nvidia.com/gpu: 8"
        ),
    ),
)

FINDINGS = (
    finding(
        7,
        3,
        11,
        rule="serving/no-autoscaling",
        severity=Severity.NOTE,
        message="Nothing scales this model server.",
        help="",
        at=("spec", "replicas"),
        versions=("1.34",),
        location=Location("apps/llm/deploy.yaml", Span(7, 3, 7, 11), exact=False),
    ),
    finding(
        13,
        11,
        1,
        location=Location("apps/llm/deploy.yaml", Span(13, 11, 16, 11)),
        related=(RelatedLocation(QUEUE_PLACE, "the queue [it] names"),),
    ),
    finding(15, 15, 29, fingerprint="15" * 16, fix=FIX),
    finding(17, 63, 66, rule="access/host-devices", severity=Severity.WARNING, message="Field `extra` is unknown."),
    finding(
        1,
        1,
        1,
        rule="core/syntax-error",
        message="The file does not parse: a tab where blanks must be.",
        help="Use blanks.",
        location=Location("queues/team a [1].yaml", Span(4, 1, 4, 2)),
        resource=None,
        at=(),
    ),
)

REPORT = Report(
    root=FilePath("/repository"),
    versions=("1.34", "1.35"),
    rules=RULES,
    findings=FINDINGS,
    suppressed=(finding(12, 11, 16, suppressed="pinned by the platform team", fingerprint="12" * 16),),
    skipped=(
        Skipped("charts/a/templates/x.yaml", "Helm chart template"),
        Skipped("charts/a/templates/y.yaml", "Helm chart template"),
        Skipped("README.md", "no manifest"),
    ),
    failures=(
        RuleFailure("dra/broken", "the finding's args do not hold {gpus}", "Deployment prod/llm"),
        RuleFailure("dra/broken", "the finding's args do not hold {gpus}", "Deployment prod/other"),
        RuleFailure("gang/slow", "took longer than 10 s"),
    ),
    counts=Counts(
        files=210,
        files_linted=207,
        documents=312,
        not_manifests=4,
        resources=298,
        workloads=61,
        accelerator_workloads=22,
        schema_checked=289,
        without_schema={"ray.io/v1/RayCluster": 3, "a.example/v1/Job": 1, "b.example/v1/Job": 5},
        rules=21,
    ),
    notices=("Standard input was not read.",),
    fail_on=Severity.ERROR,
)

EMPTY = Report(
    root=FilePath("/repository"),
    versions=("1.35",),
    rules={},
    findings=(),
    suppressed=(),
    skipped=(),
    failures=(),
    counts=Counts(),
)

CLEAN = replace(EMPTY, rules=RULES, counts=replace(REPORT.counts, files_linted=210, without_schema={}, not_manifests=0))
