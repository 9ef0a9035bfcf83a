# METADATA
# title: Workloads that their own quota refuses
# description: |
#   The namespace asks for more accelerators than its ResourceQuota allows. The API server refuses the pods above it (or the
#   ResourceClaims of pods, which are then made and stay pending), so
#   that a Deployment stays short of replicas, a training job waits for ever with part of its pods holding devices, and a pod
#   that alone is larger than the quota never runs at all.
#
#   Autoscalers of the tree give a second figure: what the workloads may grow to.
#
#   Counted is what the tree shows to run at the same time: for each long-running workload its replicas, for a training
#   job its own pods only. Where a workload stands in several overlays, the smallest counts. Unknown numbers, quotas with
#   scopes, workloads that Kueue admits, and plain Jobs (their pods may run one after the other) are left out of sums.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/policy/resource-quotas/
#     description: creating a pod that would exceed the quota fails with 403 Forbidden
#   - ref: https://kubernetes.io/docs/concepts/policy/resource-quotas/#resource-quota-for-extended-resources
#     description: how extended resources and device classes are counted
#   - ref: kubernetes/kubernetes:staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go
#     description: what a quota has no room for is refused with "exceeded quota"
# custom:
#   severity: error
#   looks_up: [workload, autoscaling/HorizontalPodAutoscaler, keda.sh/ScaledObject]
#   relates: [KAR-0051, KAR-0053]
#   kinds: [ResourceQuota]
#   message: Workloads of this namespace ask for more {resource} than the {hard} of this quota.
#   help: Raise the quota, or ask for less.
#   cases:
#     pod:
#       message: Pods of {kind} {name} ask for {need} {resource} each, but this quota allows {hard} in all, so {none}.
#       help: Raise the quota to at least {need}, or make the pod smaller.
#     group:
#       message: The pods of {kind} {name} need {need} {resource} together, but this quota allows {hard}, so the API server refuses the last {refused} and the rest wait in vain.
#       help: Raise the quota to at least {need}, or run fewer workers.
#     sum:
#       message: The long-running workloads of this namespace ask for {need} {resource} ({parts}), but this quota allows {hard}, so the API server refuses the {refused} above it.
#       help: Raise the quota to at least {need}, or lower replicas.
#     scaled:
#       message: With all replicas that autoscalers may make, the workloads of this namespace ask for {need} {resource} ({parts}), but this quota allows {hard}, so scaling stops before its maximum.
#       help: Raise the quota to at least {need}, or lower the maxima.
package karlint.rules.quota.demand_exceeds_quota

import data.karlint.lib.autoscale
import data.karlint.lib.quota
import data.karlint.lib.value

findings contains _finding(limit, "pod", {"kind": row.kind, "name": row.name, "need": row.per_pod}, [row]) if {
	some limit in _limits
	some row in limit.rows
	row.per_pod > limit.hard
	is_number(row.per_pod)
	not row.pods == 0
}

findings contains _finding(limit, "group", {"kind": w.kind, "name": w.name, "need": w.need}, w.rows) if {
	some limit in _limits
	some w in quota.workloads(limit.rows)
	w.kind in quota.together
	w.need > limit.hard
	w.most <= limit.hard
}

# Several workloads may be alternatives that never run together: no more than a warning.
findings contains object.union(_finding(limit, "sum", {"need": need, "parts": parts}, rows), {"severity": "warning"}) if {
	some limit in _limits
	running := [w | some w in quota.workloads(limit.rows); w.kind in quota.long_running; w.queue == ""; w.need > 0]
	need := sum([w.need | some w in running])
	need > limit.hard
	max([w.most | some w in running]) <= limit.hard
	parts := concat(" + ", [sprintf("%s %s: %d", [w.kind, w.name, w.need]) | some w in running])
	rows := [row | some w in running; some row in w.rows]
}

# The second figure: what autoscalers may make of them. The first one fits, or it is said above.
findings contains object.union(_finding(limit, "scaled", {"need": need, "parts": parts}, rows), {"severity": "note"}) if {
	some limit in _limits
	running := [w | some w in quota.workloads(limit.rows); w.kind in quota.long_running; w.queue == ""; w.need > 0]
	sum([w.need | some w in running]) <= limit.hard
	most := [{"w": w, "need": _at_most(w)} | some w in running]
	need := sum([m.need | some m in most])
	need > limit.hard
	parts := concat(" + ", [sprintf("%s %s: %d", [m.w.kind, m.w.name, m.need]) | some m in most])
	rows := [row | some m in most; m.need > m.w.need; some row in m.w.rows]
}

_at_most(w) := max([w.need, sum(amounts)]) if {
	w.kind in {"Deployment", "StatefulSet", "ReplicaSet"}
	scaler := autoscale.most(w.kind, w.name, input.resource.namespace)
	every row in w.rows { is_number(row.per_pod) }
	amounts := [amount | some row in w.rows; amount := row.per_pod * scaler.replicas]
} else := w.need

_limits contains {"key": key, "resource": name, "hard": hard, "rows": rows} if {
	not quota.scoped(input.object)
	some key, name in quota.counted(input.object)
	hard := value.known_int(input.object.spec.hard[key])
	rows := [row | some row in quota.demand(input.resource); row.resource == name]
}

_finding(limit, case, args, rows) := {
	"at": ["spec", "hard", limit.key],
	"case": case,
	"args": object.union(object.union(args, {"hard": limit.hard}), _words(limit.resource)),
	"related": [{"resource": row.index, "at": row.at, "message": "asks for it"} | some row in rows],
}

# A quota of a device class is charged for claims, which are made for pods that are there already.
_words(resource) := {"resource": resource, "refused": "pods", "none": "none of them is ever created"} if {
	not endswith(resource, quota.class_suffix)
}

_words(resource) := {
	"resource": sprintf("devices of class %s", [trim_suffix(resource, quota.class_suffix)]),
	"refused": "claims", "none": "their claims are refused and they stay pending",
} if {
	endswith(resource, quota.class_suffix)
}
