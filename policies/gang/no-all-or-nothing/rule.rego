# METADATA
# title: Pods that need each other may start in part
# description: |
#   Distributed training and multi-node serving make no progress until every pod runs. The default scheduler places pods one
#   by one: when the cluster has room for some of them only, these hold their accelerators and wait for the rest, and two
#   such workloads can each hold what the other needs, for ever.
#
#   This workload makes several accelerator pods that depend on each other, and nothing on it or around it asks for
#   all-or-nothing scheduling: no Kueue queue, no PodGroup, no other scheduler, no ProvisioningRequest.
#
#   Looked at: Kubeflow jobs, MPIJob, JobSet, LeaderWorkerSet, multi-host Ray groups; Indexed Jobs, StatefulSets and Deployments only where
#   environment or flags tell the pods of each other (`MASTER_ADDR`, `--nnodes`, ...). Ray clusters of fixed size and TPU slices are
#   reported as notes: Ray can start with fewer workers, and a TPU slice is provisioned as one unit.
#
#   Ignore it where an operator gangs all such workloads on its own (the training operator's `--gang-scheduler-name`, the MPI
#   operator's `--gang-scheduling`, KubeRay's `--batch-scheduler=volcano`, Kueue's `manageJobsWithoutQueueName`). karlint is quiet when it
#   finds that setting in the tree.
# related_resources:
#   - ref: kubernetes-sigs/ai-conformance:kars/0053-gang-scheduling/kar.yaml
#     description: the requirement
#   - ref: https://kueue.sigs.k8s.io/docs/concepts/all_or_nothing/
#     description: what Kueue guarantees
#   - ref: kubeflow/mpi-operator:pkg/controller/podgroup.go
#     description: the operator makes PodGroups only when it is told to
#   - ref: ray-project/kuberay:ray-operator/controllers/ray/batchscheduler
#     description: schedulers that KubeRay can hand a cluster to, and the labels they read
# custom:
#   severity: warning
#   requirements: [KAR-0053]
#   kinds: [accelerator-workload]
#   looks_up: [kueue.x-k8s.io/LocalQueue]
#   fix: unsafe
#   mentions: [':"Deployment"', ':"StatefulSet"', Job, LeaderWorkerSet, ':"Ray'] # kinds whose pods may need each other
#   message: >-
#     {kind} {name} needs {pods} accelerator pods at the same time and nothing asks for all-or-nothing scheduling, so some
#     of them can hold their accelerators while the others wait.
#   help: >-
#     Queue it with Kueue (metadata.labels["kueue.x-k8s.io/queue-name"]), or give its pods to a gang scheduler with a group of {pods}.
#   cases:
#     ray:
#       message: >-
#         {kind} {name} has {pods} accelerator pods of fixed number and nothing asks for all-or-nothing scheduling, so it may
#         hold the accelerators of some while its work waits for the others.
#       help: >-
#         Queue it with Kueue (metadata.labels["kueue.x-k8s.io/queue-name"]), or run KubeRay with a batch scheduler.
#     tpu:
#       message: >-
#         {kind} {name} needs {pods} TPU pods at the same time and nothing asks for all-or-nothing scheduling, so two workloads
#         that share the slices can block each other.
#       help: >-
#         Queue it with Kueue (metadata.labels["kueue.x-k8s.io/queue-name"]); a node pool that serves this workload alone needs nothing.
package karlint.rules.gang.no_all_or_nothing

import data.karlint.lib.gang
import data.karlint.lib.kueue
import data.karlint.lib.scope

findings contains {
	"at": ["metadata", named_by],
	"args": {"kind": input.resource.kind, "name": gang.name, "pods": gang.members},
	"case": form.case,
	"severity": form.severity,
	"fix": queued,
} if {
	not input.resource.partial
	gang.may_couple(input.resource.kind)
	_several # asked before the rest, since it costs less
	gang.coupled
	count(gang.evidence) == 0
	not gang.by_operator
}

# Where its namespace has one queue and no other, that one is meant for it.
queued := [{"op": "add", "at": kueue.queue_path, "value": names[0]} |
	kueue.queueable
	names := [entry.name |
		some entry in scope.near("kueue.x-k8s.io/LocalQueue")
		entry.namespace == input.resource.namespace
	]
	count(names) == 1
]

# More than one pod, or a number that is not known.
_several if count(input.workload.templates) > 1

_several if {
	some t in input.workload.templates
	t.pods != 1
}

named_by := "name" if input.resource.name != ""

named_by := "generateName" if input.resource.name == ""

form := {"case": "tpu", "severity": "note"} if {
	gang.tpu_slice
} else := {"case": "ray", "severity": "note"} if {
	gang.coupled == "ray"
} else := {"case": "", "severity": "warning"}
