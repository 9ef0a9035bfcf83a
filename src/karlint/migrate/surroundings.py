"""What the rest of the tree says about a workload's cluster: who owns the devices, who queues, who makes nodes."""

from __future__ import annotations

import re
from functools import cached_property
from posixpath import dirname
from typing import TYPE_CHECKING, Any

from karlint.inventory.paths import value_at
from karlint.inventory.scopes import environments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from karlint.inventory import Inventory
    from karlint.migrate.mapping import Classes, Source
    from karlint.model.resource import Resource

DEVICE_CLASS = "resource.k8s.io/DeviceClass"
_DRIVER_CHARTS = re.compile(rb"nvidia-dra-driver-gpu|dra-driver-nvidia-gpu")
_PLUGIN_CHARTS = re.compile(rb'"chart":"(?:gpu-operator|nvidia-device-plugin)"')
_WITHOUT_PLUGIN = re.compile(rb"devicePlugin[\"\\n: {]+enabled[\"\\n: ]+false")
_HELM = ("helm.toolkit.fluxcd.io/HelmRelease", "argoproj.io/Application")
_SHARING = re.compile(rb"timeSlicing|\bmps\b[\"\\n: ]")


def _group(resource: Resource) -> str:
    """Return the ``clusters/<name>`` or the like that *resource* lies below; "" for none."""
    home = resource.environment.home if resource.environment is not None else resource.directory
    return environments((home,)).get(home, "")


class Surroundings:
    """Look-ups in the inventory.

    Args:
        inventory: everything in the tree.
        table: ``policies/tables/migration.json``.
        confirmed: DeviceClasses that the user says are there.
    """

    def __init__(self, inventory: Inventory, table: Mapping[str, Any], confirmed: Iterable[str] = ()) -> None:
        self.inventory = inventory
        self.table = table
        self.confirmed = frozenset(confirmed)
        self._scope: dict[str, frozenset[str]] = {}

    def of_kind(self, group_kind: str) -> Iterator[Resource]:
        """Yield the resources of a kind."""
        for found in self.inventory.lookup.by_kind.get(group_kind, {}).values():
            yield from found

    def near(self, resource: Resource, group_kind: str) -> Iterator[Resource]:
        """Yield the resources of a kind that may land in the cluster of *resource*: in its scope, namespaces aside."""
        if resource.directory not in self._scope:
            self._scope[resource.directory] = frozenset(self.inventory.scope_of(resource.directory))
        scope = self._scope[resource.directory]
        return (other for other in self.of_kind(group_kind) if other.directory in scope)

    def is_there(self, device_class: str, resource: Resource) -> bool:
        """Tell whether the tree holds a DeviceClass for *resource*, or the user says that the cluster has it.

        What stands in ``clusters/a`` says nothing about ``clusters/b``.
        """
        if device_class in self.confirmed:
            return True
        found = self.inventory.lookup.by_kind.get(DEVICE_CLASS, {}).get(device_class, ())
        own = _group(resource)
        return any(_group(other) == own or dirname(_group(other)) != dirname(own) for other in found)

    def serving_class(self, resource: Resource, source: Source) -> str:
        """Return the DeviceClass nearby that serves *source* under its old name; "" for none."""
        for other in self.near(resource, DEVICE_CLASS):
            spec = other.body.get("spec")
            if isinstance(spec, dict) and spec.get("extendedResourceName") == source.resource:
                return other.ref.name
        return ""

    def source(self, resource: Resource, classes: Classes, name: str) -> Source | None:
        """Return what takes the place of the extended resource *name*, the class nearby that serves it preferred."""
        source = classes.source(name)
        serving = self.serving_class(resource, source) if source is not None else ""
        return source.served_by(serving) if source is not None and serving else source

    def device_plugin(self, resource: Resource, vendor: str) -> Resource | None:
        """Return what installs the vendor's device plugin nearby, on whatever nodes; None for nothing."""
        pattern = self.table["plugins"].get(vendor)
        if pattern is None:
            return None
        for other in self.near(resource, "apps/DaemonSet"):
            workload = self.inventory.workload(other)
            images = [c.body.get("image") for t in (workload.templates if workload else ()) for c in t.containers]
            if any(isinstance(image, str) and re.search(pattern, image) for image in images):
                return other
        return self._operator(resource) if vendor == "nvidia" else None

    def _operator(self, resource: Resource) -> Resource | None:
        """Return what has NVIDIA's operator or chart install the plugin nearby, as they do unless told not to.

        Source: ``DevicePluginSpec.IsEnabled`` in NVIDIA/gpu-operator, ``api/nvidia/v1/clusterpolicy_types.go``.
        """
        for policy in self.near(resource, "nvidia.com/ClusterPolicy"):
            if value_at(policy.body, ("spec", "devicePlugin", "enabled")) is not False:
                return policy
        for kind in _HELM:
            for other in self.near(resource, kind):
                text = other.document.json
                if _PLUGIN_CHARTS.search(text) and not _WITHOUT_PLUGIN.search(text):
                    return other
        return None

    def driver_without_gpus(self, resource: Resource) -> Resource | None:
        """Return what installs NVIDIA's driver nearby for compute domains only, as its chart does by default."""
        for kind in _HELM:
            for other in self.near(resource, kind):
                text = other.document.json
                if _DRIVER_CHARTS.search(text) and b"gpuResourcesEnabledOverride" not in text:
                    return other
        return None

    def sharing_config(self, resource: Resource, name: str) -> Resource | None:
        """Return the configuration nearby by which the device plugin offers a device several times as *name*."""
        for kind in ("ConfigMap", *_HELM):
            for other in self.near(resource, kind):
                text = other.document.json
                if b"sharing" in text and name.encode() in text and _SHARING.search(text):
                    return other
        return None

    def node_maker(self, resource: Resource) -> Resource | None:
        """Return a NodePool nearby, of which Karpenter makes nodes."""
        return next(self.near(resource, "karpenter.sh/NodePool"), None)

    def kueue_maps(self, device_class: str) -> bool:
        """Tell whether a configuration of Kueue in the tree counts devices of a class."""
        wanted = device_class.encode()
        return any(b"deviceClassMappings" in text and wanted in text for text in self._kueue)

    @cached_property
    def _kueue(self) -> list[bytes]:
        kinds = ("ConfigMap", "config.kueue.x-k8s.io/Configuration", *_HELM)
        return [item.document.json for kind in kinds for item in self.of_kind(kind)]

    def mentions(
        self, resource: Resource, kinds: Iterable[str], words: Iterable[str]
    ) -> Iterator[tuple[Resource, str]]:
        """Yield the resources of *kinds* in the same namespace and scope that hold one of *words*, with the word."""
        listed = list(words)
        for kind in kinds:
            for other in self.near(resource, kind):
                same = other.ref.namespace == resource.ref.namespace or not other.ref.namespace
                found = next((word for word in listed if word.encode() in other.document.json), None)
                if same and found is not None:
                    yield other, found
