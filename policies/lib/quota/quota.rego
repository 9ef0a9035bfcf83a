# METADATA
# title: Quotas of accelerators
# description: |
#   What a ResourceQuota limits, and which demand of the tree it limits: pod templates of the same namespace and scope.
package karlint.lib.quota

import data.karlint.lib.accelerators
import data.karlint.lib.scope
import data.karlint.lib.value

class_suffix := ".deviceclass.resource.k8s.io/devices"

# Keys of a quota that the API server counts accelerators by: key to the name that data.inventory.demand uses.
counted(quota) := {key: name |
	some key, _ in value.map(quota.spec.hard)
	name := _counts(key)
}

_counts(key) := trim_prefix(key, "requests.") if {
	startswith(key, "requests.")
	accelerators.is_accelerator(trim_prefix(key, "requests."))
}

_counts(key) := key if endswith(key, class_suffix)

# A quota with scopes limits only pods of that kind, which the tree does not tell.
scoped(quota) if count(value.list(quota.spec.scopes)) > 0

scoped(quota) if quota.spec.scopeSelector

# Demand that a quota limits: the same namespace; without one, only the same directory is sure to be.
demand(resource) := [row |
	some row in data.inventory.demand[resource.namespace]
	not row.kind in _blueprints
	_limits(resource, row)
]

_limits(resource, row) if {
	resource.namespace != ""
	scope.same_scope(resource.directory, row.directory)
}

_limits(resource, row) if {
	resource.namespace == ""
	resource.directory == row.directory
}

# Quotas of accelerators in a namespace, wherever the tree keeps them.
of_namespace(namespace) := [entry |
	some entries in data.inventory.by_kind.ResourceQuota[namespace]
	some entry in entries
	count(counted(entry.object)) > 0
]

# Kinds whose pods run side by side for as long as the workload exists.
long_running := {
	"Deployment", "StatefulSet", "ReplicaSet", "LeaderWorkerSet", "DisaggregatedSet", "RayCluster", "RayService",
	"StormService", "RoleSet", "RoleBasedGroup", "PodCliqueSet",
}

# Kinds whose pods are of no use before all of them run.
together := {"JobSet", "PyTorchJob", "MPIJob", "TFJob", "XGBoostJob", "PaddleJob", "JAXJob", "MXJob", "RayJob"}

# Kinds that make no pods themselves.
_blueprints := {
	"ServingRuntime", "ClusterServingRuntime", "TrainingRuntime", "ClusterTrainingRuntime", "SandboxTemplate",
	"LLMInferenceServiceConfig",
}

# Rows of demand put together by workload: {kind, name, queue, need, most, rows}. A workload that stands in several files
# counts as the smallest of them, since overlays of several clusters often lie side by side.
workloads(rows) := [w |
	some id in {[row.group, row.kind, row.name] | some row in rows}
	copies := [c |
		some index in {row.index | some row in rows; [row.group, row.kind, row.name] == id}
		own := [row | some row in rows; row.index == index]
		c := {"need": sum([q | q := own[_].quantity; is_number(q)]), "rows": own}
	]
	need := min([c.need | some c in copies])
	chosen := [c | some c in copies; c.need == need][0].rows
	most := max(array.concat([0], [p | p := chosen[_].per_pod; is_number(p)]))
	w := {"kind": id[1], "name": id[2], "queue": chosen[0].queue, "need": need, "most": most, "rows": chosen}
]
