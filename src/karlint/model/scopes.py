"""Which kinds have no namespace, as far as names tell: what is rendered is not asked of a cluster."""

from __future__ import annotations

# Kubernetes' own kinds by its OpenAPI document, custom ones by the scope of their CustomResourceDefinition.
_CLUSTER_SCOPED = {
    "": {"ComponentStatus", "Namespace", "Node", "PersistentVolume"},
    "admissionregistration.k8s.io": {
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
    },
    "apiextensions.k8s.io": {"CustomResourceDefinition"},
    "apiregistration.k8s.io": {"APIService"},
    "certificates.k8s.io": {"CertificateSigningRequest"},
    "flowcontrol.apiserver.k8s.io": {"FlowSchema", "PriorityLevelConfiguration"},
    "gateway.networking.k8s.io": {"GatewayClass"},
    "gateway.networking.x-k8s.io": {"XMesh"},
    "internal.apiserver.k8s.io": {"StorageVersion"},
    "kai.scheduler": {"Config", "SchedulingShard", "Topology"},
    "kaito.sh": {"ModelMirror"},
    "karpenter.k8s.aws": {"EC2NodeClass"},
    "karpenter.sh": {"NodeClaim", "NodePool"},
    "kubeflow.org": {"Profile"},
    "kueue.x-k8s.io": {
        "AdmissionCheck",
        "Cohort",
        "MultiKueueCluster",
        "MultiKueueConfig",
        "ProvisioningRequestConfig",
        "ResourceFlavor",
        "Topology",
        "WorkloadPriorityClass",
    },
    "networking.k8s.io": {"IPAddress", "IngressClass", "ServiceCIDR"},
    "nfd.k8s-sigs.io": {"NodeFeatureRule"},
    "node.k8s.io": {"RuntimeClass"},
    "nodeinfo.volcano.sh": {"Numatopology"},
    "nvidia.com": {"GPUCluster", "NVIDIADriver"},
    "policy": {"PodSecurityPolicy"},
    "resource.k8s.io": {"DeviceClass", "DeviceTaintRule", "ResourceSlice"},
    "scheduling.k8s.io": {"PriorityClass"},
    "scheduling.run.ai": {"Queue"},
    "scheduling.volcano.sh": {"Queue"},
    "serving.kserve.io": {"LocalModelCache", "LocalModelNode", "LocalModelNodeGroup"},
    "shard.volcano.sh": {"NodeShard"},
    "storage.k8s.io": {"CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"},
    "storagemigration.k8s.io": {"StorageVersionMigration"},
    "topology.node.k8s.io": {"NodeResourceTopology"},
    "topology.volcano.sh": {"HyperNode"},
}


def is_cluster_scoped(group: str, kind: str) -> bool:
    """Tell whether objects of a kind belong to no namespace; by custom, ClusterSomething is one of these."""
    return kind.startswith("Cluster") or kind in _CLUSTER_SCOPED.get(group, ())
