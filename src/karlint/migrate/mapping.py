"""Which device class takes the place of an extended resource (``policies/tables/migration.json``, configuration)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from karlint.config.types import Accelerator


class Source(Struct, frozen=True):
    """An extended resource and what DRA has in its place.

    Attributes:
        resource: its name.
        device_class: the DeviceClass to ask.
        driver_class: the class that its driver installs, whose devices these are.
        selectors: CEL expressions that narrow the class down to the resource.
        name: word for the names of claims and templates.
        taint: key of the taint that nodes with such devices carry by convention.
        is_share: True where several of it may be one device.
        is_whole: True where the driver hands out all devices of a node, and no fewer.
        serving: CEL expression of a class that would serve the resource by its name; "" for the driver's own class.
    """

    resource: str
    device_class: str
    selectors: tuple[str, ...]
    name: str
    taint: str
    is_share: bool = False
    is_whole: bool = False
    serving: str = ""
    driver_class: str = ""

    def served_by(self, device_class: str) -> Source:
        """Return the same from a class that holds nothing but what the resource stands for."""
        return replace(self, device_class=device_class, selectors=())


class Label(Struct, frozen=True):
    """What a node label says of the devices there.

    Attributes:
        classes: device classes whose devices have the attribute.
        value: CEL expression with the label's value; "" for a capacity.
        word: what a number is of, for names.
        is_number: True where that is a number.
        capacity: CEL expression of a capacity, of which the label holds whole *unit*, rounded down.
    """

    classes: frozenset[str]
    value: str
    is_number: bool
    capacity: str
    unit: str
    word: str = ""


class Classes(Struct):
    """Look-ups in the table and in the configuration, which comes first."""

    table: Mapping[str, Any]
    configured: Mapping[str, Accelerator] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)

    @classmethod
    def read(cls, table: Mapping[str, Any], configured: Iterable[Accelerator] = ()) -> Classes:
        """Build it from the table's JSON and the accelerators of the configuration."""
        own = {entry.name: entry for entry in configured if entry.device_class}
        labels = {
            name: Label(
                frozenset(row["classes"]),
                row.get("value", ""),
                bool(row.get("number", False)),
                row.get("capacity", ""),
                row.get("unit", ""),
                row.get("word", ""),
            )
            for name, row in table["labels"].items()
        }
        for entry in own.values():
            if entry.product_label and entry.product_attribute:
                labels[entry.product_label] = Label(
                    frozenset({entry.device_class}), entry.product_attribute, False, "", ""
                )
        return cls(table, own, labels)

    def source(self, resource: str) -> Source | None:
        """Return what takes the place of *resource*; None where no driver is known to serve it."""
        own = self.configured.get(resource)
        if own is not None:
            word = re.sub(r"[^a-z0-9]+", "-", resource.rpartition("/")[2].lower()).strip("-") or "device"
            return Source(resource, own.device_class, (), word, resource, driver_class=own.device_class)
        for row in self.table["requests"]:
            found = re.match(row["resource"], resource)
            if found is not None:
                return _filled(resource, row, found)
        return None

    def why_not(self, resource: str) -> str:
        """Return why no driver serves *resource*; "" where that is not known."""
        rows = (row for row in self.table["no_driver"] if re.match(row["resource"], resource))
        return next((row["why"] for row in rows), "")

    def slice_of(self, source: Source, product: str) -> Source:
        """Return *source*, or the slice that it is on nodes that offer slices under the name of whole devices.

        The device plugin does so with the MIG strategy ``single``, and adds the profile to the product's name.
        """
        found = re.match(self.table["slice_of_product"], product)
        if found is None or source.driver_class != "gpu.nvidia.com":
            return source
        sliced = self.source(f"nvidia.com/mig-{found[2]}")
        return source if sliced is None else replace(sliced, resource=source.resource)

    def profile_of(self, product: str) -> str:
        """Return the profile of the slices that a product's name tells of; "" for whole devices."""
        found = re.match(self.table["slice_of_product"], product)
        return found[2] if found else ""

    def without_slice(self, product: str) -> str:
        """Return the name of a product without the profile that the label of a sliced one adds."""
        found = re.match(self.table["slice_of_product"], product)
        return found[1] if found else product


def _filled(resource: str, row: Mapping[str, Any], found: re.Match[str]) -> Source:
    part = found[1] if found.re.groups else ""
    return Source(
        resource=resource,
        device_class=row["class"],
        selectors=(row["selector"].replace("{1}", part),) if "selector" in row else (),
        name=row["name"].replace("{1}", part),
        taint=row["taint"].replace("{1}", part),
        is_share=bool(row.get("share", False)),
        is_whole=bool(row.get("whole", False)),
        serving=row.get("serving", "").replace("{1}", part),
        driver_class=row["class"],
    )
