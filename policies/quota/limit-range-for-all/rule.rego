# METADATA
# title: LimitRange whose bound of a device reaches pods that want none
# description: |
#   A bound in a LimitRange is more than a bound. The maximum of a container is its default as well, where no other is given: every container of
#   the namespace that does not speak of the device, sidecars and web servers too, gets as many devices as the maximum
#   allows. And a maximum of a pod is a duty: a pod without a limit for the device is rejected.
#
#   With `default: 0` for containers both bounds mean what they say. Ignore it in a namespace all of whose containers use devices.
# related_resources:
#   - ref: kubernetes/kubernetes:pkg/apis/core/v1/defaults.go
#     description: SetDefaults_LimitRangeItem takes the default of a container from its maximum
#   - ref: kubernetes/kubernetes:plugin/pkg/admission/limitranger/admission.go
#     description: defaults are merged into containers; maxConstraint refuses what has no limit
# custom:
#   severity: warning
#   relates: [KAR-0051]
#   kinds: [LimitRange]
#   looks_up: [LimitRange]
#   mentions: [max]
#   message: Each container of the namespace that asks for no {resource} gets {most} by default, because the maximum of a container is its default where no other is given.
#   help: "Add default: {{{resource}: 0}} beside the maximum, or limit the namespace by a ResourceQuota."
#   cases:
#     pod:
#       message: The API server rejects each pod of the namespace that asks for no {resource}, because a maximum of a pod also demands a limit.
#       help: "Add to the limits of type Container default: {{{resource}: 0}}, or limit the namespace by a ResourceQuota."
package karlint.rules.quota.limit_range_for_all

import data.karlint.lib.accelerators
import data.karlint.lib.value

findings contains {"at": ["spec", "limits", index, "max", resource], "anchor": "key", "args": args} if {
	some index, item in value.list(input.object.spec.limits)
	item.type == "Container"
	some resource, most in value.map(item.max)
	accelerators.is_accelerator(resource)
	value.quantity(most) > 0
	not resource in object.keys(value.map(object.get(item, "default", {})))
	args := {"resource": resource, "most": most}
}

findings contains {"at": ["spec", "limits", index, "max", resource], "anchor": "key", "case": "pod", "args": {"resource": resource}} if {
	some index, item in value.list(input.object.spec.limits)
	item.type == "Pod"
	some resource, _ in value.map(item.max)
	accelerators.is_accelerator(resource)
	not resource in _given
}

# Devices that containers are given by default, by this LimitRange or another one of the namespace.
_given contains resource if {
	some entries in data.inventory.by_kind.LimitRange[input.resource.namespace]
	some entry in entries
	some item in value.list(entry.object.spec.limits)
	item.type == "Container"
	some part in ["default", "max"]
	some resource, _ in value.map(item[part])
}
