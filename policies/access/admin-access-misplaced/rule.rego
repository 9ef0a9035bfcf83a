# METADATA
# title: Admin access where it does not belong
# description: |
#   A request with `adminAccess` gets devices although others hold them. It is meant for monitoring, and the API server grants it only in
#   namespaces with the label `resource.kubernetes.io/admin-access: "true"`. Without the label it rejects the claim; with the label on a
#   namespace of users, everybody there can open every device of the cluster.
#
#   A namespace that is not in the tree may have the label, so nothing is said of it.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#admin-access
#     description: the label, and what admin access is for
#   - ref: https://github.com/kubernetes/enhancements/tree/master/keps/sig-auth/5018-dra-adminaccess
#     description: the name of the label, and that requests without it are rejected
#   - ref: kubernetes/kubernetes:pkg/registry/resource/resourceclaim/strategy.go
#     description: the check of the namespace's label
# custom:
#   severity: error
#   requirements: [KAR-0049]
#   kinds: [resource.k8s.io/ResourceClaim, resource.k8s.io/ResourceClaimTemplate, Namespace, accelerator-workload]
#   looks_up: [Namespace, resource.k8s.io/ResourceClaim, resource.k8s.io/ResourceClaimTemplate]
#   mentions: [adminAccess, admin-access, resourceClaims]
#   since: 34
#   fix: unsafe
#   message: The request {request} asks for admin access, but namespace {namespace} lacks the label resource.kubernetes.io/admin-access, so the API server rejects the {kind}.
#   help: 'Put it into a namespace of its own with the label resource.kubernetes.io/admin-access: "true", or do without adminAccess.'
#   cases:
#     label:
#       message: The label {label} of namespace {namespace} grants no admin access, which takes resource.kubernetes.io/admin-access with the value "true".
#       help: 'Write resource.kubernetes.io/admin-access: "true".'
#     open:
#       message: Everybody who can make a claim in namespace default gets admin access by this label, and with it every device of the cluster.
#       help: Remove the label, and give the pods that need it a namespace of their own.
#     workload:
#       message: The pods take devices with admin access by claim {claim}, so they use devices that were given to others.
#       help: Take the devices by a request without adminAccess; admin access is for monitoring.
package karlint.rules.access.admin_access_misplaced

import data.karlint.lib.accelerators
import data.karlint.lib.claims
import data.karlint.lib.scope
import data.karlint.lib.value

findings contains {"at": array.concat(r.at, ["adminAccess"]), "args": args, "related": related} if {
	path := claims.home(input.resource.kind)
	some r in claims.asked(value.map(object.get(input.object, path, {})), path)
	r.body.adminAccess == true
	home := data.inventory.by_kind.Namespace[""][input.resource.namespace]
	every entry in home { object.get(entry.object, ["metadata", "labels", _label], "") != "true" }
	args := {"request": r.name, "namespace": input.resource.namespace, "kind": input.resource.kind}
	related := [{"resource": home[0].index, "at": ["metadata"], "message": "the namespace"}]
}

findings contains {"at": ["metadata", "labels", label], "severity": "warning", "case": "label", "args": args, "fix": _right_label(label, written)} if {
	input.resource.kind == "Namespace"
	some label, written in value.map(input.object.metadata.labels)
	_without_effect(label, written)
	args := {"label": label, "namespace": input.resource.name}
}

findings contains {"at": ["metadata", "labels", _label], "case": "open"} if {
	input.resource.kind == "Namespace"
	input.resource.name == "default"
	input.object.metadata.labels[_label] == "true"
}

findings contains {"at": claim.path, "severity": "warning", "case": "workload", "args": {"claim": claim.name}} if {
	input.resource.kind != "DaemonSet"
	some template in input.workload.templates
	some claim in template.claims
	some [kind, name] in [["ResourceClaim", claim.claim], ["ResourceClaimTemplate", claim.template]]
	name != ""
	found := scope.named(sprintf("resource.k8s.io/%s", [kind]), input.resource.namespace, name)
	count(found) == 1
	some r in claims.asked(object.get(found[0].object, claims.home(kind), {}), [])
	r.body.adminAccess == true
	not accelerators.infrastructure
}

_label := "resource.kubernetes.io/admin-access"

# What was meant is plain where the value is a true of some form.
_right_label(label, written) := array.concat(_renamed(label), _quoted(written)) if {
	lower(sprintf("%v", [written])) == "true"
	not {"of before", "present"} == {name | some name in _both}
} else := []

_both contains "of before" if "resource.k8s.io/admin-access" in object.keys(input.object.metadata.labels)

_both contains "present" if _label in object.keys(input.object.metadata.labels)

_renamed(label) := [{"op": "rename", "at": ["metadata", "labels", label], "name": _label} | label != _label]

_quoted(written) := [{"op": "set", "at": ["metadata", "labels", _label], "value": "true"} | written != "true"]

# The name that it had before 1.34, or a value that is not "true".
_without_effect(label, _) if label == "resource.k8s.io/admin-access"

_without_effect(label, written) if {
	label == _label
	not value.is_unknown(written)
	not written in {"true", "false"}
}
