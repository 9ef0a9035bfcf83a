# METADATA
# title: Device asked for by name where a claim would say more
# description: |
#   The tree has a DeviceClass of this vendor, so its devices can be had by a claim, and the container asks the device plugin by resource
#   name. That works. A claim can also say which device it shall be, how several of them lie to each other, what to take if
#   there is none, and which containers share one.
#
#   Only in the profile `prefer-claims`, for trees that are on their way from device plugins to Dynamic Resource Allocation. A note; a
#   warning where the pod picks its nodes by a property of the device (product, memory), which is what a claim's selectors are for. Quiet
#   where a class of the tree serves the resource name itself (`extendedResourceName`), since nothing needs to change then.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
#     description: what claims can ask for
#   - ref: https://github.com/kubernetes/enhancements/tree/master/keps/sig-scheduling/5004-dra-extended-resource
#     description: requests by resource name that DRA serves unchanged
# custom:
#   severity: note
#   relates: [KAR-0051]
#   profile: prefer-claims
#   kinds: [accelerator-workload]
#   looks_up: [resource.k8s.io/DeviceClass]
#   since: 34
#   message: Container {container} asks for {need} {resource} by name, although the tree has the DeviceClass {class} for devices of this vendor.
#   help: Make a ResourceClaimTemplate for {need} of class {class}, and name it in the pod and in the container; `karlint migrate dra` does so.
#   cases:
#     chosen:
#       message: Container {container} asks for {need} {resource} by name and the pod picks its nodes by {label}, which a claim of DeviceClass {class} can say of the device itself.
#       help: Make a ResourceClaimTemplate for {need} of class {class} with a selector in place of {label}, and name it in the pod and in the container; `karlint migrate dra` does so.
package karlint.rules.dra.prefer_claim

import data.karlint.lib.accelerators
import data.karlint.lib.nodes
import data.karlint.lib.pods
import data.karlint.lib.scope

findings contains object.union({"at": found.path, "anchor": "key"}, form) if {
	some pair in pods.pairs
	some found in pair.container.accelerators
	is_number(found.quantity)
	classes := [e | some e in _classes; found.vendor in accelerators.definition_vendors(e.object)]
	count(classes) > 0
	count([e | some e in classes; e.object.spec.extendedResourceName]) == 0
	args := {"container": pair.container.name, "need": found.quantity, "resource": found.resource, "class": classes[0].name}
	form := _form(pair.template, args)
	not accelerators.infrastructure
}

_form(template, args) := {"case": "chosen", "severity": "warning", "args": object.union(args, {"label": label})} if {
	label := [d.key | some d in nodes.alternatives(template.spec)[0]; regex.match(_property, d.key)][0]
} else := {"args": args}

_property := `^(nvidia\.com/gpu\.(product|memory|family|compute)|amd\.com/gpu\.|gpu\.intel\.com/|cloud\.google\.com/gke-accelerator$)`

_classes := scope.near("resource.k8s.io/DeviceClass")
