# METADATA
# title: Program that wants more devices than its container has
# description: |
#   The flags of a model server or launcher say over how many devices it spreads: tensor, pipeline and data parallelism, or the
#   number of processes a node. When the container is given fewer, the program stops at start, as soon as it has loaded
#   its image and often its weights, and does so again at each restart.
#
#   The number may also stand beside the containers: `nprocPerNode` of a PyTorchJob, `numProcPerNode` of a TrainJob, and `num-gpus` in the
#   `rayStartParams` of a group of a Ray cluster, which counts in place of what the container has.
#
#   Counted are whole devices, by resource name and by claims that are in the tree. Shares of a device, virtual GPUs and
#   programs that span several pods are left alone, except in a LeaderWorkerSet, whose group has a known size.
# related_resources:
#   - ref: https://docs.vllm.ai/en/latest/serving/parallelism_scaling.html
#     description: tensor times pipeline parallelism is the number of GPUs
#   - ref: https://docs.sglang.ai/advanced_features/server_arguments.html
#     description: flags of SGLang
#   - ref: https://huggingface.co/docs/text-generation-inference/reference/launcher
#     description: num-shard is the number of GPUs
#   - ref: https://docs.pytorch.org/docs/stable/elastic/run.html
#     description: nproc-per-node is the number of processes on each node, one for each GPU as a rule
#   - ref: kubeflow/trainer:pkg/controller.v1/pytorch/envvar.go
#     description: nprocPerNode of a PyTorchJob becomes PET_NPROC_PER_NODE and a factor of WORLD_SIZE
#   - ref: https://docs.ray.io/en/latest/cluster/kubernetes/user-guides/config.html
#     description: KubeRay takes num-gpus from the limits of the Ray container unless rayStartParams has it
# custom:
#   severity: error
#   requirements: [KAR-0051]
#   kinds: [accelerator-workload]
#   mentions: [procPerNode, ProcPerNode, parallel, -tp, -pp, num-shard, nproc, num_gpus, num-gpus, num_processes, num-processes]
#   message: Container {container} spreads its model over {want} devices and has {given}, so the server stops at every start.
#   help: Give it {want} devices, or lower the parallelism to {have}.
#   cases:
#     group:
#       message: Container {container} spreads its model over {want} devices and each of the {nodes} pods of its group has {given}, so the server stops at every start.
#       help: Lower the parallelism to {all}, or give the pods more devices.
#     processes:
#       message: Container {container} starts {want} processes with a device each and has {given}, so the others fail and the job with them.
#       help: Give it {want} devices, or start no more than {have}.
#     operator:
#       message: "{field} starts {want} processes in container {container}, which has {given}, so the others find no device and the job fails with them."
#       help: Write {have}, or give the container {want} devices.
#     ray:
#       message: Ray is told to count {want} GPUs (num-gpus) in a pod whose container {container} has {given}, so it hands out GPUs that are not there and what runs on them fails.
#       help: Remove num-gpus, which KubeRay takes from the limits of the container, or write {have}.
package karlint.rules.device.fewer_than_processes

import data.karlint.lib.parallel
import data.karlint.lib.pods
import data.karlint.lib.value

findings contains object.union({"at": at, "anchor": _anchor(at), "args": args, "related": _flags(pair.container)}, _case(nodes)) if {
	some t in input.workload.templates
	some c in t.containers
	is_object(c.server)
	object.keys(c.server.flags) & _parallel != set() # asked first, since it costs little
	pair := {"template": t, "container": c}
	want := parallel.wanted(pair.container.server)
	want > 1
	have := parallel.given(pair.template, pair.container)
	nodes := parallel.nodes(input.resource, input.object, pair.container)
	have > 0
	want > have * nodes
	at := _at(pair.container)
	args := {"container": pair.container.name, "want": want, "have": have, "given": value.counted(have, "device"), "nodes": nodes, "all": have * nodes}
}

findings contains {"at": at, "anchor": _anchor(at), "case": "processes", "args": args, "related": _flags(pair.container)} if {
	some t in input.workload.templates
	some c in t.containers
	is_array(c.tokens)
	regex.match(`--(nproc|num)[-_](per[-_]node|gpus|processes)`, concat(" ", c.tokens)) # asked first, since it costs little
	pair := {"template": t, "container": c}
	want := _processes(pair.container)
	have := parallel.given(pair.template, pair.container)
	have > 0
	want > have
	at := _at(pair.container)
	args := {"container": pair.container.name, "want": want, "have": have, "given": value.counted(have, "device")}
}

findings contains {"at": at, "case": "operator", "args": args} if {
	some [at, name] in _beside(input.resource.kind)
	some pair in pods.pairs
	name in {"", pair.container.name}
	pair.container.role == "main"
	want := value.known_int(object.get(input.object, at, ""))
	have := _given(pair, at)
	have > 0
	want > have
	args := {
		"container": pair.container.name, "want": want, "have": have, "given": value.counted(have, "device"),
		"field": at[count(at) - 1],
	}
}

# Where operators are told how many processes to start on each node, and in which container.
_beside("PyTorchJob") := [[["spec", "nprocPerNode"], "pytorch"], [["spec", "elasticPolicy", "nProcPerNode"], "pytorch"]]

_beside("TrainJob") := [[["spec", "trainer", "numProcPerNode"], ""]]

_given(pair, _) := parallel.given(pair.template, pair.container) if input.resource.kind != "TrainJob"

# A TrainJob says it together with what its nodes have; the rest of its pods is its runtime's.
_given(pair, at) := parallel.given(pair.template, pair.container) if {
	input.resource.kind == "TrainJob"
	array.slice(pair.container.accelerators[0].path, 0, 2) == array.slice(at, 0, 2)
}

findings contains {"at": at, "severity": "warning", "case": "ray", "args": args} if {
	startswith(input.resource.kind, "Ray")
	some template in input.workload.templates
	group := array.slice(template.path, 0, count(template.path) - 1)
	at := array.concat(group, ["rayStartParams", "num-gpus"])
	want := value.known_int(object.get(input.object, at, ""))
	container := template.containers[0]
	have := parallel.given(template, container)
	have > 0
	want > have
	args := {"container": container.name, "want": want, "have": have, "given": value.counted(have, "GPU")}
}

# Where the numbers of the program are: of what is put together of several files, that is often another one.
_flags(container) := [{"resource": input.resource.index, "at": at, "message": "what its program asks for"} |
	some part in ["command", "args"]
	some index, word in value.list(object.get(container.body, part, []))
	is_string(word)
	regex.match(`^--?(tp|pp|dp|(tensor|pipeline|data|tp|pp|dp)([-_]parallel)?[-_]size|num[-_]shard|nproc[-_]per[-_]node|num[-_](gpus|processes))(=|$)`, word)
	at := pods.below(container, [part, index + _step(word)])
]

_step(word) := 0 if contains(word, "=")

_step(word) := 1 if not contains(word, "=")

_parallel := {"tensor-parallel-size", "pipeline-parallel-size", "data-parallel-size", "num-shard"}

_case(1) := {}

_case(nodes) := {"case": "group"} if nodes > 1

_at(container) := container.accelerators[0].path

_at(container) := array.concat(container.path, ["resources", "claims"]) if count(container.accelerators) == 0

# A number is what is mended, wherever it is written: a chart's template has the name of the resource, its values the number.
_anchor(at) := "key" if at[count(at) - 1] == "claims"

_anchor(at) := "value" if at[count(at) - 1] != "claims"

_processes(container) := want if {
	want := parallel.number_of(container.tokens, {"--nproc-per-node"})
} else := parallel.number_of(container.tokens, {"--num-gpus"}) if {
	"deepspeed" in container.tokens
} else := parallel.number_of(container.tokens, {"--num-processes"}) if {
	"accelerate" in container.tokens # its number is that of all machines, and a file or a flag may say that there are several
	parallel.nodes(input.resource, input.object, container) == 1
	count([token | some token in container.tokens; regex.match(`^--(num[-_]machines|config[-_]file|machine[-_]rank|cpu)`, token)]) == 0
}
