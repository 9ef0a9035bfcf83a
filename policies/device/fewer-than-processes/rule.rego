# METADATA
# title: Program that wants more devices than its container has
# description: |
#   The flags of a model server or launcher say over how many devices it spreads: tensor, pipeline and data parallelism, or the
#   number of processes a node. When the container is given fewer, the program stops at start, as soon as it has loaded
#   its image and often its weights, and does so again at each restart.
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
# custom:
#   severity: error
#   requirements: [KAR-0051]
#   kinds: [accelerator-workload]
#   mentions: [parallel, -tp, -pp, num-shard, nproc, num_gpus, num-gpus, num_processes, num-processes]
#   message: Container {container} spreads its model over {want} devices and has {given}, so the server stops at every start.
#   help: Give it {want} devices, or lower the parallelism to {have}.
#   cases:
#     group:
#       message: Container {container} spreads its model over {want} devices and each of the {nodes} pods of its group has {given}, so the server stops at every start.
#       help: Lower the parallelism to {all}, or give the pods more devices.
#     processes:
#       message: Container {container} starts {want} processes with a device each and has {given}, so the others fail and the job with them.
#       help: Give it {want} devices, or start no more than {have}.
package karlint.rules.device.fewer_than_processes

import data.karlint.lib.parallel
import data.karlint.lib.pods
import data.karlint.lib.value

findings contains object.union({"at": _at(pair.container), "anchor": "key", "args": args}, _case(nodes)) if {
	some pair in pods.pairs
	is_object(pair.container.server)
	want := parallel.wanted(pair.container.server)
	want > 1
	have := parallel.given(pair.template, pair.container)
	nodes := parallel.nodes(input.resource, input.object, pair.container)
	have > 0
	want > have * nodes
	args := {"container": pair.container.name, "want": want, "have": have, "given": value.counted(have, "device"), "nodes": nodes, "all": have * nodes}
}

findings contains {"at": _at(pair.container), "anchor": "key", "case": "processes", "args": args} if {
	some pair in pods.pairs
	is_array(pair.container.tokens)
	want := _processes(pair.container)
	have := parallel.given(pair.template, pair.container)
	have > 0
	want > have
	args := {"container": pair.container.name, "want": want, "have": have, "given": value.counted(have, "device")}
}

_case(1) := {}

_case(nodes) := {"case": "group"} if nodes > 1

_at(container) := container.accelerators[0].path

_at(container) := array.concat(container.path, ["resources", "claims"]) if count(container.accelerators) == 0

_processes(container) := want if {
	want := parallel.number_of(container.tokens, {"--nproc-per-node"})
} else := parallel.number_of(container.tokens, {"--num-gpus"}) if {
	"deepspeed" in container.tokens
} else := parallel.number_of(container.tokens, {"--num-processes"}) if {
	"accelerate" in container.tokens # its number is that of all machines, and a file or a flag may say that there are several
	parallel.nodes(input.resource, input.object, container) == 1
	count([token | some token in container.tokens; regex.match(`^--(num[-_]machines|config[-_]file|machine[-_]rank|cpu)`, token)]) == 0
}
