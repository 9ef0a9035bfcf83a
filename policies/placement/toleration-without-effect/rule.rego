# METADATA
# title: Toleration that does not fit the taint of accelerator nodes
# description: |
#   Nodes with accelerators are often tainted with the name of the resource, so that other pods stay away. A toleration whose key is a
#   letter off, or whose effect is another, tolerates nothing: the pod stays pending, or a device plugin's pods run nowhere and no
#   accelerator is ever offered.
#
#   Only keys that are nearly a known one are reported: clusters may use keys of their own. A toleration that is missing is not
#   reported either, since many nodes have no taint, and GKE adds tolerations for extended resources itself.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
#     description: key, value and effect must fit; without an operator the value must be equal
#   - ref: kubernetes/kubernetes:pkg/apis/core/validation/validation.go
#     description: ValidateTolerations refuses a value beside Exists
#   - ref: https://docs.cloud.google.com/kubernetes-engine/docs/how-to/gpus
#     description: GPU nodes of GKE have the taint nvidia.com/gpu=present:NoSchedule
# custom:
#   severity: warning
#   requirements: [KAR-0055]
#   relates: [KAR-0051]
#   kinds: [workload]
#   mentions: [tolerations]
#   fix: safe
#   message: The toleration names {key}, but accelerator nodes are tainted with {right}, so the pod stays off them and waits.
#   help: Write {right} with operator Exists.
#   cases:
#     value:
#       message: The toleration of {key} has operator Exists and a value, so the API server rejects the pod.
#       help: Remove the value, or write operator Equal.
#     effect:
#       message: The toleration of {key} holds for the effect PreferNoSchedule, but accelerator nodes are tainted with NoSchedule, so the pod stays off them and waits.
#       help: Write NoSchedule, or leave effect out to tolerate all of them.
#     empty:
#       message: The toleration of {key} has neither operator nor value, so it fits only a taint with an empty value and not, for example, {key}=present.
#       help: Write operator Exists to tolerate the taint whatever its value.
package karlint.rules.placement.toleration_without_effect

import data.karlint.lib.pods
import data.karlint.lib.value

findings contains {"at": at, "args": {"key": t.body.key, "right": near[0]}, "fix": fix} if {
	some t in _tolerations
	not t.body.key in _taints
	near := [known | some known in _taints; _key(known) == _key(t.body.key)]
	at := array.concat(t.at, ["key"])
	fix := [{"op": "set", "at": at, "value": near[0]} | count(near) == 1]
	regex.match(`[/.]`, t.body.key)
}

findings contains {"at": array.concat(t.at, ["value"]), "severity": "error", "case": "value", "args": {"key": t.body.key}} if {
	some t in _tolerations
	t.body.operator == "Exists"
	value.str(t.body.value)
}

findings contains {"at": array.concat(t.at, ["effect"]), "case": "effect", "args": {"key": t.body.key}} if {
	some t in _tolerations
	t.body.key in _taints
	t.body.effect == "PreferNoSchedule"
	others := [o | some o in _tolerations; o.body.key == t.body.key; object.get(o.body, "effect", "") != "PreferNoSchedule"]
	count(others) == 0
}

findings contains {"at": array.concat(t.at, ["key"]), "severity": "note", "case": "empty", "args": {"key": t.body.key}, "fix": _exists(t)} if {
	some t in _tolerations
	t.body.key in _taints
	object.get(t.body, "operator", "Equal") == "Equal"
	object.get(t.body, "value", "") == ""
	others := [o | some o in _tolerations; o.body.key == t.body.key]
	count(others) == 1
}

# Any value, which a missing one was meant to say.
_exists(t) := [{"op": operation, "at": array.concat(t.at, ["operator"]), "value": "Exists"} |
	not "value" in object.keys(t.body)
	operation := {true: "set", false: "add"}["operator" in object.keys(t.body)]
]

_taints := data.karlint.tables.accelerators.taints

_tolerations contains {"at": pods.in_spec(template, ["tolerations", index]), "body": body} if {
	some template in input.workload.templates
	is_array(template.spec.tolerations)
	some index, body in template.spec.tolerations
	is_string(body.key)
	regex.match(`(?i)gpu|tpu|neuron|gaudi|npu|xe$`, body.key)
	value.str(body.key)
}

# What is left of a key without case, plural, punctuation and the domain's ending.
_key(key) := trim_suffix(regex.replace(lower(key), `\.(com|ai|io)\b|[-._/]`, ""), "s")
