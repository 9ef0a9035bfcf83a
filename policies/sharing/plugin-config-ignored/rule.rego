# METADATA
# title: Sharing of GPUs that is not what it says
# description: |
#   The NVIDIA device plugin reads how to share GPUs from a file, by time-slicing or by MPS. What it cannot read makes its pods crash, and
#   with them all GPUs of the node disappear; what it does not know it ignores, and GPUs stay whole or are shared in
#   another way than the file says.
#
#   Looked at are ConfigMaps and Helm values that hold such a file, and what a ClusterPolicy of the GPU operator makes of them.
# related_resources:
#   - ref: NVIDIA/k8s-device-plugin:api/config/v1/replicas.go
#     description: a number of replicas below 1 and a list without resources are errors
#   - ref: NVIDIA/k8s-device-plugin:api/config/v1/sharing.go
#     description: MPS comes before time-slicing
#   - ref: https://github.com/NVIDIA/k8s-device-plugin#shared-access-to-gpus
#     description: MPS knows only nvidia.com/gpu and no MIG devices; failRequestsGreaterThanOne
#   - ref: NVIDIA/gpu-operator:api/nvidia/v1/clusterpolicy_types.go
#     description: devicePlugin.config names a ConfigMap and the key that holds by default
# custom:
#   severity: error
#   requirements: [KAR-0003]
#   kinds: [ConfigMap, helm.toolkit.fluxcd.io/HelmRelease]
#   looks_up: [nvidia.com/ClusterPolicy]
#   mentions: [sharing, migStrategy, replicas]
#   message: In the file {key} the device plugin refuses {value} replicas, so its pods crash and the node offers no GPU.
#   help: Write a number of 2 or more.
#   cases:
#     one:
#       message: In the file {key} each {value} is shared by one pod, so nothing is shared.
#       help: Write a number of 2 or more, or remove the entry.
#     both:
#       message: In the file {key} GPUs are shared by MPS and by time-slicing, of which the device plugin takes MPS alone, so time-slicing has no effect.
#       help: Remove one of the two.
#     mps-and-mig:
#       message: In the file {key} MPS is set up together with the MIG strategy {value}, which the device plugin does not support, so the slices are not shared.
#       help: Set migStrategy to none, or share the slices by time-slicing.
#     mps-name:
#       message: In the file {key} MPS is set up for {value}, but it knows only nvidia.com/gpu, so this is not shared.
#       help: Write nvidia.com/gpu, or share it by time-slicing.
#     version:
#       message: In the file {key} the version is {value}, and the device plugin knows only v1, so its pods crash and the node offers no GPU.
#       help: "Write version: v1."
#     way:
#       message: In the file {key} the device plugin knows no way of sharing called {value}, so GPUs are not shared.
#       help: Write timeSlicing or mps.
#     no-number:
#       message: In the file {key} {value} has no number of replicas, so the device plugin's pods crash and the node offers no GPU.
#       help: Add replicas with a number of 2 or more.
#     resources:
#       message: In the file {key} {value} lists no resources, so the device plugin's pods crash and the node offers no GPU.
#       help: 'List what is shared under resources, with a name and the number of replicas.'
#     unknown-key:
#       message: In the file {key} the device plugin ignores {value}, so the setting has no effect.
#       help: "Write one of: {known}."
#     no-default:
#       message: ClusterPolicy {value} takes {key} of this ConfigMap by default, which it does not have, so GPUs are not shared.
#       help: Add the key, or name one of those that there are.
package karlint.rules.sharing.plugin_config_ignored

import data.karlint.lib.value

findings contains {
	"at": file.at, "anchor": "key", "severity": w.severity, "case": w.case,
	"args": {"key": file.at[count(file.at) - 1], "value": w.value, "known": object.get(w, "known", "")},
} if {
	some file in _files
	some w in _wrong(file.config)
}

findings contains {"at": ["data"], "anchor": "key", "case": "no-default", "args": {"value": entry.name, "key": wanted}} if {
	input.resource.kind == "ConfigMap"
	count(_files) > 0
	some entries in data.inventory.by_kind["nvidia.com/ClusterPolicy"][""]
	some entry in entries
	entry.object.spec.devicePlugin.config.name == input.resource.name
	wanted := value.str(entry.object.spec.devicePlugin.config["default"])
	not wanted in object.keys(input.object.data)
}

# The files that a resource holds: {at, config}.
_files contains {"at": array.concat(path, [key]), "config": config} if {
	some path in [["data"], ["spec", "values", "config", "map"], ["spec", "values", "devicePlugin", "config", "data"]]
	some key, text in value.map(object.get(input.object, path, {}))
	is_string(text)
	regex.match(`(?m)^(sharing|flags):`, text)
	not contains(text, "{{")
	yaml.is_valid(text)
	config := yaml.unmarshal(text)
	_of_the_plugin(config)
}

_of_the_plugin(config) if is_object(config.sharing)

_of_the_plugin(config) if is_string(config.flags.migStrategy)

_wrong(config) := array.concat(
	array.concat(_ways(config), _mps(config)),
	array.concat(_replicas(config), _keys(config)),
)

_ways(config) := array.concat(
	[{"case": "version", "severity": "error", "value": config.version} | config.version != "v1"],
	array.concat(
		[{"case": "both", "severity": "error", "value": ""} | config.sharing.mps; config.sharing.timeSlicing],
		[{"case": "way", "severity": "error", "value": way} |
			some way, _ in value.map(config.sharing)
			not way in {"timeSlicing", "mps"}
		],
	),
)

_mps(config) := array.concat(
	[{"case": "mps-and-mig", "severity": "error", "value": config.flags.migStrategy} |
		config.sharing.mps
		config.flags.migStrategy != "none"
	],
	[{"case": "mps-name", "severity": "error", "value": shared.name} |
		some shared in value.list(config.sharing.mps.resources)
		not shared.name in {"nvidia.com/gpu", "gpu"}
		is_string(shared.name)
	],
)

_replicas(config) := [w |
	some way in ["timeSlicing", "mps"]
	some w in _of_way(way, config.sharing[way])
]

_of_way(way, settings) := [{"case": "resources", "severity": "error", "value": way}] if {
	count(object.get(settings, "resources", [])) == 0
} else := [w |
	some shared in value.list(settings.resources)
	w := _too_few(shared)
]

_too_few(shared) := {"case": "no-number", "severity": "error", "value": shared.name} if {
	not shared.replicas
} else := {"case": "", "severity": "error", "value": shared.replicas} if {
	is_number(shared.replicas)
	shared.replicas < 1
} else := {"case": "one", "severity": "warning", "value": shared.name} if shared.replicas == 1

_keys(config) := [{"case": "unknown-key", "severity": "warning", "value": key, "known": concat(", ", sort(known))} |
	some way in ["timeSlicing", "mps"]
	some [holder, known] in array.concat(
		[[config.sharing[way], {"renameByDefault", "failRequestsGreaterThanOne", "resources", "strategy"}]],
		[[shared, {"name", "rename", "devices", "replicas"}] | some shared in value.list(config.sharing[way].resources)],
	)
	some key, _ in value.map(holder)
	not key in known
]
