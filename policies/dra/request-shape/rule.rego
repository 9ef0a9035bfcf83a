# METADATA
# title: Device request in the shape of another API version
# description: |
#   The body of a device request changed its place. In v1 and v1beta2 it stands under `exactly` (or in the list
#   `firstAvailable`); in v1beta1 and v1alpha3 it stands on the request itself. And a ResourceClaimTemplate has a `spec` in
#   its `spec`. The API server refuses an unknown field, and where validation is lenient it drops the field and then
#   refuses a request that asks for nothing.
# related_resources:
#   - ref: kubernetes/kubernetes:staging/src/k8s.io/api/resource/v1/types.go
#     description: DeviceRequest with exactly and firstAvailable
#   - ref: kubernetes/kubernetes:staging/src/k8s.io/api/resource/v1beta1/types.go
#     description: the flat DeviceRequest
# custom:
#   severity: error
#   requirements: [KAR-0051]
#   kinds: [resource.k8s.io/ResourceClaim, resource.k8s.io/ResourceClaimTemplate]
#   since: 31
#   supersedes: [core/schema-invalid]
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
#       message: Request {name} has exactly and firstAvailable, so the API server rejects the {kind}.
#       help: Keep one of the two; firstAvailable holds whole choices of its own.
#     no-inner-spec:
#       message: The ResourceClaimTemplate has devices right under spec, so the API server finds no claim in it and rejects it.
#       help: "Put the spec of the claim under spec.spec: a template holds a whole claim, metadata and spec."
package karlint.rules.dra.request_shape

import data.karlint.lib.value

findings contains {"at": r.at, "args": args} if {
	some r in _requests
	_nests
	count(r.flat) > 0
	args := object.union(r.args, {"fields": concat(", ", r.flat)})
}

findings contains {"at": array.concat(r.at, ["exactly"]), "anchor": "key", "case": "nested", "args": r.args} if {
	some r in _requests
	_flat
	r.body.exactly
}

findings contains {"at": r.at, "case": "empty", "args": r.args} if {
	not input.resource.partial
	some r in _requests
	_nests
	count(r.flat) == 0
	count(object.keys(r.body) & {"exactly", "firstAvailable"}) == 0
}

findings contains {"at": array.concat(r.at, ["firstAvailable"]), "anchor": "key", "case": "both", "args": r.args} if {
	some r in _requests
	_nests
	count(object.keys(r.body) & {"exactly", "firstAvailable"}) == 2
}

findings contains {"at": ["spec"], "anchor": "key", "case": "no-inner-spec"} if {
	input.resource.kind == "ResourceClaimTemplate"
	input.object.spec.devices
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
