# METADATA
# title: Claim of all devices under a smaller quota
# description: |
#   How many devices a claim with `allocationMode: All` gets is known only once it is allocated. A ResourceQuota counts the most that it could be
#   when the claim is made, 32 for each such request. Where the quota of the class is smaller, the claim is refused although the node
#   may have a handful of devices.
# related_resources:
#   - ref: kubernetes/kubernetes:pkg/quota/v1/evaluator/core/resource_claims.go
#     description: All is charged with the most devices that an allocation can hold
#   - ref: kubernetes/kubernetes:staging/src/k8s.io/api/resource/v1/types.go
#     description: AllocationResultsMaxSize is 32
#   - ref: https://kubernetes.io/docs/concepts/policy/resource-quotas/
#     description: the keys of device classes
# custom:
#   severity: error
#   relates: [KAR-0051]
#   kinds: [resource.k8s.io/ResourceClaim, resource.k8s.io/ResourceClaimTemplate]
#   looks_up: [ResourceQuota]
#   mentions: [allocationMode]
#   since: 32
#   message: The request {request} for all devices of class {class} counts as 32, and quota {quota} allows {hard}, so the claim is refused.
#   help: Ask for the number of devices that you need (ExactCount), or raise the quota to 32 for each such request.
package karlint.rules.quota.all_counts_as_most

import data.karlint.lib.claims
import data.karlint.lib.quota
import data.karlint.lib.scope
import data.karlint.lib.value

findings contains {"at": array.concat(r.at, ["allocationMode"]), "args": args, "related": related} if {
	path := claims.home(input.resource.kind)
	some r in claims.asked(value.map(object.get(input.object, path, {})), path)
	r.body.allocationMode == "All"
	class := value.str(r.body.deviceClassName)
	some entries in data.inventory.by_kind.ResourceQuota[input.resource.namespace]
	some entry in entries
	scope.same_scope(entry.directory, input.resource.directory)
	not quota.scoped(entry.object)
	key := sprintf("%s%s", [class, quota.class_suffix])
	hard := value.known_int(entry.object.spec.hard[key])
	hard < 32
	args := {"request": r.name, "class": class, "quota": entry.name, "hard": hard}
	related := [{"resource": entry.index, "at": ["spec", "hard", key], "message": "the quota"}]
}
