"""A new kind is one row, and a schema file if there is one: two kinds that nobody ever heard of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.conftest import ROOT

from karlint import api, court, prepared
from karlint.config import Config, Settings

if TYPE_CHECKING:
    from pathlib import Path

    from karlint.model.report import Report

ROWS: dict[str, Any] = {
    "comment": "Kinds of this test.",
    "kinds": {
        # Pod templates in a map, each as often as it says, all of it as often as the fleet has harbours.
        "fleet.example.com/Fleet": {
            "versions": {"served": ["v1"]},
            "scale": "spec.harbours",
            "templates": [
                {
                    "role": "key",
                    "path": "spec.ships.*.crew",
                    "pods": ["*", "spec.harbours=2", "spec.ships.*.count=1"],
                    "max": ["*", "spec.harbours=2", ["first", "spec.ships.*.most", "spec.ships.*.count=1"]],
                }
            ],
        },
        # No pod template: an image, and a field of its own for the accelerators.
        "oracle.example.com/Oracle": {
            "versions": {"served": ["v1beta1"], "deprecated": ["v1alpha1"]},
            "operator_probes": True,
            "operator_shm": True,
            "templates": [
                {
                    "podspec": True,
                    "path": "spec.server",
                    "containers": [{"at": "", "name": "oracle", "only": ["image", "args"]}],
                    "devices": [{"at": "spec.server.cards", "resource": "amd.com/gpu"}],
                    "pods": "spec.copies=3",
                }
            ],
        },
    },
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object"},
        "spec": {
            "type": "object",
            "required": ["server"],
            "additionalProperties": False,
            "properties": {
                "copies": {"type": "integer"},
                "server": {"type": "object", "properties": {"cards": {"type": "integer"}}},
            },
        },
    },
}
FLEET = """
apiVersion: fleet.example.com/v1
kind: Fleet
metadata: {name: f}
spec:
  harbours: 3
  ships:
    fast:
      count: 2
      most: 5
      crew:
        spec:
          containers:
          - {name: c, securityContext: {privileged: true}, resources: {limits: {nvidia.com/gpu: 4}}}
    slow:
      crew: {spec: {containers: [{name: c}]}}
"""
ORACLE = """
apiVersion: oracle.example.com/v1beta1
kind: Oracle
metadata: {name: o}
spec:
  server: {image: "vllm/vllm-openai:v0.11.0", args: [--model, m], cards: 2}
"""


@pytest.fixture
def with_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of manifests, and karlint's own data with two rows and one schema more."""
    data = tmp_path / "data"
    for folder in ("policies/tables", "policies/tables/workloads", "schemas"):
        (data / folder).mkdir(parents=True, exist_ok=True)
        for item in (ROOT / folder).iterdir():
            if item.name not in {"tables", "workloads"}:
                (data / folder / item.name).symlink_to(item)
    for item in (ROOT / "policies").iterdir():
        if item.name != "tables":
            (data / "policies" / item.name).symlink_to(item)
    (data / "policies" / "tables" / "workloads" / "new.json").write_text(json.dumps(ROWS), "utf-8")
    group = data / "schemas" / "oracle.example.com"
    group.mkdir()
    (group / "oracle_v1beta1.json").write_text(json.dumps(SCHEMA), "utf-8")
    monkeypatch.setattr(prepared, "data_dir", lambda: data)
    monkeypatch.setattr(court, "data_dir", lambda: data)
    manifests = tmp_path / "manifests"
    manifests.mkdir()
    return manifests


def lint(manifests: Path, text: str) -> Report:
    (manifests / "it.yaml").write_text(text, "utf-8")
    return api.lint(settings(manifests))


def settings(manifests: Path) -> Settings:
    return Settings(root=manifests, paths=(str(manifests),), versions=("1.35",), jobs=1, config=Config())


def test_pods_devices_and_traits(with_rows: Path) -> None:
    (with_rows / "it.yaml").write_text(f"{FLEET}---{ORACLE}", "utf-8")
    inventory = prepared.prepare(settings(with_rows)).inventory
    fleet, oracle = inventory.resources
    seen = inventory.workload(fleet)
    assert seen is not None
    assert [(t.role, t.pods, t.max_pods, t.devices) for t in seen.templates] == [("fast", 6, 15, 4), ("slow", 3, 3, 0)]
    assert (seen.pods, seen.devices, seen.scale) == (9, 24, ("spec", "harbours"))
    assert (seen.operator_probes, seen.operator_shm) == (False, False)
    assert list(inventory.traits(fleet)) == ["fleet.example.com/Fleet", "workload", "accelerator-workload"]

    seen = inventory.workload(oracle)
    assert seen is not None
    (template,) = seen.templates
    (container,) = template.containers
    (request,) = container.accelerators
    assert (template.pods, seen.devices, seen.scale) == (3, 6, None)
    assert (container.name, container.path, set(container.body)) == ("oracle", ("spec", "server"), {"image", "args"})
    assert (request.resource, request.vendor, request.quantity) == ("amd.com/gpu", "amd", 2)
    assert request.path == ("spec", "server", "cards")
    assert (seen.operator_probes, seen.operator_shm) == (True, True)
    assert list(inventory.traits(oracle)) == [
        "oracle.example.com/Oracle",
        "workload",
        "accelerator-workload",
        "model-server",
    ]


def test_rules_and_schemas_judge_the_kind(with_rows: Path) -> None:
    report = lint(with_rows, f"{FLEET}---{ORACLE}")
    assert {f.rule for f in report.findings} >= {"access/privileged-accelerator"}
    assert not {f.rule for f in report.findings if f.rule.startswith("core/")}
    assert report.failures == ()
    wrong = lint(with_rows, ORACLE.replace("spec:", "spec:\n  prophecies: 4"))
    assert [f.rule for f in wrong.findings] == ["core/schema-invalid"]


def test_without_the_rows_they_are_unknown(tmp_path: Path) -> None:
    report = lint(tmp_path, f"{FLEET}---{ORACLE}")
    assert report.counts.workloads == 0
    assert report.findings == ()
