# METADATA
# title: Accelerators that the LimitRange of the namespace refuses
# description: |
#   A LimitRange bounds what a container or a pod of its namespace may ask for. A pod that asks for more than the maximum is rejected when it is
#   made, so that a Deployment or Job of such pods never gets one. And a LimitRange that gives containers another default
#   request than limit for a device contradicts itself: for a device the two must be equal. The default limit of a container
#   is its maximum where no other is given.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/policy/limit-range/
#     description: pods beyond the maximum are rejected
#   - ref: kubernetes/kubernetes:plugin/pkg/admission/limitranger/admission.go
#     description: how minimum and maximum are compared with requests and limits
#   - ref: kubernetes/kubernetes:pkg/apis/core/v1/defaults.go
#     description: SetDefaults_LimitRangeItem takes the default limit of a container from its maximum
#   - ref: kubernetes/kubernetes:pkg/apis/core/validation/validation.go
#     description: ValidateLimitRange wants equal defaults for resources that cannot be overcommitted
# custom:
#   severity: error
#   relates: [KAR-0051]
#   kinds: [accelerator-workload, LimitRange]
#   looks_up: [LimitRange]
#   near: [LimitRange]
#   message: Container {container} asks for {need} {resource} and LimitRange {range} allows {most} a container, so the API server rejects the pod.
#   help: Ask for {most} at most, or raise the maximum.
#   cases:
#     pod:
#       message: The pod asks for {need} {resource} and LimitRange {range} allows {most} a pod, so the API server rejects it.
#       help: Ask for {most} at most, or raise the maximum.
#     defaults:
#       message: The default limit of {resource} is {limit} and the default request {request}, but both must be equal for a device, so the API server rejects the LimitRange.
#       help: Set both to the same number.
package karlint.rules.quota.limit_range_refuses

import data.karlint.lib.accelerators
import data.karlint.lib.pods
import data.karlint.lib.scope
import data.karlint.lib.value

findings contains {"at": found.path, "args": args, "related": [bound.related]} if {
	data.inventory.by_kind.LimitRange[input.resource.namespace] # most namespaces have none
	some c in pods.containers
	some found in c.accelerators
	some bound in _bounds("Container", found.resource)
	found.quantity > bound.most
	is_number(found.quantity)
	args := {
		"container": c.name, "need": found.quantity, "resource": found.resource, "range": bound.name, "most": bound.most,
	}
}

findings contains {"at": first.path, "case": "pod", "args": args, "related": [bound.related]} if {
	data.inventory.by_kind.LimitRange[input.resource.namespace]
	some t in pods.templates
	some resource, need in t.accelerators
	is_number(need)
	some bound in _bounds("Pod", resource)
	need > bound.most
	first := [found | some c in t.containers; some found in c.accelerators; found.resource == resource][0]
	args := {"need": need, "resource": resource, "range": bound.name, "most": bound.most}
}

findings contains {"at": ["spec", "limits", index, "defaultRequest", resource], "case": "defaults", "args": args} if {
	input.resource.kind == "LimitRange"
	some index, item in value.list(input.object.spec.limits)
	some resource, request in value.map(item.defaultRequest)
	accelerators.is_accelerator(resource)
	limit := _default(item)[resource]
	value.quantity(limit) != value.quantity(request)
	args := {"resource": resource, "limit": limit, "request": request}
}

# The default limits of an item: for containers, the maximum where there is no other.
_default(item) := value.map(item["default"]) if item.type != "Container"

_default(item) := object.union(value.map(object.get(item, "max", {})), value.map(object.get(item, "default", {}))) if item.type == "Container"

# Maxima of a resource in the LimitRanges of the namespace, in the same part of the tree.
_bounds(type, resource) := [bound |
	input.resource.namespace != ""
	some names in data.inventory.by_kind.LimitRange[input.resource.namespace]
	some entry in names
	scope.same_scope(entry.directory, input.resource.directory)
	some index, item in value.list(entry.object.spec.limits)
	item.type == type
	most := value.known_int(item.max[resource])
	at := ["spec", "limits", index, "max", resource]
	bound := {"name": entry.name, "most": most, "related": {"resource": entry.index, "at": at, "message": "the maximum"}}
]
