# METADATA
# title: Autoscalers
# description: |
#   How many replicas an autoscaler of the tree may make of a workload. Rules that ask must look up
#   autoscaling/HorizontalPodAutoscaler and keda.sh/ScaledObject.
package karlint.lib.autoscale

import data.karlint.lib.value

# The most replicas that an autoscaler of the same namespace gives a workload: {replicas, index, at}, the largest if there are
# several. Undefined where there is none.
most(kind, name, namespace) := found[count(found) - 1] if {
	found := sort(array.concat(_pod_autoscalers(kind, name, namespace), _scaled_objects(kind, name, namespace)))
	count(found) > 0
}

_pod_autoscalers(kind, name, namespace) := [{"replicas": replicas, "index": entry.index, "at": ["spec", "maxReplicas"]} |
	some entries in data.inventory.by_kind["autoscaling/HorizontalPodAutoscaler"][namespace]
	some entry in entries
	entry.object.spec.scaleTargetRef.kind == kind
	entry.object.spec.scaleTargetRef.name == name
	replicas := value.known_int(entry.object.spec.maxReplicas)
]

# KEDA scales a Deployment where no kind is written, and to 100 where no maximum is.
_scaled_objects(kind, name, namespace) := [{"replicas": replicas, "index": entry.index, "at": ["spec", "scaleTargetRef"]} |
	some entries in data.inventory.by_kind["keda.sh/ScaledObject"][namespace]
	some entry in entries
	object.get(entry.object.spec.scaleTargetRef, "kind", "Deployment") == kind
	entry.object.spec.scaleTargetRef.name == name
	replicas := value.known_int(object.get(entry.object.spec, "maxReplicaCount", 100))
]
