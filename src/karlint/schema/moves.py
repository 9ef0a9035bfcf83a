"""How a manifest moves to another apiVersion of its kind: what has to change in it, and whether its meaning may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from karlint.model.fix import Operation, OperationKind
from karlint.model.intended import intended
from karlint.model.refused import RefusedError
from karlint.schema.moved import hpa, ingress, kueue, sandbox, selectors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_RBAC = ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")
_STORAGE = ("StorageClass", "CSIDriver", "CSINode", "CSIStorageCapacity", "VolumeAttachment", "VolumeAttributesClass")
_POLICY = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
_TOOLHIVE = ("MCPServer", "MCPGroup", "MCPRemoteProxy", "MCPToolConfig", "MCPExternalAuthConfig", "MCPOIDCConfig")
_KUEUE = ("LocalQueue", "ResourceFlavor", "Cohort", "Topology", "WorkloadPriorityClass", "ProvisioningRequestConfig")

# Groups and kinds whose newer version has the same fields with the same meaning and the same defaults.
# Sources: k8s.io/api, where the newer version began as a copy of the older; the definitions of kueue 0.16 and toolhive
# 0.25, whose fields were compared one by one.
_SAME = {
    ("batch", "v1beta1", "v1"): ("CronJob",),
    ("autoscaling", "v2beta2", "v2"): ("HorizontalPodAutoscaler",),
    ("node.k8s.io", "v1beta1", "v1"): ("RuntimeClass",),
    ("scheduling.k8s.io", "v1beta1", "v1"): ("PriorityClass",),
    ("scheduling.k8s.io", "v1alpha3", "v1beta1"): ("PodGroup", "Workload"),
    ("coordination.k8s.io", "v1beta1", "v1"): ("Lease",),
    ("rbac.authorization.k8s.io", "v1beta1", "v1"): _RBAC,
    ("storage.k8s.io", "v1beta1", "v1"): _STORAGE,
    ("admissionregistration.k8s.io", "v1beta1", "v1"): _POLICY,
    ("networking.k8s.io", "v1beta1", "v1"): ("IPAddress", "ServiceCIDR"),
    ("kueue.x-k8s.io", "v1beta1", "v1beta2"): _KUEUE,
    ("toolhive.stacklok.dev", "v1alpha1", "v1beta1"): _TOOLHIVE,
    ("extensions.agents.x-k8s.io", "v1alpha1", "v1beta1"): ("SandboxTemplate",),
}


class Move(Struct, frozen=True):
    """A way from one apiVersion to another.

    Attributes:
        api_version: where it leads.
        operations: what is to be done on the resource, the apiVersion included.
        safe: whether the resource means the same afterwards.
        body: the resource once that is done.
    """

    api_version: str
    operations: tuple[Operation, ...]
    safe: bool
    body: dict[str, Any]


_CONVERTED: dict[tuple[str, str, str], tuple[Callable[[Mapping[str, Any]], Iterator[Operation]], bool]] = {
    ("autoscaling/v2beta1", "HorizontalPodAutoscaler", "autoscaling/v2"): (hpa, True),
    ("networking.k8s.io/v1beta1", "Ingress", "networking.k8s.io/v1"): (ingress, True),
    ("extensions/v1beta1", "Ingress", "networking.k8s.io/v1"): (ingress, True),
    ("kueue.x-k8s.io/v1beta1", "ClusterQueue", "kueue.x-k8s.io/v1beta2"): (kueue, True),
    ("agents.x-k8s.io/v1alpha1", "Sandbox", "agents.x-k8s.io/v1beta1"): (sandbox, True),
    **{
        (old, kind, "apps/v1"): (selectors, False)  # other defaults of the strategy and of what is kept
        for old in ("extensions/v1beta1", "apps/v1beta1", "apps/v1beta2")
        for kind in ("Deployment", "DaemonSet", "ReplicaSet", "StatefulSet")
    },
}


def move(body: dict[str, Any], api_version: str) -> Move | None:
    """Return how *body* moves to *api_version*; None where there is no known way."""
    old, kind = str(body.get("apiVersion")), str(body.get("kind"))
    convert, safe = _CONVERTED.get((old, kind, api_version), (None, _is_same(body, api_version)))
    if convert is None and old.rpartition("/")[0] != api_version.rpartition("/")[0]:
        return None
    first = Operation(OperationKind.SET, ("apiVersion",), api_version)
    operations = (first, *(convert(body) if convert else ()))
    moved: Any = body
    try:
        for operation in operations:
            moved = intended(moved, operation)
    except RefusedError:
        return None
    return Move(api_version, operations, safe, moved)


def _is_same(body: dict[str, Any], api_version: str) -> bool:
    group, _, old = str(body.get("apiVersion")).rpartition("/")
    new, kind = api_version.rpartition("/")[2], body.get("kind")
    if (group, kind, old, new) == ("policy", "PodDisruptionBudget", "v1beta1", "v1"):
        spec = body.get("spec")
        # An empty selector selects nothing in v1beta1, and every pod of the namespace in v1.
        return isinstance(spec, dict) and spec.get("selector") != {}
    return kind in _SAME.get((group, old, new), ())
