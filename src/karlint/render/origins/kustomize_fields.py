"""Which fields the transformers of kustomize write to.

The lists are those of kustomize's built-in configuration (api/internal/konfig/builtinpluginconsts).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from karlint.render.origins.kustomize_tree import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from karlint.render.origins.kustomize_ids import Id


class FieldSpec(Struct, frozen=True):
    """One field of some kinds. *path* as kustomize writes it: ``spec/containers[]/image``."""

    path: str
    group: str = ""
    version: str = ""
    kind: str = ""
    create: bool = False

    def means(self, id_: Id) -> bool:
        """Tell whether resources of this kind have the field."""
        return (
            self.kind in ("", id_.kind) and self.group in ("", id_.group) and self.version in ("", id_.version)
        )  # fmt: skip

    @classmethod
    def of(cls, node: Node) -> FieldSpec:
        """Read one from a configuration, or from the ``fields`` of a label entry."""
        return cls(
            node.text("path"), node.text("group"), node.text("version"), node.text("kind"), node.true("create")
        )  # fmt: skip


def _templates(leaf: str) -> tuple[FieldSpec, ...]:
    return (
        FieldSpec(f"spec/template/metadata/{leaf}", version="v1", kind="ReplicationController", create=True),
        *(
            FieldSpec(f"spec/template/metadata/{leaf}", kind=kind, create=True)
            for kind in ("Deployment", "ReplicaSet", "DaemonSet")
        ),
        FieldSpec(f"spec/template/metadata/{leaf}", group="batch", kind="Job", create=True),
        FieldSpec(f"spec/jobTemplate/metadata/{leaf}", group="batch", kind="CronJob", create=True),
        FieldSpec(f"spec/jobTemplate/spec/template/metadata/{leaf}", group="batch", kind="CronJob", create=True),
    )


METADATA_LABELS = FieldSpec("metadata/labels", create=True)
_LABELS = (
    METADATA_LABELS,
    *_templates("labels"),
    FieldSpec("spec/template/metadata/labels", group="apps", kind="StatefulSet", create=True),
    FieldSpec("spec/volumeClaimTemplates[]/metadata/labels", group="apps", kind="StatefulSet", create=True),
)
_ANNOTATIONS = (
    FieldSpec("metadata/annotations", create=True),
    *_templates("annotations"),
    FieldSpec("spec/template/metadata/annotations", kind="StatefulSet", create=True),
)
_AFFINITY = "spec/template/spec/affinity"
_MATCH = "labelSelector/matchLabels"
_POD_SELECTORS = (
    f"{_AFFINITY}/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/{_MATCH}",
    f"{_AFFINITY}/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/{_MATCH}",
    f"{_AFFINITY}/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/{_MATCH}",
    f"{_AFFINITY}/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/{_MATCH}",
    f"spec/template/spec/topologySpreadConstraints/{_MATCH}",
)
_SELECTORS = (
    FieldSpec("spec/selector", version="v1", kind="Service", create=True),
    FieldSpec("spec/selector", version="v1", kind="ReplicationController", create=True),
    FieldSpec("spec/selector/matchLabels", kind="Deployment", create=True),
    FieldSpec("spec/selector/matchLabels", kind="ReplicaSet", create=True),
    FieldSpec("spec/selector/matchLabels", kind="DaemonSet", create=True),
    FieldSpec("spec/selector/matchLabels", group="apps", kind="StatefulSet", create=True),
    *(FieldSpec(path, group="apps", kind=kind) for kind in ("Deployment", "StatefulSet") for path in _POD_SELECTORS),
    FieldSpec("spec/selector/matchLabels", group="batch", kind="Job"),
    FieldSpec("spec/jobTemplate/spec/selector/matchLabels", group="batch", kind="CronJob"),
    FieldSpec("spec/selector/matchLabels", group="policy", kind="PodDisruptionBudget"),
    *(
        FieldSpec(f"spec/{path}podSelector/matchLabels", group="networking.k8s.io", kind="NetworkPolicy")
        for path in ("", "ingress/from/", "egress/to/")
    ),
)
_IMAGES = tuple(
    FieldSpec(f"{prefix}{path}")
    for prefix in ("spec/", "spec/template/spec/")
    for path in ("containers[]/image", "initContainers[]/image", "volumes[]/image/reference")
)
_NAMESPACE = (
    FieldSpec("metadata/name", version="v1", kind="Namespace", create=True),
    FieldSpec("spec/service/namespace", group="apiregistration.k8s.io", kind="APIService", create=True),
    FieldSpec(
        "spec/conversion/webhook/clientConfig/service/namespace",
        group="apiextensions.k8s.io",
        kind="CustomResourceDefinition",
    ),
)
_REPLICAS = tuple(
    FieldSpec("spec/replicas", kind=kind, create=True)
    for kind in ("Deployment", "ReplicationController", "ReplicaSet", "StatefulSet")
)


class Fields(Struct):
    """What the transformers of one kustomization write to: the built-in fields, and those of ``configurations``."""

    labels: tuple[FieldSpec, ...] = ()
    common_labels: tuple[FieldSpec, ...] = field(default=(*_SELECTORS, *_LABELS))
    template_labels: tuple[FieldSpec, ...] = _LABELS
    annotations: tuple[FieldSpec, ...] = _ANNOTATIONS
    images: tuple[FieldSpec, ...] = _IMAGES
    namespace: tuple[FieldSpec, ...] = _NAMESPACE
    replicas: tuple[FieldSpec, ...] = _REPLICAS
    prefix: tuple[FieldSpec, ...] = field(default=(FieldSpec("metadata/name"),))
    suffix: tuple[FieldSpec, ...] = field(default=(FieldSpec("metadata/name"),))

    def add(self, configuration: Node) -> None:
        """Add what a configuration file says."""
        for key, name in _CONFIGURED.items():
            self._extend(name, (FieldSpec.of(node) for node in configuration.each(key)))

    def merge(self, other: Fields) -> None:
        """Add what a kustomization below this one says: kustomize hands it on to those above."""
        for name in _CONFIGURED.values():
            self._extend(name, getattr(other, name))

    def _extend(self, name: str, more: Iterable[FieldSpec]) -> None:
        setattr(self, name, tuple(dict.fromkeys((*getattr(self, name), *more))))


_CONFIGURED = {
    "labels": "labels",
    "commonLabels": "common_labels",
    "templateLabels": "template_labels",
    "commonAnnotations": "annotations",
    "images": "images",
    "namespace": "namespace",
    "replicas": "replicas",
    "namePrefix": "prefix",
    "nameSuffix": "suffix",
}


def visit(root: Node, id_: Id, spec: FieldSpec, write: Callable[[Node], None], empty: Node | None = None) -> None:
    """Call *write* with each node that *spec* means; where it is to be created, it begins as a copy of *empty*."""
    if spec.means(id_):
        steps = [step.replace("\0", "/") for step in spec.path.replace("\\/", "\0").split("/") if step]
        _visit(root, steps, write, empty if spec.create else None)


def _visit(node: Node, steps: list[str], write: Callable[[Node], None], empty: Node | None) -> None:
    if not steps:
        write(node)
    elif node.is_list:
        for item in node.items:
            _visit(item, steps, write, empty)
    elif node.is_map:
        name = steps[0].removesuffix("[]")
        child = node.map.get(name)
        if empty is not None and name == steps[0] and (child is None or child.is_null):
            child = node.map[name] = empty.copy() if len(steps) == 1 else Node({}, empty.mark)
        if child is not None:
            _visit(child, steps[1:], write, empty)
