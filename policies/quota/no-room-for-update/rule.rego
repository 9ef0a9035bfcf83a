# METADATA
# title: Update that the quota leaves no room for
# description: |
#   A Deployment is updated by default with one pod more before one is taken away: with fewer than four replicas none may be missing
#   meanwhile. On accelerators that pod needs devices of its own. Where the quota of the namespace is used up by the pods that run, the
#   new one is refused, the old ones stay, and the update never ends.
#
#   Counted is what the tree shows to run for good in the namespace. Quiet where the update may take a pod away first.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
#     description: maxSurge and maxUnavailable, 25 per cent each, rounded up and down
#   - ref: https://kubernetes.io/docs/concepts/policy/resource-quotas/
#     description: a pod that would exceed the quota is refused
#   - ref: kubernetes/kubernetes:staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go
#     description: what a quota has no room for is refused with "exceeded quota"
# custom:
#   severity: warning
#   relates: [KAR-0055]
#   kinds: [apps/Deployment]
#   looks_up: [ResourceQuota, workload]
#   mentions: [limits]
#   fix: unsafe
#   message: An update of Deployment {name} needs {need} {resource} more before it gives any back, but {used} of the {hard} that quota {quota} allows are in use, so it never ends.
#   help: "Set strategy.rollingUpdate to maxSurge: 0 and maxUnavailable: 1 (or type Recreate), or raise the quota to {enough}."
package karlint.rules.quota.no_room_for_update

import data.karlint.lib.quota
import data.karlint.lib.value

findings contains {"at": path, "args": args, "related": [{"resource": entry.index, "at": ["spec", "hard", key], "message": "the quota"}], "fix": _takes_away_first} if {
	some entry in quota.of_namespace(input.resource.namespace)
	_waits
	not quota.scoped(entry.object)
	some key, resource in quota.counted(entry.object)
	hard := value.known_int(entry.object.spec.hard[key])
	rows := [row | some row in quota.demand(entry); row.resource == resource]
	own := [row | some row in rows; row.index == input.resource.index]
	count(own) > 0
	need := own[0].per_pod
	is_number(need)
	running := [w | some w in quota.workloads(rows); w.kind in quota.long_running; w.queue == ""]
	used := sum([w.need | some w in running])
	used <= hard
	used + need > hard
	path := own[0].at
	args := {
		"name": input.resource.name, "need": need, "resource": resource, "used": used, "hard": hard, "quota": entry.name,
		"enough": used + need,
	}
}

_takes_away_first := [{"op": operation, "at": array.concat(_rolling, [field]), "value": number} |
	some field, number in {"maxSurge": 0, "maxUnavailable": 1}
	object.get(input.object, array.concat(_rolling, [field]), null) != number
	operation := {true: "set", false: "add"}[field in object.keys(value.map(object.get(input.object, _rolling, {})))]
]

_rolling := ["spec", "strategy", "rollingUpdate"]

# A new pod comes first and no old one may be missing.
_waits if {
	object.get(input.object, ["spec", "strategy", "type"], "RollingUpdate") == "RollingUpdate"
	replicas := value.known_int(object.get(input.object, ["spec", "replicas"], 1))
	replicas > 0
	_missing(object.get(input.object, ["spec", "strategy", "rollingUpdate", "maxUnavailable"], "25%"), replicas) == 0
}

_missing(written, _) := value.known_int(written)

_missing(written, replicas) := floor((to_number(trim_suffix(written, "%")) * replicas) / 100) if {
	value.matches(`^[0-9]{1,3}%$`, written)
}
