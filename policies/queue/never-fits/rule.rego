# METADATA
# title: Workload larger than its queue
# description: |
#   Kueue admits a workload as a whole, and each of its pod sets gets a resource from a single flavor. A pod set that asks for more accelerators than the largest
#   flavor of the ClusterQueue may ever hand out is not refused: it waits, and no event says that the wait is for ever.
#
#   Reported when the LocalQueue and the ClusterQueue are in the tree and the ClusterQueue cannot borrow (it is in no cohort). Quiet for
#   elastic jobs and for those that accept fewer pods (`kueue.x-k8s.io/job-min-parallelism`).
# related_resources:
#   - ref: kubernetes-sigs/kueue:pkg/scheduler/flavorassigner/flavorassigner.go
#     description: one flavor a pod set and resource; more than the maximum capacity never fits
#   - ref: https://kueue.sigs.k8s.io/docs/concepts/cluster_queue/
#     description: nominal quota, cohorts and borrowing
# custom:
#   severity: error
#   mentions: [kueue.x-k8s.io/queue-name]
#   requirements: [KAR-0053]
#   kinds: [accelerator-workload]
#   looks_up: [kueue.x-k8s.io/LocalQueue, kueue.x-k8s.io/ClusterQueue]
#   message: >-
#     {kind} {name} asks for {need} {resource} at once and no flavor of ClusterQueue {cluster_queue} has more than {quota}, so it is never admitted.
#   help: Make it smaller, or raise the nominalQuota of {resource} in {cluster_queue}.
package karlint.rules.queue.never_fits

import data.karlint.lib.chain
import data.karlint.lib.owner
import data.karlint.lib.value

findings contains {
	"at": first_request(t, resource),
	"args": {
		"kind": input.resource.kind, "name": owner.name, "resource": resource, "need": t.pods * amount,
		"cluster_queue": chain.cluster_queues[0].name, "quota": max(largest),
	},
	"related": [{"resource": found.index, "at": ["spec", "resourceGroups"], "message": "its quota"} |
		some found in chain.cluster_queues
	],
} if {
	owner.kind in admitted_whole
	not input.object.metadata.annotations["kueue.x-k8s.io/job-min-parallelism"]
	not input.object.metadata.annotations["kueue.x-k8s.io/elastic-job"]
	some t in input.workload.templates
	some resource, amount in t.accelerators
	is_number(amount)
	is_number(t.pods)
	largest := [quota(found, resource) | some found in chain.cluster_queues]
	count(largest) > 0
	count(largest) == count(chain.cluster_queues)
	t.pods * amount > max(largest)
	not input.resource.partial
	not chain.bends_resources
}

admitted_whole := {
	"Pod", "batch/Job", "batch/CronJob", "jobset.x-k8s.io/JobSet", "kubeflow.org/MPIJob", "kubeflow.org/PyTorchJob",
	"kubeflow.org/TFJob", "kubeflow.org/XGBoostJob", "kubeflow.org/PaddleJob", "kubeflow.org/JAXJob", "ray.io/RayJob",
}

first_request(t, resource) := [request.path |
	some c in t.containers
	some request in c.accelerators
	request.resource == resource
][0]

# The most that one flavor of a ClusterQueue without a cohort gives; undefined when one of its quotas is not known.
quota(cluster_queue, resource) := max(known) if {
	not cluster_queue.object.spec.cohort
	not cluster_queue.object.spec.cohortName
	quotas := [entry.nominalQuota |
		some group in value.list(cluster_queue.object.spec.resourceGroups)
		some flavor in value.list(group.flavors)
		some entry in value.list(flavor.resources)
		entry.name == resource
	]
	known := [value.quantity(amount) | some amount in quotas]
	count(known) > 0
	count(known) == count(quotas)
}
