# METADATA
# title: Pod names a resource claim that is not there
# description: |
#   A pod takes devices through a ResourceClaimTemplate or a ResourceClaim in its *own* namespace. Where the name, the kind
#   or the namespace is wrong, the pod is accepted and stays pending; no autoscaler helps, since nothing lacks capacity.
#
#   Said only where the repository manages such claims in that namespace and that part of the tree. A claim that is made
#   by other means can be declared with `assume`. Templates that a ComputeDomain creates are known.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
#     description: how pods refer to claims and templates of their namespace
#   - ref: kubernetes/kubernetes:staging/src/k8s.io/api/core/v1/types.go
#     description: PodResourceClaim, both references are to the pod's namespace
#   - ref: kubernetes-sigs/kustomize:api/internal/konfig/builtinpluginconsts/namereference.go
#     description: the references that kustomize changes together with names; those to claims are not among them
#   - ref: kubernetes-sigs/dra-driver-nvidia-gpu:cmd/compute-domain-controller/resourceclaimtemplate.go
#     description: the template that the ComputeDomain controller creates
# custom:
#   severity: error
#   mentions: [resourceClaim]
#   requirements: [KAR-0051]
#   kinds: [accelerator-workload]
#   looks_up: [resource.k8s.io/ResourceClaim, resource.k8s.io/ResourceClaimTemplate, resource.nvidia.com/ComputeDomain]
#   since: 31
#   fix: safe
#   near: [resource.k8s.io/ResourceClaim, resource.k8s.io/ResourceClaimTemplate]
#   message: The pod takes its devices through the {kind} {name}, which is nowhere in the tree although others of its namespace are, so the pod stays pending.
#   help: Correct the name, or add the {kind}; if something else creates it, declare it with assume.
#   cases:
#     namespace:
#       message: The {kind} {name} is in namespace {other} and the pod in {namespace}, so the pod never finds it and stays pending.
#       help: Create the {kind} in {namespace} as well; claims cannot be shared across namespaces.
#     kind:
#       message: "{name} is a {actual}, and the pod asks for a {kind} of that name, so the pod stays pending."
#       help: Refer to it as {field}.
#     renamed:
#       message: The pod asks for the {kind} {name}, which a name prefix or suffix has made {actual} without changing the reference, so the pod stays pending.
#       help: Give the kustomization a nameReference for {field} (configurations), or leave the name without prefix and suffix.
package karlint.rules.dra.claim_not_found

import data.karlint.lib.scope
import data.karlint.lib.value

findings contains {"at": r.at, "args": {"kind": r.kind, "name": r.name}} if {
	some r in _lost
	count(_elsewhere(r)) == 0
	count(_other_kind(r)) == 0
	count(_renamed(r)) == 0
	scope.managed(_group_kind(r.kind), input.resource.namespace)
}

findings contains {"at": r.at, "case": "namespace", "args": args, "related": related} if {
	not input.resource.partial # the overlay may set one namespace for all
	some r in _lost
	found := _meant(r)[0]
	args := {"kind": r.kind, "name": r.name, "namespace": input.resource.namespace, "other": found.namespace}
	related := [{"resource": found.index, "at": ["metadata", "namespace"], "message": "it is in this namespace"}]
}

findings contains {"at": r.at, "anchor": "key", "case": "kind", "args": args, "related": related, "fix": fix} if {
	some r in _lost
	found := _other_kind(r)[0]
	args := {"kind": r.kind, "name": r.name, "actual": r.other, "field": _fields[r.other]}
	related := [{"resource": found.index, "at": ["kind"], "message": "the object of that name"}]
	fix := [{"op": "rename", "at": r.at, "name": _fields[r.other]} | count(_other_kind(r)) == 1]
}

findings contains {"at": r.at, "case": "renamed", "args": args, "related": related} if {
	some r in _lost
	found := _renamed(r)[0]
	args := {"kind": r.kind, "name": r.name, "actual": found.name, "field": _fields[r.kind]}
	related := [{"resource": found.index, "at": ["metadata", "name"], "message": sprintf("the %s", [r.kind])}]
}

_fields := {"ResourceClaim": "resourceClaimName", "ResourceClaimTemplate": "resourceClaimTemplateName"}

_group_kind(kind) := sprintf("resource.k8s.io/%s", [kind])

# What the pods refer to and no object of the tree can be.
_lost contains reference if {
	some template in input.workload.templates
	some claim in template.claims
	some [kind, other, name] in [
		["ResourceClaim", "ResourceClaimTemplate", claim.claim],
		["ResourceClaimTemplate", "ResourceClaim", claim.template],
	]
	name != ""
	reference := {"at": array.concat(claim.path, [_fields[kind]]), "kind": kind, "other": other, "name": value.str(name)}
	count(scope.named(_group_kind(kind), input.resource.namespace, name)) == 0
	not scope.assumed(_group_kind(kind), name)
	not _provided(name)
}

# The NVIDIA ComputeDomain controller creates the template that the ComputeDomain names.
_provided(name) if {
	some namespace, names in data.inventory.by_kind["resource.nvidia.com/ComputeDomain"]
	scope.same_namespace(namespace, input.resource.namespace)
	some entries in names
	some entry in entries
	entry.object.spec.channel.resourceClaimTemplate.name == name
}

_elsewhere(reference) := [entry |
	some entry in scope.near(_group_kind(reference.kind))
	entry.name == reference.name
]

_other_kind(reference) := [entry |
	some entry in scope.near(_group_kind(reference.other))
	entry.name == reference.name
	scope.same_namespace(entry.namespace, input.resource.namespace)
]

# kustomize puts a prefix before the names of both, and does not know that the one refers to the other.
_renamed(reference) := [entry |
	some entry in scope.near(_group_kind(reference.kind))
	scope.same_namespace(entry.namespace, input.resource.namespace)
	contains(entry.name, reference.name)
	around := split(entry.name, reference.name)
	count(around) == 2
	concat("", around) != ""
	startswith(input.resource.name, around[0])
	endswith(input.resource.name, around[1])
]

# Teams often have claims of the same name. This one was meant if it stands in the same file, or if the tree holds the
# claims of the pod's own namespace too, and this is not among them.
_meant(reference) := beside if {
	beside := [found | some found in _elsewhere(reference); found.file == input.resource.file]
	count(beside) > 0
} else := _elsewhere(reference) if scope.managed(_group_kind(reference.kind), input.resource.namespace)
