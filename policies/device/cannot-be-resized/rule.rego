# METADATA
# title: Device where only CPU and memory may stand
# description: |
#   Two newer fields of a pod know CPU and memory and no devices: `resizePolicy`, which says what happens when a running container is resized, and
#   `resources` of the pod as a whole. A device in one of them makes the API server reject the pod. Devices belong to a
#   container, and their number changes with a new pod only. Before 1.33 and 1.34 the two fields are off by default, and dropped.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/
#     description: only CPU and memory can be resized
#   - ref: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#pod-level-resource-specification
#     description: pod-level resources are CPU, memory and huge pages
#   - ref: kubernetes/kubernetes:pkg/apis/core/validation/validation.go
#     description: validateResizePolicy and validatePodResources
#   - ref: kubernetes/kubernetes:staging/src/k8s.io/api/core/v1/types.go
#     description: the supported names of ContainerResizePolicy are cpu and memory; what pod-level resources hold
#   - ref: kubernetes/kubernetes:pkg/features/kube_features.go
#     description: InPlacePodVerticalScaling is on by default from 1.33, PodLevelResources from 1.34
# custom:
#   severity: error
#   requirements: [KAR-0051]
#   relates: [in-place-resize]
#   kinds: [workload]
#   since: 33
#   versioned: true
#   mentions: [resizePolicy, gpu, neuron, tpu, npu, gaudi, claims]
#   fix: safe
#   message: Container {container} has a resize policy for {resource}, but only CPU and memory can be resized, so the API server rejects the pod.
#   help: Remove the entry; another number of devices takes a new pod.
#   cases:
#     pod:
#       message: The pod as a whole asks for {resource}, but only CPU, memory and huge pages can be asked for there, so the API server rejects it.
#       help: Put {resource} into the resources of the container that uses it.
package karlint.rules.device.cannot_be_resized

import data.karlint.lib.features
import data.karlint.lib.pods
import data.karlint.lib.value

findings contains {"at": at, "args": {"container": c.name, "resource": policy.resourceName}, "fix": pods.without_item(c, "resizePolicy", index)} if {
	some t in input.workload.templates
	some c in t.containers
	is_array(c.body.resizePolicy)
	some index, policy in c.body.resizePolicy
	value.str(policy.resourceName)
	not policy.resourceName in {"cpu", "memory"}
	features.on("InPlacePodVerticalScaling")
	at := pods.below(c, ["resizePolicy", index, "resourceName"])
}

findings contains {"at": pods.in_spec(t, ["resources", part, name]), "anchor": "key", "case": "pod", "args": {"resource": name}} if {
	some t in _pod_specs
	some part in ["limits", "requests"]
	some name, _ in value.map(t.spec.resources[part])
	contains(name, "/")
	not startswith(name, "hugepages-")
}

findings contains {"at": pods.in_spec(t, ["resources", "claims"]), "anchor": "key", "case": "pod", "args": {"resource": "claims"}} if {
	some t in _pod_specs
	count(value.list(t.spec.resources.claims)) > 0
}

# What a kind has in place of a pod spec may keep the resources of its container there.
_pod_specs := [t |
	some t in input.workload.templates
	t.spec.resources
	count(value.list(t.spec.containers)) > 0
	features.on("PodLevelResources")
]
