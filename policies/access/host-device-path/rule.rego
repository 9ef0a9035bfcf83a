# METADATA
# title: Accelerator device mounted from the host
# description: |
#   A `hostPath` to an accelerator's device file goes around the allocation: the scheduler does not count it, another pod may
#   hold the same device, and after a move to another node the path is somebody else's device. A device file mounted this
#   way also needs a privileged container to be of any use, which opens all the others.
#
#   Whole `/dev` and `/` are named only in pods that use accelerators. Device plugins, drivers and exporters are left alone,
#   and so are `/dev/shm` and the sockets of drivers, such as that of NVIDIA MPS.
# related_resources:
#   - ref: https://github.com/kubernetes-sigs/ai-conformance/tree/main/kars/0049-secure-accelerator-access
#     description: access to accelerators is mediated by device plugin or DRA
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#     description: hostPath volumes are outside the baseline
#   - ref: https://rocm.docs.amd.com/projects/install-on-linux/en/latest/how-to/docker.html
#     description: /dev/kfd is the compute interface of all AMD GPUs of a machine
# custom:
#   severity: error
#   mentions: [hostPath, nvidia-container-devices]
#   requirements: [KAR-0049]
#   kinds: [workload, PersistentVolume]
#   message: Volume {volume} mounts {path} from the host, so the pod uses accelerators that nobody allocated to it and that others may hold.
#   help: Remove the volume and ask for the device with a resource claim or a resource name such as {example}.
#   cases:
#     parent:
#       message: Volume {volume} mounts {path} from the host into a pod that uses accelerators, so it holds the device files of every accelerator of the node.
#       help: Remove the volume; the device plugin or the claim brings the device files that the container needs.
#     listed:
#       message: Container {container} mounts something at {path}, which the NVIDIA runtime reads as a list of GPUs, so it gets GPUs that nobody allocated to it.
#       help: Remove the mount and ask for the devices with a resource claim or in limits.
package karlint.rules.access.host_device_path

import data.karlint.lib.accelerators
import data.karlint.lib.pods
import data.karlint.lib.value

findings contains {"at": v.at, "args": {"volume": v.name, "path": v.path, "example": example}} if {
	some v in _volumes
	startswith(v.path, "/dev/")
	some pattern, example in _devices
	regex.match(pattern, v.path)
	not accelerators.infrastructure
}

findings contains {"at": v.at, "case": "parent", "args": {"volume": v.name, "path": v.path}} if {
	some v in _volumes
	v.path in {"/", "/dev"}
	v.asks
	not accelerators.infrastructure
}

# The device plugin lists the devices of a container by mounts, where it is told to; anybody else can do so too.
findings contains {"at": at, "case": "listed", "args": {"container": c.name, "path": mount.mountPath}} if {
	some t in input.workload.templates
	some c in t.containers
	is_array(c.body.volumeMounts)
	some index, mount in c.body.volumeMounts
	value.matches(`^/var/run/nvidia-container-devices(/|$)`, mount.mountPath)
	at := pods.below(c, ["volumeMounts", index, "mountPath"])
	not accelerators.infrastructure
}

findings contains {"at": ["spec", "hostPath", "path"], "args": {"volume": name, "path": path, "example": example}} if {
	input.resource.kind == "PersistentVolume"
	path := _normal(input.object.spec.hostPath.path)
	some pattern, example in _devices
	regex.match(pattern, path)
	name := input.resource.name
}

_volumes contains volume if {
	some template in input.workload.templates
	some index, entry in value.list(template.spec.volumes)
	is_string(entry.hostPath.path)
	volume := {
		"asks": template.accelerators != {}, "name": entry.name, "path": _normal(entry.hostPath.path),
		"at": pods.in_spec(template, ["volumes", index, "hostPath", "path"]),
	}
}

_normal(path) := "/" if path == "/"

_normal(path) := trim_right(path, "/") if {
	is_string(path)
	path != "/"
}

# Device files, with the resource name that asks for the device.
_devices := {
	`^/dev/nvidia([0-9]+|ctl|-uvm(-tools)?|-modeset|-caps(/.*)?|-caps-imex-channels(/.*)?)$`: "nvidia.com/gpu",
	`^/dev/kfd$`: "amd.com/gpu",
	`^/dev/dri(/.*)?$`: "amd.com/gpu or gpu.intel.com/xe",
	`^/dev/accel([0-9]+|/.*)?$`: "google.com/tpu or habana.ai/gaudi",
	`^/dev/hl[0-9]+$`: "habana.ai/gaudi",
	`^/dev/vfio(/.*)?$`: "a class for passthrough, such as vfio.gpu.nvidia.com",
	`^/dev/neuron[0-9]+$`: "aws.amazon.com/neuron",
	`^/dev/davinci([0-9]+|_manager)$`: "huawei.com/Ascend910",
}
