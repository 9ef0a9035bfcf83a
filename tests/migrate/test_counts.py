"""The devices of a pod are as many as before, whatever its containers: by the inventory's own arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from karlint.inventory import Inventory
from karlint.migrate.layout import quantity, segments_of
from karlint.migrate.mapping import Classes
from karlint.migrate.naming import document
from karlint.migrate.planning import operations, plan_template
from karlint.model.intended import intended
from karlint.model.resource import Resource, ResourceRef
from karlint.model.source import Document, SourceFile
from karlint.prepared import load_rule_book

BOOK = load_rule_book()
CLASSES = Classes.read(BOOK.tables["migration"])
RESOURCES = ("nvidia.com/gpu", "nvidia.com/mig-1g.5gb", "amd.com/gpu")
SOURCES = {name: source for name in RESOURCES if (source := CLASSES.source(name))}


@dataclass(frozen=True)
class Asked:
    role: str
    amounts: tuple[int, ...]


asked = st.builds(
    Asked,
    st.sampled_from(["main", "init", "sidecar"]),
    st.tuples(st.integers(0, 4), st.sampled_from([0, 0, 1, 2]), st.sampled_from([0, 0, 0, 1])),
)


def spec_of(containers: list[Asked]) -> dict[str, Any]:
    spec: dict[str, Any] = {"containers": [], "initContainers": []}
    for number, one in enumerate(containers):
        limits = {name: amount for name, amount in zip(RESOURCES, one.amounts, strict=True) if amount}
        body: dict[str, Any] = {"name": f"c{number}", "image": "registry.example/a:1", "resources": {"limits": limits}}
        if one.role == "sidecar":
            body["restartPolicy"] = "Always"
        spec["containers" if one.role == "main" else "initContainers"].append(body)
    return spec


def resource_of(body: dict[str, Any], index: int) -> Resource:
    metadata = body["metadata"]
    group, _, version = body["apiVersion"].rpartition("/")
    ref = ResourceRef(group, version, body["kind"], metadata.get("namespace", ""), metadata["name"])
    return Resource(index, ref, Document(SourceFile("a.yaml", None, b""), index, 1, orjson.dumps(body)))


def inventory_of(*bodies: dict[str, Any]) -> Inventory:
    return Inventory([resource_of(body, index) for index, body in enumerate(bodies)], BOOK.tables)


@settings(max_examples=300, deadline=None)
@given(st.lists(asked, min_size=1, max_size=6))
def test_a_pod_claims_as_many_devices_as_it_asked_for(containers: list[Asked]) -> None:
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec_of(containers)}
    before = inventory_of(body)
    workload = before.workload(before.resources[0])
    assert workload is not None
    (template,) = workload.templates
    if not template.accelerators:
        return
    plan = plan_template(template, CLASSES, SOURCES)
    names = {claim.name: f"t{number}" for number, claim in enumerate(plan.claims)}
    changed: Any = body
    for operation in operations(template, plan, names):
        changed = intended(changed, operation)
    made = [document("resource.k8s.io/v1", "", names[claim.name], claim.requests) for claim in plan.claims]
    after = inventory_of(changed, *made)
    migrated = after.workload(after.resources[0])
    assert migrated is not None
    assert migrated.templates[0].accelerators == {}
    assert (migrated.devices, migrated.templates[0].devices) == (workload.devices, template.devices)
    _each_container_has_what_it_had(template.containers, migrated.templates[0], plan.claims)


def _each_container_has_what_it_had(before: Any, after: Any, claims: Any) -> None:
    """Sums over what the containers name, as the API server reads it: a claim as a whole, or one request of it."""
    requests = {claim.name: {request.name: request.count for request in claim.requests} for claim in claims}
    for old, new in zip(before, after.containers, strict=True):
        written = new.body.get("resources", {}).get("claims", [])
        names = [entry["name"] for entry in written]
        assert len(names) == len(set(names)), "a container may name a claim once"
        got = sum(
            requests[entry["name"]][entry["request"]] if "request" in entry else sum(requests[entry["name"]].values())
            for entry in written
        )
        assert got == sum(quantity(old, name) for name in RESOURCES)


@settings(max_examples=300, deadline=None)
@given(st.lists(asked, min_size=1, max_size=6))
def test_no_two_containers_that_run_together_have_a_device_in_common(containers: list[Asked]) -> None:
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec_of(containers)}
    inventory = inventory_of(body)
    workload = inventory.workload(inventory.resources[0])
    assert workload is not None
    (template,) = workload.templates
    for name in template.accelerators:
        segments = segments_of(template.containers, name)
        assert sum(segment.count for segment in segments) == template.accelerators[name]
        for segment in segments:
            roles = [template.containers[user].role for user in segment.users]
            assert roles.count("main") + roles.count("sidecar") <= 1
            assert segment.users
            _no_sidecar_from_before(template.containers, segment.users)


def _no_sidecar_from_before(containers: Any, users: tuple[int, ...]) -> None:
    """An init container runs beside the sidecars that stand before it."""
    for sidecar in users:
        if containers[sidecar].role == "sidecar":
            assert not any(containers[user].role == "init" and user > sidecar for user in users)
