"""Which resource names and device classes are accelerators, and whose (``policies/tables/accelerators.json``)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from karlint.inventory.paths import value_at, whole_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from karlint.model.path import Path

_DRIVER_IN_CEL = re.compile(r"""device\.driver\s*==\s*["']([^"']+)["']""")


class AcceleratorTable(Struct):
    """Vendors by resource name, and what a device class stands for."""

    exact: dict[str, str]
    patterns: list[tuple[re.Pattern[str], str]]
    device_classes: dict[str, str]
    drivers: dict[str, str]
    other_classes: frozenset[str]
    other_drivers: frozenset[str]
    _cache: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> AcceleratorTable:
        """Build it from the table's JSON."""
        vendors = table["vendors"]
        others = table.get("not_accelerators", {})
        return cls(
            exact={name: row["vendor"] for row in vendors for name in row.get("resources", ())},
            patterns=[(re.compile(text), row["vendor"]) for row in vendors for text in row.get("patterns", ())],
            device_classes={name: row["vendor"] for row in vendors for name in row.get("device_classes", ())},
            drivers={name: row["vendor"] for row in vendors for name in row.get("drivers", ())},
            other_classes=frozenset(others.get("device_classes", ())),
            other_drivers=frozenset(others.get("drivers", ())),
        )

    def vendor(self, resource: str) -> str:
        """Return the vendor whose accelerator *resource* counts; "" if it is none."""
        known = self._cache.get(resource)
        if known is None:
            known = self.exact.get(resource, "")
            if not known and "/" in resource:
                known = next((vendor for pattern, vendor in self.patterns if pattern.search(resource)), "")
            self._cache[resource] = known
        return known

    def is_other_class(self, name: str, definition: Mapping[str, Any] | None) -> bool:
        """True for a device class that is known to hand out something else than accelerators (network, channels)."""
        if name in self.other_classes:
            return True
        return bool(drivers_of_class(definition) & self.other_drivers)


def drivers_of_class(definition: Mapping[str, Any] | None) -> set[str]:
    """Return the drivers that the CEL selectors of a DeviceClass name."""
    selectors = value_at(definition, ("spec", "selectors")) if definition else None
    listed = selectors if isinstance(selectors, list) else ()
    expressions = [value_at(item, ("cel", "expression")) for item in listed if isinstance(item, dict)]
    return {driver for text in expressions if isinstance(text, str) for driver in _DRIVER_IN_CEL.findall(text)}


def requested(
    container: Mapping[str, Any], path: Path, table: AcceleratorTable
) -> Iterable[tuple[str, str, Any, Path]]:
    """Yield resource name, vendor, written quantity and path of each accelerator that a container asks for."""
    resources = container.get("resources")
    if not isinstance(resources, dict):
        return
    written: dict[str, list[tuple[str, Any]]] = {}
    for part in ("limits", "requests"):
        amounts = resources.get(part)
        for name, amount in amounts.items() if isinstance(amounts, dict) else ():
            if table.vendor(name):
                written.setdefault(name, []).append((part, amount))
    for name, amounts in written.items():
        # Charts write a 0 where they leave the devices out.
        if any(whole_number(amount) != 0 for _, amount in amounts):
            part, amount = amounts[0]
            yield name, table.vendor(name), amount, (*path, "resources", part, name)


def claimed_devices(spec: Any) -> list[tuple[str, int | None]]:
    """Return device class and number of devices for each request of a claim spec (``devices.requests``).

    None for what depends on the node (``allocationMode: All``) or on the scheduler's choice (``firstAvailable``).
    Admin access observes devices that others hold: it counts for none. "" for a class that is not written.
    """
    requests = value_at(spec, ("devices", "requests"))
    rows: list[tuple[str, int | None]] = []
    for request in requests if isinstance(requests, list) else ():
        if not isinstance(request, dict):
            rows.append(("", None))
        elif isinstance(request.get("firstAvailable"), list):
            rows += [(_class(option), None) for option in request["firstAvailable"]]
        else:
            exact = request.get("exactly")
            exact = exact if isinstance(exact, dict) else request
            rows.append((_class(exact), _count(exact)))
    # A resource class, of the API before 1.31, or a list that is filled in later.
    return rows or [("", None)]


def _class(request: Any) -> str:
    name = request.get("deviceClassName") if isinstance(request, dict) else None
    return name if isinstance(name, str) else ""


def _count(request: Mapping[str, Any]) -> int | None:
    if request.get("adminAccess") is True:
        return 0
    if request.get("allocationMode", "ExactCount") != "ExactCount":
        return None
    return whole_number(request.get("count", 1))
