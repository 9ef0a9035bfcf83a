package karlint.lib.kueue_test

import data.karlint.lib.kueue

job(namespace, directory) := {
	"resource": {"group": "batch", "kind": "Job", "name": "train", "namespace": namespace, "directory": directory},
	"object": {"metadata": {"labels": {"kueue.x-k8s.io/queue-name": "gpu"}}},
}

local_queue(directory) := {
	"index": 1, "namespace": "research", "name": "gpu", "directory": directory,
	"object": {"spec": {"clusterQueue": "shared"}},
}

cluster_queue := {
	"index": 2, "name": "shared",
	"object": {"spec": {"resourceGroups": [{"coveredResources": ["cpu"]}, {"coveredResources": ["nvidia.com/gpu"]}]}},
}

tree(directory) := {"by_kind": {
	"kueue.x-k8s.io/LocalQueue": {"research": {"gpu": [local_queue(directory)]}},
	"kueue.x-k8s.io/ClusterQueue": {"": {"shared": [cluster_queue]}},
}}

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

test_way_to_the_cluster_queue if {
	found := kueue.cluster_queues with input as job("research", "apps/research") with data.inventory as tree("apps")
	[entry.name | some entry in found] == ["shared"]
	kueue.covered(found[0]) == {"cpu", "nvidia.com/gpu"}
}

test_named_namespace_may_lie_elsewhere_in_the_tree if {
	count(kueue.local_queues) == 1 with input as job("research", "apps") with data.inventory as tree("platform")
}

test_queue_of_another_namespace_is_not_meant if {
	kueue.cluster_queues == [] with input as job("", "apps") with data.inventory as tree("apps")
	kueue.cluster_queues == [] with input as job("media", "apps") with data.inventory as tree("apps")
}

test_way_out_of_the_tree if {
	half := {"by_kind": {"kueue.x-k8s.io/LocalQueue": {"research": {"gpu": [local_queue("apps")]}}}}
	kueue.cluster_queues == [] with input as job("research", "apps") with data.inventory as half
}
