package karlint.lib.chain_test

import data.karlint.lib.chain

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

test_way_to_the_cluster_queue if {
	found := chain.cluster_queues with input as job("research", "apps/research") with data.inventory as tree("apps")
	[entry.name | some entry in found] == ["shared"]
	chain.covered(found[0]) == {"cpu", "nvidia.com/gpu"}
}

test_named_namespace_may_lie_elsewhere_in_the_tree if {
	count(chain.local_queues) == 1 with input as job("research", "apps") with data.inventory as tree("platform")
}

test_queue_of_another_namespace_is_not_meant if {
	chain.cluster_queues == [] with input as job("", "apps") with data.inventory as tree("apps")
	chain.cluster_queues == [] with input as job("media", "apps") with data.inventory as tree("apps")
}

test_way_out_of_the_tree if {
	half := {"by_kind": {"kueue.x-k8s.io/LocalQueue": {"research": {"gpu": [local_queue("apps")]}}}}
	chain.cluster_queues == [] with input as job("research", "apps") with data.inventory as half
}
