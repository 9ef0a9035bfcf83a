package karlint.lib.kueue_test

import data.karlint.lib.kueue

job(namespace, directory) := {
	"resource": {"group": "batch", "kind": "Job", "name": "train", "namespace": namespace, "directory": directory},
	"object": {"metadata": {"labels": {"kueue.x-k8s.io/queue-name": "gpu"}}},
}

test_queue_of_an_object_and_of_a_cronjob if {
	kueue.queue == "gpu" with input as job("research", "apps")
	cron := {
		"resource": {"group": "batch", "kind": "CronJob"},
		"object": {"spec": {"jobTemplate": {"metadata": {"labels": {"kueue.x-k8s.io/queue-name": "night"}}}}},
	}
	kueue.queue == "night" with input as cron
}

test_no_queue if {
	not kueue.queue with input as object.union(job("research", "apps"), {"resource": {"kind": "DaemonSet", "group": "apps"}})
	not kueue.queue with input as {"resource": {"group": "batch", "kind": "Job"}, "object": {"metadata": {"labels": null}}}
	unknown := {"metadata": {"labels": {"kueue.x-k8s.io/queue-name": "${QUEUE}"}}}
	not kueue.queue with input as {"resource": {"group": "batch", "kind": "Job"}, "object": unknown}
}
