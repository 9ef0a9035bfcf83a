# METADATA
# title: The chain behind a queue name
# description: |
#   The way from the queue that a workload names to its LocalQueue, ClusterQueue and covered resources. Rules that ask
#   must look up kueue.x-k8s.io/LocalQueue and kueue.x-k8s.io/ClusterQueue.
package karlint.lib.chain

import data.karlint.lib.kueue
import data.karlint.lib.scope
import data.karlint.lib.value

# LocalQueues that the name means: those of the workload's namespace in the same part of the tree. Elsewhere in the tree
# a namesake counts only when both sides state a namespace of their own, since "default" is in every example.
local_queues := near if {
	near := [entry |
		some entry in scope.near("kueue.x-k8s.io/LocalQueue")
		entry.namespace == input.resource.namespace
		entry.name == kueue.queue
	]
	count(near) > 0
} else := [entry |
	some entry in _namesakes
	not entry.namespace in {"", "default"}
]

_namesakes := data.inventory.by_kind["kueue.x-k8s.io/LocalQueue"][input.resource.namespace][kueue.queue]

# ClusterQueues behind these LocalQueues; empty where one of them leads out of the tree.
cluster_queues := [found |
	count(_lost) == 0
	some [_, behind] in _pairs
	some found in behind
]

_lost := [entry | some [entry, found] in _pairs; found == []]

_pairs := [[entry, _behind(entry)] | some entry in local_queues]

_behind(entry) := near if {
	near := [found | some found in scope.near("kueue.x-k8s.io/ClusterQueue"); found.name == entry.object.spec.clusterQueue]
	count(near) > 0
} else := scope.named("kueue.x-k8s.io/ClusterQueue", "", entry.object.spec.clusterQueue)

covered(cluster_queue) := {resource |
	some group in value.list(cluster_queue.object.spec.resourceGroups)
	some resource in value.list(group.coveredResources)
}

# A Kueue configuration in the tree takes resources out of the quota check, or counts them under other names.
bends_resources if data.facts.kueue_bends_resources
