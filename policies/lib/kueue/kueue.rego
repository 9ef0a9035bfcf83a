# METADATA
# title: Kueue queues
# description: |
#   The queue that a workload names, and the way from there: LocalQueue, ClusterQueue, covered resources.
#   Rules that ask must look up kueue.x-k8s.io/LocalQueue, kueue.x-k8s.io/ClusterQueue and ConfigMap.
package karlint.lib.kueue

import data.karlint.lib.gang
import data.karlint.lib.scope
import data.karlint.lib.value

queue_key := "kueue.x-k8s.io/queue-name"

# Kinds that Kueue queues as a whole, by the label of the object itself (a CronJob: of the jobs it makes).
queueable if gang.kind in _kinds

_kinds := {
	"Pod", "apps/Deployment", "apps/StatefulSet", "batch/Job", "batch/CronJob", "jobset.x-k8s.io/JobSet",
	"leaderworkerset.x-k8s.io/LeaderWorkerSet", "trainer.kubeflow.org/TrainJob", "workload.codeflare.dev/AppWrapper",
	"ray.io/RayCluster", "ray.io/RayJob", "ray.io/RayService", "kubeflow.org/MPIJob", "kubeflow.org/PyTorchJob",
	"kubeflow.org/TFJob", "kubeflow.org/XGBoostJob", "kubeflow.org/PaddleJob", "kubeflow.org/JAXJob",
}

# Path of the metadata in which Kueue looks for the queue name.
home := ["metadata"] if gang.kind != "batch/CronJob"

home := ["spec", "jobTemplate", "metadata"] if gang.kind == "batch/CronJob"

# The queue that the workload under review names where Kueue looks for it; undefined when it names none.
queue := value.str(object.get(input.object, queue_path, "")) if queueable

queue_path := array.concat(home, ["labels", queue_key])

# LocalQueues that the name means: those of the workload's namespace in the same part of the tree. Elsewhere in the tree
# a namesake counts only when both sides state a namespace of their own, since "default" is in every example.
local_queues := near if {
	near := [entry |
		some entry in scope.near("kueue.x-k8s.io/LocalQueue")
		entry.namespace == input.resource.namespace
		entry.name == queue
	]
	count(near) > 0
} else := [entry |
	some entry in _namesakes
	not entry.namespace in {"", "default"}
]

_namesakes := data.inventory.by_kind["kueue.x-k8s.io/LocalQueue"][input.resource.namespace][queue]

# ClusterQueues behind these LocalQueues; empty where one of them leads out of the tree.
cluster_queues := [found |
	count(_lost) == 0
	some entry in local_queues
	some found in _behind(entry)
]

_lost := [entry | some entry in local_queues; count(_behind(entry)) == 0]

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
