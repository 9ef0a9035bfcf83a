# METADATA
# title: Accelerator and nodes that exclude each other
# description: |
#   The pod asks for devices of one vendor and for nodes that have those of another, or for nodes that cannot exist: with two
#   values of one label, with labels of two clouds, with fewer devices than it asks for. No node fits, whatever the
#   autoscaler adds, and the pod stays pending.
#
#   Where GPUs are shared by time-slicing or MPS, a node offers more of them than its label counts, so counts are left alone if the tree
#   has such a configuration of the device plugin, or if the pod wants nodes that share (`-SHARED`, `sharing-strategy`, `gpu.replicas`).
#
#   Looked at are `nodeSelector` and the required node affinity, of which every alternative must exclude the request. Labels that
#   karlint does not know say nothing. Give a resource of your own a `product_label` in `.karlint.yaml` to have its nodes known.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
#     description: a node must meet nodeSelector and one term of the required affinity in full
#   - ref: https://github.com/NVIDIA/k8s-device-plugin/tree/main/docs/gpu-feature-discovery
#     description: labels of NVIDIA nodes; nvidia.com/gpu.memory is a number of MiB; what the MIG strategies make of nvidia.com/gpu.product
#   - ref: https://github.com/NVIDIA/k8s-device-plugin#shared-access-to-gpus
#     description: with replicas a node offers several of nvidia.com/gpu for each GPU; the label gpu.count does not change
#   - ref: https://docs.cloud.google.com/kubernetes-engine/docs/how-to/tpus
#     description: labels of TPU nodes
# custom:
#   severity: error
#   requirements: [KAR-0055]
#   relates: [KAR-0051]
#   kinds: [accelerator-workload]
#   mentions: [nodeSelector]
#   message: The pod asks for {resource} and for nodes with {label}, which have devices of another vendor ({vendor}), so it stays pending.
#   help: Choose nodes of the vendor whose devices the pod asks for.
#   cases:
#     twice:
#       message: The pod wants nodes whose label {label} is {value} and also {other}, which no node has, so it stays pending.
#       help: Keep one of the two.
#     count:
#       message: The pod asks for {need} {resource} and for nodes that have {value} of them ({label}), so it stays pending.
#       help: Choose nodes with at least {need}, or ask for {value} a pod.
#     clouds:
#       message: The pod wants a node with labels of two clouds ({label} and {other}), which no node has, so it stays pending.
#       help: Keep the labels of one cloud, and a variant of the manifest for each other one.
#     slices:
#       message: The pod asks for {resource} by name and for nodes whose product is {value}, but nodes with such a product offer their slices as nvidia.com/gpu (MIG strategy single), so it stays pending.
#       help: Ask for nvidia.com/gpu, or choose nodes by the label {resource}.product, which the strategy mixed brings.
#     memory:
#       message: The label {label} is a number of MiB and never {value}, so no node fits and the pod stays pending.
#       help: Write a node affinity with operator Gt and a number of MiB, such as "40000".
package karlint.rules.placement.selector_contradiction

import data.karlint.lib.nodes
import data.karlint.lib.pods
import data.karlint.lib.value

findings contains {"at": pods.in_spec(t, first.at), "anchor": "key", "args": args} if {
	some [t, alternatives] in _asking
	vendors := {found.vendor | some c in t.containers; some found in c.accelerators}
	every alternative in alternatives { _excludes(alternative, vendors) }
	first := [d | some d in alternatives[0]; not nodes.vendor_of(d) in vendors; nodes.vendor_of(d)][0]
	args := {"resource": object.keys(t.accelerators)[_], "label": first.key, "vendor": nodes.vendor_of(first)}
}

# One label of another vendor, and none of the vendor itself: a node may have devices of several.
_excludes(alternative, vendors) if {
	named := {vendor | some d in alternative; vendor := nodes.vendor_of(d)}
	count(named) > 0
	count(named & vendors) == 0
}

findings contains {"at": pods.in_spec(t, ["nodeSelector", key]), "case": "twice", "args": args} if {
	some [t, alternatives] in _asking
	t.spec.affinity # a selector does not contradict itself
	some key, chosen in value.map(t.spec.nodeSelector)
	every alternative in alternatives { count(_against(alternative, key, chosen)) > 0 }
	other := _against(alternatives[0], key, chosen)[0]
	args := {"label": key, "value": chosen, "other": concat(" or ", other.values)}
}

_against(alternative, key, chosen) := [d |
	some d in alternative
	d.key == key
	d.operator == "In"
	count(d.values) > 0
	value.str(chosen)
	not chosen in d.values
]

findings contains {"at": pods.in_spec(t, ["nodeSelector", label]), "case": "count", "severity": _sure[label], "args": args} if {
	some [t, _] in _asking
	some label, resource in _counts
	have := value.known_int(t.spec.nodeSelector[label])
	some name, need in t.accelerators
	name == resource
	need > have
	is_number(need)
	not _shared(t)
	args := {"need": need, "resource": name, "value": have, "label": label}
}

# That GPUs are shared need not be in the tree; what the clouds count they do not share.
_sure := {label: severity |
	some label, _ in _counts
	severity := {true: "warning", false: "error"}[label == "nvidia.com/gpu.count"]
}

_shared(_) if data.facts.gpus_are_shared

_shared(t) if {
	some d in nodes.alternatives(t.spec)[_]
	regex.match(`sharing|replicas|shared`, d.key)
}

_shared(t) if {
	some d in nodes.alternatives(t.spec)[_]
	some chosen in d.values
	endswith(chosen, "-SHARED")
}

_counts := {
	"nvidia.com/gpu.count": "nvidia.com/gpu", "cloud.google.com/gke-accelerator-count": "nvidia.com/gpu",
	"eks.amazonaws.com/instance-gpu-count": "nvidia.com/gpu", "karpenter.k8s.aws/instance-gpu-count": "nvidia.com/gpu",
}

findings contains {"at": pods.in_spec(t, second.at), "anchor": "key", "case": "clouds", "args": args} if {
	some [t, alternatives] in _asking
	count(alternatives[0]) > 1
	every alternative in alternatives { count({cloud | some d in alternative; cloud := _cloud(d)}) > 1 }
	alternative := alternatives[0]
	first := [d | some d in alternative; _cloud(d)][0]
	second := [d | some d in alternative; _cloud(d) != _cloud(first)][0]
	args := {"label": first.key, "other": second.key}
}

_cloud(demand) := cloud if {
	demand.operator != "DoesNotExist"
	demand.operator != "NotIn"
	cloud := {
		"cloud.google.com": "Google", "eks.amazonaws.com": "Amazon", "karpenter.k8s.aws": "Amazon",
		"kubernetes.azure.com": "Azure", "karpenter.azure.com": "Azure",
	}[split(demand.key, "/")[0]]
}

findings contains {"at": pods.in_spec(t, first.at), "anchor": "key", "severity": "warning", "case": "slices", "args": args} if {
	some [t, _] in _asking
	some name, _ in t.accelerators
	startswith(name, "nvidia.com/mig-")
	nodes.demands(t.spec, "nvidia.com/gpu.product")
	wanted := nodes.of_key(t.spec, "nvidia.com/gpu.product")
	every demand in wanted {
		demand.operator == "In"
		count(demand.values) > 0
		every chosen in demand.values { contains(chosen, "-MIG-") }
	}
	first := wanted[0]
	args := {"resource": name, "value": first.values[0]}
}

findings contains {"at": pods.in_spec(t, d.at), "anchor": "key", "case": "memory", "args": args} if {
	some [t, alternatives] in _asking
	some d in alternatives[0]
	d.key == "nvidia.com/gpu.memory"
	d.operator == "In"
	some size in d.values
	not regex.match(`^[0-9]+$`, size)
	args := {"label": d.key, "value": size}
}

# Templates that ask for devices and for nodes, with the alternatives of the latter.
_asking := [[t, alternatives] |
	some t in input.workload.templates
	t.accelerators != {}
	alternatives := nodes.alternatives(t.spec)
	alternatives != [[]]
]
