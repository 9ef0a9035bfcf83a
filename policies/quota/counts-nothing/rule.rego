# METADATA
# title: Accelerator quota that counts nothing
# description: |
#   A ResourceQuota counts an extended resource only under `requests.<resource>`, and the devices of a DeviceClass only under
#   `<class>.deviceclass.resource.k8s.io/devices`. The API server accepts any other key that holds a slash and never
#   charges a pod for it: the namespace has no limit, while the manifest says that it has.
#
#   Quiet for quotas that also limit `nvidia.com/gpumem` or `gpucores`: they are read by the HAMi scheduler, which
#   looks at `limits.` keys. Ignore it where HAMi enforces a quota of whole devices alone.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/policy/resource-quotas/#resource-quota-for-extended-resources
#     description: only the prefix requests. is allowed for extended resources; DeviceClass keys
#   - ref: https://github.com/kubernetes/kubernetes/blob/master/pkg/quota/v1/evaluator/core/pods.go
#     description: isExtendedResourceNameForQuota asks for the prefix requests.
#   - ref: https://github.com/kubernetes/kubernetes/blob/master/pkg/quota/v1/evaluator/core/resource_claims.go
#     description: the names under which claims are charged
#   - ref: https://project-hami.io/docs/userguide/nvidia-device/using-resourcequota/
#     description: HAMi reads limits.<resource>
# custom:
#   severity: error
#   relates: [KAR-0051, KAR-0049]
#   kinds: [ResourceQuota]
#   message: Kubernetes accepts {key} in ResourceQuota {name} and never counts it, so pods of {namespace} may use any number of these devices.
#   help: Write {right} instead.
#   cases:
#     beside:
#       message: Kubernetes accepts {key} in ResourceQuota {name} and never counts it; only {right} beside it has an effect.
#       help: Remove {key}.
#       fix: safe
#   fix: unsafe
package karlint.rules.quota.counts_nothing

import data.karlint.lib.accelerators
import data.karlint.lib.value

findings contains object.union(
	{"at": ["spec", "hard", key], "anchor": "key", "args": {
		"key": key, "right": right, "name": input.resource.name, "namespace": _namespace,
	}},
	_case(key, right),
) if {
	some key in object.keys(value.map(input.object.spec.hard))
	right := _right(key)
	not _hami
}

_case(key, right) := {"case": "beside", "severity": "note", "fix": _without(key, right)} if right in object.keys(value.map(input.object.spec.hard))

_case(key, right) := {"fix": [{"op": "rename", "at": ["spec", "hard", key], "name": right}]} if not right in object.keys(value.map(input.object.spec.hard))

# What counts is kept; where the other number is smaller, somebody may have meant that one.
_without(key, right) := [{"op": "remove", "at": ["spec", "hard", key]} |
	hard := input.object.spec.hard
	value.quantity(hard[key]) >= value.quantity(hard[right])
]

_right(key) := sprintf("requests.%s", [key]) if accelerators.is_accelerator(key)

_right(key) := sprintf("requests.%s", [trim_prefix(key, "limits.")]) if {
	startswith(key, "limits.")
	accelerators.is_accelerator(trim_prefix(key, "limits."))
}

_right(key) := sprintf("%s.deviceclass.resource.k8s.io/devices", [class]) if {
	some pattern in _near_misses
	class := regex.find_all_string_submatch_n(pattern, key, 1)[0][1]
}

_right(key) := sprintf("requests.%s", [key]) if startswith(key, "deviceclass.resource.kubernetes.io/")

# What people write instead of <class>.deviceclass.resource.k8s.io/devices.
_near_misses := {
	`^(?:requests\.|limits\.)?(.+)\.deviceclass(?:es)?\.resource\.kubernetes\.io/devices$`,
	`^(?:requests\.|limits\.)?(.+)\.deviceclasses\.resource\.k8s\.io/devices$`,
	`^(?:requests\.|limits\.)(.+)\.deviceclass\.resource\.k8s\.io/devices$`,
	`^(?:requests\.|limits\.)?deviceclass\.resource\.k8s\.io/(.+)$`,
	`^(?:requests\.|limits\.)?(.+)\.deviceclass\.resource\.k8s\.io/device$`,
}

_hami if {
	some key in object.keys(value.map(input.object.spec.hard))
	regex.match(`^(limits|requests)\.[a-z.]+/gpu(mem|mem-percentage|cores)$`, key)
}

default _namespace := "the namespace"

_namespace := sprintf("namespace %s", [input.resource.namespace]) if input.resource.namespace != ""
