# METADATA
# title: Devices picked by environment variable
# description: |
#   The container runtimes of NVIDIA, AMD, Gaudi and Ascend read from an environment variable which devices a container gets. Written in a
#   manifest, it overrides what the device plugin handed out: `all` gives every GPU of the node, an index or a UUID a GPU
#   that may belong to another pod. Nothing counts such use, so the scheduler still takes the GPUs for free. A cluster can be
#   set up to ignore the variable in unprivileged containers; then it does nothing.
#
#   `NVIDIA_MIG_CONFIG_DEVICES` and `NVIDIA_MIG_MONITOR_DEVICES` hand privileged containers the right to partition or watch all GPUs of the node, and
#   the annotation `cdi.k8s.io/...` asks some runtimes for a device by name, past the allocation as well.
#
#   A variable may also come from a ConfigMap of the tree, as a whole (`envFrom`) or by key.
#
#   `none` and `void`, and an empty value, take GPUs away and are fine. `CUDA_VISIBLE_DEVICES` chooses among the devices
#   that the container has, and is left alone, as are device plugins, exporters and the like, and DaemonSets that only watch
#   (`NVIDIA_DRIVER_CAPABILITIES: utility`).
# related_resources:
#   - ref: https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/docker-specialized.html
#     description: values of NVIDIA_VISIBLE_DEVICES
#   - ref: https://github.com/NVIDIA/k8s-device-plugin/issues/87
#     description: GPUs without a request, through the variable
#   - ref: NVIDIA/nvidia-container-toolkit:cmd/nvidia-container-runtime-hook/container_config.go
#     description: the variables of MIG are for privileged containers, and the hook fails for others
#   - ref: https://github.com/ROCm/container-toolkit
#     description: AMD_VISIBLE_DEVICES
#   - ref: https://docs.habana.ai/en/latest/Installation_Guide/Additional_Installation/Docker_Installation.html
#     description: HABANA_VISIBLE_DEVICES
#   - ref: https://gitee.com/ascend/ascend-docker-runtime
#     description: ASCEND_VISIBLE_DEVICES
#   - ref: https://github.com/cncf-tags/container-device-interface
#     description: annotations by which runtimes inject devices
# custom:
#   severity: error
#   mentions: [VISIBLE_DEVICES, NVIDIA_MIG_, cdi.k8s.io/, configMapRef, configMapKeyRef]
#   requirements: [KAR-0049]
#   kinds: [workload]
#   fix: unsafe
#   message: Container {container} asks for no GPU and sets {variable} to {value}, so it gets GPUs of the node that nobody allocated to it.
#   help: Remove {variable} and ask for the devices with a resource claim or in limits.
#   cases:
#     besides:
#       message: Container {container} sets {variable} to {value} besides asking for {resource}, so it gets the GPUs named there instead of those allocated to it.
#       help: Remove {variable}; the device plugin tells the runtime which GPUs the container has.
#     config:
#       message: Container {container} takes {variable} with the value {value} from ConfigMap {config}, so it gets GPUs of the node that nobody allocated to it.
#       help: Remove {variable} from the ConfigMap and ask for the devices with a resource claim or in limits.
#     mig:
#       message: Container {container} sets {variable}, which lets a privileged container repartition or watch the GPUs that others hold, and keeps any other from starting.
#       help: Remove {variable}; partitions are the business of the MIG manager of the node.
#     annotation:
#       message: The annotation {variable} asks the container runtime for devices by name, past the allocation, so that the pod may hold what others were given.
#       help: Remove the annotation and ask for the devices with a resource claim or in limits.
package karlint.rules.access.all_devices_env

import data.karlint.lib.accelerators
import data.karlint.lib.pods
import data.karlint.lib.scope
import data.karlint.lib.value

findings contains {"at": e.at, "severity": _severity, "args": e.args} if {
	some e in _picks
	not pods.asks(e.container)
}

findings contains {"at": e.at, "severity": "warning", "case": "besides", "args": args, "fix": pods.without_variable(e.container, e.index)} if {
	some e in _picks
	pods.asks(e.container)
	names := array.concat([found.resource | some found in e.container.accelerators], e.container.claims)
	args := object.union(e.args, {"resource": concat(", ", names)})
}

findings contains {"at": pods.below(c, ["env", index, "name"]), "case": "mig", "args": args} if {
	some t in input.workload.templates
	some c in t.containers
	some index, entry in value.list(c.body.env)
	entry.name in {"NVIDIA_MIG_CONFIG_DEVICES", "NVIDIA_MIG_MONITOR_DEVICES"}
	args := {"container": c.name, "variable": entry.name}
	not accelerators.infrastructure
}

findings contains {"at": at, "anchor": "key", "severity": "warning", "case": "annotation", "args": {"variable": name}} if {
	some template in input.workload.templates
	some name, _ in value.map(template.annotations)
	startswith(name, "cdi.k8s.io/")
	at := array.concat(template.path, ["metadata", "annotations", name])
	not accelerators.infrastructure
}

findings contains {"at": p.at, "severity": p.severity, "case": "config", "args": p.args, "related": [p.related]} if some p in _configured

# Variables that come from a ConfigMap of the tree. One that the container sets itself counts in their place.
_configured contains {"at": at, "severity": _weight(c), "args": args, "related": related} if {
	count(data.facts.visible_devices) > 0
	some t in input.workload.templates
	some c in t.containers
	some source in array.concat(_whole_maps(c), _keys_of_maps(c))
	entries := [entry |
		some namespace, names in data.facts.visible_devices
		scope.same_namespace(namespace, input.resource.namespace)
		some entry in names[source.map]
	]
	count(entries) == 1
	scope.same_scope(entries[0].directory, input.resource.directory)
	some key, written in entries[0].data
	source.key in {key, "*"}
	variable := source.variables[key]
	value.matches(_picking, written)
	at := pods.below(c, source.at)
	args := {"container": c.name, "variable": variable, "value": written, "config": source.map}
	related := {"resource": entries[0].index, "at": ["data", key], "message": "the value"}
	not _watches(c)
	not accelerators.infrastructure
}

_whole_maps(c) := [{"at": ["envFrom", index, "configMapRef", "name"], "map": source.configMapRef.name, "key": "*", "variables": variables} |
	some index, source in value.list(c.body.envFrom)
	value.str(source.configMapRef.name)
	prefix := object.get(source, "prefix", "")
	own := {entry.name | some entry in value.list(c.body.env)}
	variables := {trim_prefix(name, prefix): name | some name in _variables; startswith(name, prefix); not name in own}
]

_keys_of_maps(c) := [{"at": ["env", index, "valueFrom", "configMapKeyRef", "key"], "map": from.name, "key": from.key, "variables": {from.key: entry.name}} |
	some index, entry in value.list(c.body.env)
	entry.name in _variables
	from := entry.valueFrom.configMapKeyRef
	value.str(from.name)
	value.str(from.key)
]

_weight(c) := "warning" if pods.asks(c)

_weight(c) := _severity if not pods.asks(c)

_variables := {"NVIDIA_VISIBLE_DEVICES", "AMD_VISIBLE_DEVICES", "HABANA_VISIBLE_DEVICES", "ASCEND_VISIBLE_DEVICES"}

_picking := `^(all|[0-9]+(,[0-9]+)*|((GPU|MIG)-[0-9a-f-]+,?)+)$`

# An overlay could still add the request, which leaves the wrong devices.
_severity := "warning" if input.resource.partial

_severity := "error" if not input.resource.partial

_picks contains {"at": at, "index": index, "container": c, "args": args} if {
	some t in input.workload.templates
	some c in t.containers
	some index, entry in value.list(c.body.env)
	entry.name in _variables
	value.matches(_picking, entry.value)
	not _watches(c)
	not accelerators.infrastructure
	at := pods.below(c, ["env", index, "value"])
	args := {"container": c.name, "variable": entry.name, "value": entry.value}
}

# Monitoring on each node: with this one capability the runtime brings nvidia-smi and its library, and no CUDA.
_watches(container) if {
	input.resource.kind == "DaemonSet"
	some entry in value.list(container.body.env)
	entry.name == "NVIDIA_DRIVER_CAPABILITIES"
	entry.value == "utility"
}
