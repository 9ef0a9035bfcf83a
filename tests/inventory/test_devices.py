"""How many accelerators a pod gets: extended resources, claims, init containers and sidecars."""

from __future__ import annotations

import pytest
from tests.inventory.support import inventory_of, pod, template_of, workload_of


def container(*amounts: object, part: str = "limits", extra: str = "") -> str:
    return f"{{name: c, {extra}resources: {{{part}: {{nvidia.com/gpu: {', '.join(map(str, amounts))}}}}}}}"


def sidecar(amount: int) -> str:
    return container(amount, extra="restartPolicy: Always, ")


def claim(name: str, requests: str, namespace: str = "a", kind: str = "ResourceClaim") -> str:
    spec = f"{{devices: {{requests: {requests}}}}}"
    spec = f"{{spec: {spec}}}" if kind == "ResourceClaimTemplate" else spec
    metadata = f"{{name: {name}, namespace: {namespace}}}"
    return f"apiVersion: resource.k8s.io/v1\nkind: {kind}\nmetadata: {metadata}\nspec: {spec}"


ASKS = "{containers: [{name: c}], resourceClaims: [{name: x, resourceClaimName: gpu}]}"
TEMPLATE = "{containers: [{name: c}], resourceClaims: [{name: x, resourceClaimTemplateName: gpu}]}"


@pytest.mark.parametrize(
    ("containers", "init", "expected"),
    [
        ([container(1), container(2)], [], 3),
        ([container(1)], [container(4), container(3)], 4),
        ([container(8)], [container(4)], 8),
        ([container(1)], [sidecar(2)], 3),
        # The init container runs beside the sidecar started before it, not beside the later one.
        ([container(1)], [sidecar(2), container(4), sidecar(1)], 6),
        ([container(1)], [container(4), sidecar(2)], 4),
        ([container("'${GPUS}'")], [], None),
        ([container("1.5")], [], None),
        ([container("'1'")], [], 1),
        ([container(1)], [container("'$(N)'")], None),
    ],
)
def test_devices_of_a_pod(containers: list[str], init: list[str], expected: int | None) -> None:
    text = pod(f"{{containers: [{', '.join(containers)}], initContainers: [{', '.join(init)}]}}")
    assert template_of(text).accelerators == {"nvidia.com/gpu": expected}
    assert template_of(text).devices == expected


def test_roles_and_paths_of_containers() -> None:
    text = pod(
        f"{{containers: [{container(1)}], initContainers: [{container(1, part='requests')}, {sidecar(1)}],"
        f" ephemeralContainers: [{container(5)}]}}"
    )
    template = template_of(text)
    assert [(c.role, c.path) for c in template.containers] == [
        ("main", ("spec", "containers", 0)),
        ("init", ("spec", "initContainers", 0)),
        ("sidecar", ("spec", "initContainers", 1)),
        ("ephemeral", ("spec", "ephemeralContainers", 0)),
    ]
    assert template.containers[1].accelerators[0].path == (
        *("spec", "initContainers", 0, "resources", "requests", "nvidia.com/gpu"),
    )
    assert template.devices == 2, "ephemeral containers get none"


def test_limit_counts_and_is_where_it_is_asked_for() -> None:
    text = pod("{containers: [{resources: {requests: {nvidia.com/gpu: 1}, limits: {nvidia.com/gpu: 2, cpu: 1}}}]}")
    (request,) = template_of(text).containers[0].accelerators
    assert (request.quantity, request.vendor, request.path[-2]) == (2, "nvidia", "limits")


@pytest.mark.parametrize("amount", ["0", "'0'"])
def test_zero_is_not_asked_for(amount: str) -> None:
    inventory = inventory_of(pod(f"{{containers: [{container(amount)}]}}"))
    assert list(inventory.traits(inventory.resources[0])) == ["Pod", "workload"]
    assert inventory.demand() == {}


def test_names_that_count_no_device() -> None:
    limits = "{nvidia.com/gpumem: 10, cpu: 1, example.com/widget: 2, nvidia.com/mig-1g.5gb: 3, amd.com/gpu: 1}"
    assert template_of(pod(f"{{containers: [{{resources: {{limits: {limits}}}}}]}}")).accelerators == {
        "nvidia.com/mig-1g.5gb": 3,
        "amd.com/gpu": 1,
    }


@pytest.mark.parametrize(
    ("requests", "devices", "classes"),
    [
        ("[{name: a, exactly: {deviceClassName: gpu.nvidia.com}}]", 1, ("gpu.nvidia.com",)),
        ("[{name: a, exactly: {deviceClassName: gpu.nvidia.com, count: 4}}]", 4, ("gpu.nvidia.com",)),
        ("[{name: a, deviceClassName: gpu.nvidia.com, count: 2}]", 2, ("gpu.nvidia.com",)),
        ("[{name: a, exactly: {deviceClassName: gpu.nvidia.com, allocationMode: All}}]", None, ("gpu.nvidia.com",)),
        ("[{name: a, exactly: {deviceClassName: gpu.nvidia.com, adminAccess: true}}]", 0, ("gpu.nvidia.com",)),
        ("[{name: a, exactly: {deviceClassName: gpu.nvidia.com, count: '${N}'}}]", None, ("gpu.nvidia.com",)),
        (
            "[{name: a, firstAvailable: [{deviceClassName: gpu.nvidia.com}, {deviceClassName: gpu.amd.com}]}]",
            None,
            ("gpu.nvidia.com", "gpu.amd.com"),
        ),
        ("[{name: a, exactly: {deviceClassName: rdma}}]", 0, ("rdma",)),
        (
            "[{name: a, exactly: {deviceClassName: gpu.nvidia.com, count: 2}},"
            " {name: n, exactly: {deviceClassName: rdma}}]",
            2,
            ("gpu.nvidia.com", "rdma"),
        ),
        ("[]", None, ()),
        ("'${REQUESTS}'", None, ()),
    ],
)
@pytest.mark.parametrize("kind", ["ResourceClaim", "ResourceClaimTemplate"])
def test_devices_of_a_claim(kind: str, requests: str, devices: int | None, classes: tuple[str, ...]) -> None:
    template = template_of(pod(TEMPLATE if "Template" in kind else ASKS, claim("gpu", requests, kind=kind)))
    (found,) = template.claims
    assert (found.devices, found.device_classes, found.shared) == (devices, classes, kind == "ResourceClaim")
    assert template.devices == devices
    assert found.path == ("spec", "resourceClaims", 0)


def test_class_defined_for_another_driver_is_no_accelerator() -> None:
    device_class = (
        "apiVersion: resource.k8s.io/v1\nkind: DeviceClass\nmetadata: {name: nic}\n"
        "spec: {selectors: [{cel: {expression: device.driver == 'dra.net'}}]}"
    )
    template = template_of(pod(ASKS, claim("gpu", "[{name: a, exactly: {deviceClassName: nic}}]"), device_class))
    assert template.devices == 0


ONE = "[{name: a, exactly: {deviceClassName: gpu.nvidia.com}}]"


@pytest.mark.parametrize(("namespace", "devices"), [("a", 1), ("''", 1), ("b", None)])
def test_claim_of_another_namespace_is_another_claim(namespace: str, devices: int | None) -> None:
    assert template_of(pod(ASKS, claim("gpu", ONE, namespace=namespace))).devices == devices


def test_missing_claim_is_unknown_and_still_asks() -> None:
    inventory = inventory_of(pod(ASKS))
    assert inventory.workloads[0].devices is None
    assert inventory.workloads[0].uses_accelerators
    assert "accelerator-workload" in inventory.traits(inventory.resources[0])


def test_claim_that_a_container_names_asks_even_undeclared() -> None:
    inventory = inventory_of(pod("{containers: [{name: c, resources: {claims: [{name: gpu}]}}]}"))
    assert inventory.workloads[0].templates[0].containers[0].claims == ("gpu",)
    assert "accelerator-workload" in inventory.traits(inventory.resources[0])


def deployment(spec: str) -> str:
    return (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: a}\n"
        f"spec: {{replicas: 3, template: {{spec: {spec}}}}}"
    )


def test_claim_by_name_is_one_for_all_pods() -> None:
    assert workload_of("\n---\n".join([deployment(ASKS), claim("gpu", ONE)])).devices == 1
    by_template = claim("gpu", ONE, kind="ResourceClaimTemplate")
    assert workload_of("\n---\n".join([deployment(TEMPLATE), by_template])).devices == 3


def test_claim_under_two_names_is_one() -> None:
    twice = "{containers: [{}], resourceClaims: [{name: x, resourceClaimName: gpu}, {name: y, resourceClaimName: gpu}]}"
    assert template_of(pod(twice, claim("gpu", ONE))).devices == 1


def test_resources_and_claims_add_up() -> None:
    spec = f"{{containers: [{container(2)}], resourceClaims: [{{name: x, resourceClaimTemplateName: gpu}}]}}"
    both = "\n---\n".join([deployment(spec), claim("gpu", ONE, kind="ResourceClaimTemplate")])
    workload = workload_of(both)
    assert (workload.templates[0].devices, workload.devices) == (3, 9)


def test_kserve_model_stands_beside_containers() -> None:
    text = (
        "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: i}\nspec: {predictor: "
        "{model: {resources: {limits: {nvidia.com/gpu: 2}}}, containers: ["
        "{name: s, resources: {limits: {nvidia.com/gpu: 1}}}]}}"
    )
    template = template_of(text)
    assert [c.path for c in template.containers] == [
        ("spec", "predictor", "containers", 0),
        ("spec", "predictor", "model"),
    ]
    assert template.devices == 3


def test_a_part_of_a_device_is_unknown() -> None:
    template = template_of(pod("{containers: [{name: c}]}", metadata="{name: p, annotations: {gpu-fraction: '0.5'}}"))
    assert (template.devices, template.accelerators) == (None, {})


CLAIMING = "{SCHEDULING resourceClaims: [{name: c, resourceClaimTemplateName: t}], containers: [{name: c}]}"
CLAIM_TEMPLATE = (
    "apiVersion: resource.k8s.io/v1\nkind: ResourceClaimTemplate\nmetadata: {name: t}\n"
    "spec: {spec: {devices: {requests: [{name: g, exactly: {deviceClassName: gpu.nvidia.com, count: 2}}]}}}"
)
GROUP = (
    "apiVersion: scheduling.k8s.io/v1alpha2\nkind: PodGroup\nmetadata: {name: g}\n"
    "spec: {resourceClaims: [{name: NAME, resourceClaimTemplateName: t}]}"
)


@pytest.mark.parametrize(("name", "devices"), [("c", None), ("other", 2)])
def test_a_claim_that_the_pod_group_has_too_may_be_shared(name: str, devices: int | None) -> None:
    spec = CLAIMING.replace("SCHEDULING", "schedulingGroup: {podGroupName: g},")
    text = pod(spec, CLAIM_TEMPLATE, GROUP.replace("NAME", name))
    workload = next(iter(inventory_of(text).workloads.values()))
    assert workload.devices == devices


def test_the_channel_of_a_compute_domain_is_no_device() -> None:
    domain = (
        "apiVersion: resource.nvidia.com/v1beta1\nkind: ComputeDomain\nmetadata: {name: d}\n"
        "spec: {channel: {resourceClaimTemplate: {name: t}}}"
    )
    template = template_of(pod(CLAIMING.replace("SCHEDULING", ""), domain))
    assert template.devices == 0
    assert template.claims[0].device_classes == ("compute-domain-default-channel.nvidia.com",)
