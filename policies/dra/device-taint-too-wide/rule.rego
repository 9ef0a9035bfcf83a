# METADATA
# title: Device taint that evicts too much, or toleration that tolerates too much
# description: |
#   A DeviceTaintRule with the effect `NoExecute` evicts the pods of every device that it selects. Without a pool or a device it selects
#   all devices of a driver, or all there are: one commit stops every accelerator workload of the cluster.
#
#   A toleration without a key tolerates every taint, so the claim is also given devices that are marked as broken. Monitoring
#   with `adminAccess` is meant to see those, and is left alone.
# related_resources:
#   - ref: https://github.com/kubernetes/enhancements/tree/master/keps/sig-scheduling/5055-dra-device-taints-and-tolerations
#     description: what a rule selects, and what its effects do
#   - ref: kubernetes/kubernetes:staging/src/k8s.io/dynamic-resource-allocation/resourceclaim/devicetoleration.go
#     description: an empty key with Exists fits every taint
# custom:
#   severity: warning
#   requirements: [KAR-0001]
#   relates: [KAR-0051]
#   kinds: [resource.k8s.io/DeviceTaintRule, resource.k8s.io/ResourceClaim, resource.k8s.io/ResourceClaimTemplate]
#   mentions: [NoExecute, tolerations]
#   since: 33
#   versioned: true
#   message: The rule taints {what} with NoExecute, so every pod that uses one is evicted at once.
#   help: Narrow deviceSelector to a pool and a device, or write NoSchedule to keep new pods away only.
#   cases:
#     toleration:
#       message: The request {request} tolerates every taint, so its pods are also given devices that are marked as broken.
#       help: Name the key of the taint that you tolerate.
#     nothing:
#       message: The toleration of request {request} has no key and operator Equal, so it fits no taint that there can be.
#       help: Name the key of the taint that you tolerate.
package karlint.rules.dra.device_taint_too_wide

import data.karlint.lib.claims
import data.karlint.lib.features
import data.karlint.lib.value

findings contains {"at": ["spec", "taint", "effect"], "args": {"what": what}} if {
	input.resource.kind == "DeviceTaintRule"
	input.object.spec.taint.effect == "NoExecute"
	selector := value.map(object.get(input.object, ["spec", "deviceSelector"], {}))
	what := _selected(object.keys(selector), selector)
}

_selected(fields, _) := "all devices of the cluster" if count(fields) == 0

_selected({"driver"}, selector) := sprintf("all devices of driver %s", [selector.driver])

findings contains {"at": array.concat(r.at, ["tolerations", index]), "case": case, "args": {"request": r.name}} if {
	features.on("DRADeviceTaints") # tolerations are dropped without
	path := claims.home(input.resource.kind)
	some r in claims.asked(value.map(object.get(input.object, path, {})), path)
	not r.body.adminAccess
	some index, toleration in value.list(r.body.tolerations)
	is_object(toleration)
	object.get(toleration, "key", "") == ""
	case := {"Exists": "toleration", "Equal": "nothing"}[object.get(toleration, "operator", "Equal")]
}
