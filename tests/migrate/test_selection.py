"""From node labels to selectors of devices: only what surely says the same."""

from __future__ import annotations

from typing import Any

import pytest

from karlint.migrate.mapping import Classes
from karlint.migrate.selection import removals, select
from karlint.model.intended import intended
from karlint.prepared import load_rule_book

CLASSES = Classes.read(load_rule_book().tables["migration"])
NVIDIA = "device.attributes['gpu.nvidia.com']"
PRODUCT = f"{NVIDIA}.productName.replace(' ', '-')"
MEMORY = "device.capacity['gpu.nvidia.com'].memory"


def chosen(spec: dict[str, Any], resource: str = "nvidia.com/gpu") -> tuple[str, tuple[str, ...], dict[str, Any]]:
    """Return device class, selectors, and what is left of *spec*."""
    source = CLASSES.source(resource)
    assert source is not None
    selection = select(source, spec, CLASSES)
    left: Any = spec
    for operation in removals(spec, selection.replaced):
        left = intended(left, operation)
    return selection.source.device_class, selection.selectors, left


def required(*expressions: dict[str, Any], **more: Any) -> dict[str, Any]:
    term = {"matchExpressions": list(expressions), **more}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}


def label(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"key": key, "operator": operator, "values": list(values)}


@pytest.mark.parametrize(
    ("spec", "selectors", "left"),
    [
        ({"nodeSelector": {"nvidia.com/gpu.product": "NVIDIA-L4"}}, [f"{PRODUCT} == 'NVIDIA-L4'"], {}),
        (
            {"nodeSelector": {"nvidia.com/gpu.product": "NVIDIA-L4", "zone": "a"}},
            [f"{PRODUCT} == 'NVIDIA-L4'"],
            {"nodeSelector": {"zone": "a"}},
        ),
        (
            {"nodeSelector": {"nvidia.com/gpu.compute.major": "9"}},
            [f"{NVIDIA}.cudaComputeCapability.major() == 9"],
            {},
        ),
        (
            {"affinity": required(label("nvidia.com/gpu.compute.major", "Gt", "7"))},
            [f"{NVIDIA}.cudaComputeCapability.major() > 7"],
            {},
        ),
        (
            {"affinity": required(label("nvidia.com/gpu.memory", "Lt", "40000"))},
            [f"{MEMORY}.isLessThan(quantity('40000Mi'))"],
            {},
        ),
        (
            {"affinity": required(label("nvidia.com/gpu.memory", "Gt", "40000"), label("zone", "In", "a"))},
            [f"{MEMORY}.compareTo(quantity('40001Mi')) >= 0"],
            {"affinity": required(label("zone", "In", "a"))},
        ),
        (
            {
                "affinity": required(
                    label("nvidia.com/gpu.product", "In", "A", "B"), matchFields=[{"key": "metadata.name"}]
                )
            },
            [f"{PRODUCT} in ['A', 'B']"],
            {
                "affinity": {
                    "nodeAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": {
                            "nodeSelectorTerms": [{"matchFields": [{"key": "metadata.name"}]}]
                        }
                    }
                }
            },
        ),
        (
            {"affinity": {**required(label("nvidia.com/gpu.product", "In", "A")), "podAntiAffinity": {"x": []}}},
            [f"{PRODUCT} == 'A'"],
            {"affinity": {"podAntiAffinity": {"x": []}}},
        ),
    ],
)
def test_what_is_asked_of_the_device_instead(spec: dict[str, Any], selectors: list[str], left: dict[str, Any]) -> None:
    assert chosen(spec) == ("gpu.nvidia.com", tuple(selectors), left)


@pytest.mark.parametrize(
    "spec",
    [
        {"nodeSelector": {"nvidia.com/gpu.memory": "11441"}},
        {"nodeSelector": {"nvidia.com/gpu.present": "true", "nvidia.com/gpu.count": "8"}},
        {"nodeSelector": {"nvidia.com/gpu.product": "${PRODUCT}"}},
        {"nodeSelector": {"nvidia.com/gpu.product": "it's"}},
        {"nodeSelector": {"cloud.google.com/gke-accelerator": "nvidia-l4"}},
        {"nodeSelector": {"amd.com/gpu.product-name": "AMD_Instinct_MI300X_OAM"}},
        {"affinity": required(label("nvidia.com/gpu.product", "NotIn", "A"))},
        {"affinity": required(label("nvidia.com/gpu.product", "Exists"))},
        {"affinity": required(label("nvidia.com/gpu.product", "In"))},
        {"affinity": required(label("nvidia.com/gpu.product", "In", "A-MIG-1g.5gb", "A"))},
        {"affinity": required(label("nvidia.com/gpu.memory", "Gt", "many"))},
        {
            "affinity": {
                "nodeAffinity": {
                    "requiredDuringSchedulingIgnoredDuringExecution": {
                        "nodeSelectorTerms": [
                            {"matchExpressions": [label("nvidia.com/gpu.product", "In", "A")]},
                            {"matchExpressions": [label("zone", "In", "a")]},
                        ]
                    }
                }
            }
        },
    ],
)
def test_what_stays_as_it_is(spec: dict[str, Any]) -> None:
    assert chosen(spec) == ("gpu.nvidia.com", (), spec)


def test_a_product_of_another_vendor_has_its_own_attribute() -> None:
    spec = {"nodeSelector": {"amd.com/gpu.product-name": "AMD_Instinct_MI300X_OAM"}}
    device_class, selectors, left = chosen(spec, "amd.com/gpu")
    assert (device_class, left) == ("gpu.amd.com", {})
    attribute = "device.attributes['gpu.amd.com'].productName.replace(' ', '_')"
    assert selectors == (f"{attribute} == 'AMD_Instinct_MI300X_OAM'",)


def test_nodes_that_offer_slices_as_whole_devices_have_slices_claimed() -> None:
    spec = {"nodeSelector": {"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-40GB-MIG-1g.5gb"}}
    assert chosen(spec) == (
        "mig.nvidia.com",
        (f"{NVIDIA}.profile == '1g.5gb'", f"{PRODUCT} == 'NVIDIA-A100-SXM4-40GB'"),
        {},
    )


@pytest.mark.parametrize(
    ("resource", "profile"),
    [
        ("nvidia.com/mig-1g.5gb", "1g.5gb"),
        ("nvidia.com/mig-1c.3g.20gb", "1c.3g.20gb"),
        ("nvidia.com/mig-1g.10gb.me", "1g.10gb+me"),
    ],
)
def test_a_slice_is_claimed_by_its_profile(resource: str, profile: str) -> None:
    source = CLASSES.source(resource)
    assert source is not None
    assert (source.device_class, source.selectors) == ("mig.nvidia.com", (f"{NVIDIA}.profile == '{profile}'",))


@pytest.mark.parametrize("resource", ["nvidia.com/mig-1g-5gb", "nvidia.com/mig-1g.10gb.gfx.x", "example.com/gpu"])
def test_a_name_that_is_not_known_has_no_class(resource: str) -> None:
    assert CLASSES.source(resource) is None
