"""Why a workload is not migrated. What is allowed explicitly is not refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from karlint.inventory.paths import value_at
from karlint.migrate.operators import chips_of, reading
from karlint.migrate.requests import as_written, asks, own_field
from karlint.migrate.selection import choices_of, demands, labels_named, select
from karlint.model.migration import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from karlint.migrate.mapping import Classes, Source
    from karlint.migrate.surroundings import Surroundings
    from karlint.model.resource import Resource
    from karlint.model.workload import Container, PodTemplate, Workload

ALLOWABLE = ("autoscaler", "device-plugin", "driver", "kueue", "operator", "scheduler", "shared", "topology")
"""Codes of what only the user can know to be all right."""

QUEUE_LABEL = "kueue.x-k8s.io/queue-name"
_OPERAND_LABELS = ("app.kubernetes.io/component", "app.kubernetes.io/name", "k8s-app", "app", "name")
_VENDOR_PART = re.compile(r"^(nvidia|amd|amdgpu|rocm|intel|gpu|vgpu|habana|gaudi|neuron|tpu|npu|mps|dcgm)-")
_STACK_PART = re.compile(r"-(plugin|driver|toolkit|exporter|validator|labeller|discovery|mps|manager|installer)(-|$)")
_DEFAULT_SCHEDULER = "default-scheduler"
_GANGS = (
    ("spec", "runPolicy", "schedulingPolicy"),
    ("spec", "schedulingStrategy"),
    ("spec", "template", "spec", "schedulingStrategy"),
    ("spec", "podGroupPolicy"),
    ("spec", "groupTemplate", "spec", "podGroupPolicy"),
    ("metadata", "labels", "ray.io/gang-scheduling-enabled"),
)
"""Where a workload asks its operator for a gang, which a scheduler beside Kubernetes' own may place."""
_OWN_SCHEDULERS = {
    "batch.volcano.sh": "Volcano",
    "flow.volcano.sh": "Volcano",
    "training.volcano.sh": "Volcano",
}


class Refusals(Struct, frozen=True):
    """Looks for what stands in the way.

    Attributes:
        accelerators: ``policies/tables/accelerators.json``.
    """

    classes: Classes
    around: Surroundings
    accelerators: Mapping[str, Any]

    def of_workload(self, resource: Resource, workload: Workload) -> Iterator[Refusal]:
        """Yield what concerns the workload as a whole."""
        if self._is_infrastructure(resource, workload):
            yield Refusal(
                "infrastructure",
                "It is a part of the accelerator stack itself: a device plugin, driver, exporter or the like.",
            )
        if resource.ref.kind == "DaemonSet":
            yield Refusal(
                "daemonset",
                "A DaemonSet would take devices on every node, and what only watches them needs none.",
                "Write a claim with adminAccess for an agent that watches, by hand.",
            )
        yield from self._queued(resource, workload)
        yield from self._scheduled(resource, workload)

    def of_fields(self, resource: Resource) -> Iterator[Refusal]:
        """Yield what concerns a workload whose pod templates are not in the tree, but whose devices are its own."""
        for part in ("limits", "requests"):
            amounts = value_at(resource.body, ("spec", "trainer", "resourcesPerNode", part))
            for name in amounts if isinstance(amounts, dict) else ():
                if self.around.inventory.accelerators.vendor(name):
                    yield own_field(name, f"spec.trainer.resourcesPerNode.{part}")
                    return

    def of_template(self, resource: Resource, template: PodTemplate) -> Iterator[Refusal]:
        """Yield what concerns one of its pod templates."""
        yield from as_written(template)
        yield from self._known(template)
        if template.spec.get("nodeName"):
            yield Refusal(
                "node-name",
                "The pod names its node, so the scheduler, which allocates claims, never sees it.",
                "Let a nodeSelector choose the node.",
            )
        yield from self._claimed(template)
        yield from self._shared(resource, template)
        yield from self._sliced(resource, template)
        yield from self._placed(resource, template)
        yield from reading(resource, template)
        yield from self._limited(resource, template)
        yield from self._owned(resource, template)

    def _is_infrastructure(self, resource: Resource, workload: Workload) -> bool:
        """Tell whether it is a part of the accelerator stack, as ``karlint.lib.accelerators`` tells it."""
        images = re.compile(self.accelerators["infrastructure"]["images"])
        paths = re.compile(self.accelerators["infrastructure"]["paths"])
        names = [resource.ref.name]
        for template in workload.templates:
            names += [str(template.labels[label]) for label in _OPERAND_LABELS if label in template.labels]
            if any(images.search(str(container.body.get("image", ""))) for container in template.containers):
                return True
            volumes = template.spec.get("volumes")
            for volume in volumes if isinstance(volumes, list) else ():
                host = volume.get("hostPath") if isinstance(volume, dict) else None
                if isinstance(host, dict) and paths.search(str(host.get("path", ""))):
                    return True
        return any(images.search(name) or (_VENDOR_PART.search(name) and _STACK_PART.search(name)) for name in names)

    def _queued(self, resource: Resource, workload: Workload) -> Iterator[Refusal]:
        metadata = resource.body.get("metadata")
        labels = metadata.get("labels") if isinstance(metadata, dict) else None
        queued = isinstance(labels, dict) and QUEUE_LABEL in labels
        queued = queued or any(QUEUE_LABEL in template.labels for template in workload.templates)
        wanted = [source for source in self._sources(resource, workload) if queued]
        if any(source.is_whole for source in wanted):
            yield Refusal(
                "kueue", "Kueue queues it, and Kueue counts no claims for all devices of a node, as TPUs need them."
            )
            return
        missing = {source.device_class: source for source in wanted if not self.around.kueue_maps(source.device_class)}
        if not missing:
            return
        maps = "; ".join(f"{{name: {source.resource}, deviceClassNames: [{name}]}}" for name, source in missing.items())
        yield Refusal(
            "kueue",
            "Kueue queues it, and nothing in the tree shows that Kueue counts devices of "
            f"{', '.join(missing)}: it would never be admitted.",
            f"Set resources.deviceClassMappings in Kueue's Configuration to [{maps}], then --allow kueue.",
            allow=True,
        )

    def _sources(self, resource: Resource, workload: Workload) -> list[Source]:
        names = {r.resource for template in workload.templates for c in template.containers for r in c.accelerators}
        found = (self.around.source(resource, self.classes, name) for name in sorted(names))
        return [source for source in found if source is not None]

    def _scheduled(self, resource: Resource, workload: Workload) -> Iterator[Refusal]:
        names = {str(t.spec["schedulerName"]) for t in workload.templates if t.spec.get("schedulerName")}
        names -= {_DEFAULT_SCHEDULER, ""}
        own = _OWN_SCHEDULERS.get(resource.ref.group)
        if own is not None:
            names.add(own)
        if not names and any(value_at(resource.body, path) for path in _GANGS):
            names = {"the gang scheduler of its operator"}
        if names:
            yield Refusal(
                "scheduler",
                f"Its pods are placed by {', '.join(sorted(names))}, and whether that allocates claims depends on its "
                "version and configuration.",
                "--allow scheduler once you know that it does.",
                allow=True,
            )
        found = sorted({note for t in workload.templates for note in self._annotations(resource, t)})
        if found:
            yield Refusal(
                "topology",
                f"It asks for a topology domain ({found[0]}), and what chooses that domain counts no claimed devices.",
                "--allow topology once you know that it does.",
                allow=True,
            )

    def _annotations(self, resource: Resource, template: PodTemplate) -> set[str]:
        above = value_at(resource.body, ("metadata", "annotations"))
        named = {*template.annotations, *(above if isinstance(above, dict) else ())}
        return named.intersection(self.around.table["topology"])

    def _known(self, template: PodTemplate) -> Iterator[Refusal]:
        for resource in template.accelerators:
            source = self.classes.source(resource)
            if source is not None:
                containers = [c for c in template.containers if asks(c, resource)]
                chips = chips_of(template)
                if source.is_whole and (chips is None or chips < (template.accelerators[resource] or 0)):
                    yield Refusal(
                        "whole-node",
                        f"The driver hands out all {resource} of a node together, and how many these are is not known.",
                        "Choose nodes by cloud.google.com/gke-tpu-topology.",
                    )
                if source.is_whole and len(containers) > 1:
                    yield Refusal(
                        "whole-node",
                        f"Several containers ask for {resource}, and the driver hands out all devices of a node at "
                        "once.",
                        "Ask in one container.",
                    )
                continue
            why = self.classes.why_not(resource)
            yield Refusal(
                "no-driver",
                f"No DRA driver hands out {resource} as such: {why}."
                if why
                else f"No DRA driver is known to hand out {resource}.",
                "Write the claim by hand."
                if why
                else "Name its device_class under accelerators in .karlint.yaml if there is one.",
            )

    def _claimed(self, template: PodTemplate) -> Iterator[Refusal]:
        open_claims = [claim.name for claim in template.claims if claim.devices != 0]
        if open_claims:
            yield Refusal(
                "claims",
                f"The pod has a claim for devices already ({', '.join(open_claims)}), and which of its devices are "
                "the same cannot be told.",
                "Keep one of the two, best the claim.",
            )

    def _shared(self, resource: Resource, template: PodTemplate) -> Iterator[Refusal]:
        virtual = self._virtual(template)
        if virtual:
            yield Refusal(
                "shared",
                f"{virtual}, and what divides it up hands it out by the limits.",
                "Claim shares from a driver that has them, by hand.",
            )
            return
        found = self._share(resource, template)
        if found:
            yield Refusal(
                "shared",
                f"{found}. A claim from a template is for one pod alone, so each share would become a whole device.",
                "Where pods of this workload may share with each other, write a ResourceClaim with GpuConfig.sharing "
                "that all of them name; --allow shared gives each share a device.",
                allow=True,
            )

    def _virtual(self, template: PodTemplate) -> str:
        """Return what tells that a device is a part of one, of a size that is asked for beside it; "" for nothing."""
        table = self.around.table["shares"]
        asked = {key for container in template.containers for key in _resource_keys(container)}
        virtual = sorted(key for key in asked if re.search(table["resources"], key))
        if virtual:
            return f"With {virtual[0]} beside it, a device is a virtual one"
        notes = sorted({*template.annotations}.intersection(table["annotations"]))
        return f"With the annotation {notes[0]}, a device is a virtual one" if notes else ""

    def _share(self, resource: Resource, template: PodTemplate) -> str:
        """Return what tells that the devices are shares of devices; "" for nothing."""
        table = self.around.table["shares"]
        for name in template.accelerators:
            source = self.classes.source(name)
            if source is not None and source.is_share:
                return f"{name} is one of several shares of a device"
        labels = sorted(labels_named(template.spec).intersection(table["labels"]))
        if labels:
            return f"It chooses nodes that share their devices ({labels[0]})"
        for demand in demands(template.spec):
            pattern = table["values"].get(demand.label)
            if pattern and any(re.search(pattern, value) for value in demand.values):
                return f"It chooses nodes that share their devices ({demand.label}: {', '.join(demand.values)})"
        for name in template.accelerators:
            config = self.around.sharing_config(resource, name)
            if config is not None:
                return f"{config.ref} lets the device plugin offer each device several times"
        return ""

    def _sliced(self, resource: Resource, template: PodTemplate) -> Iterator[Refusal]:
        """Yield what tells that a whole device is a slice of one, of a profile that is not sure."""
        patterns = self.around.table["sliced"]
        told = [(label, value) for label, value in choices_of(template.spec) if label in patterns]
        sliced = [f"{label}: {value}" for label, value in told if re.search(patterns[label], value)]
        for name in template.accelerators if sliced else ():
            source = self.around.source(resource, self.classes, name)
            if source is None or source.driver_class != "gpu.nvidia.com":
                continue
            if select(source, template.spec, self.classes).source.driver_class == source.driver_class:
                yield Refusal(
                    "sliced",
                    f"It chooses nodes that offer MIG slices as {name} ({sliced[0]}), and which profile these have is "
                    "not sure.",
                    "Choose the nodes by one nvidia.com/gpu.product, which ends in the profile (-MIG-1g.5gb).",
                )

    def _placed(self, resource: Resource, template: PodTemplate) -> Iterator[Refusal]:
        managed = tuple(self.around.table["managed"])
        found = sorted(label for label in labels_named(template.spec) if label.startswith(managed))
        pool = self.around.node_maker(resource)
        if found or pool is not None:
            by = f"the label {found[0]}" if found else str(pool.ref if pool else "")
            yield Refusal(
                "autoscaler",
                f"Its nodes are made on demand ({by}), by what may not know which devices a new node will have for a "
                "claim, so it would wait for ever.",
                "Give it a static node group, or --allow autoscaler once you know that the autoscaler knows DRA.",
                allow=True,
            )

    def _limited(self, resource: Resource, template: PodTemplate) -> Iterator[Refusal]:
        """Yield the LimitRanges that want a limit: a maximum of containers is a default, one of pods a duty."""
        for name in template.accelerators:
            for found, _ in self.around.mentions(resource, ("LimitRange",), [name]):
                yield Refusal(
                    "limit-range",
                    f"{found.ref} ({found.path}) wants or gives a limit of {name}, so that its containers would get "
                    "the extended resource again, or be rejected without it.",
                    f"Take {name} out of it first.",
                )

    def _owned(self, resource: Resource, template: PodTemplate) -> Iterator[Refusal]:
        vendors = {r.vendor for container in template.containers for r in container.accelerators}
        for vendor in sorted(vendors):
            plugin = self.around.device_plugin(resource, vendor)
            if plugin is not None:
                yield Refusal(
                    "device-plugin",
                    f"{plugin.ref} ({plugin.path}) installs the device plugin, which has the devices of the nodes that "
                    "it runs on for itself.",
                    "Keep it off the nodes of the DRA driver, then --allow device-plugin.",
                    allow=True,
                )
        driver = self.around.driver_without_gpus(resource) if "nvidia" in vendors else None
        if driver is not None:
            yield Refusal(
                "driver",
                f"{driver.ref} ({driver.path}) installs NVIDIA's DRA driver without its GPU part, which its chart "
                "leaves out unless told otherwise.",
                "Set gpuResourcesEnabledOverride: true there, or --allow driver if it is set elsewhere.",
                allow=True,
            )


def _resource_keys(container: Container) -> Iterator[str]:
    resources = container.body.get("resources")
    for part in ("limits", "requests"):
        amounts = resources.get(part) if isinstance(resources, dict) else None
        yield from (str(key) for key in (amounts if isinstance(amounts, dict) else ()))
