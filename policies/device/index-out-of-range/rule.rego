# METADATA
# title: Device index that the container does not have
# description: |
#   Inside a container devices are numbered from 0, whatever their numbers on the node. `CUDA_VISIBLE_DEVICES=1` in a container
#   with one GPU therefore names a GPU that is not there, and CUDA stops at the first such index: the program sees none
#   of those that follow, while `nvidia-smi` still lists them.
#
#   Quiet where the number of devices is not known, and for shares of a device.
# related_resources:
#   - ref: https://docs.nvidia.com/cuda/cuda-c-programming-guide/index.html#cuda-environment-variables
#     description: devices behind an invalid index are not visible
#   - ref: https://rocm.docs.amd.com/en/latest/conceptual/gpu-isolation.html
#     description: HIP_VISIBLE_DEVICES and ROCR_VISIBLE_DEVICES number the devices that there are
#   - ref: https://github.com/NVIDIA/k8s-device-plugin
#     description: a container gets the devices that were allocated to it, and no others
# custom:
#   severity: error
#   requirements: [KAR-0051]
#   relates: [KAR-0049]
#   kinds: [accelerator-workload]
#   mentions: [VISIBLE_DEVICES]
#   fix: unsafe
#   message: Container {container} sets {variable} to {value}, but it has {given}, numbered from 0, so the program sees no device at all.
#   help: Remove {variable}; the container sees the devices that it was given and no others.
#   cases:
#     later:
#       message: Container {container} sets {variable} to {value}, but it has {given}, numbered from 0, so the program sees those before number {first} and no others.
#       help: Remove {variable}, or ask for as many devices as it lists.
package karlint.rules.device.index_out_of_range

import data.karlint.lib.parallel
import data.karlint.lib.pods
import data.karlint.lib.value

findings contains {"at": pods.below(pair.container, found.at), "args": args, "case": form.case, "severity": form.severity, "fix": fix} if {
	some pair in pods.pairs
	some found in _set(pair.container.body)
	have := parallel.given(pair.template, pair.container)
	have > 0
	beyond := [index | some index in found.indexes; index >= have]
	count(beyond) > 0
	form := _form(found.indexes[0], have)
	fix := pods.without_variable(pair.container, found.at[1])
	args := {
		"container": pair.container.name, "variable": found.variable, "value": found.value, "given": value.counted(have, "device"),
		"first": beyond[0],
	}
}

_form(index, have) := {"case": "", "severity": "error"} if index >= have

_form(index, have) := {"case": "later", "severity": "warning"} if index < have

_set(body) := [{"at": ["env", index, "value"], "variable": entry.name, "value": entry.value, "indexes": indexes} |
	some index, entry in value.list(body.env)
	entry.name in {"CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "ASCEND_RT_VISIBLE_DEVICES"}
	value.matches(`^[0-9]{1,3}(,[0-9]{1,3})*$`, entry.value)
	indexes := [value.known_int(part) | some part in split(entry.value, ",")]
]
