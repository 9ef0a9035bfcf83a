# METADATA
# title: Device request that nobody understands
# description: |
#   Accelerators are asked for by the exact name under which a plugin offers them, in `limits` or `requests`. A name that is a
#   letter off is accepted, since anybody may offer anything, and the pod stays pending for ever: no node has it and no autoscaler
#   knows a node that would. A name without a domain, `gpu`, the API server refuses.
#
#   Compared are names that differ from a known one by case, a plural or the ending of the domain, names that were
#   given up, and DeviceClasses used as resources. Names that nobody knows are left alone: add yours to `accelerators` in
#   `.karlint.yaml` and rules count them.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#extended-resources
#     description: names of extended resources have a domain; the scheduler wants a node that offers them
#   - ref: kubernetes/kubernetes:pkg/apis/core/validation/validation.go
#     description: ValidateContainerResourceName refuses names without a domain that are none of its own
#   - ref: https://github.com/NVIDIA/k8s-device-plugin
#     description: names that the NVIDIA plugin offers
#   - ref: https://github.com/rebellions-sw/rebel-k8s-device-plugin
#     description: the names of Rebellions devices, and the one that replaced them
# custom:
#   severity: error
#   requirements: [KAR-0051]
#   kinds: [workload, kueue.x-k8s.io/ClusterQueue]
#   mentions: [gpu, Gpu, GPU, neuron, tpu, TPU, gaudi, npu, NPU, ATOM, REBEL]
#   supersedes: [core/schema-invalid]
#   looks_up: [resource.k8s.io/DeviceClass]
#   fix: safe
#   message: "{who} asks for {name}, which no device plugin offers, so the pod stays pending."
#   help: Write {right}.
#   cases:
#     bare:
#       message: "{who} asks for {name}, which has no domain, so the API server rejects the pod."
#       help: Write the name that the device plugin offers, such as nvidia.com/gpu.
#     class:
#       message: "{who} asks for {name}, which is a DeviceClass and no resource, so the API server rejects the pod."
#       help: Take the device through a resource claim of this class, or write the resource name of the device plugin.
#     dead:
#       message: "{who} asks for {name}, a name that present plugins no longer offer, so the pod stays pending."
#       help: Write {right}.
#     misplaced:
#       message: "{who} writes {name} directly under resources, where it is no field, so no device is asked for."
#       help: Put it under limits.
#     queue:
#       message: "{who} has a quota for {name}, which no device plugin offers, so it counts nothing and workloads that ask for {right} find no quota."
#       help: Write {right}.
package karlint.rules.device.request_not_understood

import data.karlint.lib.accelerators
import data.karlint.lib.pods
import data.karlint.lib.value

findings contains object.union({"at": at, "anchor": "key", "args": args, "fix": fix}, wrong.form) if {
	some t in input.workload.templates
	some c in t.containers
	is_object(c.body.resources)
	some part, amounts in c.body.resources
	part in {"limits", "requests"}
	is_object(amounts)
	some name in (object.keys(amounts) - _plain)
	_suspicious(name) # asked first, since it costs little
	amounts[name] != 0
	wrong := _wrong(name)
	_last(c, part, name)
	at := pods.below(c, ["resources", part, name])
	args := {"who": sprintf("Container %s", [c.name]), "name": name, "right": wrong.right}
	fix := [operation | wrong.sure; some operation in pods.renamed_resource(c, name, wrong.right)]
}

findings contains {"at": at, "anchor": "key", "case": "misplaced", "args": args} if {
	some t in input.workload.templates
	some c in t.containers
	is_object(c.body.resources)
	some name in (object.keys(c.body.resources) - {"limits", "requests", "claims"})
	contains(name, "/") # asked first, since it costs nothing
	accelerators.is_accelerator(name)
	at := pods.below(c, ["resources", name])
	args := {"who": sprintf("Container %s", [c.name]), "name": name}
}

findings contains {"at": at, "case": "queue", "args": {"who": who, "name": name, "right": wrong.right}, "fix": fix} if {
	input.resource.kind == "ClusterQueue"
	some g, group in value.list(input.object.spec.resourceGroups)
	some i, name in value.list(group.coveredResources)
	is_string(name)
	wrong := _wrong(name)
	not object.get(wrong.form, "case", "") in {"bare", "class"}
	at := ["spec", "resourceGroups", g, "coveredResources", i]
	who := sprintf("ClusterQueue %s", [input.resource.name])
	fix := [operation | wrong.sure; some operation in _in_group(g, name, wrong.right)]
}

# The resource and the quota of each flavor for it go by one name.
_in_group(g, name, right) := [{"op": "set", "at": array.concat(["spec", "resourceGroups", g], at), "value": right} |
	group := input.object.spec.resourceGroups[g]
	not right in group.coveredResources
	some at in array.concat(
		[["coveredResources", i] | some i, covered in group.coveredResources; covered == name],
		[["flavors", f, "resources", r, "name"] |
			some f, flavor in value.list(group.flavors)
			some r, resource in value.list(flavor.resources)
			resource.name == name
		],
	)
]

_plain := {"cpu", "memory", "ephemeral-storage", "storage", "nvidia.com/gpu", "amd.com/gpu", "google.com/tpu", "claims"}

# Other names with a domain belong to something else.
_suspicious(name) if not contains(name, "/")

_suspicious(name) if regex.match(`(?i)gpu|neuron|tpu|gaudi|npu|atom|rebel`, name)

# Said once for a name in both limits and requests.
_last(_, part, _) if part == "limits"

_last(c, "requests", name) if not name in object.keys(value.map(c.body.resources.limits))

_wrong(name) := {"form": {"case": "bare"}, "right": "", "sure": false} if {
	regex.match(`(?i)^(nvidia-?)?(gpu|npu|tpu|accelerator)s?$`, name)
} else := {"form": {"case": "class"}, "right": "", "sure": false} if {
	not contains(name, "/")
	accelerators.class_vendor(name)
} else := {"form": {"case": "dead", "severity": _severity_of_dead(name)}, "right": right, "sure": false} if {
	right := data.karlint.tables.accelerators.replaced[name]
} else := {"form": {}, "right": near[0], "sure": count(near) == 1} if {
	contains(name, "/")
	regex.match(`(?i)gpu|neuron|tpu|gaudi|npu`, name)
	near := _meant(name) # asked first, since it costs less
	not accelerators.is_accelerator(name)
	not name in _offered_by_classes
}

# The plugin can be told to use its former names.
_severity_of_dead(name) := "error" if startswith(name, "alpha.kubernetes.io/")

_severity_of_dead(name) := "warning" if not startswith(name, "alpha.kubernetes.io/")

_meant(name) := data.karlint.tables.accelerators.by_stem[_stem(name)]

# What is left of a name without case, plural and the domain's ending.
_stem(name) := trim_suffix(regex.replace(lower(name), `\.(com|ai|io)/`, "/"), "s")

_offered_by_classes := {entry.object.spec.extendedResourceName |
	some entries in data.inventory.by_kind["resource.k8s.io/DeviceClass"][""]
	some entry in entries
}
