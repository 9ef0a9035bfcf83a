"""Real manifests: every workload that is migrated stays valid, keeps its devices, and earns no finding.

A sample of repositories; all of them with ``KARLINT_WHOLE_CORPUS=1``.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from karlint.migrate import Options, migrate_dra
from karlint.prepared import load_rule_book, prepare
from karlint.verdict import report_on
from tests.conftest import CORPUS
from tests.migrate.support import ALL_TARGETS, CLASSES, settings

if TYPE_CHECKING:
    from pathlib import Path

    from karlint.model.migration import Migration
    from karlint.model.report import Report
    from karlint.model.resource import Resource

pytestmark = pytest.mark.corpus

SAMPLE = (
    "NVIDIA__dcgm-exporter",
    "ai-dynamo__grove",
    "kserve__kserve",
    "kubeflow__examples",
    "kubernetes-sigs__dra-driver-nvidia-gpu",
    "kubernetes-sigs__lws",
    "llm-d__llm-d-router",
    "ray-project__kuberay",
)
WHOLE = os.environ.get("KARLINT_WHOLE_CORPUS") == "1"
NAMES = sorted(path.name for path in CORPUS.iterdir() if path.is_dir()) if WHOLE and CORPUS.is_dir() else SAMPLE
LEAST = 200  # workloads that the whole corpus has migrated


def copied(corpus: Path, name: str, root: Path) -> Path:
    """Copy a repository, which may be read-only, to where it can be changed."""
    target = root / name
    shutil.copytree(corpus / name, target, symlinks=True, copy_function=shutil.copyfile)
    for path in (target, *target.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    return target


def looked_at(root: Path) -> tuple[Report, dict[Any, Any]]:
    """Return what a run finds, and the devices that the inventory counts for each workload."""
    run, book = settings(root, versions=ALL_TARGETS, render=False), load_rule_book()
    prepared = prepare(run, book)
    inventory = prepared.inventory
    devices: dict[Any, Any] = {}
    for index, workload in inventory.workloads.items():
        templates = [(t.role, t.pods, t.devices) for t in workload.templates]
        devices.setdefault(_identity(inventory.resources[index]), []).append((workload.devices, templates))
    return report_on(prepared, book, run), devices


def _identity(resource: Resource) -> tuple[str, ...]:
    return (resource.path, resource.ref.api_version, resource.ref.kind, resource.ref.namespace, resource.ref.name)


def _found(report: Report, *, exact: bool) -> Counter[tuple[str, ...]]:
    """Count findings by rule and resource; *exact* by what they say, too."""
    return Counter(
        (finding.rule, finding.location.path, str(finding.resource), finding.message if exact else "")
        for finding in report.findings
    )


@pytest.fixture(scope="module")
def tally() -> Counter[str]:
    return Counter()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("allow", [(), ("device-plugin", "kueue", "operator", "scheduler")], ids=["plain", "allowing"])
def test_a_repository(corpus: Path, tmp_path: Path, name: str, allow: tuple[str, ...], tally: Counter[str]) -> None:
    root = copied(corpus, name, tmp_path)
    run = settings(root, versions=ALL_TARGETS, render=False)
    before, had = looked_at(root)
    migration = migrate_dra(run, Options(write=True, allow=frozenset(allow), classes=CLASSES | {"neuron.aws.com"}))
    tally.update(["migrated"] * len(migration.migrated))
    assert migration.written == bool(migration.migrated) == bool(migration.files)
    if not migration.migrated:
        return
    after, has = looked_at(root)
    tpus = {(w.file, w.name) for w in migration.migrated for moved in w.moved if moved.resource == "google.com/tpu"}
    kept = {key: devices for key, devices in had.items() if (key[0], key[4]) not in tpus}  # these claim all of a node
    assert {key: has.get(key) for key in kept} == kept, "each workload asks for as many devices as before"
    rules = {"dra/legacy-device-plugin"} if "device-plugin" in allow else set()
    worse = _found(after, exact=False) - _found(before, exact=False)
    assert {key for key in worse if key[0] not in rules} == set(), "nothing new is found"
    schema = _found(after, exact=True) - _found(before, exact=True)
    assert [key for key in schema if key[0].startswith("core/")] == [], "and schemas say the same for every target"
    assert len(after.failures) == len(before.failures)
    _asks_no_plugin(migration, root)
    again = migrate_dra(run, Options(allow=frozenset(allow), classes=CLASSES))
    assert again.files == (), "a second run changes nothing"
    assert len(again.workloads) == len(migration.refused)


def _asks_no_plugin(migration: Migration, root: Path) -> None:
    """None of the migrated workloads, read again, asks for an extended resource; all their templates are there."""
    inventory = prepare(settings(root, versions=("1.35",), render=False)).inventory
    done = {(item.file, item.kind, item.name) for item in migration.migrated}
    left = {(item.file, item.kind, item.name) for item in migration.refused}
    for index, workload in inventory.workloads.items():
        resource = inventory.resources[index]
        key = (resource.path, resource.ref.kind, resource.ref.name)
        if key in done - left:
            assert all(not template.accelerators for template in workload.templates), key
            assert all(claim.device_classes for template in workload.templates for claim in template.claims), key


@pytest.mark.skipif(not WHOLE, reason="KARLINT_WHOLE_CORPUS=1 migrates all of it")
def test_enough_was_migrated(tally: Counter[str]) -> None:
    assert tally["migrated"] >= LEAST
