# METADATA
# title: Queue name where Kueue does not read it
# description: |
#   Kueue takes the queue of a workload from one place: the label `kueue.x-k8s.io/queue-name` on the object that it queues.
#   Elsewhere the name does nothing, or something else than it seems to:
#
#   - An annotation of that name is not read since Kueue 0.15 (before, it was deprecated).
#   - A label on the pod template of a Job, JobSet, training job or Ray object does not queue the object. With the integration of that
#     kind enabled its pods run outside the queue; without it, at best every pod is queued by itself, and all-or-nothing is lost.
#   - A CronJob is not queued, its Jobs are: the label belongs into `spec.jobTemplate.metadata.labels`.
#   - A RayCronJob passes none of its labels on to the RayJobs that it makes.
#
#   Quiet where the label is in the right place too, for pods that state a Kueue pod group, and for Deployments and StatefulSets, whose
#   pods may well be queued one by one.
# related_resources:
#   - ref: https://github.com/kubernetes-sigs/kueue/pull/7271
#     description: the annotation was removed
#   - ref: https://kueue.sigs.k8s.io/docs/reference/labels-and-annotations/
#     description: queue-name is a label of the workload
#   - ref: kubernetes-sigs/kueue:pkg/controller/jobs/pod/pod_webhook.go
#     description: pods of an owner whose integration is enabled are left alone
#   - ref: https://kueue.sigs.k8s.io/docs/tasks/run/run_cronjobs/
#     description: the label of a CronJob belongs to its job template
#   - ref: ray-project/kuberay:ray-operator/controllers/ray/raycronjob_controller.go
#     description: which metadata a RayJob made by a RayCronJob gets
# custom:
#   severity: warning
#   mentions: [kueue.x-k8s.io/queue-name]
#   requirements: [KAR-0053]
#   kinds: [workload, trainer.kubeflow.org/TrainJob, workload.codeflare.dev/AppWrapper]
#   fix: unsafe
#   message: >-
#     Kueue does not read the queue name {queue} here, so {kind} {name} runs outside that queue.
#   help: Move it to {home}["kueue.x-k8s.io/queue-name"].
#   cases:
#     annotation:
#       message: >-
#         Kueue reads the queue name from a label and ignores this annotation since 0.15, so {kind} {name} runs outside the queue {queue}.
#     template:
#       message: >-
#         Kueue queues {kind} {name} by its own labels, so the queue name {queue} on its pod template does not queue it as a whole.
#     raycronjob:
#       message: >-
#         A RayCronJob hands none of its labels on, so the RayJobs of {name} run outside the queue {queue}.
#       help: Use a CronJob that creates labelled RayJobs, or call the LocalQueue of the namespace "default".
package karlint.rules.queue.label_misplaced

import data.karlint.lib.kueue
import data.karlint.lib.owner
import data.karlint.lib.value

findings contains {
	"at": array.concat(at, [kueue.queue_key]), "anchor": "key", "case": case,
	"args": {
		"kind": input.resource.kind, "name": owner.name, "queue": queue,
		"home": concat(".", array.concat(kueue.home, ["labels"])),
	},
	"fix": moved(at, case, queue),
} if {
	not kueue.queue
	some {"at": at, "case": case} in places
	queue := value.str(object.get(input.object, array.concat(at, [kueue.queue_key]), ""))
}

# One place and no other says which queue is meant.
moved(at, case, queue) := [{"op": "add", "at": kueue.queue_path, "value": queue}, taken_away(at)] if {
	case != "raycronjob"
	kueue.queueable
	said := {name |
		some place in places
		name := value.str(object.get(input.object, array.concat(place.at, [kueue.queue_key]), ""))
	}
	count(said) == 1
} else := []

taken_away(at) := {"op": "remove", "at": array.concat(at, [kueue.queue_key])} if {
	count(value.map(object.get(input.object, at, {}))) > 1
} else := {"op": "remove", "at": above} if {
	above := array.slice(at, 0, count(at) - 1)
	count(above) > 1
	count(value.map(object.get(input.object, above, {}))) == 1
} else := {"op": "remove", "at": at}

places contains {"at": array.concat(path, ["annotations"]), "case": "annotation"} if {
	some path in array.concat([["metadata"]], template_metadata)
	kueue.queueable
	not labelled_template
}

places contains {"at": array.concat(path, ["labels"]), "case": "template"} if {
	owner.kind in {
		"batch/Job", "batch/CronJob", "jobset.x-k8s.io/JobSet", "ray.io/RayCluster", "ray.io/RayJob",
		"kubeflow.org/MPIJob", "kubeflow.org/PyTorchJob", "kubeflow.org/TFJob", "kubeflow.org/XGBoostJob",
		"kubeflow.org/PaddleJob", "kubeflow.org/JAXJob",
	}
	some i, path in template_metadata
	not input.workload.templates[i].labels["kueue.x-k8s.io/pod-group-name"]
}

places contains {"at": ["metadata", "labels"], "case": ""} if owner.kind == "batch/CronJob"

places contains {"at": ["metadata", "labels"], "case": "raycronjob"} if owner.kind == "ray.io/RayCronJob"

template_metadata := [array.concat(t.path, ["metadata"]) | some t in input.workload.templates]

labelled_template if {
	some t in input.workload.templates
	t.labels[kueue.queue_key]
}
