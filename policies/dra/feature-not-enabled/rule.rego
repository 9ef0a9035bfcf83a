# METADATA
# title: Field that the target drops without a word
# description: |
#   Fields of Dynamic Resource Allocation that belong to a feature gate are part of the schema before the gate is on. Where it is
#   off, the API server does not refuse the field: it drops it when the object is created, and what is left means something
#   else. `adminAccess` turns into a claim that takes the devices, `capacity` into a request for a whole device.
#
#   Known are the defaults of each release. List the gates that your clusters turn on in the parameter `enabled`.
# related_resources:
#   - ref: kubernetes/kubernetes:pkg/features/kube_features.go
#     description: in which release each gate came and is on by default
#   - ref: kubernetes/kubernetes:pkg/registry/resource/resourceclaim/strategy.go
#     description: fields of disabled features are dropped on create
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/
#     description: gates and their stages
# custom:
#   severity: warning
#   requirements: [KAR-0051]
#   kinds:
#     - resource.k8s.io/ResourceClaim
#     - resource.k8s.io/ResourceClaimTemplate
#     - resource.k8s.io/DeviceClass
#     - resource.k8s.io/ResourceSlice
#     - scheduling.k8s.io/PodGroup
#   mentions:
#     - adminAccess
#     - firstAvailable
#     - tolerations
#     - capacity
#     - distinctAttribute
#     - derivedAttributes
#     - extendedResourceName
#     - sharedCounters
#     - consumesCounters
#     - taints
#     - allowMultipleAllocations
#     - binding
#     - bindsToNode
#     - resourceClaims
#   versioned: true
#   params:
#     enabled: {type: array, items: {type: string}, default: [], description: Feature gates that all clusters turn on.}
#   message: In Kubernetes {target} the field {field} is dropped unless the feature gate {gate} is turned on, so that {effect}.
#   help: Turn the gate on and list it in this rule's parameter enabled, or do without {field} until Kubernetes {on}.
#   cases:
#     not-yet:
#       help: Turn the gate on and list it in this rule's parameter enabled, or do without {field}.
package karlint.rules.dra.feature_not_enabled

import data.karlint.lib.claims
import data.karlint.lib.value

findings contains object.union({"at": at, "anchor": "key", "args": args}, case) if {
	_served
	some gate, at in _used
	spec := data.karlint.tables.dra.gates[gate]
	input.target.minor >= spec.alpha
	_off(spec)
	not gate in data.karlint.params["dra/feature-not-enabled"].enabled
	args := {
		"target": input.target.version, "field": at[count(at) - 1], "gate": gate,
		"effect": object.get(spec, ["effects", at[count(at) - 1]], spec.effect),
		"on": sprintf("1.%v", [spec.on]),
	}
	case := _case(spec)
}

# Of a version that the target does not know nothing is dropped: all of it is refused.
_served if input.resource.group != "resource.k8s.io"

_served if input.target.minor >= object.get({"v1": 34, "v1beta2": 33}, input.resource.version, 0)

_off(spec) if spec.on == null

_off(spec) if input.target.minor < spec.on

_case(spec) := {} if is_number(spec.on)

_case(spec) := {"case": "not-yet"} if spec.on == null

# Gate to the first place that needs it.
_used[gate] := sort(places)[0] if {
	some gate in {u.gate | some u in _fields}
	places := [u.at | some u in _fields; u.gate == gate]
}

_path := claims.home(input.resource.kind)

_claim := value.map(object.get(input.object, _path, {}))

_of_body := {
	"adminAccess": "DRAAdminAccess", "tolerations": "DRADeviceTaints", "capacity": "DRAConsumableCapacity",
	"derivedAttributes": "DRADerivedAttributes",
}

_fields contains {"gate": gate, "at": array.concat(entry.at, [field])} if {
	some entry in claims.asked(_claim, _path)
	some field, gate in _of_body
	_set(entry.body[field])
}

_fields contains {"gate": "DRAPrioritizedList", "at": array.concat(_path, ["devices", "requests", i, "firstAvailable"])} if {
	some i, request in value.list(_claim.devices.requests)
	_set(request.firstAvailable)
}

_fields contains {"gate": "DRAConsumableCapacity", "at": at} if {
	some i, constraint in value.list(_claim.devices.constraints)
	_set(constraint.distinctAttribute)
	at := array.concat(_path, ["devices", "constraints", i, "distinctAttribute"])
}

_of_spec := {
	"DeviceClass": {"extendedResourceName": "DRAExtendedResource"},
	"ResourceSlice": {"sharedCounters": "DRAPartitionableDevices"},
	"PodGroup": {"resourceClaims": "DRAWorkloadResourceClaims"},
}

_fields contains {"gate": gate, "at": ["spec", field]} if {
	some field, gate in _of_spec[input.resource.kind]
	_set(input.object.spec[field])
}

_of_device := {
	"consumesCounters": "DRAPartitionableDevices", "taints": "DRADeviceTaints", "bindsToNode": "DRADeviceBindingConditions",
	"allowMultipleAllocations": "DRAConsumableCapacity", "bindingConditions": "DRADeviceBindingConditions",
}

_fields contains {"gate": gate, "at": at} if {
	input.resource.kind == "ResourceSlice"
	some i, device in value.list(input.object.spec.devices)
	some where in [[], ["basic"]]
	body := value.map(object.get(device, where, {}))
	some field, gate in _of_device
	_set(body[field])
	at := array.concat(array.concat(["spec", "devices", i], where), [field])
}

# Written, and more than a zero value.
_set(x) if not x in [null, false, "", [], {}]
