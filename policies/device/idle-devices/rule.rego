# METADATA
# title: Devices that the program never uses
# description: |
#   The container is given more devices than the program in it uses. vLLM and SGLang take one GPU unless told otherwise, and
#   never more than their parallelism says. `CUDA_VISIBLE_DEVICES` hides those that it does not list. The rest is paid
#   for, counts against the quota, and does nothing.
#
#   Quiet where more than one server runs in the container, where it spans several pods, and where any flag of parallelism is
#   not known.
# related_resources:
#   - ref: https://docs.vllm.ai/en/latest/configuration/engine_args.html
#     description: each parallel size defaults to 1
#   - ref: https://docs.sglang.ai/advanced_features/server_arguments.html
#     description: tp-size defaults to 1
#   - ref: https://docs.nvidia.com/cuda/cuda-c-programming-guide/index.html#cuda-environment-variables
#     description: CUDA_VISIBLE_DEVICES limits the devices that a program sees
# custom:
#   severity: warning
#   relates: [KAR-0003, KAR-0051]
#   kinds: [accelerator-workload]
#   mentions: [vllm, sglang, VISIBLE_DEVICES, --device]
#   message: Container {container} has {given} and its server uses {want}, so the others stay idle while nobody else can have them.
#   help: Ask for {want}, or set the parallelism to {have}.
#   cases:
#     hidden:
#       message: Container {container} has {given} and {variable} shows its program {want}, so the rest stays idle while nobody else can have them.
#       help: Ask for as many as the program shall use, or remove {variable}.
#     cpu:
#       message: Container {container} has {given} and its server runs on the CPU (--device cpu), so nobody uses what nobody else can have.
#       help: Ask for no device, or remove the flag.
package karlint.rules.device.idle_devices

import data.karlint.lib.parallel
import data.karlint.lib.pods
import data.karlint.lib.value

findings contains {"at": pair.container.accelerators[0].path, "args": args} if {
	some pair in _serving
	server := pair.container.server
	server.engine in {"vllm", "sglang"}
	[found.quantity | some found in pair.container.accelerators] != [1] # asked first, since it costs little
	have := parallel.given(pair.template, pair.container)
	have > 1
	want := parallel.wanted(server)
	want < have
	object.get(server.flags, "device", "") != "cpu"
	_single(pair.container, server)
	args := {"container": pair.container.name, "have": have, "given": value.counted(have, "device"), "want": want}
}

findings contains {"at": pair.container.accelerators[0].path, "case": "cpu", "args": args} if {
	some pair in _serving
	pair.container.server.flags.device == "cpu"
	have := parallel.given(pair.template, pair.container)
	have > 0
	args := {"container": pair.container.name, "given": value.counted(have, "device")}
}

findings contains {"at": at, "case": "hidden", "args": args} if {
	some t in input.workload.templates
	some c in t.containers
	is_array(c.body.env)
	some index, entry in c.body.env
	entry.name in {"CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"}
	pair := {"template": t, "container": c}
	want := _shown(entry.value)
	have := parallel.given(pair.template, pair.container)
	want < have
	at := pods.below(pair.container, ["env", index, "value"])
	args := {"container": pair.container.name, "given": value.counted(have, "device"), "want": want, "variable": entry.name}
}

# Servers with devices of which one may be idle.
_serving := [{"template": t, "container": c} |
	some t in input.workload.templates
	some c in t.containers
	c.server.engine
]

_shown(text) := 0 if text in {"", "-1", "NoDevFiles"}

_shown(text) := count(split(text, ",")) if value.matches(`^[0-9]+(,[0-9]+)*$`, text)

# One server, alone in its container and on one node, none of whose flags could mean more devices.
_single(container, server) if {
	parallel.nodes(input.resource, input.object, container) == 1
	is_array(container.tokens)
	not regex.match(`data-parallel|dp-size|--dp\b|dp-attention|context-parallel|--config|--nnodes|speculative|encoder|--omni`, parallel.script(container))
	count(regex.find_n(`vllm serve|api_server|launch_server|"serve"|sglang serve`, parallel.script(container), 2)) < 2
	not server.flags["load-balance-method"]
}
