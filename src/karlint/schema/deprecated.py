"""apiVersions of custom resources that their projects have given up, or are about to, and what to use instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from karlint.model.source import Anchor
from karlint.schema.problem import Problem

if TYPE_CHECKING:
    from karlint.model.resource import ResourceRef

DEPRECATED = "core/api-version-deprecated"


class Outdated(NamedTuple):
    """A row of the table.

    Attributes:
        kinds: those of the group that have the newer version.
        better: the apiVersion to use.
        project: what serves it.
        since: release of the project that deprecated the older version, or removed it.
        gone: True where it was removed.
    """

    kinds: tuple[str, ...]
    better: str
    project: str
    since: str
    gone: bool = False


_KUEUE = (
    *("AdmissionCheck", "ClusterQueue", "Cohort", "LocalQueue", "MultiKueueCluster", "MultiKueueConfig"),
    *("ProvisioningRequestConfig", "ResourceFlavor", "Topology", "Workload", "WorkloadPriorityClass"),
)
_RAY = ("RayCluster", "RayJob", "RayService")
_TOOLHIVE = (
    *("MCPServer", "MCPGroup", "MCPRemoteProxy", "MCPServerEntry", "MCPToolConfig", "MCPExternalAuthConfig"),
    *("MCPOIDCConfig", "MCPAuthzConfig", "MCPTelemetryConfig", "EmbeddingServer", "VirtualMCPServer"),
    "VirtualMCPCompositeToolDefinition",
)
_SOURCES = ("Bucket", "GitRepository", "HelmChart", "HelmRepository")
_EXTENSIONS = ("SandboxClaim", "SandboxTemplate", "SandboxWarmPool")

# Sources: the definitions of each release, which say deprecated: true: kueue v0.15.0, kuberay v1.7.0, toolhive v0.25.0,
# agent-sandbox v0.5.0; the announcements of Flux 2.7 and 2.8, and of the source API v1 in 2.6.
_TABLE = {
    "kueue.x-k8s.io/v1beta1": Outdated(_KUEUE, "kueue.x-k8s.io/v1beta2", "Kueue", "0.15"),
    "ray.io/v1alpha1": Outdated(_RAY, "ray.io/v1", "KubeRay", "1.7"),
    "toolhive.stacklok.dev/v1alpha1": Outdated(_TOOLHIVE, "toolhive.stacklok.dev/v1beta1", "ToolHive", "0.25"),
    "agents.x-k8s.io/v1alpha1": Outdated(("Sandbox",), "agents.x-k8s.io/v1beta1", "Agent Sandbox", "0.5"),
    "extensions.agents.x-k8s.io/v1alpha1": Outdated(
        _EXTENSIONS, "extensions.agents.x-k8s.io/v1beta1", "Agent Sandbox", "0.5"
    ),
    "helm.toolkit.fluxcd.io/v2beta1": Outdated(("HelmRelease",), "helm.toolkit.fluxcd.io/v2", "Flux", "2.7", gone=True),
    "helm.toolkit.fluxcd.io/v2beta2": Outdated(("HelmRelease",), "helm.toolkit.fluxcd.io/v2", "Flux", "2.8", gone=True),
    "kustomize.toolkit.fluxcd.io/v1beta1": Outdated(
        ("Kustomization",), "kustomize.toolkit.fluxcd.io/v1", "Flux", "2.7", gone=True
    ),
    "kustomize.toolkit.fluxcd.io/v1beta2": Outdated(
        ("Kustomization",), "kustomize.toolkit.fluxcd.io/v1", "Flux", "2.8", gone=True
    ),
    "source.toolkit.fluxcd.io/v1beta1": Outdated(_SOURCES, "source.toolkit.fluxcd.io/v1", "Flux", "2.7", gone=True),
    "source.toolkit.fluxcd.io/v1beta2": Outdated(
        (*_SOURCES, "OCIRepository"), "source.toolkit.fluxcd.io/v1", "Flux", "2.8", gone=True
    ),
}


def outdated(ref: ResourceRef) -> Outdated | None:
    """Return what is known of the apiVersion of *ref*; None where nothing is wrong with it."""
    row = _TABLE.get(ref.api_version)
    return row if row is not None and ref.kind in row.kinds else None


def problem_of(ref: ResourceRef, row: Outdated) -> Problem:
    """Return what to say of a resource whose apiVersion is outdated."""
    if row.gone:
        message = f"{row.project} {row.since} no longer serves {ref.api_version} of {ref.kind}."
    else:
        message = f"{row.project} has deprecated {ref.api_version} of {ref.kind} since {row.since}."
    return Problem("deprecated", ("apiVersion",), Anchor.VALUE, ref.api_version, message, f"Use {row.better}.")
