package karlint.lib.nodes_test

import data.karlint.lib.nodes

table := {
	"by_label_domain": {
		"nvidia.com": [["nvidia.com/gpu.", "nvidia"]],
		"cloud.google.com": [["cloud.google.com/gke-tpu-", "google-tpu"]],
	},
	"by_label_value": {"cloud.google.com/gke-accelerator": [["^nvidia-", "nvidia"]]},
}

required(terms) := {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}}

zone(values) := {"matchExpressions": [{"key": "zone", "operator": "In", "values": values}]}

test_alternatives if {
	nodes.alternatives({}) == [[]]
	nodes.alternatives({"nodeSelector": {"a": "b", "later": "${X}"}}) == [
		[{"key": "a", "operator": "In", "values": ["b"], "at": ["nodeSelector", "a"]}],
	]
	both := nodes.alternatives(object.union({"nodeSelector": {"a": "b"}}, required([zone(["1"]), zone(["${Z}"])])))
	[[d.key | some d in alternative] | some alternative in both] == [["a", "zone"], ["a", "zone"]]
	[alternative[1].values | some alternative in both] == [["1"], []]
}

test_demands if {
	nodes.demands({"nodeSelector": {"a": "b"}}, "a")
	nodes.demands(required([zone(["1"]), zone(["2"])]), "zone")
	not nodes.demands(required([zone(["1"]), {"matchExpressions": []}]), "zone")
	not nodes.demands({}, "a")
}

demand(key, operator, values) := {"key": key, "operator": operator, "values": values}

test_vendor_of if {
	nodes.vendor_of(demand("nvidia.com/gpu.product", "Exists", [])) == "nvidia" with data.karlint.tables.accelerators as table
	nodes.vendor_of(demand("cloud.google.com/gke-accelerator", "In", ["nvidia-l4"])) == "nvidia" with data.karlint.tables.accelerators as table
	nodes.vendor_of(demand("cloud.google.com/gke-tpu-topology", "In", ["2x2"])) == "google-tpu" with data.karlint.tables.accelerators as table
	not nodes.vendor_of(demand("nvidia.com/gpu.present", "In", ["false"])) with data.karlint.tables.accelerators as table
	not nodes.vendor_of(demand("nvidia.com/gpu.present", "DoesNotExist", [])) with data.karlint.tables.accelerators as table
	not nodes.vendor_of(demand("cloud.google.com/gke-accelerator", "In", ["other"])) with data.karlint.tables.accelerators as table
	not nodes.vendor_of(demand("kubernetes.io/os", "In", ["linux"])) with data.karlint.tables.accelerators as table
}
