"""What ``karlint migrate dra`` would change, and what it leaves alone and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from karlint.model.fix import ChangedFile


class DeviceRequest(Struct, frozen=True):
    """One request of a claim template.

    Attributes:
        name: of the request, as containers refer to it.
        device_class: the DeviceClass it asks.
        count: devices.
        selectors: CEL expressions that a device must fulfil.
        every: True where it asks for all devices of the node, which are *count*: the driver hands out no fewer.
    """

    name: str
    device_class: str
    count: int
    selectors: tuple[str, ...] = ()
    every: bool = False


class ClaimTemplate(Struct, frozen=True):
    """A ResourceClaimTemplate that is to be written.

    Attributes:
        file: the file that it is added to.
        namespace: as that file writes it; "" where it leaves it out.
        used_by: workloads, as messages show them.
    """

    file: str
    namespace: str
    name: str
    requests: tuple[DeviceRequest, ...]
    used_by: tuple[str, ...] = ()


class Moved(Struct, frozen=True):
    """What one container asked the device plugin for, and what it asks instead.

    Attributes:
        container: its name.
        role: "main", "init" or "sidecar".
        resource: the extended resource.
        quantity: devices.
        device_class: the DeviceClass.
        claims: pod-local claims that it uses, each with the request where only one of them is meant: ``gpu/server``.
    """

    container: str
    role: str
    resource: str
    quantity: int
    device_class: str
    claims: tuple[str, ...]


class Refusal(Struct, frozen=True):
    """Why a workload is left as it is.

    Attributes:
        code: a word that counts are grouped by.
        reason: what stands in the way, a sentence.
        help: what to do, a sentence; "" for nothing.
        allow: True where ``--allow CODE`` migrates it all the same.
    """

    code: str
    reason: str
    help: str = ""
    allow: bool = False


class WorkloadMigration(Struct, frozen=True):
    """One workload that asks device plugins for devices.

    Attributes:
        kind, namespace, name: of the workload, as its file writes them.
        file, line: where it is written.
        environments: what it is deployed to, where that is rendered.
        devices: devices of all its pods, as the inventory counts them; None for unknown.
        moved: what its containers ask for; empty where it is refused before that is known.
        templates: names of the claim templates that it uses.
        gains: what claims bring it that the device plugin cannot: selection, sharing, alignment, fallback.
        notes: what changes with it, and what to see to.
        refusals: why it is left alone; empty for one that is migrated.
    """

    kind: str
    namespace: str
    name: str
    file: str
    line: int
    environments: tuple[str, ...] = ()
    devices: int | None = None
    moved: tuple[Moved, ...] = ()
    templates: tuple[str, ...] = ()
    gains: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    @property
    def is_migrated(self) -> bool:
        """True where nothing stands in the way."""
        return not self.refusals

    @property
    def label(self) -> str:
        """The workload as messages show it."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


class QuotaEntry(Struct, frozen=True):
    """An entry that a ResourceQuota gains.

    Attributes:
        quota: the quota as messages show it.
        key, value: the entry.
        beside: the entries that it follows, which stay.
    """

    file: str
    line: int
    quota: str
    key: str
    value: str
    beside: tuple[str, ...]


class OtherWay(Struct, frozen=True):
    """How requests can stay as they are: by a DeviceClass that serves them.

    Attributes:
        resource: the extended resource.
        device_class: the class that serves it.
        selector: CEL expression of the class; "" for the driver's own class.
        workloads: how many of the migrated ones would gain nothing by claims for this resource.
        there: True where a DeviceClass of the tree has the name already.
    """

    resource: str
    device_class: str
    selector: str
    workloads: int
    there: bool = False


class Migration(Struct, frozen=True):
    """Outcome of ``karlint migrate dra``.

    Attributes:
        versions: target minors.
        api_version: of the claim templates.
        workloads: all that ask device plugins for devices, by file and line.
        templates: what is added.
        quotas: entries that quotas gain.
        other_ways: DeviceClasses that would serve requests as they are.
        served_from: the minor from which ``extendedResourceName`` works without a switch.
        classes: DeviceClasses that are used and that nothing says are there.
        notes: remarks on the whole, one sentence each.
        files: files that change, by path.
        written: whether they were written.
    """

    versions: tuple[str, ...]
    api_version: str
    workloads: tuple[WorkloadMigration, ...]
    templates: tuple[ClaimTemplate, ...] = ()
    quotas: tuple[QuotaEntry, ...] = ()
    other_ways: tuple[OtherWay, ...] = ()
    served_from: int = 36
    classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    files: tuple[ChangedFile, ...] = ()
    written: bool = False

    @property
    def migrated(self) -> tuple[WorkloadMigration, ...]:
        """The workloads that are migrated."""
        return tuple(item for item in self.workloads if item.is_migrated)

    @property
    def refused(self) -> tuple[WorkloadMigration, ...]:
        """The workloads that are left alone."""
        return tuple(item for item in self.workloads if not item.is_migrated)
