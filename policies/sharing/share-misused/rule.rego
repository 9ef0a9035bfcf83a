# METADATA
# title: Share of a GPU used as if it were more
# description: |
#   A share of a GPU is a turn on it, or a part of its memory. Two time-sliced shares may be the same GPU, so that asking for two buys
#   nothing and a program that spreads over two fails; and each scheduler that shares GPUs has its own rules for what may be
#   asked together.
#
#   Known are the names of the NVIDIA plugin, the annotations of KAI and the resources of HAMi.
# related_resources:
#   - ref: https://github.com/NVIDIA/k8s-device-plugin#shared-access-to-gpus
#     description: several replicas give no more of a GPU, and the plugin can be told to refuse them
#   - ref: https://github.com/NVIDIA/KAI-Scheduler/tree/main/docs/gpu-sharing
#     description: gpu-fraction and gpu-memory, one of them and no whole GPU
#   - ref: NVIDIA/KAI-Scheduler:pkg/admission/webhook/v1alpha2/pod_validator.go
#     description: the webhook looks at pods of its own scheduler only
#   - ref: https://project-hami.io/docs/userguide/nvidia-device/specify-device-memory-usage/
#     description: memory in MB or in per cent, cores in per cent
#   - ref: Project-HAMi/HAMi:pkg/device/nvidia/device.go
#     description: cores above 100 are taken for 100, memory above all there is fits no GPU, and megabytes come before per cent
#   - ref: https://github.com/NVIDIA/k8s-device-plugin/tree/main/docs/gpu-feature-discovery
#     description: values of nvidia.com/gpu.sharing-strategy
# custom:
#   severity: warning
#   requirements: [KAR-0003]
#   kinds: [workload]
#   mentions: [.shared, -SHARED, gpu-fraction, gpu-memory, gpumem, gpucores, sharing-strategy]
#   message: Container {container} asks for {value} of {resource}, which may be turns on one and the same GPU, so it gets no more than with one, or is refused.
#   help: Ask for 1, and for whole GPUs where the program needs several.
#   cases:
#     nodes:
#       message: Container {container} asks for {value} of {resource} on nodes that share their GPUs ({label}), so they may be turns on one and the same GPU, and it gets no more than with one, or is refused.
#       help: Ask for 1, or choose nodes whose GPUs are whole where the program needs several.
#     fraction-and-whole:
#       message: The pod asks for a part of a GPU (annotation {value}) and for whole ones ({resource}), so the KAI scheduler refuses it.
#       help: Remove the annotation, or the resource from limits.
#     two-fractions:
#       message: The pod has the annotations gpu-fraction and gpu-memory, so the KAI scheduler refuses it.
#       help: Keep one of the two.
#     fraction:
#       message: The annotation gpu-fraction is {value}, which is no part of a GPU between 0 and 1, so the KAI scheduler refuses the pod.
#       help: Write a number between 0 and 1, such as "0.5"; for whole GPUs use limits.
#     ignored:
#       message: The annotation {value} is for the KAI scheduler and the pod goes to the default one, which ignores it, so the pod gets whole GPUs ({resource}) and no share.
#       help: "Add schedulerName: kai-scheduler and remove the resource from limits, or remove the annotation."
#     other-scheduler:
#       message: The annotation {value} is for the KAI scheduler and the pod goes to the default one, which ignores it, so the pod runs without a GPU.
#       help: "Add schedulerName: kai-scheduler to the pod."
#     two-memories:
#       message: Container {container} says how much GPU memory it wants both in MB and in per cent, of which HAMi heeds the megabytes alone.
#       help: Remove {resource}, or nvidia.com/gpumem.
#     cores:
#       message: Container {container} asks for {value} of {resource}, which is in per cent of one GPU, so HAMi takes it for 100 and gives the whole GPU.
#       help: Write a number from 1 to 100, and the number of GPUs as nvidia.com/gpu.
#     percent:
#       message: Container {container} asks for {value} of {resource}, which is in per cent, so no GPU has as much and the pod stays pending.
#       help: Write a number from 1 to 100.
#     strategy:
#       message: No node has the value {value} of nvidia.com/gpu.sharing-strategy, so the pod stays pending.
#       help: Write none, mps or time-slicing.
package karlint.rules.sharing.share_misused

import data.karlint.lib.nodes
import data.karlint.lib.pods
import data.karlint.lib.value

findings contains {"at": found.path, "args": args} if {
	some t in input.workload.templates
	some c in t.containers
	some found in c.accelerators
	endswith(found.resource, ".shared")
	found.quantity > 1
	args := {"container": c.name, "value": found.quantity, "resource": found.resource}
}

findings contains {"at": found.path, "case": "nodes", "args": args} if {
	some t in input.workload.templates
	some c in t.containers
	some found in c.accelerators
	found.resource == "nvidia.com/gpu"
	found.quantity > 1
	is_number(found.quantity)
	label := _sharing_label(t.spec)
	args := {"container": c.name, "value": found.quantity, "resource": found.resource, "label": label}
}

# What says that every node the pod may run on shares its GPUs.
_sharing_label(spec) := "nvidia.com/gpu.product" if {
	nodes.demands(spec, "nvidia.com/gpu.product")
	every demand in nodes.of_key(spec, "nvidia.com/gpu.product") {
		demand.operator == "In"
		count(demand.values) > 0
		every chosen in demand.values { endswith(chosen, "-SHARED") }
	}
} else := "nvidia.com/gpu.sharing-strategy" if {
	spec.nodeSelector["nvidia.com/gpu.sharing-strategy"] in {"time-slicing", "mps"}
}

findings contains {"at": array.concat(p.at, [p.key]), "anchor": "key", "case": case, "args": args} if {
	some p in _parts
	case := {true: "ignored", false: "fraction-and-whole"}[_by_default(p.template)]
	some resource, amount in p.template.accelerators
	amount > 0
	is_number(amount)
	args := {"value": p.key, "resource": resource}
}

findings contains {"at": array.concat(p.at, [p.key]), "anchor": "key", "severity": "error", "case": "two-fractions"} if {
	some p in _parts
	p.key == "gpu-memory"
	p.template.annotations["gpu-fraction"]
	not _by_default(p.template)
}

findings contains {"at": array.concat(p.at, [p.key]), "severity": "error", "case": "fraction", "args": {"value": written}} if {
	some p in _parts
	p.key == "gpu-fraction"
	not _by_default(p.template)
	written := p.template.annotations[p.key]
	not value.is_unknown(written)
	not _is_part(written)
}

_is_part(written) if {
	share := value.quantity(written)
	share > 0
	share < 1
}

findings contains {"at": array.concat(p.at, [p.key]), "anchor": "key", "case": "other-scheduler", "args": {"value": p.key}} if {
	some p in _parts
	_by_default(p.template)
	count(p.template.accelerators) == 0
}

# The default scheduler gets the pod. Operators set the scheduler of the pods that they make, overlays may add it.
default _by_default(_) := false

_by_default(template) if {
	not input.resource.partial
	input.resource.group in {"", "apps", "batch"}
	object.get(template.spec, "schedulerName", "default-scheduler") == "default-scheduler"
}

_parts contains {"template": t, "key": key, "at": array.concat(t.path, ["metadata", "annotations"])} if {
	some t in input.workload.templates
	some key in ["gpu-fraction", "gpu-memory"]
	t.annotations[key]
}

findings contains {"at": pods.below(c, ["resources", "limits", resource]), "case": "two-memories", "args": args} if {
	resource := "nvidia.com/gpumem-percentage"
	some t in input.workload.templates
	some c in t.containers
	limits := c.body.resources.limits
	is_object(limits)
	limits[resource]
	limits["nvidia.com/gpumem"]
	args := {"container": c.name, "resource": resource}
}

findings contains {"at": pods.below(c, ["resources", "limits", resource]), "case": case, "args": args} if {
	some t in input.workload.templates
	some c in t.containers
	some resource, bound in {"nvidia.com/gpumem-percentage": 101, "nvidia.com/gpucores": 100} # 101 stands for all
	c.body.resources.limits[resource]
	case := {101: "percent", 100: "cores"}[bound]
	amount := value.known_int(c.body.resources.limits[resource])
	amount > bound
	args := {"container": c.name, "value": amount, "resource": resource}
}

findings contains {"at": pods.in_spec(t, ["nodeSelector", label]), "severity": "error", "case": "strategy", "args": args} if {
	label := "nvidia.com/gpu.sharing-strategy"
	some t in input.workload.templates
	chosen := value.str(t.spec.nodeSelector[label])
	not chosen in {"none", "mps", "time-slicing"}
	args := {"value": chosen}
}
