# METADATA
# title: TPU pod without the nodes that it needs
# description: |
#   On GKE a pod that asks for `google.com/tpu` must say which TPU it means, by the node labels `cloud.google.com/gke-tpu-accelerator` and
#   `cloud.google.com/gke-tpu-topology`. Without them no node pool can be made for it. The topology also says how many hosts a
#   slice has: as many pods must run as there are hosts, or the slice waits for the rest.
#
#   By claim, the driver for Dynamic Resource Allocation prepares all chips of a node for a pod, or none.
#
#   Quiet where a compute class chooses the nodes, and for pods that Kueue queues, since its flavors bring the labels along.
# related_resources:
#   - ref: https://docs.cloud.google.com/kubernetes-engine/docs/how-to/tpus
#     description: the two node selectors, and one pod on each host of a slice
#   - ref: https://docs.cloud.google.com/kubernetes-engine/docs/concepts/plan-tpus
#     description: topologies and hosts of a slice
#   - ref: kubernetes-sigs/dra-driver-google-tpu:cmd/tpu-dra-kubeletplugin/state.go
#     description: a claim of fewer chips than the node has is refused when it is prepared
# custom:
#   severity: error
#   requirements: [KAR-0055]
#   relates: [KAR-0051]
#   kinds: [accelerator-workload, resource.k8s.io/ResourceClaim, resource.k8s.io/ResourceClaimTemplate]
#   mentions: [google.com/tpu, tpu.google.com]
#   message: The pod asks for TPUs and not for nodes with {label}, so GKE does not know which TPU it means and the pod stays pending.
#   help: Add {label} to nodeSelector, such as {example}.
#   cases:
#     part:
#       message: The request {name} is for {chips} of a TPU node, but the driver prepares claims for all chips of a node only, so on nodes with more the pod never starts.
#       help: "Write allocationMode: All."
#     chips:
#       message: The pod asks for {need} chips of a slice that has {chips} in all (topology {topology}), so it stays pending.
#       help: Ask for the chips of one host, or choose a larger topology.
#     hosts:
#       message: A slice of topology {topology} has {hosts} hosts with {need} chips each, and the workload has {pods}, so the slice is never complete.
#       help: Run {hosts} pods for each slice, as in a JobSet whose jobs have parallelism {hosts}.
package karlint.rules.placement.tpu_selectors_missing

import data.karlint.lib.claims
import data.karlint.lib.nodes
import data.karlint.lib.pods
import data.karlint.lib.value

findings contains {"at": _request(t).path, "anchor": "key", "args": {"label": missing[0].label, "example": missing[0].example}} if {
	not input.resource.partial
	not _queued
	some t in _tpu
	not nodes.demands(t.spec, "cloud.google.com/compute-class")
	missing := [m | some m in _needed; not nodes.demands(t.spec, m.label)]
	count(missing) > 0
}

_needed := [
	{"label": "cloud.google.com/gke-tpu-accelerator", "example": "tpu-v6e-slice"},
	{"label": "cloud.google.com/gke-tpu-topology", "example": "2x4"},
]

findings contains {"at": array.concat(r.at, ["deviceClassName"]), "severity": "note", "case": "part", "args": args} if {
	path := claims.home(input.resource.kind)
	some r in claims.asked(value.map(object.get(input.object, path, {})), path)
	r.body.deviceClassName == "tpu.google.com"
	object.get(r.body, "allocationMode", "ExactCount") == "ExactCount"
	not r.body.adminAccess
	args := {"name": r.name, "chips": value.counted(value.known_int(object.get(r.body, "count", 1)), "chip")}
}

findings contains {"at": _request(t).path, "case": "chips", "args": args} if {
	some t in _tpu
	topology := t.spec.nodeSelector["cloud.google.com/gke-tpu-topology"]
	chips := _chips(topology)
	need := t.accelerators["google.com/tpu"]
	need > chips
	args := {"need": need, "chips": chips, "topology": topology}
}

findings contains {"at": pods.in_spec(t, ["nodeSelector", "cloud.google.com/gke-tpu-topology"]), "case": "hosts", "args": args} if {
	some topology in {t.spec.nodeSelector["cloud.google.com/gke-tpu-topology"] | some t in _tpu}
	members := [m | some m in _tpu; m.spec.nodeSelector["cloud.google.com/gke-tpu-topology"] == topology]
	t := members[0]
	need := t.accelerators["google.com/tpu"]
	hosts := _chips(topology) / need
	hosts == floor(hosts)
	every m in members { is_number(m.pods) }
	pods_of_slices := sum([m.pods | some m in members]) # a leader and its workers share a slice
	pods_of_slices > 0
	pods_of_slices % hosts != 0
	args := {"topology": topology, "hosts": hosts, "need": need, "pods": value.counted(pods_of_slices, "pod")}
}

_chips(topology) := product([to_number(side) | some side in split(topology, "x")]) if {
	value.matches(`^[1-9][0-9]*x[1-9][0-9]*(x[1-9][0-9]*)?$`, topology)
}

_tpu := [t | some t in pods.templates; t.accelerators["google.com/tpu"] > 0]

_request(t) := [found | some c in t.containers; some found in c.accelerators; found.resource == "google.com/tpu"][0]

_queued if input.object.metadata.labels["kueue.x-k8s.io/queue-name"]
