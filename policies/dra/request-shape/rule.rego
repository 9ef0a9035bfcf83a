# METADATA
# title: Claim in the shape of another API version
# description: |
#   The body of a device request changed its place. In v1 and v1beta2 it stands under `exactly` (or in the list
#   `firstAvailable`); in v1beta1 and v1alpha3 it stands on the request itself. A device of a ResourceSlice lost its `basic` at the
#   same step. A ResourceClaimTemplate has a `spec` in its `spec`, and everything that a claim asks for stands under `devices`. The API
#   server refuses an unknown field, and where validation is lenient it drops the field and then refuses a request that
#   asks for nothing.
# related_resources:
#   - ref: kubernetes/kubernetes:staging/src/k8s.io/api/resource/v1/types.go
#     description: DeviceRequest with exactly and firstAvailable; a template's metadata holds labels and annotations only
#   - ref: kubernetes/kubernetes:staging/src/k8s.io/api/resource/v1beta1/types.go
#     description: the flat DeviceRequest, and the basic device
#   - ref: kubernetes/kubernetes:pkg/apis/resource/validation/validation.go
#     description: exactly one of exactly and firstAvailable, and a device class in each
# custom:
#   severity: error
#   requirements: [KAR-0051]
#   kinds: [resource.k8s.io/ResourceClaim, resource.k8s.io/ResourceClaimTemplate, resource.k8s.io/ResourceSlice]
#   since: 31
#   versioned: true
#   supersedes: [core/schema-invalid]
#   fix: safe
#   message: Request {name} has {fields} on itself, which {version} knows only under exactly, so the API server rejects the {kind}.
#   help: "Indent them under exactly: of the request; name stays where it is."
#   cases:
#     nested:
#       message: Request {name} has exactly, which {version} does not know, so the API server rejects the {kind}.
#       help: Change apiVersion to resource.k8s.io/v1, which has exactly and is served from 1.34.
#     empty:
#       message: Request {name} has neither exactly nor firstAvailable, so it asks for nothing and the API server rejects the {kind}.
#       help: "Say what is wanted: exactly with a deviceClassName, or a list firstAvailable of such choices."
#     both:
#       message: Request {name} has {fields} and firstAvailable, so the API server rejects the {kind}.
#       help: Keep one of the two; firstAvailable holds whole choices of its own.
#     no-class:
#       message: Request {name} names no device class, so the API server rejects the {kind}.
#       help: Add deviceClassName, such as gpu.nvidia.com.
#     choice-admin:
#       message: A choice of request {name} asks for adminAccess, which only exactly knows, so the API server rejects the {kind}.
#       help: Ask for adminAccess in a request of its own, under exactly.
#     no-inner-spec:
#       message: The ResourceClaimTemplate has devices right under spec, so the API server finds no claim in it and rejects it.
#       help: "Put the spec of the claim under spec.spec: a template holds a whole claim, metadata and spec."
#     outside:
#       message: The {kind} has {fields} outside of devices, which is no field of a claim, so the API server rejects it.
#       help: "Put requests, constraints and config under devices, and the device class into a request."
#     metadata:
#       message: The claim in the template has a {fields} in its metadata, where only labels and annotations may stand, so the API server rejects the template.
#       help: Remove it; claims made from a template get their names from the pods.
#     basic:
#       message: Device {name} has basic, which {version} does not know any more, so the API server rejects the ResourceSlice.
#       help: Write attributes, capacity and the rest on the device itself.
#     no-basic:
#       message: Device {name} has {fields} on itself, which {version} knows only under basic, so the API server rejects the ResourceSlice.
#       help: Change apiVersion to resource.k8s.io/v1, or put them under basic.
package karlint.rules.dra.request_shape

import data.karlint.lib.value

findings contains {"at": r.at, "args": args, "fix": [{"op": "wrap", "at": r.at, "name": "exactly", "value": r.flat}]} if {
	some r in _requests
	_nests
	count(r.flat) > 0
	args := object.union(r.args, {"fields": concat(", ", r.flat)})
}

findings contains {"at": array.concat(r.at, ["exactly"]), "anchor": "key", "case": "nested", "args": r.args, "fix": _flattened(r)} if {
	some r in _requests
	_flat
	r.body.exactly
}

# From 1.34 there is a version that has it.
_flattened(_) := _newest if input.target.minor >= 34

_flattened(r) := [{"op": "unwrap", "at": array.concat(r.at, ["exactly"])} | is_object(r.body.exactly)] if input.target.minor < 34

# Right for all parts of the object only if all of them are written so.
_newest := [{"op": "set", "at": ["apiVersion"], "value": "resource.k8s.io/v1"} |
	every r in _requests { count(r.flat) == 0 }
	every d in _devices { not d.body.basic }
]

findings contains {"at": r.at, "case": "empty", "args": r.args} if {
	not input.resource.partial
	some r in _requests
	_nests
	count(r.flat) == 0
	not r.body.exactly
	object.get(r.body, "firstAvailable", []) in [[], null]
}

findings contains {"at": array.concat(r.at, ["firstAvailable"]), "anchor": "key", "case": "both", "args": args} if {
	some r in _requests
	r.body.firstAvailable
	beside := [field | some field in ["exactly", "deviceClassName"]; r.body[field]; _knows(field)]
	count(beside) > 0
	args := object.union(r.args, {"fields": beside[0]})
}

_knows("exactly") if _nests

_knows("deviceClassName") if _flat

findings contains {"at": r.at, "case": "no-class", "args": r.args} if {
	not input.resource.partial
	some r in _requests
	_flat
	not r.body.exactly
	not r.body.firstAvailable
	not r.body.deviceClassName
}

findings contains {"at": array.concat(at, ["adminAccess"]), "anchor": "key", "case": "choice-admin", "args": r.args} if {
	some r in _requests
	some index, choice in value.list(r.body.firstAvailable)
	at := array.concat(r.at, ["firstAvailable", index])
	is_boolean(choice.adminAccess)
}

findings contains {"at": ["spec"], "anchor": "key", "case": "no-inner-spec", "fix": fix} if {
	input.resource.kind == "ResourceClaimTemplate"
	input.object.spec.devices
	fix := [{"op": "wrap", "at": ["spec"], "name": "spec", "value": ["devices"]} |
		every field in object.keys(input.object.spec) { field in {"metadata", "devices"} }
	]
}

findings contains {"at": array.concat(_path, [field]), "anchor": "key", "case": "outside", "args": args} if {
	some field, _ in value.map(_claim)
	field in {"requests", "constraints", "config", "deviceClassName", "selectors", "count", "resourceClassName", "parametersRef"}
	_nests_or_flat
	args := {"kind": input.resource.kind, "fields": field}
}

_nests_or_flat if _nests

_nests_or_flat if _flat

findings contains {"at": ["spec", "metadata", field], "anchor": "key", "case": "metadata", "args": {"fields": field}} if {
	input.resource.kind == "ResourceClaimTemplate"
	some field, _ in value.map(input.object.spec.metadata)
	not field in {"labels", "annotations", "creationTimestamp"}
}

findings contains {"at": array.concat(d.at, ["basic"]), "anchor": "key", "case": "basic", "args": d.args, "fix": fix} if {
	some d in _devices
	_nests
	d.body.basic
	fix := [{"op": "unwrap", "at": array.concat(d.at, ["basic"])} | is_object(d.body.basic); d.body.basic != {}]
}

findings contains {"at": array.concat(d.at, [fields[0]]), "anchor": "key", "case": "no-basic", "args": args, "fix": _nested(d)} if {
	some d in _devices
	_flat
	fields := [field | some field in ["attributes", "capacity"]; d.body[field]]
	count(fields) > 0
	args := object.union(d.args, {"fields": concat(", ", fields)})
}

_nested(_) := _newest if input.target.minor >= 34

_nested(d) := [{"op": "wrap", "at": d.at, "name": "basic", "value": keys} |
	not d.body.basic
	keys := [key | some key, _ in d.body; key != "name"]
] if {
	input.target.minor < 34
}

_devices contains device if {
	input.resource.kind == "ResourceSlice"
	some index, body in value.list(input.object.spec.devices)
	is_object(body)
	device := {
		"at": ["spec", "devices", index], "body": body,
		"args": {"name": object.get(body, "name", "?"), "version": input.resource.version},
	}
}

_nests if input.resource.version in {"v1", "v1beta2"}

_flat if input.resource.version in {"v1alpha3", "v1beta1"}

_fields := ["deviceClassName", "selectors", "allocationMode", "count", "adminAccess", "tolerations", "capacity"]

_requests contains request if {
	some index, body in value.list(_claim.devices.requests)
	is_object(body)
	request := {
		"body": body,
		"at": array.concat(_path, ["devices", "requests", index]),
		"flat": [field | some field in _fields; field in object.keys(body)],
		"args": {"name": object.get(body, "name", "?"), "version": input.resource.version, "kind": input.resource.kind},
	}
}

_claim := input.object.spec if input.resource.kind == "ResourceClaim"

_claim := input.object.spec.spec if input.resource.kind == "ResourceClaimTemplate"

_path := ["spec"] if input.resource.kind == "ResourceClaim"

_path := ["spec", "spec"] if input.resource.kind == "ResourceClaimTemplate"
