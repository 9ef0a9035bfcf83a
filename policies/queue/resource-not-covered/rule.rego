# METADATA
# title: Resource for which the queue has no quota
# description: |
#   Kueue admits a workload when its ClusterQueue has quota for everything that the pods request. A resource that no `resourceGroups[].coveredResources`
#   of the ClusterQueue lists has no quota at all, so the workload waits for ever ("resource ... unavailable in ClusterQueue"). Accelerators of
#   another vendor, MIG slices and RDMA devices are forgotten most often.
#
#   Only extended resources are looked at: `cpu`, `memory` and the like are often taken out of the check on purpose, and so are
#   shares of a device (`nvidia.com/gpumem`).
#
#   Followed from the workload's label to the LocalQueue and on to the ClusterQueue; reported only when both are in the tree.
#   Ignore it where Kueue's configuration excludes the resource (`resources.excludeResourcePrefixes`), counts it under another name
#   (`resources.transformations`), or does not check undeclared ones (`resources.quotaCheckStrategy: IgnoreUndeclared`); karlint is quiet when it finds such a
#   configuration in the tree.
# related_resources:
#   - ref: kubernetes-sigs/kueue:pkg/scheduler/flavorassigner/flavorassigner.go
#     description: no flavor is assigned for a resource that no resource group covers; a request of zero is ignored
#   - ref: https://kueue.sigs.k8s.io/docs/concepts/cluster_queue/
#     description: resource groups and covered resources
#   - ref: https://kueue.sigs.k8s.io/docs/reference/kueue-config.v1beta2/
#     description: what the configuration can take out of the check
# custom:
#   severity: error
#   mentions: [kueue.x-k8s.io/queue-name]
#   requirements: [KAR-0053]
#   kinds: [workload]
#   looks_up: [kueue.x-k8s.io/LocalQueue, kueue.x-k8s.io/ClusterQueue]
#   message: >-
#     The queue {queue} has no quota for {resource}, since no resource group of ClusterQueue {cluster_queue} covers it, so
#     {kind} {name} is never admitted.
#   help: Cover {resource} in a resource group of {cluster_queue}, with a quota in each of its flavors.
package karlint.rules.queue.resource_not_covered

import data.karlint.lib.chain
import data.karlint.lib.kueue
import data.karlint.lib.owner
import data.karlint.lib.value

findings contains {
	"at": paths[0],
	"args": {
		"resource": resource, "queue": kueue.queue, "cluster_queue": chain.cluster_queues[0].name,
		"kind": input.resource.kind, "name": owner.name,
	},
	"related": [{
		"resource": found.index, "at": ["spec", "resourceGroups"],
		"message": sprintf("ClusterQueue %s covers other resources", [found.name]),
	} |
		some found in chain.cluster_queues
	],
} if {
	kueue.queue
	count(chain.cluster_queues) > 0
	some resource, paths in requests
	every found in chain.cluster_queues {
		count(chain.covered(found)) > 0
		not resource in chain.covered(found)
	}
	not chain.bends_resources
}

# Requested resource to the paths of its requests, limits first: a limit alone is a request too.
requests[resource] := paths if {
	some entry in held
	some resource, _ in entry.amounts
	contains(resource, "/")
	not shares[resource]
	paths := [array.concat(e.path, [resource]) | some e in held; value.quantity(e.amounts[resource]) > 0]
	count(paths) > 0
}

shares := data.karlint.tables.accelerators.vendor_of.auxiliary

held := [{"path": array.concat(c.path, ["resources", section]), "amounts": value.map(c.body.resources[section])} |
	some t in input.workload.templates
	some c in t.containers
	c.role != "ephemeral"
	some section in ["limits", "requests"]
]
