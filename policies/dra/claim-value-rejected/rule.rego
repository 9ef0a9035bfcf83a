# METADATA
# title: Claim with a value that the API server refuses
# description: |
#   Some fields of a device claim are plain strings and numbers in the schema and are checked by code: the allocation mode, the
#   names of requests and what refers to them, attributes of constraints, configuration, tolerations of device taints.
#   A schema check passes, and the claim is refused when it is applied, with everything that follows it in a sync.
#
#   `count: 0` is no error: the API server reads it as 1. Fields of a feature that is off in the target are dropped and not checked.
# related_resources:
#   - ref: kubernetes/kubernetes:pkg/apis/resource/validation/validation.go
#     description: validateDeviceClaim and what it calls, from the mode to names, constraints, configuration and tolerations
#   - ref: kubernetes/kubernetes:pkg/apis/resource/v1/defaults.go
#     description: mode and operator have defaults, and a count of 0 becomes 1
#   - ref: kubernetes/kubernetes:staging/src/k8s.io/api/resource/v1/types.go
#     description: at most 32 requests, constraints and configurations, 8 choices, 32 characters of an attribute's name
# custom:
#   severity: error
#   requirements: [KAR-0051]
#   kinds: [resource.k8s.io/ResourceClaim, resource.k8s.io/ResourceClaimTemplate]
#   since: 31
#   versioned: true
#   fix: safe
#   message: The API server rejects this {kind}, because allocationMode is {value} and it knows only ExactCount and All.
#   help: Write ExactCount with a count, or All for every matching device of the node.
#   cases:
#     count-beside-all:
#       message: The API server rejects this {kind}, because a request with allocationMode All must not have a count.
#       help: Remove count, or write ExactCount.
#     count:
#       message: The API server rejects this {kind}, because {value} is no number of devices.
#       help: Ask for one device or more.
#     name:
#       message: The API server rejects this {kind}, because {value} is no name for a request; it must be a DNS label.
#       help: Use lower-case letters, digits and dashes, 63 at most.
#     twice:
#       message: The API server rejects this {kind}, because two of its requests are called {value}.
#       help: Give each request a name of its own.
#     class-name:
#       message: The API server rejects this {kind}, because {value} cannot be the name of a DeviceClass.
#       help: Write the name of a DeviceClass, such as gpu.nvidia.com.
#     reference:
#       message: The API server rejects this {kind}, because it has no request {value} to which this could apply.
#       help: "Name one of its requests ({names}), or leave requests out to mean them all."
#     attribute:
#       message: The API server rejects this {kind}, because {value} is no name of an attribute with its domain.
#       help: Write domain/name, where the name has letters, digits and underscores, as in resource.kubernetes.io/pcieRoot.
#     no-attribute:
#       message: The API server rejects this {kind}, because this constraint names no attribute.
#       help: Add matchAttribute with the domain and name of an attribute, such as resource.kubernetes.io/pcieRoot.
#     no-opaque:
#       message: The API server rejects this {kind}, because this configuration is empty.
#       help: Write opaque with the driver's name and its parameters.
#     toleration-value:
#       message: The API server rejects this {kind}, because a toleration with operator Exists must not have a value.
#       help: Remove the value, or write operator Equal.
#     operator:
#       message: The API server rejects this {kind}, because {value} is no operator of a toleration.
#       help: Write Equal or Exists.
#     effect:
#       message: The API server rejects this {kind}, because {value} is no effect of a device taint.
#       help: Write NoSchedule or NoExecute, or leave it out to tolerate both.
#     too-many:
#       message: The API server rejects this {kind}, because it has {value}.
#       help: Split it into several claims.
package karlint.rules.dra.claim_value_rejected

import data.karlint.lib.claims
import data.karlint.lib.features
import data.karlint.lib.value

findings contains object.union({"at": w.at, "args": object.union({"kind": input.resource.kind}, args), "fix": object.get(w, "fix", [])}, case) if {
	some w in _wrong
	args := object.get(w, "args", {})
	case := {"case": object.get(w, "case", "")}
}

_path := claims.home(input.resource.kind)

_claim := value.map(object.get(input.object, _path, {}))

_asked := claims.asked(_claim, _path)

_requests := value.list(_claim.devices.requests)

_names := {name |
	some entry in array.concat(_asked, _requests)
	name := entry.name
	is_string(name)
}

_wrong contains {"at": at, "args": {"value": mode}, "fix": fix} if {
	some r in _asked
	mode := value.str(r.body.allocationMode)
	not mode in {"ExactCount", "All"}
	at := array.concat(r.at, ["allocationMode"])
	fix := [{"op": "set", "at": at, "value": meant} | meant := _meant[lower(mode)]]
}

_meant := {"exactcount": "ExactCount", "exact": "ExactCount", "all": "All"}

_wrong contains {"at": array.concat(r.at, ["count"]), "case": "count-beside-all"} if {
	some r in _asked
	r.body.allocationMode == "All"
	value.known_int(r.body.count) != 0
}

_wrong contains {"at": array.concat(r.at, ["count"]), "case": "count", "args": {"value": r.body.count}} if {
	some r in _asked
	is_number(r.body.count)
	r.body.count < 0
}

_wrong contains {"at": array.concat(r.at, ["deviceClassName"]), "case": "class-name", "args": {"value": class}} if {
	some r in _asked
	class := r.body.deviceClassName
	is_string(class)
	not regex.match(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`, class)
	value.str(class)
}

_wrong contains {"at": at, "case": "name", "args": {"value": name}} if {
	some index, request in _requests
	name := request.name
	is_string(name)
	not regex.match(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`, name)
	value.str(name)
	at := array.concat(_path, ["devices", "requests", index, "name"])
}

_wrong contains {"at": at, "case": "twice", "args": {"value": request.name}} if {
	count(_requests) > 1
	some index, request in _requests
	some earlier, other in _requests
	earlier < index
	request.name == other.name
	at := array.concat(_path, ["devices", "requests", index, "name"])
}

_wrong contains {"at": at, "case": "reference", "args": {"value": name, "names": concat(", ", sort(_names))}} if {
	some part in ["constraints", "config"]
	some index, entry in value.list(_claim.devices[part])
	some position, name in value.list(entry.requests)
	value.str(name)
	not name in _names
	count(_names) > 0
	at := array.concat(_path, ["devices", part, index, "requests", position])
}

_wrong contains {"at": array.concat(c.at, [field]), "case": "attribute", "args": {"value": attribute}} if {
	some c in _constraints
	some field in ["matchAttribute", "distinctAttribute"]
	_counts(field)
	attribute := value.str(c.body[field])
	not regex.match(`^[^/]+/[A-Za-z_][A-Za-z0-9_]{0,31}$`, attribute)
}

_counts(field) if field == "matchAttribute"

_counts(field) if {
	field == "distinctAttribute"
	features.on("DRAConsumableCapacity")
}

_wrong contains {"at": c.at, "case": "no-attribute"} if {
	some c in _constraints
	not c.body.matchAttribute
	not c.body.distinctAttribute
}

_constraints contains {"at": array.concat(_path, ["devices", "constraints", index]), "body": body} if {
	some index, body in value.list(_claim.devices.constraints)
	is_object(body)
}

_wrong contains {"at": c.at, "case": "no-opaque"} if {
	some c in _configs
	not c.body.opaque
}

_configs contains {"at": array.concat(_path, ["devices", "config", index]), "body": body} if {
	some index, body in value.list(_claim.devices.config)
	is_object(body)
}

_wrong contains {"at": array.concat(t.at, ["value"]), "case": "toleration-value"} if {
	some t in _tolerations
	t.body.operator == "Exists"
	value.str(t.body.value)
}

_wrong contains {"at": array.concat(t.at, ["operator"]), "case": "operator", "args": {"value": operator}} if {
	some t in _tolerations
	operator := value.str(t.body.operator)
	not operator in {"Equal", "Exists"}
}

# None came with the taints that only inform.
_wrong contains {"at": array.concat(t.at, ["effect"]), "case": "effect", "args": {"value": effect}} if {
	some t in _tolerations
	effect := value.str(t.body.effect)
	not effect in {"NoSchedule", "NoExecute", "None"}
}

_tolerations contains {"at": array.concat(r.at, ["tolerations", index]), "body": body} if {
	features.on("DRADeviceTaints")
	some r in _asked
	some index, body in value.list(r.body.tolerations)
	is_object(body)
}

_wrong contains {"at": array.concat(_path, ["devices", part]), "case": "too-many", "args": {"value": told}} if {
	some part in ["requests", "constraints", "config"]
	count(value.list(_claim.devices[part])) > 32
	told := sprintf("%d %s where 32 is the most", [count(_claim.devices[part]), part])
}

_wrong contains {"at": at, "case": "too-many", "args": {"value": told}} if {
	features.on("DRAPrioritizedList")
	some index, request in _requests
	is_array(request.firstAvailable)
	count(request.firstAvailable) > 8
	told := sprintf("%d choices in firstAvailable where 8 is the most", [count(request.firstAvailable)])
	at := array.concat(_path, ["devices", "requests", index, "firstAvailable"])
}
