# METADATA
# title: Device configuration that the driver refuses
# description: |
#   What stands under `config[].opaque.parameters` is for the driver alone: Kubernetes stores whatever it is. The driver decodes it
#   strictly when the kubelet prepares the pod, so a wrong group, kind, field or strategy shows only then: the claim is
#   allocated, the pod stays in ContainerCreating, and the device is blocked meanwhile.
#
#   Known are the parameters of the NVIDIA driver (`policies/tables/dra.json`). Configuration for other drivers is left alone,
#   except for one thing: it must be for the driver of the class that is asked for, or nobody reads it.
#
#   Sharing needs a feature gate of the driver, which is off by default. That is a note, and none where the tree turns the gate on
#   (in the values of the driver's chart, or the variable FEATURE_GATES of its pods) or the parameter `enabled` has it.
# related_resources:
#   - ref: NVIDIA/k8s-dra-driver-gpu:api/nvidia.com/resource/v1beta1/sharing.go
#     description: strategies, intervals and which configuration goes with which
#   - ref: NVIDIA/k8s-dra-driver-gpu:api/nvidia.com/resource/v1beta1/validate.go
#     description: what the driver checks, and that each strategy asks for its feature gate
#   - ref: kubernetes-sigs/dra-driver-nvidia-gpu:cmd/gpu-kubelet-plugin/device_state.go
#     description: the kubelet plugin decodes configuration strictly when it prepares a claim
#   - ref: kubernetes-sigs/dra-driver-nvidia-gpu:pkg/featuregates/featuregates.go
#     description: TimeSlicingSettings and MPSSupport are alpha and off by default
#   - ref: kubernetes-sigs/dra-driver-nvidia-gpu:api/nvidia.com/resource/v1beta1/iommu.go
#     description: fields of iommu
#   - ref: kubernetes/kubernetes:staging/src/k8s.io/api/resource/v1/types.go
#     description: OpaqueDeviceConfiguration is for the named driver, others ignore it
# custom:
#   severity: error
#   requirements: [KAR-0003, KAR-0004]
#   relates: [KAR-0051]
#   mentions: [opaque]
#   kinds: [resource.k8s.io/ResourceClaim, resource.k8s.io/ResourceClaimTemplate, resource.k8s.io/DeviceClass]
#   since: 31
#   fix: safe
#   params:
#     enabled: {type: array, items: {type: string}, default: [], description: Feature gates of the driver that all clusters turn on.}
#   message: The driver {driver} knows no configuration of apiVersion {value}, so it refuses to prepare the claim and the pod never starts.
#   help: Write {known}.
#   cases:
#     kind:
#       message: The driver {driver} knows no configuration of kind {value}, so it refuses to prepare the claim and the pod never starts.
#       help: "Write one of: {known}."
#     field:
#       message: The driver {driver} knows no field {value} here, so it refuses to prepare the claim and the pod never starts.
#       help: "Remove it; known are: {known}."
#     strategy:
#       message: The driver {driver} knows no sharing strategy {value}, so it refuses to prepare the claim and the pod never starts.
#       help: Write TimeSlicing or MPS.
#     other-strategy:
#       message: The driver {driver} refuses {value} with the strategy {strategy}, so the pod never starts.
#       help: Keep the configuration of the strategy that you want, and remove the other.
#     interval:
#       message: The driver {driver} knows no time slice {value}, so it refuses to prepare the claim and the pod never starts.
#       help: Write Default, Short, Medium or Long.
#     percentage:
#       message: No share of a GPU's threads can be {value} percent, so the driver {driver} refuses to prepare the claim and the pod never starts.
#       help: Write a number from 0 to 100.
#     class:
#       message: A {value} does not fit the devices of class {class}, so the driver {driver} refuses to prepare the claim and the pod never starts.
#       help: "Write the kind that fits the class: GpuConfig for gpu.nvidia.com, MigDeviceConfig for mig.nvidia.com, VfioDeviceConfig for vfio.gpu.nvidia.com."
#     driver:
#       message: The configuration is for driver {driver}, but the devices of class {class} come from {value}, so nobody reads it.
#       help: Name the driver {value}, or ask for a class of {driver}.
#     gate:
#       message: The driver {driver} takes the strategy {value} only with its feature gate {gate}, which is off by default; without, it refuses to prepare the claim and the pod never starts.
#       help: "Set featureGates.{gate}: true where the driver is installed, and list the gate in this rule's parameter enabled if that is not in this tree."
package karlint.rules.dra.driver_config_rejected

import data.karlint.lib.claims
import data.karlint.lib.value

findings contains object.union({"at": w.at, "args": args}, w.form) if {
	some c in _configs
	known := data.karlint.tables.dra.drivers[c.driver].parameters
	is_object(c.parameters)
	some w in array.concat(_header(c, known), _body(c, known))
	args := object.union({"driver": c.driver}, w.args)
}

findings contains {"at": c.driver_at, "case": "driver", "severity": "warning", "args": args} if {
	some c in _configs
	some class in c.classes
	other := _driver_of[class]
	every each in c.classes { _driver_of[each] != c.driver }
	args := {"driver": c.driver, "class": class, "value": other}
}

findings contains {"at": at, "case": "gate", "severity": "note", "args": args} if {
	some c in _configs
	known := data.karlint.tables.dra.drivers[c.driver].parameters
	c.parameters.apiVersion in known.versions
	"sharing" in known.kinds[c.parameters.kind].fields
	strategy := c.parameters.sharing.strategy
	gate := known.gates[strategy]
	not gate in data.facts.driver_gates
	not gate in data.karlint.params["dra/driver-config-rejected"].enabled
	at := array.concat(c.at, ["sharing", "strategy"])
	args := {"driver": c.driver, "value": strategy, "gate": gate}
}

_home := claims.home(input.resource.kind) if input.resource.kind != "DeviceClass"

_home := ["spec"] if input.resource.kind == "DeviceClass"

_spec := value.map(object.get(input.object, _home, {}))

# Where configurations stand: beside the requests of a claim, or in a class.
_list := ["devices", "config"] if input.resource.kind != "DeviceClass"

_list := ["config"] if input.resource.kind == "DeviceClass"

_configs contains {
	"driver": driver, "parameters": body.opaque.parameters, "classes": _classes(body),
	"named": count(value.list(object.get(body, "requests", []))) > 0,
	"at": array.concat(at, ["parameters"]), "driver_at": array.concat(at, ["driver"]),
} if {
	some index, body in value.list(object.get(_spec, _list, []))
	driver := value.str(body.opaque.driver)
	at := array.concat(array.concat(_home, _list), [index, "opaque"])
}

# Classes of the requests that a configuration is for.
_classes(body) := {class |
	input.resource.kind != "DeviceClass"
	some entry in claims.asked(_spec, _home)
	_applies(body, entry.name)
	class := value.str(entry.body.deviceClassName)
}

_applies(body, _) if count(value.list(object.get(body, "requests", []))) == 0

_applies(body, name) if {
	is_string(name)
	some request in value.list(body.requests)
	request in {name, split(name, "/")[0]}
}

_header(c, known) := [{"at": at, "form": {"fix": fix}, "args": {"value": given, "known": told}}] if {
	given := value.str(c.parameters.apiVersion)
	not given in known.versions
	told := known.versions[0]
	at := array.concat(c.at, ["apiVersion"])
	fix := [{"op": "set", "at": at, "value": told} | _of_old_group(given); known.kinds[c.parameters.kind]]
} else := [{"at": array.concat(c.at, ["kind"]), "form": {"case": "kind"}, "args": {"value": kind, "known": told}}] if {
	kind := value.str(c.parameters.kind)
	not known.kinds[kind]
	told := concat(", ", sort(object.keys(known.kinds)))
} else := []

# Groups that the driver of NVIDIA had for the same kinds.
_of_old_group(version) if regex.match(`^gpu(\.resource)?\.nvidia\.com/v1(alpha|beta)[0-9]+$`, version)

_body(c, known) := array.concat(_fields(c, row, known.nested), array.concat(_sharing(c, row), _class(c, row))) if {
	row := known.kinds[c.parameters.kind]
} else := []

_fields(c, row, nested) := [{"at": array.concat(c.at, at), "form": {"case": "field", "anchor": "key"}, "args": args} |
	some [at, allowed] in array.concat(
		array.concat(
			[[[field], row.fields] | some field, _ in c.parameters; not field in {"apiVersion", "kind"}],
			[[["sharing", field], row.sharing] | some field, _ in value.map(c.parameters.sharing)],
		),
		[[array.concat(holder.at, [field]), holder.fields] |
			some holder in nested
			not holder.at[count(holder.at) - 1] in _refused(c.parameters)
			some field, _ in value.map(object.get(c.parameters, holder.at, {}))
		],
	)
	field := at[count(at) - 1]
	not field in allowed
	args := {"value": field, "known": concat(", ", allowed)}
]

# The configuration of the strategy that is not chosen is a finding as a whole.
_refused(parameters) := {other | other := {"TimeSlicing": "mpsConfig", "MPS": "timeSlicingConfig"}[parameters.sharing.strategy]}

_sharing(c, row) := [{"at": array.concat(c.at, array.concat(["sharing"], at)), "form": {"case": case, "anchor": "key"}, "args": args} |
	"sharing" in row.fields
	sharing := value.map(c.parameters.sharing)
	some [case, at, args] in array.concat(_strategy(sharing), _numbers(sharing))
]

_strategy(sharing) := [["strategy", ["strategy"], {"value": sharing.strategy}]] if {
	value.str(sharing.strategy)
	not sharing.strategy in {"TimeSlicing", "MPS"}
} else := [["other-strategy", [other], {"value": other, "strategy": sharing.strategy}]] if {
	other := {"TimeSlicing": "mpsConfig", "MPS": "timeSlicingConfig"}[sharing.strategy]
	sharing[other]
} else := []

_numbers(sharing) := array.concat(
	[["interval", ["timeSlicingConfig", "interval"], {"value": interval}] |
		interval := value.str(sharing.timeSlicingConfig.interval)
		not interval in {"Default", "Short", "Medium", "Long"}
	],
	[["percentage", ["mpsConfig", "defaultActiveThreadPercentage"], {"value": share}] |
		share := sharing.mpsConfig.defaultActiveThreadPercentage
		is_number(share)
		not share in numbers.range(0, 100)
	],
)

_class(c, row) := [{"at": array.concat(c.at, ["kind"]), "form": {"case": "class"}, "args": args} |
	c.named # without names the driver takes the devices that fit
	count(c.classes) > 0 # a name that no request has is another rule's finding
	every class in c.classes {
		_driver_of[class] == c.driver
		not class in row.classes
	}
	args := {"value": c.parameters.kind, "class": concat(", ", sort(c.classes))}
]

_driver_of[class] := vendor.drivers[0] if {
	some vendor in data.karlint.tables.accelerators.vendors
	count(value.list(vendor.drivers)) == 1
	some class in value.list(vendor.device_classes)
}
