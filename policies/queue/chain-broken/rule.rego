# METADATA
# title: Queue that leads nowhere
# description: |
#   A workload gets its quota through a chain: LocalQueue, ClusterQueue, ResourceFlavors, and where they are used, a Topology and
#   AdmissionChecks. One name in it that does not exist makes the queue inactive, and everything behind it waits; only a condition
#   of the ClusterQueue or LocalQueue says so. A ClusterQueue without a `namespaceSelector` is as useless: absent means that no namespace may use
#   it, `{}` means all.
#
#   A missing object is reported only where the tree holds others of its kind in the same part; objects that are made
#   elsewhere can be declared in karlint's settings (`assume`). A missing selector is reported only for a ClusterQueue that a LocalQueue of the tree uses.
# related_resources:
#   - ref: https://kueue.sigs.k8s.io/docs/tasks/troubleshooting/troubleshooting_queues/
#     description: conditions of queues that are not active
#   - ref: https://kueue.sigs.k8s.io/docs/concepts/cluster_queue/
#     description: namespaceSelector, flavors, admission checks
#   - ref: kubernetes-sigs/kueue:apis/kueue/v1beta2/clusterqueue_types.go
#     description: namespaceSelector defaults to null, which selects nothing
# custom:
#   severity: error
#   requirements: [KAR-0053]
#   kinds: [kueue.x-k8s.io/LocalQueue, kueue.x-k8s.io/ClusterQueue, kueue.x-k8s.io/ResourceFlavor]
#   looks_up:
#     - kueue.x-k8s.io/LocalQueue
#     - kueue.x-k8s.io/ClusterQueue
#     - kueue.x-k8s.io/ResourceFlavor
#     - kueue.x-k8s.io/Topology
#     - kueue.x-k8s.io/AdmissionCheck
#   fix: unsafe
#   message: >-
#     There is no {target} {missing}, so the {kind} {name} admits nothing.
#   help: Correct the name, or create the {target}.
#   cases:
#     selector:
#       message: >-
#         ClusterQueue {name} has no namespaceSelector, which selects no namespace at all, so it admits nothing.
#       help: 'Add spec.namespaceSelector: {{}} for all namespaces, or select those that may use it.'
#     flavor:
#       message: >-
#         There is no {target} {missing}, so no ClusterQueue that uses the ResourceFlavor {name} admits anything.
package karlint.rules.queue.chain_broken

import data.karlint.lib.scope
import data.karlint.lib.value

findings contains {"at": link.at, "case": case, "args": {
	"target": link.target, "missing": wanted, "kind": input.resource.kind, "name": input.resource.name,
}} if {
	some link in links
	wanted := value.str(link.name)
	scope.missing(sprintf("kueue.x-k8s.io/%s", [link.target]), "", wanted)
}

findings contains {"at": ["metadata", "name"], "case": "selector", "args": {"name": input.resource.name}, "fix": opened} if {
	input.resource.kind == "ClusterQueue"
	object.get(input.object, ["spec", "namespaceSelector"], null) == null
	some queues in data.inventory.by_kind["kueue.x-k8s.io/LocalQueue"]
	some entries in queues
	some entry in entries
	entry.object.spec.clusterQueue == input.resource.name
	scope.same_scope(entry.directory, input.resource.directory)
}

opened := [{"op": operation, "at": ["spec", "namespaceSelector"], "value": {}} |
	operation := {true: "set", false: "add"}["namespaceSelector" in object.keys(input.object.spec)]
]

default case := ""

case := "flavor" if input.resource.kind == "ResourceFlavor"

links contains {"at": ["spec", "clusterQueue"], "target": "ClusterQueue", "name": name} if {
	name := input.object.spec.clusterQueue
	input.resource.kind == "LocalQueue"
}

links contains {"at": ["spec", "topologyName"], "target": "Topology", "name": name} if {
	name := input.object.spec.topologyName
	input.resource.kind == "ResourceFlavor"
}

links contains {"at": at, "target": "ResourceFlavor", "name": name} if {
	some g, group in value.list(input.object.spec.resourceGroups)
	some f, flavor in value.list(group.flavors)
	name := flavor.name
	at := ["spec", "resourceGroups", g, "flavors", f, "name"]
}

links contains {"at": at, "target": "AdmissionCheck", "name": name} if {
	some i, check in value.list(input.object.spec.admissionChecksStrategy.admissionChecks)
	name := check.name
	at := ["spec", "admissionChecksStrategy", "admissionChecks", i, "name"]
}

# Until v1beta1.
links contains {"at": ["spec", "admissionChecks", i], "target": "AdmissionCheck", "name": check} if {
	some i, check in value.list(input.object.spec.admissionChecks)
}
