# METADATA
# title: Several processes on 64 MiB of shared memory
# description: |
#   Processes that work on one model exchange data through `/dev/shm`, which is 64 MiB in a container unless the pod mounts a larger one.
#   Data loaders and collective libraries need more: the program dies with a bus error or "no space left on device", often
#   only hours into a run.
#
#   Reported where the command or the environment shows that several processes share the devices (`torchrun`, `deepspeed`, tensor
#   parallelism, `NCCL_*`). KubeRay, Dynamo
#   and KServe mount a larger one by themselves. Ignore it where the program does without.
# related_resources:
#   - ref: https://docs.vllm.ai/en/latest/deployment/k8s.html
#     description: vLLM needs shared memory for tensor parallel inference
#   - ref: https://kubernetes.io/docs/concepts/storage/volumes/#emptydir
#     description: a memory-backed emptyDir, which counts against the memory limit
#   - ref: https://docs.pytorch.org/docs/stable/multiprocessing.html
#     description: processes share tensors through shared memory
# custom:
#   severity: warning
#   relates: [KAR-0051]
#   kinds: [accelerator-workload]
#   fix: unsafe
#   mentions: [vllm, sglang, text-generation, torchrun, deepspeed, torch.distributed, accelerate, mpirun, NCCL_]
#   message: Container {container} runs several processes on {given} with the 64 MiB of shared memory that a container has by default, so they may die with a bus error once they exchange more.
#   help: 'Mount an emptyDir with medium: Memory and a sizeLimit at /dev/shm; it counts against the memory limit of the container.'
package karlint.rules.device.small_shared_memory

import data.karlint.lib.parallel
import data.karlint.lib.value

findings contains {"at": pair.container.accelerators[0].path, "anchor": "key", "args": args, "fix": fix} if {
	not input.resource.partial
	not input.resource.group in {"ray.io", "nvidia.com", "serving.kserve.io"} # their operators and presets mount one
	not startswith(input.resource.kind, "Ray") # a fleet of Ray clusters is of another group
	some pair in _several
	pair.container.role == "main"
	not pair.container.accelerators[0].vendor in {"google-tpu", "aws-neuron"}
	have := parallel.given(pair.template, pair.container)
	have > 1
	not pair.template.spec.hostIPC
	not _mounts_memory(pair.container.body)
	_shares(pair.container)
	args := {"container": pair.container.name, "given": value.counted(have, "device")}
	fix := [operation | some operation in array.concat(_volume(pair.template), _mount(pair)); _has_room(pair)]
}

# What is in the volume counts against the memory limit: one that leaves little beside it is another's to raise.
_has_room(pair) if {
	is_array(pair.template.spec.containers)
	every volume in value.list(object.get(pair.template.spec, "volumes", [])) { volume != object.union(volume, {"name": "shm"}) }
	_limit(pair.container.body) >= 17179869184
}

_limit(body) := value.quantity(body.resources.limits.memory)

_limit(body) := 1e18 if not body.resources.limits.memory

_volume(template) := _appended(template.spec, template.spec_path, "volumes", {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "8Gi"}})

_mount(pair) := _appended(pair.container.body, pair.container.path, "volumeMounts", {"name": "shm", "mountPath": "/dev/shm"})

_appended(holder, path, field, item) := [{"op": "add", "at": array.concat(path, [field, count(holder[field])]), "value": item}] if {
	is_array(holder[field])
} else := [{"op": "add", "at": array.concat(path, [field]), "value": [item]}]

# Containers that may have more than one device.
_several := [{"template": t, "container": c} |
	some t in input.workload.templates
	some c in t.containers
	array.concat([found.quantity | some found in c.accelerators], c.claims) != [1]
	c.accelerators != []
]

_mounts_memory(body) if {
	some mount in value.list(body.volumeMounts)
	mount.mountPath in {"/dev/shm", "/dev/shm/", "/dev"}
}

_shares(container) if parallel.wanted(container.server) > 1

_shares(container) if regex.match(`\b(torchrun|deepspeed|torch\.distributed|accelerate launch|mpirun)\b`, parallel.script(container))

_shares(container) if {
	some entry in value.list(container.body.env)
	value.matches(`^NCCL_`, entry.name)
}
