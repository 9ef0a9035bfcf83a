# METADATA
# title: Accelerator request that the API server rejects
# description: |
#   Accelerators asked for by resource name (`nvidia.com/gpu`) are extended resources: they cannot be overcommitted and
#   cannot be split. The API server wants a limit for each, a request (where there is one) equal to it, and a whole
#   number. It rejects the *pod*, so a Job or a custom resource is accepted and then never gets a pod: the only trace is
#   an event of its controller.
#
#   Ignore it where a LimitRange or a mutating webhook fills in the limit.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#extended-resources
#     description: extended resources are whole numbers, and request and limit must be equal
#   - ref: https://kubernetes.io/docs/tasks/manage-gpus/scheduling-gpus/
#     description: GPUs belong into limits; requests alone are not allowed
#   - ref: kubernetes/kubernetes:pkg/apis/core/validation/validation.go
#     description: the checks themselves
# custom:
#   severity: error
#   requirements: [KAR-0051]
#   kinds: [accelerator-workload]
#   message: Container {container} requests {resource} without a limit, so the API server rejects the pod.
#   help: Set limits["{resource}"] to the same number, or move the number from requests to limits.
#   cases:
#     unequal:
#       message: Container {container} requests {value} {resource} but limits it to {limit}, so the API server rejects the pod.
#       help: Set one number for both; the limit alone is enough.
#     not-whole:
#       message: Container {container} asks for {value} {resource}, which is no whole number of devices, so the API server rejects the pod.
#       help: Ask for a whole number. For a part of a device use what the vendor offers for sharing, such as MIG or time-slicing.
#   fix: safe
package karlint.rules.dra.request_without_limit

import data.karlint.lib.pods
import data.karlint.lib.value

findings contains {"at": found.path, "anchor": "key", "severity": _severity, "args": args, "fix": fix} if {
	some [c, found] in _odd
	not _part(c, "limits")[found.resource]
	_part(c, "requests")[found.resource] != 0
	args := {"container": c.name, "resource": found.resource}
	fix := _limit(c, found)
}

findings contains {"at": pods.below(c, ["resources", "requests", name]), "case": "unequal", "args": args} if {
	some [c, found] in _odd
	name := found.resource
	request := _part(c, "requests")[name]
	limit := _part(c, "limits")[name]
	value.quantity(request) != value.quantity(limit)
	args := {"container": c.name, "resource": name, "value": request, "limit": limit}
}

findings contains {"at": found.path, "case": "not-whole", "args": args} if {
	some [c, found] in _odd
	written := _written(c, found.resource)
	not value.is_unknown(written)
	not _whole(written)
	args := {"container": c.name, "resource": found.resource, "value": written}
}

# Requests of devices that are not written in the plain way.
_odd := [[c, found] |
	some t in input.workload.templates
	some c in t.containers
	is_object(c.body.resources)
	some found in c.accelerators
	not _plain(c.body.resources, found.resource)
]

# A whole number as the limit, and as the request if there is one.
_plain(resources, name) if {
	limit := resources.limits[name]
	limit in _usual
	object.get(resources, ["requests", name], limit) == limit
}

_usual := {1, 2, 4, 8, "1", "2", "4", "8"}

_limit(c, found) := [{"op": "add", "at": pods.below(c, ["resources", "limits", found.resource]), "value": number} |
	found.path == pods.below(c, ["resources", "requests", found.resource])
	number := _part(c, "requests")[found.resource]
	not value.is_unknown(number)
	_whole(number)
]

# An overlay could still add the limit.
_severity := "warning" if input.resource.partial

_severity := "error" if not input.resource.partial

_part(c, part) := value.map(object.get(c.body, ["resources", part], {}))

_written(c, name) := object.get(_part(c, "limits"), name, object.get(_part(c, "requests"), name, 0))

_whole(written) if {
	number := value.quantity(written)
	number == floor(number)
	number >= 0
}
