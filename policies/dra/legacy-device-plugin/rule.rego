# METADATA
# title: Device-plugin request where DRA serves the vendor
# description: |
#   The tree allocates this vendor's devices through Dynamic Resource Allocation, and this container still asks the device
#   plugin by resource name. On one node a device belongs to one of the two: where the DRA driver owns it, the plugin offers
#   none and the pod stays pending; where both are installed, one device can be handed out twice.
#
#   Quiet where a DeviceClass of the vendor has an `extendedResourceName`, since DRA then serves such requests unchanged. From
#   1.36 that is on by default, so the rule speaks only where the tree holds the driver's own class and it has none. Quiet
#   also for pods that choose their nodes: a cluster may well have nodes of either kind. Ignore it while you migrate.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
#     description: claims, device classes and extended resources served by DRA
#   - ref: https://github.com/kubernetes/enhancements/tree/master/keps/sig-scheduling/5004-dra-extended-resource
#     description: extendedResourceName; one node has one owner for a resource name
#   - ref: kubernetes-sigs/dra-driver-nvidia-gpu:deployments/helm/dra-driver-nvidia-gpu/values.yaml
#     description: the GPU part of the driver and the device plugin exclude each other
# custom:
#   severity: warning
#   requirements: [KAR-0051]
#   relates: [KAR-0049]
#   kinds: [accelerator-workload]
#   looks_up:
#     - resource.k8s.io/DeviceClass
#     - resource.k8s.io/ResourceClaim
#     - resource.k8s.io/ResourceClaimTemplate
#   since: 34
#   versioned: true
#   near: [resource.k8s.io/ResourceClaim, resource.k8s.io/ResourceClaimTemplate, resource.k8s.io/DeviceClass]
#   message: Container {container} asks the device plugin for {resource} while the {kind} {name} allocates {vendor} devices through DRA, so the pod stays pending wherever the DRA driver owns them.
#   help: Take the devices through a ResourceClaimTemplate as well (`karlint migrate dra` writes it), or set extendedResourceName {resource} on the DeviceClass (on by default from 1.36).
#   cases:
#     same-pod:
#       message: Container {container} asks the device plugin for {resource} although the pod's claim {name} takes {vendor} devices through DRA, so the pod needs both kinds of allocation on one node.
#       help: Keep one of the two, best the claim, with the number of devices that the pod needs in all.
package karlint.rules.dra.legacy_device_plugin

import data.karlint.lib.accelerators
import data.karlint.lib.pods
import data.karlint.lib.scope
import data.karlint.lib.value

findings contains {"at": found.path, "anchor": "key", "case": "same-pod", "args": args} if {
	some t in input.workload.templates
	some claim in t.claims
	claim.devices != 0
	some c in t.containers
	some found in c.accelerators
	pair := {"template": t, "container": c}
	some class in claim.device_classes
	accelerators.class_vendor(class) == found.vendor
	args := object.union(_args(pair, found), {"name": claim.name})
	not accelerators.infrastructure
}

findings contains {"at": found.path, "anchor": "key", "severity": user.severity, "args": args, "related": related} if {
	some t in input.workload.templates
	t.claims == []
	some c in t.containers
	some found in c.accelerators
	user := [u | some u in _users; u.vendor == found.vendor][0]
	not pods.chooses_nodes(t)
	not _served_by_dra(found)
	pair := {"template": t, "container": c}
	args := object.union(_args(pair, found), {"kind": user.kind, "name": user.name})
	related := [{"resource": user.index, "at": ["metadata", "name"], "message": "DRA allocates devices of this vendor"}]
	not accelerators.infrastructure
}

_args(pair, found) := {"container": pair.container.name, "resource": found.resource, "vendor": found.vendor}

_users := array.concat(_claims, _classes)

# Claims and templates of the same namespace and part of the tree, with the vendor whose devices they take.
_claims := [user |
	some kind, at in {"ResourceClaim": ["spec"], "ResourceClaimTemplate": ["spec", "spec"]}
	some e in scope.near(sprintf("resource.k8s.io/%s", [kind]))
	e.namespace == input.resource.namespace
	some request in value.list(object.get(e.object, array.concat(at, ["devices", "requests"]), []))
	is_object(request)
	exact := object.get(request, "exactly", request)
	not exact.adminAccess
	user := _user(e, kind, accelerators.class_vendor(exact.deviceClassName), "warning")
]

# A device class alone says that the driver is there, not that it owns every node: a note.
_classes := [_user(e, "DeviceClass", vendor, "note") |
	some e in scope.near("resource.k8s.io/DeviceClass")
	some vendor in accelerators.definition_vendors(e.object)
]

_user(e, kind, vendor, severity) := {"index": e.index, "name": e.name, "kind": kind, "vendor": vendor, "severity": severity}

# A tree that uses the feature for one class of the vendor may well have the class in question from the driver's chart.
_served_by_dra(found) if {
	some e in _definitions
	found.vendor in accelerators.definition_vendors(e.object)
	e.object.spec.extendedResourceName
}

# From 1.36 the driver's own class says it, as far as the tree does not show the contrary.
_served_by_dra(found) if {
	input.target.minor >= 36
	count([e | some e in _definitions; accelerators.class_vendor(e.name) == found.vendor]) == 0
}

_definitions := [e | some entries in data.inventory.by_kind["resource.k8s.io/DeviceClass"][""]; some e in entries]
