"""The pods of a TrainJob: the templates of the training runtime that it names, with what the job itself sets.

As the trainer does (kubeflow/trainer, pkg/runtime): the step of the trainer runs ``numNodes`` pods,
``resourcesPerNode`` takes the place of the resources of the container ``node``, and so do image, command and args;
variables are added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from karlint.inventory.claims import claims_of
from karlint.inventory.containers import container_of, containers_of
from karlint.inventory.paths import find, value_at, whole_number
from karlint.model.workload import PodTemplate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from karlint.inventory.containers import Context
    from karlint.model.path import Path
    from karlint.model.resource import Resource
    from karlint.model.workload import Container

_STEP_LABEL = "trainer.kubeflow.org/trainjob-ancestor-step"
_REFERENCE: Path = ("spec", "runtimeRef")
_TRAINER: Path = ("spec", "trainer")
_RESOURCES: Path = ("spec", "trainer", "resourcesPerNode")
_NODE = "node"
_EMPTY: Mapping[str, Any] = {}


class _Step(Struct, frozen=True):
    """One replicated job of the runtime that a TrainJob names.

    Attributes:
        body: the TrainJob.
        runtime: the runtime.
        job: the replicated job.
        at: where it stands for the template, from the root of the TrainJob.
    """

    body: Any
    runtime: Any
    job: Mapping[str, Any]
    at: Path

    @property
    def name(self) -> str:
        name = self.job.get("name")
        return name if isinstance(name, str) else ""

    @property
    def is_trainer(self) -> bool:
        step: object = value_at(self.job, ("template", "metadata", "labels", _STEP_LABEL))
        return step == "trainer"

    @property
    def gets_resources(self) -> bool:
        """Under MPI the launcher is the trainer, and where it works too, the nodes get the same."""
        launcher_works = find(self.runtime, "spec.mlPolicy.mpi.runLauncherAsNode") is True
        return self.is_trainer or (launcher_works and self.name == _NODE)

    @property
    def pods(self) -> int | None:
        """The nodes for the trainer, its own parallelism for another step."""
        parallelism = value_at(self.job, ("template", "spec", "parallelism"))
        own = 1 if parallelism is None else whole_number(parallelism)
        mpi = find(self.runtime, "spec.mlPolicy.mpi")
        if not (self.is_trainer if mpi is None else self.name == _NODE):
            return own
        written = find(self.body, "spec.trainer.numNodes")
        nodes = find(self.runtime, "spec.mlPolicy.numNodes") if written is None else written
        number = 1 if nodes is None else whole_number(nodes)
        launcher_works = find(self.runtime, "spec.mlPolicy.mpi.runLauncherAsNode") is True
        return max(number - 1, 1) if launcher_works and number is not None else number


def training_templates(
    resource: Resource,
    body: Any,
    context: Context,
    assembled: Callable[[PodTemplate, Mapping[str, Any]], PodTemplate],
) -> Iterator[PodTemplate]:
    """Yield a template for each replicated job of the runtime; none where the runtime is not in the tree.

    Args:
        resource: where *body* comes from; its file and namespace tell which runtime is meant.
        body: the TrainJob.
        context: tables and the other resources.
        assembled: fills in labels and totals.
    """
    name = find(body, "spec.runtimeRef.name")
    kind = find(body, "spec.runtimeRef.kind") or "ClusterTrainingRuntime"
    if not isinstance(name, str) or not isinstance(kind, str):
        return
    namespace = resource.ref.namespace if kind == "TrainingRuntime" else ""
    runtime = context.lookup.nearest_to(resource, f"trainer.kubeflow.org/{kind}", namespace, name)
    jobs = find(runtime.body, "spec.template.spec.replicatedJobs") if runtime else None
    if runtime is None or not isinstance(jobs, list):
        return
    for index, job in enumerate(jobs):
        written = value_at(job, ("template", "spec", "template"))
        if isinstance(job, dict) and isinstance(written, dict):
            step = _Step(body, runtime.body, job, (*_REFERENCE, "replicatedJobs", index, "template"))
            template = _template(resource, step, _mapping(written.get("spec")), context)
            yield assembled(template, _mapping(written.get("metadata")))


def _template(resource: Resource, step: _Step, written: Mapping[str, Any], context: Context) -> PodTemplate:
    spec = _patched(written, step)
    spec_path = (*step.at, "spec")
    containers = tuple(
        _overridden(container, step, context) if step.gets_resources and container.name == _NODE else container
        for container in containers_of(spec, spec_path, (), context)
    )
    has_trainer = isinstance(find(step.body, "spec.trainer"), dict)
    in_runtime = any(container.accelerators for container in containers_of(written, spec_path, (), context))
    return PodTemplate(
        role=step.name,
        path=_TRAINER if step.gets_resources and has_trainer else _REFERENCE,
        spec_path=spec_path,
        pods=step.pods,
        max_pods=step.pods,
        labels=_EMPTY,
        annotations=_EMPTY,
        spec=spec,
        containers=containers,
        claims=tuple(claims_of(resource, spec, spec_path, ("resourceClaims",), context)),
        accelerators=_EMPTY,
        devices=None,
        borrowed=in_runtime or not any(container.accelerators for container in containers),
    )


def _overridden(container: Container, step: _Step, context: Context) -> Container:
    """Return the container ``node`` as the TrainJob changes it."""
    trainer = _mapping(find(step.body, "spec.trainer"))
    changed: dict[str, Any] = dict(container.body)
    if step.is_trainer:
        changed |= {field: trainer[field] for field in ("image", "command", "args") if trainer.get(field) is not None}
    if isinstance(trainer.get("env"), list):
        kept = container.body.get("env")
        changed["env"] = [*(kept if isinstance(kept, list) else ()), *trainer["env"]]
    own = _mapping(trainer.get("resourcesPerNode"))
    replaces = bool(own.get("limits") or own.get("requests"))
    if replaces:
        changed["resources"] = {key: value for key, value in own.items() if key in ("limits", "requests")}
    there = _TRAINER if trainer else container.path
    found = container_of(changed, container.role, there, context, container.name)
    prefix = _RESOURCES if replaces else (*container.path, "resources")
    return replace(
        found,
        accelerators=tuple(replace(request, path=(*prefix, *request.path[-2:])) for request in found.accelerators),
    )


def _patched(spec: Mapping[str, Any], step: _Step) -> Mapping[str, Any]:
    """Return the pod spec with the patches that the TrainJob has for the job: maps are merged, lists added to."""
    for patch in (*_template_overrides(step.body, step.name), *_runtime_patches(step.body, step.name)):
        spec = _merged(spec, patch)
    return spec


def _template_overrides(body: Any, job: str) -> Iterator[Mapping[str, Any]]:
    """Yield the pod specs of ``podTemplateOverrides``, the form before ``runtimePatches``."""
    overrides = find(body, "spec.podTemplateOverrides")
    for override in overrides if isinstance(overrides, list) else ():
        targets = value_at(override, ("targetJobs",))
        names = [value_at(target, ("name",)) for target in targets] if isinstance(targets, list) else []
        spec = value_at(override, ("spec",))
        if job in names and isinstance(spec, dict):
            yield spec


def _runtime_patches(body: Any, job: str) -> Iterator[Mapping[str, Any]]:
    patches = find(body, "spec.runtimePatches")
    for patch in patches if isinstance(patches, list) else ():
        jobs = find(patch, "trainingRuntimeSpec.template.spec.replicatedJobs")
        for changed in jobs if isinstance(jobs, list) else ():
            spec = value_at(changed, ("template", "spec", "template", "spec"))
            if value_at(changed, ("name",)) == job and isinstance(spec, dict):
                yield spec


def _merged(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(left)
    for key, value in right.items():
        old = result.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            result[key] = _merged(old, value)
        elif isinstance(old, list) and isinstance(value, list):
            result[key] = _by_name(old, value)
        else:
            result[key] = value
    return result


def _by_name(old: list[Any], new: list[Any]) -> list[Any]:
    """Return the items of both lists, those of the same name merged, as a strategic merge does."""
    result = list(old)
    for item in new:
        name = value_at(item, ("name",))
        place = next(
            (i for i, kept in enumerate(result) if name is not None and value_at(kept, ("name",)) == name), None
        )
        if place is None:
            result.append(item)
        else:
            result[place] = _merged(result[place], item)
    return result


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else _EMPTY
