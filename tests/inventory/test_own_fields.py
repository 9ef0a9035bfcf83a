"""Pods, and devices by fields of the kind's own, of every kind that has no plain pod template."""

from __future__ import annotations

import pytest
from tests.inventory.own_fields import OWN, Own
from tests.inventory.support import inventory_of

from karlint.model.path import to_text


@pytest.mark.parametrize("own", OWN, ids=lambda own: f"{own.kind}-{own.version}")
def test_row_by_hand(own: Own) -> None:
    inventory = inventory_of(own.text)
    workload = inventory.workload(inventory.resources[0])
    assert workload is not None
    found = [
        (
            template.role,
            to_text(template.spec_path),
            template.pods,
            template.max_pods,
            template.devices,
            next((to_text(a.path) for c in template.containers for a in c.accelerators), ""),
        )
        for template in workload.templates
    ]
    assert found == [
        (
            row.role,
            row.spec_path,
            row.pods,
            row.pods if row.max_pods == "as pods" else row.max_pods,
            row.devices,
            row.asked_at,
        )
        for row in own.rows
    ]


@pytest.mark.parametrize("own", OWN, ids=lambda own: f"{own.kind}-{own.version}")
def test_totals_are_sums_or_unknown(own: Own) -> None:
    inventory = inventory_of(own.text)
    workload = inventory.workload(inventory.resources[0])
    assert workload is not None
    pods = [row.pods for row in own.rows]
    assert workload.pods == (None if None in pods or not pods else sum(pods))  # type: ignore[arg-type]
    if not own.rows:
        assert workload.devices is None
        return
    products = [
        0 if row.pods == 0 or row.devices == 0 else None if None in (row.pods, row.devices) else row.pods * row.devices  # type: ignore[operator]
        for row in own.rows
    ]
    assert workload.devices == (None if None in products else sum(products))  # type: ignore[arg-type]


def test_another_resource_name_comes_from_the_field_that_says_so() -> None:
    own = next(own for own in OWN if "gpu.intel.com/xe" in own.body)
    inventory = inventory_of(own.text)
    workload = inventory.workload(inventory.resources[0])
    assert workload is not None
    assert dict(workload.templates[2].accelerators) == {"gpu.intel.com/xe": 1}


def test_a_request_of_the_container_beats_the_field() -> None:
    text = (
        "apiVersion: nvidia.com/v1alpha1\nkind: DynamoGraphDeployment\nmetadata: {name: x}\nspec: {services: {W:"
        " {resources: {limits: {gpu: '1'}}, extraPodSpec: {mainContainer: {resources: {limits:"
        " {nvidia.com/gpu: 4}}}}}}}"
    )
    (workload,) = inventory_of(text).workloads.values()
    assert workload.devices == 4
