# METADATA
# title: Claim of a device class that is not there
# description: |
#   A request names the DeviceClass whose devices it wants. Where no such class exists, the claim is accepted, the scheduler finds
#   nothing to allocate, and every pod with the claim stays pending.
#
#   Said only where the tree manages DeviceClasses in that part, and not of the well-known classes that drivers bring
#   along. A class that is made by other means can be declared with `assume`.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
#     description: a request refers to a DeviceClass by name
#   - ref: kubernetes/kubernetes:pkg/scheduler/framework/plugins/dynamicresources/dynamicresources.go
#     description: a pod whose claim names a class that does not exist is unschedulable
# custom:
#   severity: warning
#   requirements: [KAR-0051]
#   kinds: [resource.k8s.io/ResourceClaim, resource.k8s.io/ResourceClaimTemplate]
#   looks_up: [resource.k8s.io/DeviceClass]
#   since: 31
#   message: The request {request} wants devices of class {class}, which is nowhere in the tree although others are, so pods with this claim stay pending.
#   help: Correct the name, or add the DeviceClass; if something else creates it, declare it with assume.
package karlint.rules.dra.device_class_not_found

import data.karlint.lib.accelerators
import data.karlint.lib.claims
import data.karlint.lib.scope
import data.karlint.lib.value

findings contains {"at": array.concat(r.at, ["deviceClassName"]), "args": {"request": r.name, "class": class}} if {
	path := claims.home(input.resource.kind)
	some r in claims.asked(value.map(object.get(input.object, path, {})), path)
	class := value.str(r.body.deviceClassName)
	scope.missing("resource.k8s.io/DeviceClass", "", class)
	not _known(class)
}

_known(class) if accelerators.class_vendor(class)

_known(class) if class in data.karlint.tables.accelerators.not_accelerators.device_classes
