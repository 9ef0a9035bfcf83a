# METADATA
# title: GPU program that asks for no GPU
# description: |
#   The pod runs a GPU image, or is sent to GPU nodes, and asks for no device. Where the runtime is closed, the program finds no GPU and
#   fails or crawls along on the CPU, on a node that is paid for its GPUs. Where the runtime is open, as it is by default with
#   the NVIDIA runtime and a CUDA image, it gets every GPU of the node, past all allocation.
#
#   Two signs are needed: the image, the nodes, a toleration of the GPU taint, NVIDIA variables, or the runtime class. Device plugins,
#   exporters and the like are left alone, as are images and flags for the CPU.
# related_resources:
#   - ref: https://github.com/NVIDIA/k8s-device-plugin#running-gpu-jobs
#     description: a CUDA image that asks for no GPU is exposed to all GPUs of the node
#   - ref: https://github.com/kubernetes-sigs/ai-conformance/tree/main/kars/0049-secure-accelerator-access
#     description: a pod that was given no accelerator reaches none
# custom:
#   severity: warning
#   requirements: [KAR-0049]
#   kinds:
#     - Pod
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - jobset.x-k8s.io/JobSet
#     - leaderworkerset.x-k8s.io/LeaderWorkerSet
#   mentions: [nvidia, cuda, CUDA, vllm, sglang, tritonserver, text-generation-inference, rocm, gpu]
#   message: "The pod asks for no accelerator although {first} and {second}, so it runs on the CPU of a GPU node, or uses GPUs that were given to others."
#   help: Ask for the device in limits or by a claim, or take away what sends the pod to GPU nodes.
package karlint.rules.access.image_without_request

import data.karlint.lib.accelerators
import data.karlint.lib.nodes
import data.karlint.lib.parallel
import data.karlint.lib.pods
import data.karlint.lib.value

findings contains {"at": signs[0].at, "args": {"first": signs[0].text, "second": signs[1].text}} if {
	not input.resource.partial
	some t in input.workload.templates
	count(t.accelerators) + count(t.claims) == 0
	signs := array.concat(array.concat(_of_image(t), _of_nodes(t)), array.concat(_of_env(t), _of_runtime(t)))
	count(signs) > 1
	not accelerators.infrastructure
	not _on_cpu(t)
	not _by_other_means(t)
}

_of_image(t) := [{"at": pods.below(c, ["image"]), "text": sprintf("it runs the GPU image %s", [c.body.image])} |
	some c in t.containers
	c.role == "main"
	value.matches(`nvidia/cuda|nvcr\.io/|vllm/vllm-openai|lmsysorg/sglang|tritonserver|text-generation-inference|rocm/|pytorch.*cuda`, c.body.image)
]

_of_nodes(t) := array.concat(selected, tolerated) if {
	selected := [{"at": pods.in_spec(t, d.at), "text": sprintf("it wants nodes with %s", [d.key])} |
		some d in nodes.alternatives(t.spec)[0]
		nodes.vendor_of(d)
	]
	tolerated := [{"at": pods.in_spec(t, ["tolerations", index]), "text": sprintf("it tolerates %s", [toleration.key])} |
		some index, toleration in value.list(t.spec.tolerations)
		toleration.key in data.karlint.tables.accelerators.taints
	]
}

_of_env(t) := [{"at": pods.below(c, ["env", index, "name"]), "text": sprintf("it sets %s", [entry.name])} |
	some c in t.containers
	some index, entry in value.list(c.body.env)
	entry.name in {"NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES"}
	not object.get(entry, "value", "set") in {"void", "none", ""}
]

_of_runtime(t) := [{"at": pods.in_spec(t, ["runtimeClassName"]), "text": "it has the runtime class nvidia"} |
	t.spec.runtimeClassName == "nvidia"
]

_on_cpu(t) if {
	some c in t.containers
	value.matches(`(?i)\bcpu\b`, c.body.image)
}

_on_cpu(t) if {
	some c in t.containers
	regex.match(`(?i)device[= "',]+cpu|\bcpu\b|JAX_PLATFORMS`, parallel.script(c))
}

# Schedulers that share GPUs by annotation.
_by_other_means(t) if {
	some name, _ in value.map(t.annotations)
	regex.match(`gpu`, name)
}

_by_other_means(t) if {
	some c in t.containers
	some part in ["limits", "requests"]
	some name, amount in value.map(c.body.resources[part])
	regex.match(`/.*(gpu|npu|tpu|mig)|^[^/]*(gpu|npu)[^/]*/`, name)
	amount != 0
}
