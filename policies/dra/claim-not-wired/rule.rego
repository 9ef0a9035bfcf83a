# METADATA
# title: Resource claim that does not reach a container
# description: |
#   A claim works in two steps: the pod lists it in `spec.resourceClaims`, and each container that needs the devices names
#   it in `resources.claims`. A claim that no container names is still allocated, so the accelerator is taken from
#   everybody and used by nobody. A container that names a claim the pod does not list is rejected, and one that names a
#   request the claim does not have starts without its device.
#
#   Claims for network devices are left alone: their drivers serve the pod as a whole.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
#     description: the two steps, and choosing one request of a claim
#   - ref: kubernetes/kubernetes:pkg/apis/core/validation/validation.go
#     description: names of claims in containers must be listed in the pod
#   - ref: https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/4381-dra-structured-parameters
#     description: the scheduler allocates claims; the kubelet refuses pods whose claims are not allocated
#   - ref: kubernetes/kubernetes:pkg/kubelet/cm/dra/manager.go
#     description: the kubelet hands a container the devices of the request that it names
# custom:
#   severity: error
#   mentions: [claims, resourceClaims]
#   requirements: [KAR-0051, KAR-0049]
#   kinds: [accelerator-workload]
#   looks_up: [resource.k8s.io/ResourceClaim, resource.k8s.io/ResourceClaimTemplate]
#   fix: safe
#   message: No container names the claim {claim}, so its devices ({classes}) are allocated to the pod and nobody can use them.
#   help: "Add it to resources.claims of the container that needs it: claims: [{{name: {claim}}}]."
#   cases:
#     unlisted:
#       message: Container {container} names the claim {claim}, which the pod does not list, so the API server rejects the pod.
#       help: Add an entry {claim} to the pod's resourceClaims, or correct the name.
#     request:
#       message: Container {container} takes request {request} of claim {claim}, which has no such request, so the container starts without a device.
#       help: "Name one of the claim's requests ({requests}), or leave request out to get them all."
#     choice:
#       message: Container {container} takes request {request} of claim {claim}, but a choice of firstAvailable cannot be named here, so the API server rejects the pod.
#       help: Name the request alone, without what follows the slash.
#     again:
#       message: Container {container} names the claim {claim} twice in the same way, so the API server rejects the pod.
#       help: Remove one of the two.
#     twice:
#       message: The pod lists two claims under the name {claim}, so the API server rejects it.
#       help: Give each entry of resourceClaims a name of its own.
#     both:
#       message: The claim {claim} names a ResourceClaim and a ResourceClaimTemplate, so the API server rejects the pod.
#       help: Keep resourceClaimName to share one claim, or resourceClaimTemplateName for a claim of each pod's own.
#     neither:
#       message: The claim {claim} names neither a ResourceClaim nor a ResourceClaimTemplate, so the API server rejects the pod.
#       help: Add resourceClaimTemplateName with the name of a template in the same namespace.
#     node:
#       message: The pod takes devices by claim {claim} and names its node itself, so no scheduler allocates them and the pod never starts.
#       help: Remove nodeName and choose nodes by nodeSelector or affinity, which the scheduler reads.
package karlint.rules.dra.claim_not_wired

import data.karlint.lib.accelerators
import data.karlint.lib.pods
import data.karlint.lib.scope
import data.karlint.lib.value

findings contains {"at": array.concat(claim.path, ["name"]), "severity": "warning", "args": args, "fix": _named(template, claim)} if {
	_is_whole
	some template in input.workload.templates
	count(template.containers) > 0
	used := {name | some c in template.containers; some name in c.claims}
	some claim in template.claims
	not claim.name in used
	some class in claim.device_classes
	is_string(accelerators.class_vendor(class))
	args := {"claim": claim.name, "classes": concat(", ", claim.device_classes)}
}

# Where there is but one container and one claim, it is clear who is meant to use it.
_named(template, claim) := [{"op": "add", "at": at, "value": [{"name": claim.name}]} |
	count(template.containers) == 1
	count(template.claims) == 1
	some c in template.containers
	not "claims" in object.keys(value.map(object.get(c.body, "resources", {})))
	at := pods.below(c, ["resources", "claims"])
]

findings contains {"at": array.concat(found.at, ["name"]), "case": "unlisted", "args": found.args} if {
	_is_whole
	some found in _uses
	not found.claim in {claim.name | some claim in found.claims}
}

findings contains {"at": array.concat(found.at, ["request"]), "case": "request", "args": args} if {
	some found in _uses
	is_string(found.entry.request)
	not contains(found.entry.request, "/")
	some claim in found.claims
	claim.name == found.claim
	requests := _requests(claim)
	not found.entry.request in requests
	args := object.union(found.args, {"request": found.entry.request, "requests": concat(", ", sort(requests))})
}

findings contains {"at": array.concat(found.at, ["request"]), "case": "choice", "args": args} if {
	some found in _uses
	is_string(found.entry.request)
	contains(found.entry.request, "/")
	args := object.union(found.args, {"request": found.entry.request})
}

findings contains {"at": second.at, "case": "again", "args": second.args} if {
	count(_uses) > 1
	some first in _uses
	some second in _uses
	first.holder == second.holder
	first.at[count(first.at) - 1] < second.at[count(second.at) - 1]
	[first.claim, object.get(first.entry, "request", "")] == [second.claim, object.get(second.entry, "request", "")]
}

findings contains {"at": array.concat(second.path, ["name"]), "case": "twice", "args": {"claim": second.name}} if {
	some template in input.workload.templates
	count(template.claims) > 1
	some i, first in template.claims
	some j, second in template.claims
	i < j
	first.name == second.name
}

findings contains {"at": claim.path, "case": case, "args": {"claim": claim.name}} if {
	_is_whole
	some template in input.workload.templates
	count(template.containers) > 0
	some claim in template.claims
	case := _unsound(claim, object.keys(object.get(input.object, claim.path, {})))
}

_unsound(claim, _) := "both" if {
	claim.claim != ""
	claim.template != ""
}

# Other keys are the business of another rule.
_unsound(_, keys) := "neither" if keys == {"name"}

findings contains {"at": pods.in_spec(template, ["nodeName"]), "case": "node", "args": {"claim": template.claims[0].name}} if {
	some template in input.workload.templates
	value.str(template.spec.nodeName)
	count(template.claims) > 0
}

# The templates have all that their pods will have: overlays add to theirs, and these operators merge theirs from several
# objects.
_is_whole if {
	not input.resource.partial
	not input.resource.group in {"serving.kserve.io", "trainer.kubeflow.org", "grove.io", "nvidia.com"}
}

# Each entry of resources.claims in a container.
_uses := [found |
	some template in input.workload.templates
	some c in template.containers
	some index, entry in value.list(c.body.resources.claims)
	found := {
		"claims": template.claims, "entry": entry, "claim": entry.name, "holder": c.path,
		"at": pods.below(c, ["resources", "claims", index]), "args": {"container": c.name, "claim": entry.name},
	}
]

# Names of the requests of the one claim or template that the pod can mean; undefined where that is not sure.
_requests(claim) := names if {
	requests := _spec(claim).devices.requests
	names := {request.name | some request in value.list(requests); is_string(request.name)}
}

_spec(claim) := _only("ResourceClaimTemplate", claim.template).spec.spec

_spec(claim) := _only("ResourceClaim", claim.claim).spec if claim.template == ""

_only(kind, name) := entries[0].object if {
	entries := [entry |
		some entry in scope.named(sprintf("resource.k8s.io/%s", [kind]), input.resource.namespace, name)
		scope.same_scope(entry.directory, input.resource.directory)
	]
	count(entries) == 1
}
