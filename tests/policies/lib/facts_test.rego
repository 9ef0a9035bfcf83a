package karlint.facts_test

import data.karlint.facts.driver_gates
import data.karlint.facts.gpus_are_shared
import data.karlint.facts.kueue_bends_resources
import data.karlint.facts.operator_gangs
import data.karlint.facts.visible_devices

deployment(args) := {"by_kind": {"apps/Deployment": {"": {"operator": [{
	"kind": "Deployment",
	"object": {"spec": {"template": {"spec": {"containers": [{"args": args}]}}}},
}]}}}}

config(text) := {"by_kind": {"ConfigMap": {"": {"kueue": [{"kind": "ConfigMap", "object": {"data": {"config": text}}}]}}}}

release(values) := {"by_kind": {"helm.toolkit.fluxcd.io/HelmRelease": {"": {"kuberay": [{
	"kind": "HelmRelease",
	"object": {"spec": {"values": values}},
}]}}}}

test_operator_that_gangs_everything if {
	operator_gangs.value with data.inventory as deployment(["--gang-scheduler-name=volcano"])
	operator_gangs.value with data.inventory as deployment(["--batch-scheduler", "volcano"])
	operator_gangs.value with data.inventory as config("controller: {}\nmanageJobsWithoutQueueName: true\n")
	operator_gangs.value with data.inventory as release({"batchScheduler": {"enabled": true}})
}

test_operator_that_does_not if {
	operator_gangs.value == false with data.inventory as deployment(["--gang-scheduler-name="])
	operator_gangs.value == false with data.inventory as config("#manageJobsWithoutQueueName: true\n")
	operator_gangs.value == false with data.inventory as release({"batchScheduler": {"enabled": false}})
	operator_gangs.value == false with data.inventory as {"by_kind": {}}
}

test_configuration_that_bends_the_check if {
	kueue_bends_resources.value with data.inventory as config("resources:\n  excludeResourcePrefixes:\n  - rdma/\n")
	kueue_bends_resources.value with data.inventory as config("resources:\n  excludeResourcePrefixes: [rdma/]\n")
	kueue_bends_resources.value with data.inventory as config("resources:\n  transformations:\n  - input: a\n")
	kueue_bends_resources.value with data.inventory as config("resources:\n  quotaCheckStrategy: IgnoreUndeclared\n")
}

test_configuration_that_does_not if {
	kueue_bends_resources.value == false with data.inventory as config("#resources:\n#  excludeResourcePrefixes: [rdma/]\n")
	kueue_bends_resources.value == false with data.inventory as config("resources:\n  excludeResourcePrefixes: []\n")
	kueue_bends_resources.value == false with data.inventory as {"by_kind": {"ConfigMap": {"": {"a": [{"object": {"data": null}}]}}}}
}

test_gates_that_the_tree_turns_on if {
	driver_gates.value == {"MPSSupport"} with data.inventory as release({"featureGates": {"MPSSupport": true}})
	driver_gates.value == {"TimeSlicingSettings"} with data.inventory as daemon("TimeSlicingSettings=true,MPSSupport=false")
	driver_gates.value == set() with data.inventory as release({"featureGates": {"MPSSupport": false}})
	driver_gates.value == set() with data.inventory as {"by_kind": {}}
}

daemon(gates) := {"by_kind": {"apps/DaemonSet": {"driver": {"plugin": [{
	"kind": "DaemonSet",
	"object": {"spec": {"template": {"spec": {"containers": [{"env": [{"name": "FEATURE_GATES", "value": gates}]}]}}}},
}]}}}}

test_gpus_that_the_tree_shares if {
	gpus_are_shared.value with data.inventory as config("sharing:\n  mps:\n    resources:\n    - replicas: 2\n")
	gpus_are_shared.value with data.inventory as release({"config": {"map": {"a": "timeSlicing:\n  resources:\n  - replicas: 4\n"}}})
	gpus_are_shared.value == false with data.inventory as config("sharing: {}\nreplicas: 1\n")
	gpus_are_shared.value == false with data.inventory as config("timeSlicing:\n  renameByDefault: true\n  resources:\n  - replicas: 4\n")
	gpus_are_shared.value == false with data.inventory as {"by_kind": {}}
}

test_config_maps_that_pick_devices if {
	picking := {"by_kind": {"ConfigMap": {"ml": {
		"runtime": [{"index": 3, "directory": "a", "object": {"data": {"NVIDIA_VISIBLE_DEVICES": "all"}}}],
		"other": [{"index": 4, "directory": "a", "object": {"data": {"LOG": "VISIBLE_DEVICES"}}}],
		"empty": [{"index": 5, "directory": "a", "object": {"data": null}}],
	}}}}
	found := {"ml": {"runtime": [{"index": 3, "directory": "a", "data": {"NVIDIA_VISIBLE_DEVICES": "all"}}]}}
	visible_devices.value == found with data.inventory as picking
	visible_devices.value == {} with data.inventory as {"by_kind": {}}
}
