# METADATA
# title: MIG slice that cannot be, or cannot do the job
# description: |
#   A slice of a GPU is asked for by its profile, `nvidia.com/mig-1g.5gb`. A name that is no profile no node offers. A CUDA program uses one
#   slice and no more, and slices cannot exchange data as GPUs do, so several slices in a container do not make a larger one.
#   With the MIG strategy `single` the plugin offers slices as `nvidia.com/gpu`, and nothing under their own names.
#
#   By claim, slices are devices of class `mig.nvidia.com`: only they have a `profile`.
# related_resources:
#   - ref: https://docs.nvidia.com/datacenter/tesla/mig-user-guide/
#     description: names of profiles; a process uses one MIG device
#   - ref: https://github.com/NVIDIA/k8s-device-plugin#configuration-option-details
#     description: what the MIG strategies none, single and mixed offer
#   - ref: kubernetes-sigs/dra-driver-nvidia-gpu:cmd/gpu-kubelet-plugin/deviceinfo.go
#     description: profile is an attribute of MIG devices only
# custom:
#   severity: error
#   requirements: [KAR-0003]
#   kinds: [workload, resource.k8s.io/ResourceClaim, resource.k8s.io/ResourceClaimTemplate]
#   looks_up: [nvidia.com/ClusterPolicy]
#   mentions: [nvidia.com/mig-, profile]
#   fix: safe
#   message: Container {container} asks for {resource}, which is no MIG profile, so no node offers it and the pod stays pending.
#   help: Write a profile such as nvidia.com/mig-1g.5gb; a plus sign in its name becomes a dot.
#   cases:
#     several:
#       message: Container {container} asks for {value} slices of a GPU, but a CUDA program uses one and no more, so the others stay idle.
#       help: Ask for one larger slice, or run one container for each slice.
#     parallel:
#       message: Container {container} spreads its model over {value} devices and is given MIG slices, which cannot exchange data, so the server stops at every start.
#       help: Ask for whole GPUs (nvidia.com/gpu), or for one slice without parallelism.
#     strategy:
#       message: Container {container} asks for {resource}, but ClusterPolicy {policy} has the MIG strategy {value}, with which slices are not offered by name, so the pod stays pending.
#       help: Set mig.strategy to mixed, or ask for nvidia.com/gpu.
#     class:
#       message: The request wants devices of class {resource} with a MIG profile, but only those of class mig.nvidia.com have one, so the selector fails and the pod is not scheduled.
#       help: "Ask for deviceClassName: mig.nvidia.com."
package karlint.rules.sharing.mig_misused

import data.karlint.lib.claims
import data.karlint.lib.parallel
import data.karlint.lib.pods
import data.karlint.lib.scope
import data.karlint.lib.value

findings contains {"at": s.at, "anchor": "key", "args": {"container": s.container.name, "resource": s.resource}, "fix": fix} if {
	some s in _slices
	not value.is_unknown(s.resource)
	not regex.match(_profile, s.resource)
	right := regex.replace(replace(lower(s.resource), "+", "."), `([0-9]g)[-_]([0-9]+gb)`, "${1}.${2}")
	fix := [operation | regex.match(_profile, right); some operation in pods.renamed_resource(s.container, s.resource, right)]
}

_profile := `^nvidia\.com/mig-([0-9]+c\.)?[1-46-8]g\.[0-9]+gb(\.[a-z0-9]+)*(\.shared)?$`

findings contains {"at": of_container[0].at, "anchor": "key", "severity": "warning", "case": "several", "args": args} if {
	some c in pods.containers
	of_container := [s | some s in _slices; s.container.path == c.path]
	total := sum([s.quantity | some s in of_container])
	total > 1
	not _spreads(c)
	args := {"container": c.name, "value": total}
}

findings contains {"at": of_container[0].at, "anchor": "key", "case": "parallel", "args": args} if {
	some c in pods.containers
	of_container := [s | some s in _slices; s.container.path == c.path]
	count(of_container) > 0
	_spreads(c)
	args := {"container": c.name, "value": parallel.wanted(c.server)}
}

_spreads(container) if parallel.wanted(container.server) > 1

findings contains {"at": s.at, "anchor": "key", "severity": "warning", "case": "strategy", "args": args, "related": related} if {
	some s in _slices
	policies := scope.near("nvidia.com/ClusterPolicy")
	count(policies) == 1
	strategy := policies[0].object.spec.mig.strategy
	strategy in {"single", "none"}
	args := {"container": s.container.name, "resource": s.resource, "policy": policies[0].name, "value": strategy}
	related := [{"resource": policies[0].index, "at": ["spec", "mig", "strategy"], "message": "the strategy"}]
}

findings contains {"at": s.at, "case": "class", "args": {"resource": entry.body.deviceClassName}} if {
	path := claims.home(input.resource.kind)
	some entry in claims.asked(value.map(object.get(input.object, path, {})), path)
	entry.body.deviceClassName in {"gpu.nvidia.com", "vfio.gpu.nvidia.com"}
	some s in claims.selectors(entry.body, entry.at)
	regex.match(`\]\.profile\s*==`, s.text)
}

_slices contains {"container": c, "resource": resource, "quantity": quantity, "at": at} if {
	some c in pods.containers
	c.role != "ephemeral"
	part := _part(c)
	some resource, written in value.map(c.body.resources[part])
	startswith(resource, "nvidia.com/mig-")
	quantity := value.known_int(written)
	quantity > 0
	at := pods.below(c, ["resources", part, resource])
}

_part(c) := "limits" if c.body.resources.limits

_part(c) := "requests" if not c.body.resources.limits
