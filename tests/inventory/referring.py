"""One manifest a row of references.json: something that refers to ``it``, and what it means.

The first part is who refers, the second what is meant; both are ``apiVersion Kind namespace/name`` and the rest of the
object in flow style. Tests replace ``it`` in what is meant to make the reference lead nowhere.
"""

# ruff: noqa: E501, UP031 - a case a line

from __future__ import annotations

POD = "v1 Pod a/p {spec: {containers: [{name: c, image: x}], %s}}"
CONTAINER = "v1 Pod a/p {spec: {containers: [{name: c, image: x, %s}]}}"
POD_IT = "apps/v1 Deployment a/w {spec: {template: {metadata: {labels: {app: it}}, spec: {containers: [{name: c, ports: [{name: it, containerPort: 80}]}]}}}}"
SERVICE_IT = "v1 Service a/s {metadata: {labels: {app: it}}, spec: {selector: {app: x}, ports: [{name: it, port: 80}]}}"
DEPLOYMENT_IT = "apps/v1 Deployment a/it {spec: {template: {spec: {containers: []}}}}"
TRIGGERS = "spec: {scaleTargetRef: {name: w}, triggers: [{authenticationRef: {name: it}}]}"
CLAIM = "{spec: {devices: {requests: [{name: g, exactly: {deviceClassName: it}}]}}}"
POOL = "inference.networking.k8s.io/v1 InferencePool"
OLD_POOL = "inference.networking.x-k8s.io/v1alpha2 InferencePool"
RUNTIME = "{spec: {containers: [], supportedModelFormats: [{name: it, autoSelect: true}]}}"
ISVC = "serving.kserve.io/v1beta1 InferenceService a/i"

REFERRING: list[tuple[str, str, str]] = [
    ("local-queue", "batch/v1 Job a/j {metadata: {labels: {kueue.x-k8s.io/queue-name: it}}}", "kueue.x-k8s.io/v1beta2 LocalQueue a/it"),
    ("local-queue", "batch/v1 CronJob a/j {spec: {jobTemplate: {metadata: {labels: {kueue.x-k8s.io/queue-name: it}}}}}", "kueue.x-k8s.io/v1beta2 LocalQueue a/it"),
    ("workload-priority-class", "batch/v1 Job a/j {metadata: {labels: {kueue.x-k8s.io/priority-class: it}}}", "kueue.x-k8s.io/v1beta2 WorkloadPriorityClass it"),
    ("cluster-queue", "kueue.x-k8s.io/v1beta2 LocalQueue a/l {spec: {clusterQueue: it}}", "kueue.x-k8s.io/v1beta2 ClusterQueue it"),
    ("cohort", "kueue.x-k8s.io/v1beta2 ClusterQueue c {spec: {cohortName: it}}", "kueue.x-k8s.io/v1beta2 Cohort it"),
    ("parent-cohort", "kueue.x-k8s.io/v1beta2 Cohort c {spec: {parentName: it}}", "kueue.x-k8s.io/v1beta2 Cohort it"),
    ("resource-flavor", "kueue.x-k8s.io/v1beta2 ClusterQueue c {spec: {resourceGroups: [{flavors: [{name: it}]}]}}", "kueue.x-k8s.io/v1beta2 ResourceFlavor it"),
    ("topology", "kueue.x-k8s.io/v1beta2 ResourceFlavor f {spec: {topologyName: it}}", "kueue.x-k8s.io/v1beta2 Topology it"),
    ("admission-check", "kueue.x-k8s.io/v1beta2 ClusterQueue c {spec: {admissionChecksStrategy: {admissionChecks: [{name: it}]}}}", "kueue.x-k8s.io/v1beta2 AdmissionCheck it"),
    ("admission-check", "kueue.x-k8s.io/v1beta1 ClusterQueue c {spec: {admissionChecks: [it]}}", "kueue.x-k8s.io/v1beta1 AdmissionCheck it"),
    ("admission-check-parameters", "kueue.x-k8s.io/v1beta2 AdmissionCheck c {spec: {parameters: {apiGroup: kueue.x-k8s.io, kind: ProvisioningRequestConfig, name: it}}}", "kueue.x-k8s.io/v1beta2 ProvisioningRequestConfig it"),
    ("multikueue-cluster", "kueue.x-k8s.io/v1beta2 MultiKueueConfig c {spec: {clusters: [it]}}", "kueue.x-k8s.io/v1beta2 MultiKueueCluster it"),
    ("priority-class", POD % "priorityClassName: it", "scheduling.k8s.io/v1 PriorityClass it"),
    ("runtime-class", POD % "runtimeClassName: it", "node.k8s.io/v1 RuntimeClass it"),
    ("resource-claim-template", POD % "resourceClaims: [{name: g, resourceClaimTemplateName: it}]", "resource.k8s.io/v1 ResourceClaimTemplate a/it"),
    ("resource-claim", POD % "resourceClaims: [{name: g, resourceClaimName: it}]", "resource.k8s.io/v1 ResourceClaim a/it"),
    ("device-class", "resource.k8s.io/v1 ResourceClaimTemplate a/t {spec: %s}" % CLAIM, "resource.k8s.io/v1 DeviceClass it"),
    ("device-class", "resource.k8s.io/v1 ResourceClaim a/c %s" % CLAIM, "resource.k8s.io/v1 DeviceClass it"),
    ("service-account", POD % "serviceAccountName: it", "v1 ServiceAccount a/it"),
    ("config-map", POD % "volumes: [{name: v, configMap: {name: it}}]", "v1 ConfigMap a/it"),
    ("config-map", CONTAINER % "envFrom: [{configMapRef: {name: it}}]", "v1 ConfigMap a/it"),
    ("secret", POD % "volumes: [{name: v, secret: {secretName: it}}]", "v1 Secret a/it"),
    ("secret", POD % "volumes: [{name: v, projected: {sources: [{secret: {name: it}}]}}]", "v1 Secret a/it"),
    ("secret", CONTAINER % "env: [{name: T, valueFrom: {secretKeyRef: {name: it, key: k}}}]", "v1 Secret a/it"),
    ("volume-claim", POD % "volumes: [{name: v, persistentVolumeClaim: {claimName: it}}]", "v1 PersistentVolumeClaim a/it"),
    ("governing-service", "apps/v1 StatefulSet a/s {spec: {serviceName: it, template: {spec: {containers: []}}}}", "v1 Service a/it"),
    ("scale-target", "autoscaling/v2 HorizontalPodAutoscaler a/h {spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: it}}}", DEPLOYMENT_IT),
    ("scale-target", "keda.sh/v1alpha1 ScaledObject a/h {spec: {scaleTargetRef: {name: it}}}", DEPLOYMENT_IT),
    ("scale-target", "autoscaling.k8s.io/v1 VerticalPodAutoscaler a/h {spec: {targetRef: {apiVersion: apps/v1, kind: Deployment, name: it}}}", DEPLOYMENT_IT),
    ("trigger-authentication", "keda.sh/v1alpha1 ScaledObject a/h {%s}" % TRIGGERS, "keda.sh/v1alpha1 TriggerAuthentication a/it"),
    ("service", "v1 Service a/s {spec: {selector: {app: it}}}", POD_IT),
    ("disruption-budget", "policy/v1 PodDisruptionBudget a/b {spec: {selector: {matchLabels: {app: it}}}}", POD_IT),
    ("network-policy", "networking.k8s.io/v1 NetworkPolicy a/n {spec: {podSelector: {matchExpressions: [{key: app, operator: In, values: [it]}]}}}", POD_IT),
    ("service-monitor", "monitoring.coreos.com/v1 ServiceMonitor a/m {spec: {selector: {matchLabels: {app: it}}}}", SERVICE_IT),
    ("pod-monitor", "monitoring.coreos.com/v1 PodMonitor a/m {spec: {selector: {matchLabels: {app: it}}}}", POD_IT),
    ("inference-pool", POOL + " a/i {spec: {selector: {matchLabels: {app: it}}}}", POD_IT),
    ("inference-pool", OLD_POOL + " a/i {spec: {selector: {app: it}}}", POD_IT),
    ("model-adapter", "model.aibrix.ai/v1alpha1 ModelAdapter a/m {spec: {podSelector: {matchLabels: {app: it}}}}", POD_IT),
    ("service-port", "v1 Service a/s {spec: {selector: {}, ports: [{port: 80, targetPort: it}]}}", POD_IT),
    ("service-monitor-port", "monitoring.coreos.com/v1 ServiceMonitor a/m {spec: {selector: {}, endpoints: [{port: it}]}}", SERVICE_IT),
    ("pod-monitor-port", "monitoring.coreos.com/v1 PodMonitor a/m {spec: {selector: {}, podMetricsEndpoints: [{port: it}]}}", POD_IT),
    ("endpoint-picker", POOL + " a/i {spec: {endpointPickerRef: {name: it}}}", "v1 Service a/it"),
    ("endpoint-picker", OLD_POOL + " a/i {spec: {extensionRef: {name: it}}}", "v1 Service a/it"),
    ("pool", "inference.networking.x-k8s.io/v1alpha2 InferenceObjective a/o {spec: {poolRef: {name: it}}}", POOL + " a/it"),
    ("pool", "inference.networking.x-k8s.io/v1alpha2 InferenceModel a/o {spec: {poolRef: {name: it}}}", OLD_POOL + " a/it"),
    ("parent-gateway", "gateway.networking.k8s.io/v1 HTTPRoute b/r {spec: {parentRefs: [{name: it, namespace: a}]}}", "gateway.networking.k8s.io/v1 Gateway a/it"),
    ("route-backend", "gateway.networking.k8s.io/v1 GRPCRoute a/r {spec: {rules: [{backendRefs: [{name: it}]}]}}", "v1 Service a/it"),
    ("route-backend", "gateway.networking.k8s.io/v1 HTTPRoute a/r {spec: {rules: [{backendRefs: [{group: inference.networking.k8s.io, kind: InferencePool, name: it}]}]}}", POOL + " a/it"),
    ("ingress-backend", "networking.k8s.io/v1 Ingress a/i {spec: {rules: [{http: {paths: [{backend: {service: {name: it}}}]}}]}}", "v1 Service a/it"),
    ("training-runtime", "trainer.kubeflow.org/v1alpha1 TrainJob a/t {spec: {runtimeRef: {name: it}}}", "trainer.kubeflow.org/v1alpha1 ClusterTrainingRuntime it"),
    ("training-runtime", "trainer.kubeflow.org/v1alpha1 TrainJob a/t {spec: {runtimeRef: {kind: TrainingRuntime, name: it}}}", "trainer.kubeflow.org/v1alpha1 TrainingRuntime a/it"),
    ("serving-runtime", ISVC + " {spec: {predictor: {model: {modelFormat: {name: x}, runtime: it}}}}", "serving.kserve.io/v1alpha1 ClusterServingRuntime it {spec: {containers: []}}"),
    ("model-format", ISVC + " {spec: {predictor: {model: {modelFormat: {name: it}}}}}", "serving.kserve.io/v1alpha1 ServingRuntime a/r " + RUNTIME),
    ("base-config", "serving.kserve.io/v1alpha1 LLMInferenceService a/l {spec: {baseRefs: [{name: it}]}}", "serving.kserve.io/v1alpha1 LLMInferenceServiceConfig kserve/it"),
    ("parent-gateway", "serving.kserve.io/v1alpha1 LLMInferenceService a/l {spec: {router: {gateway: {refs: [{name: it}]}}}}", "gateway.networking.k8s.io/v1 Gateway a/it"),
    ("ray-cluster", "ray.io/v1 RayJob a/j {spec: {clusterSelector: {ray.io/cluster: it}}}", "ray.io/v1 RayCluster a/it"),
    ("volcano-queue", "batch.volcano.sh/v1alpha1 Job a/j {spec: {queue: it}}", "scheduling.volcano.sh/v1beta1 Queue it"),
    ("volcano-queue", "ray.io/v1 RayCluster a/j {metadata: {labels: {volcano.sh/queue-name: it}}}", "scheduling.volcano.sh/v1beta1 Queue it"),
    ("kai-queue", "apps/v1 Deployment a/d {spec: {template: {metadata: {labels: {kai.scheduler/queue: it}}, spec: {containers: []}}}}", "scheduling.run.ai/v2 Queue it"),
    ("parent-queue", "scheduling.run.ai/v2 Queue q {spec: {parentQueue: it}}", "scheduling.run.ai/v2 Queue it"),
    ("model-config", "kagent.dev/v1alpha2 Agent a/g {spec: {declarative: {modelConfig: it}}}", "kagent.dev/v1alpha2 ModelConfig a/it"),
    ("sandbox-template", "extensions.agents.x-k8s.io/v1beta1 SandboxWarmPool a/w {spec: {sandboxTemplateRef: {name: it}}}", "extensions.agents.x-k8s.io/v1beta1 SandboxTemplate a/it"),
    ("warm-pool", "extensions.agents.x-k8s.io/v1beta1 SandboxClaim a/c {spec: {warmPoolRef: {name: it}}}", "extensions.agents.x-k8s.io/v1beta1 SandboxWarmPool a/it"),
]  # fmt: skip

UNRESOLVED = {
    "cohort": "optional",
    "parent-cohort": "optional",
    "config-map": "outside",
    "secret": "outside",
    "serving-runtime": "outside",
    "model-format": "outside",
}
"""What becomes of a reference that leads nowhere though others of the kind are there, where it is not "missing"."""
