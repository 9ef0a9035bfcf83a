# METADATA
# title: Two device classes for one resource name
# description: |
#   `extendedResourceName` lets a DeviceClass serve pods that ask by resource name. A name has one class: of two, the scheduler takes the
#   newer one, and which that is depends on the order in which they were created.
# related_resources:
#   - ref: https://github.com/kubernetes/enhancements/tree/master/keps/sig-scheduling/5004-dra-extended-resource
#     description: of several classes with one name the latest is used
#   - ref: kubernetes/kubernetes:staging/src/k8s.io/api/resource/v1/types.go
#     description: extendedResourceName of a DeviceClass
#   - ref: kubernetes/kubernetes:pkg/features/kube_features.go
#     description: DRAExtendedResource is on by default from 1.36; without, the name is dropped
# custom:
#   severity: warning
#   requirements: [KAR-0051]
#   kinds: [resource.k8s.io/DeviceClass]
#   looks_up: [resource.k8s.io/DeviceClass]
#   mentions: [extendedResourceName]
#   since: 34
#   versioned: true
#   message: The classes {name} and {other} both serve {resource}, of which the scheduler takes the one that was created last, so pods may get devices of the wrong class.
#   help: Give one of them another extendedResourceName, or none.
package karlint.rules.dra.extended_name_taken_twice

import data.karlint.lib.features
import data.karlint.lib.scope
import data.karlint.lib.value

findings contains {"at": ["spec", "extendedResourceName"], "args": args, "related": related} if {
	features.on("DRAExtendedResource")
	resource := value.str(input.object.spec.extendedResourceName)
	others := [entry |
		some entry in scope.near("resource.k8s.io/DeviceClass")
		entry.name != input.resource.name
		entry.object.spec.extendedResourceName == resource
	]
	count(others) > 0
	args := {"name": input.resource.name, "other": others[0].name, "resource": resource}
	related := [{"resource": others[0].index, "at": ["spec", "extendedResourceName"], "message": "the same name"}]
}
