# METADATA
# title: LocalQueue that does not exist
# description: |
#   A LocalQueue is namespaced, and a workload can only use one of its own namespace. When the label `kueue.x-k8s.io/queue-name`
#   names a queue that is not there, Kueue suspends the workload and keeps it so: no pod, no failure, only a condition on
#   a Workload object that few people look at.
#
#   Reported only where the tree holds LocalQueues of the same namespace, in the same part of the tree. Queues that are made elsewhere can be declared
#   in karlint's settings (`assume`).
# related_resources:
#   - ref: https://kueue.sigs.k8s.io/docs/concepts/local_queue/
#     description: a LocalQueue belongs to one namespace
#   - ref: kubernetes-sigs/kueue:apis/kueue/v1beta2/workload_types.go
#     description: a Workload whose queue does not exist stays inadmissible
# custom:
#   severity: error
#   mentions: [kueue.x-k8s.io/queue-name]
#   requirements: [KAR-0053]
#   kinds: [workload, trainer.kubeflow.org/TrainJob, workload.codeflare.dev/AppWrapper]
#   looks_up: [kueue.x-k8s.io/LocalQueue, kueue.x-k8s.io/ClusterQueue]
#   fix: unsafe
#   near: [kueue.x-k8s.io/LocalQueue]
#   message: >-
#     There is no LocalQueue {queue} beside the others of this namespace, so {kind} {name} stays suspended.
#   help: Name one of its LocalQueues ({there}), or create {queue}.
#   cases:
#     elsewhere:
#       message: >-
#         The LocalQueue {queue} is in namespace {namespace} and cannot be used from this one, so {kind} {name} stays suspended.
package karlint.rules.queue.local_queue_not_found

import data.karlint.lib.kueue
import data.karlint.lib.owner
import data.karlint.lib.scope
import data.karlint.lib.value

findings contains {
	"at": kueue.queue_path,
	"case": case(elsewhere),
	"args": {
		"queue": kueue.queue, "kind": input.resource.kind, "name": owner.name,
		"there": concat(", ", sort(there)), "namespace": concat(", ", sort(elsewhere)),
	},
	"fix": [{"op": "set", "at": kueue.queue_path, "value": near[0]} | count(near) == 1],
} if {
	kueue.queue
	scope.missing("kueue.x-k8s.io/LocalQueue", input.resource.namespace, kueue.queue)
	near := [name | some name in there; value.is_slip(name, kueue.queue); count(elsewhere) == 0]
}

there := {name | some name, _ in data.inventory.by_kind["kueue.x-k8s.io/LocalQueue"][input.resource.namespace]}

elsewhere := {namespace |
	some namespace, names in data.inventory.by_kind["kueue.x-k8s.io/LocalQueue"]
	names[kueue.queue]
}

case(namespaces) := "" if count(namespaces) == 0

case(namespaces) := "elsewhere" if count(namespaces) > 0
