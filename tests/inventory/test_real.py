"""Pods and devices of real manifests of every kind, against numbers worked out by hand."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from tests.conftest import CORPUS
from tests.inventory.real import REAL, Real
from tests.inventory.support import tables

from karlint.config import Config, Settings
from karlint.inventory import Inventory
from karlint.model.encode import to_json
from karlint.model.source import SourceFile
from karlint.prepared import prepare, resources_of
from karlint.source import Limits, load_file

if TYPE_CHECKING:
    from pathlib import Path

    from karlint.model.resource import Resource


@cache
def inventory(paths: tuple[str, ...]) -> Inventory:
    files = [load_file(SourceFile(path, None, (CORPUS / path).read_bytes()), Limits()) for path in paths]
    return Inventory(resources_of(files), tables())


def resource_of(real: Real) -> tuple[Inventory, Resource]:
    found = inventory((real.path, *real.beside))
    (resource,) = [r for r in found.resources if (r.path, r.ref.kind, r.ref.name) == (real.path, real.kind, real.name)]
    return found, resource


@pytest.mark.usefixtures("corpus")
@pytest.mark.parametrize("real", REAL, ids=lambda real: f"{real.kind}-{real.name}")
def test_pods_and_devices_by_hand(real: Real) -> None:
    found, resource = resource_of(real)
    workload = found.workload(resource)
    assert workload is not None
    seen = sorted((t.role, str(t.pods), str(t.devices)) for t in workload.templates)
    assert seen == sorted((role, str(pods), str(devices)) for role, pods, devices in real.templates), real.note
    assert workload.devices == real.devices, real.note


@pytest.fixture(scope="module")
def everything(corpus: Path) -> Inventory:
    settings = Settings(root=corpus.parent, paths=(str(corpus),), versions=(), jobs=2, config=Config(), render=False)
    return prepare(settings).inventory


def test_every_resource_that_makes_pods_is_a_workload(everything: Inventory) -> None:
    made = [resource for resource in everything.resources if everything.makes_pods(resource)]
    assert len(made) > 2000
    for resource in made:
        workload = everything.workload(resource)
        assert workload is not None
        traits = list(everything.traits(resource))
        assert traits[:2] == [resource.ref.group_kind, "workload"]
        to_json(everything.input_for(resource))


def test_every_kind_of_the_corpus_is_worked_out_by_hand(everything: Inventory) -> None:
    kinds = {r.ref.group_kind for r in everything.resources if everything.makes_pods(r)}
    worked_out = {resource_of(real)[1].ref.group_kind for real in REAL}
    same = {
        "argoproj.io/WorkflowTemplate",  # a Workflow by another name
        "trainer.kubeflow.org/TrainingRuntime",  # its cluster-wide form is there
    }
    assert kinds - same <= worked_out


def test_borrowed_templates_are_found_in_the_whole(everything: Inventory) -> None:
    jobs = [r for r in everything.resources if r.ref.group_kind == "trainer.kubeflow.org/TrainJob"]
    workloads = [everything.workload(job) for job in jobs]
    assert len(workloads) >= 8
    assert all(workload is not None and workload.templates for workload in workloads)
