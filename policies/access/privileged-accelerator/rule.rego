# METADATA
# title: Accelerator workload with the powers of the host
# description: |
#   A privileged container gets every device of the node, so the one accelerator that it was given is no bound: it can use,
#   reset or read the memory of those that belong to others. `SYS_ADMIN` holds every right that the NVIDIA driver knows,
#   among them to repartition a GPU. With the host's IPC or process namespace it can join the shared GPU memory and see the
#   processes of other pods. Training and inference need none of this; shared memory between processes comes from an
#   `emptyDir` with `medium: Memory`.
#
#   `SYS_PTRACE` reads the memory of processes, and that of their GPUs' hosts; it matters where processes are shared, so it is a
#   warning, like a container without seccomp.
#
#   Profilers (Nsight, CUPTI) read the counters of a GPU, which the NVIDIA driver gives to administrators only unless it is told
#   otherwise, so `SYS_ADMIN` of a container that profiles is a warning.
#
#   Device plugins, drivers, exporters and the like need the host and are left alone. `IPC_LOCK`, which RDMA needs, too.
# related_resources:
#   - ref: https://github.com/kubernetes-sigs/ai-conformance/tree/main/kars/0049-secure-accelerator-access
#     description: access to accelerators is mediated by device plugin or DRA
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#     description: privileged, host namespaces and these capabilities are outside the baseline
#   - ref: https://docs.nvidia.com/datacenter/tesla/mig-user-guide/
#     description: CAP_SYS_ADMIN holds the capabilities of the NVIDIA driver
#   - ref: https://developer.nvidia.com/nvidia-development-tools-solutions-err_nvgpuctrperm-permission-issue-performance-counters
#     description: performance counters need SYS_ADMIN, or NVreg_RestrictProfilingToAdminUsers=0 on the node
# custom:
#   severity: error
#   mentions: [privileged, hostIPC, hostPID, capabilities, Unconfined]
#   requirements: [KAR-0049]
#   kinds: [accelerator-workload]
#   message: Container {container} runs privileged in a pod with accelerators, so it can reach every accelerator of the node and not only those it was given.
#   help: Drop privileged; the device plugin or the claim brings the devices that the container needs.
#   cases:
#     capability:
#       message: Container {container} adds the capability {capability} in a pod with accelerators, which lets it control devices that it was not given.
#       help: Remove {capability}; accelerators need no added capability, RDMA at most IPC_LOCK.
#     profiler:
#       message: Container {container} adds the capability {capability} to read the counters of its GPU, and with it gets control of devices that it was not given.
#       help: Let the driver of the nodes for profiling give the counters to everybody (NVreg_RestrictProfilingToAdminUsers=0), and remove {capability}.
#     ptrace:
#       message: Container {container} adds the capability {capability} in a pod with accelerators, which lets it read the memory of the other processes of the pod, and of the node's where these are shared.
#       help: Remove {capability}; profilers that need it belong into a pod of their own.
#     seccomp:
#       message: Container {container} runs without seccomp in a pod with accelerators, so every call of the kernel and of its device drivers is open to it.
#       help: Remove the profile Unconfined, or write RuntimeDefault.
#     namespace:
#       message: The pod uses accelerators in the host's namespace ({field}), where it can interfere with the accelerator processes of other pods.
#       help: Remove {field}; {instead}.
package karlint.rules.access.privileged_accelerator

import data.karlint.lib.accelerators
import data.karlint.lib.parallel
import data.karlint.lib.pods
import data.karlint.lib.value

findings contains {"at": at, "severity": _severity(template), "args": {"container": c.name}} if {
	some template in input.workload.templates
	some c in template.containers
	c.body.securityContext.privileged == true
	_judged(template)
	at := pods.below(c, ["securityContext", "privileged"])
}

findings contains {"at": at, "case": form.case, "severity": form.severity, "args": {"container": c.name, "capability": capability}} if {
	some template in input.workload.templates
	some c in template.containers
	not c.body.securityContext.privileged
	some index, capability in value.list(c.body.securityContext.capabilities.add)
	is_string(capability)
	name := trim_prefix(upper(capability), "CAP_")
	_capabilities[name]
	_judged(template)
	form := _form(c, name)
	at := pods.below(c, ["securityContext", "capabilities", "add", index])
}

_form(c, "SYS_ADMIN") := {"case": "profiler", "severity": "warning"} if _profiles(c)

_form(c, name) := _capabilities[name] if not _profiles(c)

_form(c, name) := _capabilities[name] if {
	_profiles(c)
	name != "SYS_ADMIN"
}

# By its image or its command.
_profiles(c) if {
	words := [c.body.image, parallel.script(c)]
	some text in words
	value.matches(`(?i)\b(nsight|nsys|ncu|cupti|nvprof)\b`, text)
}

_capabilities := object.union(
	{name: {"case": "capability", "severity": "error"} | some name in ["SYS_ADMIN", "SYS_RAWIO", "SYS_MODULE", "ALL"]},
	{"SYS_PTRACE": {"case": "ptrace", "severity": "warning"}},
)

findings contains {"at": at, "severity": "warning", "case": "seccomp", "args": {"container": c.name}} if {
	some template in input.workload.templates
	some c in template.containers
	not c.body.securityContext.privileged
	c.body.securityContext.seccompProfile.type == "Unconfined"
	_judged(template)
	at := pods.below(c, ["securityContext", "seccompProfile", "type"])
}

_instead := {
	"hostIPC": "for shared memory between processes mount an emptyDir with medium Memory at /dev/shm",
	"hostPID": "processes of one pod see each other with shareProcessNamespace",
}

findings contains {"at": at, "severity": "warning", "case": "namespace", "args": {"field": field, "instead": instead}} if {
	some template in input.workload.templates
	some field, instead in _instead
	template.spec[field] == true
	_judged(template)
	at := pods.in_spec(template, [field])
}

# Older images for TPUs were told to run privileged, and a TPU pod holds all chips of its node as a rule.
_severity(template) := "warning" if _vendors(template) == {"google-tpu"}

_severity(template) := "error" if _vendors(template) != {"google-tpu"}

_vendors(template) := {found.vendor | some c in template.containers; some found in c.accelerators}

# Templates that ask for an accelerator themselves.
_judged(template) if {
	_has_accelerator(template)
	not accelerators.infrastructure
}

_has_accelerator(template) if count(template.accelerators) > 0

_has_accelerator(template) if {
	some claim in template.claims
	some class in claim.device_classes
	is_string(accelerators.class_vendor(class))
}
