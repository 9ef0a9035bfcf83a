# METADATA
# title: Autoscaler that evicts pods with devices
# description: |
#   A VerticalPodAutoscaler in the mode `Recreate`, which `Auto` and no mode stand for as well, changes CPU and memory of a pod by
#   evicting it. A pod with devices gives them back, waits for others, and loads its model or its checkpoint anew, for a change of a resource
#   that is seldom the scarce one.
#
#   Said where the autoscaler names the workload and the workload has as many pods as the updater wants before it evicts one
#   (`minReplicas`, 2 by default). `InPlaceOrRecreate` is left alone.
# related_resources:
#   - ref: kubernetes/autoscaler:vertical-pod-autoscaler/pkg/apis/autoscaling.k8s.io/v1/types.go
#     description: the update modes, and minReplicas
#   - ref: https://kubernetes.io/docs/concepts/workloads/autoscaling/vertical-pod-autoscale/
#     description: what each mode does to running pods
# custom:
#   severity: warning
#   relates: [KAR-0057, in-place-resize]
#   kinds: [accelerator-workload]
#   looks_up: [autoscaling.k8s.io/VerticalPodAutoscaler]
#   near: [autoscaling.k8s.io/VerticalPodAutoscaler]
#   message: VerticalPodAutoscaler {scaler} changes CPU and memory of {kind} {name} by evicting its pods, each of which gives back {given} and loads anew what it had in memory.
#   help: "Set updatePolicy.updateMode of {scaler} to InPlaceOrRecreate, or to Initial or Off and follow its recommendations with the next release."
package karlint.rules.device.evicted_by_autoscaler

import data.karlint.lib.owner
import data.karlint.lib.pods
import data.karlint.lib.scope
import data.karlint.lib.value

findings contains {"at": found.path, "anchor": "key", "args": args, "related": related} if {
	some entries in data.inventory.by_kind["autoscaling.k8s.io/VerticalPodAutoscaler"][input.resource.namespace]
	some scaler in entries
	scope.same_scope(scaler.directory, input.resource.directory)
	scaler.object.spec.targetRef.kind == input.resource.kind
	scaler.object.spec.targetRef.name == input.resource.name
	policy := value.map(object.get(scaler.object, ["spec", "updatePolicy"], {}))
	object.get(policy, "updateMode", "Auto") in {"Auto", "Recreate"}
	some t in pods.templates
	is_number(t.pods)
	t.pods >= value.known_int(object.get(policy, "minReplicas", 2))
	found := [a | some c in t.containers; some a in c.accelerators][0]
	is_number(found.quantity)
	args := {
		"scaler": scaler.name, "kind": input.resource.kind, "name": owner.name,
		"given": value.counted(found.quantity, "device"),
	}
	related := [{"resource": scaler.index, "at": ["spec"], "message": "the autoscaler"}]
}
