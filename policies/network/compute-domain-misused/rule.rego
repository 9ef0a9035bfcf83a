# METADATA
# title: ComputeDomain that does not do what it says
# description: |
#   A ComputeDomain gathers the nodes of a workload so that their GPUs can share memory over NVLink. Its controller makes a
#   ResourceClaimTemplate of the name that the domain gives, in the same namespace; pods join by that template. A template of that name that
#   somebody else wrote stands in its way. `numNodes` is deprecated: by default it only decides when the status says `Ready`.
#
#   The class `imex.nvidia.com` of early releases is gone.
# related_resources:
#   - ref: kubernetes-sigs/dra-driver-nvidia-gpu:api/nvidia.com/resource/v1beta1/computedomain.go
#     description: numNodes is deprecated, what it means with and without IMEXDaemonsWithDNSNames, and the template
#   - ref: kubernetes-sigs/dra-driver-nvidia-gpu:cmd/compute-domain-controller/resourceclaimtemplate.go
#     description: the template that the controller makes
# custom:
#   severity: warning
#   requirements: [KAR-0010]
#   kinds: [resource.nvidia.com/ComputeDomain, resource.k8s.io/ResourceClaim, resource.k8s.io/ResourceClaimTemplate]
#   looks_up: [resource.k8s.io/ResourceClaimTemplate]
#   mentions: [numNodes, resourceClaimTemplate, imex.nvidia.com]
#   fix: unsafe
#   message: numNodes is {value}, which only decides when the domain's status is Ready, so what waits for it hangs when another number of nodes joins; the next API version drops the field.
#   help: "Write numNodes: 0, unless your driver has the gate IMEXDaemonsWithDNSNames turned off; only the newest drivers let the field be left out."
#   cases:
#     taken:
#       message: The domain has its controller make the ResourceClaimTemplate {name}, but the tree holds one of that name already, so the controller finds its place taken and pods may join by the wrong one.
#       help: Give the domain's template a name of its own, or remove the other one.
#     retired:
#       message: The request {name} wants devices of class imex.nvidia.com, which present drivers no longer have, so pods with this claim stay pending.
#       help: Make a ComputeDomain and let the pods join by the template that it names.
package karlint.rules.network.compute_domain_misused

import data.karlint.lib.claims
import data.karlint.lib.value

findings contains {"at": ["spec", "numNodes"], "severity": "note", "args": {"value": nodes}, "fix": fix} if {
	input.resource.kind == "ComputeDomain"
	nodes := value.known_int(input.object.spec.numNodes)
	nodes > 0
	fix := [{"op": "set", "at": ["spec", "numNodes"], "value": 0}]
}

findings contains {"at": at, "severity": "warning", "case": "taken", "args": {"name": name}, "related": related} if {
	input.resource.kind == "ComputeDomain"
	at := ["spec", "channel", "resourceClaimTemplate", "name"]
	name := value.str(object.get(input.object, at, ""))
	others := data.inventory.by_kind["resource.k8s.io/ResourceClaimTemplate"][input.resource.namespace][name]
	related := [{"resource": others[0].index, "at": ["metadata", "name"], "message": "the template of that name"}]
}

findings contains {"at": array.concat(r.at, ["deviceClassName"]), "severity": "error", "case": "retired", "args": {"name": r.name}} if {
	path := claims.home(input.resource.kind)
	some r in claims.asked(value.map(object.get(input.object, path, {})), path)
	r.body.deviceClassName == "imex.nvidia.com"
}
