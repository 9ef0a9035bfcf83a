# METADATA
# title: Claim of all devices under a smaller quota
# description: |
#   How many devices a claim with `allocationMode: All` gets is known only once it is allocated. A ResourceQuota counts the most that it could be
#   when the claim is made, 32 for each such request, and the requests of a claim add up. Where the quota of the class is smaller, the
#   claim is refused although the node may have a handful of devices.
#
#   From 1.36 the claim also counts for the class's `extendedResourceName`, if it has one: as `requests.<name>` and as
#   `requests.deviceclass.resource.kubernetes.io/<class>`.
# related_resources:
#   - ref: kubernetes/kubernetes:pkg/quota/v1/evaluator/core/resource_claims.go
#     description: All is charged with the most devices that an allocation can hold; with DRAExtendedResource also by resource name
#   - ref: kubernetes/kubernetes:pkg/features/kube_features.go
#     description: DRAExtendedResource is on by default from 1.36
#   - ref: kubernetes/kubernetes:staging/src/k8s.io/api/resource/v1/types.go
#     description: AllocationResultsMaxSize is 32
#   - ref: https://kubernetes.io/docs/concepts/policy/resource-quotas/
#     description: the keys of device classes
# custom:
#   severity: error
#   relates: [KAR-0051]
#   kinds: [resource.k8s.io/ResourceClaim, resource.k8s.io/ResourceClaimTemplate]
#   looks_up: [ResourceQuota, resource.k8s.io/DeviceClass]
#   mentions: [allocationMode]
#   since: 32
#   versioned: true
#   message: The request {request} for all devices of class {class} counts as 32{sum}, and quota {quota} allows {hard} ({key}), so the claim is refused.
#   help: Ask for the number of devices that you need (ExactCount), or raise the quota to 32 for each such request.
package karlint.rules.quota.all_counts_as_most

import data.karlint.lib.claims
import data.karlint.lib.features
import data.karlint.lib.quota
import data.karlint.lib.scope
import data.karlint.lib.value

findings contains {"at": array.concat(first.at, ["allocationMode"]), "args": args, "related": related} if {
	some class in {value.str(r.body.deviceClassName) | some r in _asked}
	of_class := [r | some r in _asked; r.body.deviceClassName == class]
	first := [r | some r in of_class; r.body.allocationMode == "All"][0]
	most := _most(of_class)
	some entries in data.inventory.by_kind.ResourceQuota[input.resource.namespace]
	some entry in entries
	scope.same_scope(entry.directory, input.resource.directory)
	not quota.scoped(entry.object)
	some key in _keys(class)
	hard := value.known_int(entry.object.spec.hard[key])
	hard < most
	args := {"request": first.name, "class": class, "quota": entry.name, "hard": hard, "key": key, "sum": _sum(most)}
	related := [{"resource": entry.index, "at": ["spec", "hard", key], "message": "the quota"}]
}

_path := claims.home(input.resource.kind)

_asked := claims.asked(value.map(object.get(input.object, _path, {})), _path)

# What the requests of one class count for: choices of one request do not add up, and are left out unless they ask for all.
_most(of_class) := sum([32 | some r in of_class; r.body.allocationMode == "All"; not _choice(r)]) + _exact(of_class) if {
	count([r | some r in of_class; r.body.allocationMode == "All"; not _choice(r)]) > 0
} else := 32

_exact(of_class) := sum([n |
	some r in of_class
	not _choice(r)
	object.get(r.body, "allocationMode", "ExactCount") == "ExactCount"
	n := value.known_int(object.get(r.body, "count", 1))
])

_choice(r) if "firstAvailable" in r.at

_sum(32) := ""

_sum(most) := sprintf(" and the claim as %d", [most]) if most > 32

# The keys of a quota that a claim of the class is charged to.
_keys(class) := {sprintf("%s%s", [class, quota.class_suffix])} | _by_name(class)

_by_name(class) := {sprintf("requests.%s", [name]), sprintf("requests.deviceclass.resource.kubernetes.io/%s", [class])} if {
	features.on("DRAExtendedResource")
	name := value.str(data.inventory.by_kind["resource.k8s.io/DeviceClass"][""][class][0].object.spec.extendedResourceName)
} else := set()
