# METADATA
# title: Replicas that share one claim
# description: |
#   A ResourceClaim that is named by its own name is one claim for all pods that name it: they get the same device, and all run where that
#   device is. A workload that makes several pods from one template puts them on one node, where they fight for the memory of the
#   device, or wait for ever. A ResourceClaimTemplate gives each pod a claim of its own.
#
#   Left alone are claims for network devices, and claims that say how the device is shared.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
#     description: ResourceClaim for sharing one device among pods, ResourceClaimTemplate for a claim of each
#   - ref: kubernetes/kubernetes:staging/src/k8s.io/api/resource/v1/types.go
#     description: at most 256 pods can hold a claim (ResourceClaimReservedForMaxSize)
# custom:
#   severity: warning
#   requirements: [KAR-0003]
#   relates: [KAR-0051]
#   kinds: [accelerator-workload]
#   looks_up: [resource.k8s.io/ResourceClaim, autoscaling/HorizontalPodAutoscaler, keda.sh/ScaledObject]
#   mentions: [resourceClaimName]
#   since: 31
#   versioned: true
#   message: All {pods} of {kind} {name} share the one ResourceClaim {claim}, so they run on one node with the same device, or wait.
#   help: Make a ResourceClaimTemplate of it and name that by resourceClaimTemplateName, so that each pod gets a device.
#   cases:
#     scaled:
#       message: An autoscaler may make {pods} of {kind} {name}, which share the one ResourceClaim {claim}, so they run on one node with the same device, or wait.
#     too-many:
#       message: The ResourceClaim {claim} is for all {pods} of {kind} {name}, but no more than 256 pods can hold a claim, so the rest wait.
package karlint.rules.dra.one_claim_many_pods

import data.karlint.lib.accelerators
import data.karlint.lib.autoscale
import data.karlint.lib.owner
import data.karlint.lib.pods
import data.karlint.lib.scope
import data.karlint.lib.value

findings contains {"at": array.concat(claim.path, ["resourceClaimName"]), "case": form.case, "severity": form.severity, "args": args} if {
	some t in pods.templates
	some claim in t.claims
	claim.shared
	form := _form(t)
	some class in claim.device_classes
	is_string(accelerators.class_vendor(class))
	not _meant(claim)
	args := {"pods": value.counted(form.pods, "pod"), "kind": input.resource.kind, "name": owner.name, "claim": claim.claim}
}

_form(t) := {"case": "too-many", "severity": "error", "pods": t.pods} if {
	is_number(t.pods)
	t.pods > 256
	input.target.minor >= 33 # it was 32 before
} else := {"case": "", "severity": "warning", "pods": t.pods} if {
	is_number(t.pods)
	t.pods > 1
} else := {"case": "scaled", "severity": "warning", "pods": scaler.replicas} if {
	scaler := autoscale.most(input.resource.kind, input.resource.name, input.resource.namespace)
	scaler.replicas > 1
}

# The claim says how its device is shared, or asks for a part of it.
_meant(claim) if {
	some entry in scope.named("resource.k8s.io/ResourceClaim", input.resource.namespace, claim.claim)
	regex.match(`"sharing"|"capacity"|"adminAccess":true`, json.marshal(entry.object.spec))
}
