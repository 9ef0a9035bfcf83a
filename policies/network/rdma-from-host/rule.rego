# METADATA
# title: Fast network taken from the host, or not used
# description: |
#   Training over several nodes needs RDMA. Taken from the host, by `/dev/infiniband` or the host's network, the card is not counted and every pod
#   of the node can reach it. Asked for as a device, it takes two more things: `IPC_LOCK`, since RDMA pins memory, and no setting that
#   makes NCCL fall back to TCP. What is wrong shows only as a run at a fraction of its speed.
#
#   EFA, GKE's networks and TPUs need no `IPC_LOCK`. Daemons of the network stack are left alone.
# related_resources:
#   - ref: https://github.com/kubernetes-sigs/dranet
#     description: RDMA by claims; the examples add IPC_LOCK
#   - ref: https://docs.nvidia.com/networking/display/kubernetes2440/getting-started-kubernetes.html
#     description: RDMA devices as resources, with IPC_LOCK in the pods
#   - ref: https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/env.html
#     description: NCCL_IB_DISABLE and NCCL_NET
#   - ref: https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/4381-dra-structured-parameters
#     description: constraints hold within one claim
# custom:
#   severity: warning
#   requirements: [KAR-0010]
#   relates: [KAR-0049]
#   kinds: [accelerator-workload, resource.k8s.io/ResourceClaim, resource.k8s.io/ResourceClaimTemplate]
#   mentions: [infiniband, rdma, hostdev, sriov, efa, networking.gke.io, dranet, dra.net]
#   fix: unsafe
#   message: Volume {name} mounts {value} from the host, so the pod uses network cards that nobody allocated to it and that others may use as well.
#   help: Ask for the card as a resource such as rdma/hca, or by a claim.
#   cases:
#     lock:
#       message: Container {name} asks for {value} without the capability IPC_LOCK, so it cannot pin memory and RDMA fails or falls back to TCP.
#       help: "Add IPC_LOCK to securityContext.capabilities.add of the container."
#     unused:
#       message: Container {name} asks for {value} and sets {variable}, which makes NCCL do without it, so the card is paid for and the network is slow.
#       help: Remove {variable}, or do not ask for the card.
#     apart:
#       message: The claim asks for a GPU ({name}) and a network card ({value}) and for no relation between them, so they may be at the two ends of the node.
#       help: "Add a constraint with matchAttribute: resource.kubernetes.io/pcieRoot for both requests."
package karlint.rules.network.rdma_from_host

import data.karlint.lib.accelerators
import data.karlint.lib.claims
import data.karlint.lib.pods
import data.karlint.lib.value

findings contains {"at": at, "args": {"name": volume.name, "value": volume.hostPath.path}} if {
	some t in input.workload.templates
	some index, volume in value.list(t.spec.volumes)
	value.matches(`^/dev/infiniband(/|$)`, volume.hostPath.path)
	count([c | some c in t.containers; _cards(c)]) == 0
	not _beside(input.resource.group)
	at := pods.in_spec(t, ["volumes", index, "hostPath", "path"])
	not accelerators.infrastructure
}

findings contains {"at": pods.below(c, ["resources", part, card]), "anchor": "key", "case": "lock", "args": args, "fix": [_lock(c)]} if {
	some [c, part, card] in _having
	regex.match(`^(rdma/|nvidia\.com/(rdma|hostdev))`, card)
	not _may_lock(c.body)
	not input.resource.partial
	input.resource.group != "serving.kserve.io" # its presets add the capability
	args := {"name": c.name, "value": card}
}

_lock(c) := {"op": "add", "at": pods.below(c, array.concat(_added, [count(list)])), "value": "IPC_LOCK"} if {
	list := object.get(c.body, _added, null)
	is_array(list)
} else := {"op": "add", "at": pods.below(c, _added), "value": ["IPC_LOCK"]}

_added := ["securityContext", "capabilities", "add"]

findings contains {"at": pods.below(c, ["env", index, "value"]), "case": "unused", "args": args} if {
	some [c, _, card] in _having
	some index, entry in value.list(c.body.env)
	[entry.name, entry.value] in [["NCCL_IB_DISABLE", "1"], ["NCCL_NET", "Socket"]]
	regex.match(`^(rdma/|nvidia\.com/(rdma|hostdev))`, card)
	args := {"name": c.name, "value": card, "variable": entry.name}
}

findings contains {"at": array.concat(path, ["devices", "requests"]), "anchor": "key", "severity": "note", "case": "apart", "args": args} if {
	path := claims.home(input.resource.kind)
	claim := value.map(object.get(input.object, path, {}))
	gpus := [r.name | some r in claims.asked(claim, path); accelerators.class_vendor(r.body.deviceClassName)]
	nics := [r.name | some r in claims.asked(claim, path); value.matches(`dranet|dra\.net|rdma|sriov|efa`, r.body.deviceClassName)]
	count(gpus) > 0
	count(nics) > 0
	count(value.list(object.get(claim.devices, "constraints", []))) == 0
	args := {"name": gpus[0], "value": nics[0]}
}

# Dynamo keeps the resources beside the container, under names of its own.
_beside("nvidia.com") if contains(json.marshal(input.object.spec), "\"rdma/")

_having := [[c, part, card] |
	some t in input.workload.templates
	some c in t.containers
	[part, card] := _cards(c)
]

# The first card for RDMA that a container asks for, and where.
_cards(container) := [part, name] if {
	[part, name] := [[p, n] |
		some p in ["limits", "requests"]
		amounts := container.body.resources[p]
		is_object(amounts)
		some n, _ in amounts
		contains(n, "/") # asked first, since it costs nothing
		regex.match(`^(rdma/|nvidia\.com/(rdma|hostdev|sriov)|vpc\.amazonaws\.com/efa|networking\.gke\.io)`, n)
	][0]
}

_may_lock(body) if body.securityContext.privileged

_may_lock(body) if {
	some capability in value.list(body.securityContext.capabilities.add)
	is_string(capability)
	trim_prefix(upper(capability), "CAP_") in {"IPC_LOCK", "ALL", "SYS_ADMIN"}
}
