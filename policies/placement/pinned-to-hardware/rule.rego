# METADATA
# title: Manifest that names one piece of hardware
# description: |
#   A UUID, a bus address, a serial number or a host name means one device or one node. The day the provider replaces it, the name is
#   gone and the pod waits for ever; a second replica waits from the start, and no autoscaler can make another one. In a pod that
#   asks for a number of devices, a UUID is wrong as often as not: the scheduler picks the device, and the program looks for another.
#
#   Select by what a device is: product, memory, architecture. Relations between devices (`matchAttribute`) are no pins.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
#     description: the scheduler chooses devices by selectors and constraints
#   - ref: https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#built-in-node-labels
#     description: kubernetes.io/hostname is the name of one node
#   - ref: https://docs.nvidia.com/cuda/cuda-c-programming-guide/index.html#cuda-environment-variables
#     description: CUDA_VISIBLE_DEVICES takes UUIDs too
# custom:
#   severity: warning
#   requirements: [KAR-0055]
#   relates: [KAR-0051]
#   kinds:
#     - accelerator-workload
#     - resource.k8s.io/ResourceClaim
#     - resource.k8s.io/ResourceClaimTemplate
#     - resource.k8s.io/DeviceClass
#   mentions: [GPU-, MIG-, kubernetes.io/hostname, device.attributes]
#   message: Container {container} sets {variable} to {value}, which is one GPU of one node, while the scheduler may give it any other, so the program finds none.
#   help: Remove {variable}; the container sees the devices that it was given.
#   cases:
#     attribute:
#       message: The selector wants the one device whose {attribute} is {value}, so pods wait for ever once that device is gone, and a second one waits from the start.
#       help: Select by what the device is, such as productName, architecture or memory.
#     host:
#       message: The pod wants the node {value}, so it waits for ever once that node is replaced, and no autoscaler can help.
#       help: Choose nodes by a label that others can have too, such as the product of the accelerator.
package karlint.rules.placement.pinned_to_hardware

import data.karlint.lib.claims
import data.karlint.lib.nodes
import data.karlint.lib.pods
import data.karlint.lib.value

findings contains {"at": pods.below(c, ["env", index, "value"]), "severity": "error", "args": args} if {
	some c in pods.containers
	pods.asks(c)
	some index, entry in value.list(c.body.env)
	entry.name in {"CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"}
	value.matches(`^(GPU|MIG)-[0-9a-f-]{8,}`, entry.value)
	args := {"container": c.name, "variable": entry.name, "value": entry.value}
}

findings contains {"at": pods.in_spec(t, demand.at), "case": "host", "args": {"value": demand.values[0]}} if {
	not input.resource.kind in {"DaemonSet", "Pod"}
	some t in pods.templates
	count(t.accelerators) > 0
	nodes.demands(t.spec, "kubernetes.io/hostname")
	demand := nodes.of_key(t.spec, "kubernetes.io/hostname")[0]
	demand.operator == "In"
	count(demand.values) == 1
}

findings contains {"at": s.at, "case": "attribute", "severity": s.severity, "args": {"attribute": m[1], "value": m[2]}} if {
	some s in _selectors
	some m in regex.find_all_string_submatch_n(_identity, s.text, 1)
}

_identity := concat("", [
	`device\.attributes\[[^\]]*\]\.(uuid|pciBusID|pcieBusID|pciAddr|pciAddress|serial|mac|cardIndex|renderIndex)`,
	`\s*==\s*["']([^"']+)["']`,
])

_path := claims.home(input.resource.kind)

_selectors contains object.union(s, {"severity": _severity(object.get(entry.body, "deviceClassName", ""))}) if {
	some entry in claims.asked(value.map(object.get(input.object, _path, {})), _path)
	some s in claims.selectors(entry.body, entry.at)
}

_selectors contains object.union(s, {"severity": "warning"}) if {
	input.resource.kind == "DeviceClass"
	some s in claims.selectors(input.object.spec, ["spec"])
}

# A network card is often chosen by its port.
_severity(class) := "note" if class in data.karlint.tables.accelerators.not_accelerators.device_classes

_severity(class) := "warning" if not class in data.karlint.tables.accelerators.not_accelerators.device_classes
