# METADATA
# title: Quota that a ResourceClaim goes around
# description: |
#   The quota limits the extended resource of a vendor, and workloads of the same namespace get the same vendor's devices
#   through ResourceClaims, which are counted under a different name. The namespace can use any number of devices.
#
#   Quiet where a quota of the namespace counts the device class or the claims, and where the DeviceClass of the tree
#   sets `extendedResourceName`: its claims are then charged to the extended resource too, from 1.36 on.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/policy/resource-quotas/#resource-quota-for-extended-resources
#     description: the names under which extended resources and devices of a class are counted
#   - ref: https://github.com/kubernetes/kubernetes/blob/master/pkg/quota/v1/evaluator/core/resource_claims.go
#     description: a claim is charged to its class, and to the extended resource only through the class
# custom:
#   severity: warning
#   relates: [KAR-0051, KAR-0049]
#   kinds: [ResourceQuota]
#   looks_up: [ResourceQuota, resource.k8s.io/DeviceClass, workload]
#   since: 32
#   versioned: true
#   message: The quota of {resource} does not count {kind} {name}, which gets its devices by claims of class {class}, so the namespace can use more than {hard}.
#   help: Add {key} to spec.hard.
package karlint.rules.quota.bypass_by_dra

import data.karlint.lib.accelerators
import data.karlint.lib.features
import data.karlint.lib.quota
import data.karlint.lib.value

findings contains {
	"at": ["spec", "hard", key],
	"args": {
		"resource": resource, "kind": row.kind, "name": row.name, "class": class,
		"hard": input.object.spec.hard[key], "key": row.resource,
	},
	"related": [{"resource": row.index, "at": row.at, "message": "gets devices by this claim"}],
} if {
	not quota.scoped(input.object) # claims have no scope, so that such a quota could not count them
	some key, resource in quota.counted(input.object)
	some row in _first_by_class
	class := trim_suffix(row.resource, quota.class_suffix)
	accelerators.class_vendor(class) == accelerators.vendor(resource)
	not row.resource in _counted_keys
	not "count/resourceclaims.resource.k8s.io" in _counted_keys
	not _charged_to_resource(class)
}

# One row for each class: further workloads repeat the same hole.
_first_by_class contains rows[0] if {
	some name in {row.resource | some row in quota.demand(input.resource)}
	endswith(name, quota.class_suffix)
	rows := [row | some row in quota.demand(input.resource); row.resource == name]
}

_counted_keys contains key if {
	some entries in data.inventory.by_kind.ResourceQuota[input.resource.namespace]
	some key in object.keys(value.map(entries[_].object.spec.hard))
}

_charged_to_resource(class) if {
	features.on("DRAExtendedResource")
	some names in data.inventory.by_kind["resource.k8s.io/DeviceClass"]
	some entry in names[class]
	entry.object.spec.extendedResourceName
}
