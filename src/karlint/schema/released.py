"""What our copies of alpha definitions are worth: they are of one commit, and a cluster may run another release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from karlint.model.resource import ResourceRef
    from karlint.schema.problem import Problem

# Alpha by name only: their users have relied on them for years, and what is in them stays.
_STEADY = frozenset({"argoproj.io", "batch.volcano.sh", "keda.sh"})

_PATCHED = "later ones have runtimePatches in its place"
_TRAINER = {
    "TrainingRuntime": {
        "mlPolicy.torch.numProcPerNode": ("2.1", "later ones take the devices of a node, or what the TrainJob says"),
        "mlPolicy.torch.elasticPolicy": ("2.1", "later ones have no such policy"),
    },
    "TrainJob": {
        "podSpecOverrides": ("2.0", _PATCHED),
        "podTemplateOverrides": ("2.1", _PATCHED),
        "labels": ("2.1", _PATCHED),
        "annotations": ("2.1", _PATCHED),
        "trainer.numProcPerNode": ("2.1", "later ones take numbers only"),
    },
}
_TRAINER["ClusterTrainingRuntime"] = _TRAINER["TrainingRuntime"]

# Fields that releases had and later ones have not: group and kind, path without list indexes, what became of the field.
# Source: the breaking changes that CHANGELOG.md of kubeflow/trainer tells of 2.1.0 and 2.2.0.
_EARLIER = {
    (f"trainer.kubeflow.org/{kind}", ("spec", *path.split("."))): f"Kubeflow Trainer takes it up to {last}; {became}."
    for kind, fields in _TRAINER.items()
    for path, (last, became) in fields.items()
}


def doubtful(ref: ResourceRef, problem: Problem) -> Problem | None:
    """Return *problem* with what is uncertain about it, where another release may see it otherwise; None if none can.

    Alpha versions change from release to release. A slip (a field one letter off, a number where text belongs) is one
    in every release, and is told by the advice that it has.
    """
    if "alpha" not in ref.version or ref.group in _STEADY:
        return None
    path = tuple(step for step in problem.at if isinstance(step, str))
    if told := _EARLIER.get((ref.group_kind, path)):
        return replace(problem, help=told, fix=())
    if problem.help:
        return None
    advice = (
        f"{ref.api_version} changes from release to release, and yours may differ from the one that karlint knows: "
        "name its schema with --schema-location, or keep its definition in the tree."
    )
    return replace(problem, help=advice)
