package karlint.lib.quota_test

import data.karlint.lib.quota

_tables := {
	"vendors": [{"vendor": "nvidia", "resources": ["nvidia.com/gpu"], "patterns": [], "auxiliary": []}],
	"vendor_of": {"resources": {"nvidia.com/gpu": "nvidia"}},
}

_row(index, kind, name, quantity) := {
	"index": index, "group": "apps", "kind": kind, "name": name, "directory": "team/a", "queue": "",
	"resource": "nvidia.com/gpu", "quantity": quantity, "per_pod": 2, "pods": 3, "at": ["spec"],
}

test_counted_keys if {
	hard := {
		"requests.nvidia.com/gpu": "8", "limits.nvidia.com/gpu": "8", "nvidia.com/gpu": "8", "requests.cpu": "4",
		"gpu.nvidia.com.deviceclass.resource.k8s.io/devices": "8",
	}
	got := quota.counted({"spec": {"hard": hard}}) with data.karlint.tables.accelerators as _tables
	got == {
		"requests.nvidia.com/gpu": "nvidia.com/gpu",
		"gpu.nvidia.com.deviceclass.resource.k8s.io/devices": "gpu.nvidia.com.deviceclass.resource.k8s.io/devices",
	}
}

test_scoped if {
	quota.scoped({"spec": {"scopes": ["BestEffort"]}})
	quota.scoped({"spec": {"scopeSelector": {"matchExpressions": []}}})
	not quota.scoped({"spec": {"hard": {}}})
}

test_demand_of_the_same_namespace_and_scope if {
	rows := {"a": [_row(1, "Deployment", "x", 6), object.union(_row(2, "Deployment", "y", 6), {"directory": "other"})]}
	got := quota.demand({"namespace": "a", "directory": "team"}) with data.inventory.demand as rows
	[row.index | some row in got] == [1]
	count(quota.demand({"namespace": "b", "directory": "team"})) == 0 with data.inventory.demand as rows
}

test_demand_without_a_namespace_needs_the_same_directory if {
	rows := {"": [_row(1, "Deployment", "x", 6)]}
	count(quota.demand({"namespace": "", "directory": "team/a"})) == 1 with data.inventory.demand as rows
	count(quota.demand({"namespace": "", "directory": "team"})) == 0 with data.inventory.demand as rows
}

test_blueprints_make_no_pods if {
	rows := {"a": [_row(1, "ServingRuntime", "x", 6)]}
	count(quota.demand({"namespace": "a", "directory": "team"})) == 0 with data.inventory.demand as rows
}

test_a_workload_in_two_overlays_counts_once_and_as_the_smaller if {
	rows := [_row(1, "Deployment", "x", 6), _row(2, "Deployment", "x", 4), _row(3, "Deployment", "y", null)]
	got := {[w.name, w.need, w.most] | some w in quota.workloads(rows)}
	got == {["x", 4, 2], ["y", 0, 2]}
}

test_templates_of_one_workload_add_up if {
	rows := [_row(1, "JobSet", "x", 6), _row(1, "JobSet", "x", 4)]
	[w.need | some w in quota.workloads(rows)] == [10]
}
