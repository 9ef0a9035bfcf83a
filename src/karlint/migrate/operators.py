"""Operators that read the limits of a pod template: where these go away, something else changes too.

Facts from their code:

- KubeRay, ``ray-operator/controllers/ray/common/pod.go``: limits become ``num-gpus`` and custom resources of Ray, and
  its autoscaler plans by them.
- Dynamo, ``deploy/operator/internal``: ``getContainerGPUs``; its GPU memory service makes a claim of the limit itself.
- KServe, ``pkg/controller/v1beta1/inferenceservice/utils``: limits choose the image of two runtimes. Knative,
  ``pkg/apis/serving/fieldmask.go``: which fields of a pod spec it takes.
- Grove, ``operator/internal/mnnvl``: compute domains are for pods that ask for GPUs.
- Kubeflow Trainer, ``pkg/runtime``: ``GetNumGPUPerNode``.
- LeaderWorkerSet, ``pkg/utils/accelerators``, and the counterparts for JobSet and KubeRay: TPU workers are numbered
  where a container limits google.com/tpu.
"""

from __future__ import annotations

import re
from math import prod
from typing import TYPE_CHECKING, Any

from karlint.inventory.paths import value_at
from karlint.migrate.layout import quantity
from karlint.model.fix import Operation, OperationKind
from karlint.model.migration import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from karlint.model.path import Path
    from karlint.model.resource import Resource
    from karlint.model.workload import PodTemplate

_RAY_PARTS = ("workerGroupSpecs", "headGroupSpec")
_PLAIN_MODES = ("RawDeployment", "Standard")
_MODE = "serving.kserve.io/deploymentMode"
_IMAGE_BY_LIMIT = ("tensorflow", "pytorch")
_MNNVL = "grove.io/mnnvl-group"
_TPU = "google.com/tpu"
_TOPOLOGY = "cloud.google.com/gke-tpu-topology"
_HELP = "--allow operator once you know that your version does without the limit."


def reading(resource: Resource, template: PodTemplate) -> Iterator[Refusal]:
    """Yield what an operator would no longer do for *template* without its limits."""
    for reason in (
        _ray(resource, template),
        _dynamo(resource, template),
        _kserve(resource),
        _trainer(resource),
        _grove(resource, template),
        _tpu(resource, template),
    ):
        if reason:
            yield Refusal("operator", reason, _HELP, allow=True)
    if resource.ref.group == "kaito.sh":
        yield Refusal(
            "autoscaler",
            "KAITO makes its nodes through Karpenter, which may not know what devices a new one will have.",
            "--allow autoscaler once you know that it does.",
            allow=True,
        )


def instead(resource: Resource, template: PodTemplate) -> Iterator[Operation]:
    """Yield what says outright what an operator would have read off the limits."""
    group = _ray_group(resource, template)
    if group is None or not template.containers:
        return
    path, value = group
    params = value.get("rayStartParams")
    known = params if isinstance(params, dict) else {}
    gpus = _gpus(template)
    if gpus and "num-gpus" not in known:
        yield Operation(OperationKind.ADD, (*path, "rayStartParams", "num-gpus"), str(gpus))


def _gpus(template: PodTemplate) -> int:
    """Return the GPUs that KubeRay gives to Ray: those of the first container, under any name that ends so."""
    first = next((container for container in template.containers if container.role == "main"), None)
    names = {request.resource for request in first.accelerators} if first else set()
    gpus = sorted(name for name in names if name.endswith("gpu") or name.startswith("nvidia.com/mig-"))
    return quantity(first, gpus[0]) if first and gpus else 0


def _ray_group(resource: Resource, template: PodTemplate) -> tuple[Path, Mapping[str, Any]] | None:
    """Return path and value of the Ray group whose template it is."""
    for part in _RAY_PARTS:
        if part in template.path:
            place = template.path.index(part)
            path = template.path[: place + (2 if part == "workerGroupSpecs" else 1)]
            value = value_at(resource.body, path)
            return (path, value) if isinstance(value, dict) else None
    return None


def _ray(resource: Resource, template: PodTemplate) -> str:
    group = _ray_group(resource, template)
    params = group[1].get("rayStartParams") if group is not None else None
    if group is None or _gpus(template) or "resources" in (params if isinstance(params, dict) else {}):
        return ""
    return "KubeRay reads off the limits which devices Ray counts for this group: set resources in rayStartParams."


def _dynamo(resource: Resource, template: PodTemplate) -> str:
    if not resource.ref.kind.startswith("Dynamo"):
        return ""
    above = value_at(resource.body, template.path[:-1])
    component = above if isinstance(above, dict) else {}
    experimental = component.get("experimental")
    options = {**component, **(experimental if isinstance(experimental, dict) else {})}
    if options.get("multinode"):
        return "Dynamo's operator reads off the limits how many GPUs a node has, and so how to start several of them."
    for name in ("gpuMemoryService", "failover"):
        value = options.get(name)
        if value is not None and not (isinstance(value, dict) and value.get("enabled") is False):
            return f"With {name}, Dynamo's operator makes a claim of its own of the limit."
    return ""


def _kserve(resource: Resource) -> str:
    if resource.ref.group != "serving.kserve.io" or resource.ref.kind not in ("InferenceService", "ServingRuntime"):
        return ""
    if resource.ref.kind == "ServingRuntime":
        return "Services of it may run on Knative, which takes no claims."
    if value_at(resource.body, ("metadata", "annotations", _MODE)) not in _PLAIN_MODES:
        return f"Unless {_MODE} says Standard, it may run on Knative, which takes no claims."
    predictor = value_at(resource.body, ("spec", "predictor"))
    model = value_at(predictor, ("model",))
    chosen = value_at(model, ("modelFormat", "name")) in _IMAGE_BY_LIMIT and not value_at(model, ("runtimeVersion",))
    older = isinstance(predictor, dict) and any(
        name in predictor and not value_at(predictor, (name, "runtimeVersion")) for name in _IMAGE_BY_LIMIT
    )
    if (chosen and not value_at(model, ("image",))) or older:
        return "KServe takes the runtime's image for GPUs only where the limits ask for one: set runtimeVersion."
    return ""


def _trainer(resource: Resource) -> str:
    if resource.ref.group != "trainer.kubeflow.org" or resource.ref.kind != "TrainingRuntime":
        return ""
    torch = value_at(resource.body, ("spec", "mlPolicy", "torch"))
    if isinstance(torch, dict) and not isinstance(torch.get("numProcPerNode"), int):
        return "Trainer reads off the limits how many processes of torchrun a node gets."
    return ""


def _grove(resource: Resource, template: PodTemplate) -> str:
    own = value_at(resource.body, ("metadata", "annotations"))
    notes = {**(own if isinstance(own, dict) else {}), **template.annotations}
    if notes.get(_MNNVL, "none") != "none":
        return f"Grove gives a compute domain ({_MNNVL}) to pods that limit nvidia.com/gpu alone."
    return ""


def _tpu(resource: Resource, template: PodTemplate) -> str:
    if _TPU not in template.accelerators:
        return ""
    if resource.ref.kind == "LeaderWorkerSet":
        return f"LeaderWorkerSet numbers its TPU workers where a container limits {_TPU}."
    chips, asked = chips_of(template), template.accelerators[_TPU]
    if chips is not None and asked is not None and chips > asked:
        return f"Its slice of {chips} chips spans several nodes, whose workers are numbered where a pod limits {_TPU}."
    return ""


def chips_of(template: PodTemplate) -> int | None:
    """Return the TPU chips of the slice that a pod chooses; None where it names no topology."""
    selector = template.spec.get("nodeSelector")
    topology = selector.get(_TOPOLOGY) if isinstance(selector, dict) else None
    return prod(map(int, topology.split("x"))) if isinstance(topology, str) and _is_topology(topology) else None


def _is_topology(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,3}(x[0-9]{1,3})*", text) is not None
