# METADATA
# title: DRA API version that the target does not serve
# description: |
#   `resource.k8s.io` moved fast: v1alpha2 (classic DRA, a different model) ended with 1.30, v1alpha3 with 1.33, and v1 came
#   with 1.34. The beta versions v1beta1 and v1beta2 are part of the API and *off* unless the API server was started with
#   `--runtime-config`, so a schema accepts what a cluster with default settings does not. On such a cluster applying fails
#   with `no matches for kind`, and a GitOps controller that prunes stops at this object.
#
#   Ignore it on a platform that turns the beta versions on.
# related_resources:
#   - ref: kubernetes/kubernetes:staging/src/k8s.io/api/resource/v1beta1/zz_generated.prerelease-lifecycle.go
#     description: in which release each version was introduced, deprecated and removed
#   - ref: https://github.com/kubernetes/enhancements/tree/master/keps/sig-architecture/3136-beta-apis-off-by-default
#     description: new beta APIs are off by default since 1.24
#   - ref: https://kubernetes.io/blog/2025/09/01/kubernetes-v1-34-dra-updates/
#     description: resource.k8s.io/v1 is served by default from 1.34
# custom:
#   severity: error
#   requirements: [KAR-0051]
#   kinds:
#     - resource.k8s.io/ResourceClaim
#     - resource.k8s.io/ResourceClaimTemplate
#     - resource.k8s.io/DeviceClass
#     - resource.k8s.io/ResourceSlice
#     - resource.k8s.io/ResourceClass
#     - resource.k8s.io/ResourceClaimParameters
#     - resource.k8s.io/ResourceClassParameters
#     - resource.k8s.io/PodSchedulingContext
#     - resource.k8s.io/DeviceTaintRule
#   versioned: true
#   supersedes: [core/api-version-not-served]
#   fix: safe
#   message: In Kubernetes {target} there is no {version} of {kind}, which ended with {last}, so applying it fails with "no matches for kind".
#   help: Move to resource.k8s.io/v1 and put the fields of each request under exactly.
#   cases:
#     beta:
#       message: In Kubernetes {target} {version} of {kind} is not served unless the cluster turned this beta API on, so applying it fails with "no matches for kind".
#       help: Move to resource.k8s.io/v1, which every cluster serves from 1.34; in v1beta1 put the fields of each request under exactly first.
#     taint-rule:
#       message: In Kubernetes {target} {version} of {kind} is not served unless the cluster turned this API on, so applying it fails with "no matches for kind".
#       help: Turn the API and its feature gate on, or wait for 1.37, which serves resource.k8s.io/v1 of it.
#     early:
#       message: In Kubernetes {target} there is no {version} of {kind}, which came with {first}, so applying it fails with "no matches for kind".
#       help: Raise the target version, or keep a variant of the manifest in a version that the older clusters have.
#     classic:
#       message: In Kubernetes {target} there is no {version} of {kind}, a part of classic DRA that ended with {last}, so applying it fails with "no matches for kind".
#       help: Rewrite it as a DeviceClass and a ResourceClaimTemplate of resource.k8s.io/v1; there is no automatic conversion.
package karlint.rules.dra.api_version_not_served

import data.karlint.lib.claims
import data.karlint.lib.value

findings contains {"at": ["apiVersion"], "args": args, "fix": _fix} if {
	input.target.minor > _span.last
	not _classic
}

findings contains {"at": ["apiVersion"], "case": "taint-rule", "severity": "warning", "args": args} if {
	input.resource.kind == "DeviceTaintRule"
	input.resource.version != "v1"
	input.target.minor >= _span.first
	input.target.minor <= _span.last
}

findings contains {"at": ["apiVersion"], "case": "classic", "args": args} if {
	input.target.minor > _span.last
	_classic
}

findings contains {"at": ["apiVersion"], "case": "early", "args": args} if input.target.minor < _span.first

# Before 1.34 the beta versions are the best there is, and off as well: nothing better can be advised.
findings contains {"at": ["apiVersion"], "case": "beta", "severity": "warning", "args": args, "fix": _fix} if {
	startswith(input.resource.version, "v1beta")
	input.resource.kind != "DeviceTaintRule"
	input.target.minor >= 34
	input.target.minor <= _span.last
}

# v1 has the shape of v1beta2. That of v1beta1 has the body of a request on the request itself, and a device under basic.
_fix := array.concat(
	[{"op": "set", "at": ["apiVersion"], "value": "resource.k8s.io/v1"}],
	[op | input.resource.version == "v1beta1"; some op in array.concat(_nesting, _hoisting)],
) if {
	input.target.minor >= 34
	input.resource.version in {"v1beta1", "v1beta2"}
	input.resource.kind != "DeviceTaintRule"
} else := []

_nesting := [{"op": "wrap", "at": array.concat(path, [index]), "name": "exactly", "value": keys} |
	path := array.concat(claims.home(input.resource.kind), ["devices", "requests"])
	some index, request in value.list(object.get(input.object, path, []))
	keys := [key | some key, _ in value.map(request); not key in {"name", "firstAvailable", "exactly"}]
	count(keys) > 0
]

_hoisting := [object.union(operation, {"at": ["spec", "devices", index, "basic"]}) |
	input.resource.kind == "ResourceSlice"
	some index, device in value.list(input.object.spec.devices)
	is_object(device.basic)
	operation := _out_of(device.basic)
]

_out_of(basic) := {"op": "unwrap"} if basic != {}

_out_of(basic) := {"op": "remove"} if basic == {}

args := {
	"target": input.target.version, "kind": input.resource.kind, "version": input.resource.version,
	"first": sprintf("1.%d", [_span.first]), "last": sprintf("1.%d", [_span.last]),
}

_classic if input.resource.version in {"v1alpha1", "v1alpha2"}

_classic if input.resource.kind == "PodSchedulingContext"

# First and last minor whose API has the version.
_span := {"first": 26, "last": 26} if input.resource.version == "v1alpha1"

_span := {"first": 27, "last": 30} if input.resource.version == "v1alpha2"

_span := {"first": 31, "last": 33} if {
	input.resource.version == "v1alpha3"
	not input.resource.kind in {"PodSchedulingContext", "DeviceTaintRule"}
}

# Device taints came later than the rest, and their alpha stays longer.
_span := _of_taint_rule[input.resource.version] if input.resource.kind == "DeviceTaintRule"

_of_taint_rule := {
	"v1alpha3": {"first": 33, "last": 38}, "v1beta2": {"first": 36, "last": 41}, "v1": {"first": 37, "last": 999},
}

_span := {"first": 31, "last": 31} if {
	input.resource.version == "v1alpha3"
	input.resource.kind == "PodSchedulingContext"
}

_span := {"first": 32, "last": 37} if input.resource.version == "v1beta1"

_span := {"first": 33, "last": 38} if {
	input.resource.version == "v1beta2"
	input.resource.kind != "DeviceTaintRule"
}

_span := {"first": 34, "last": 999} if {
	input.resource.version == "v1"
	input.resource.kind != "DeviceTaintRule"
}
