# METADATA
# title: The tree shares GPUs
# description: |
#   True when the tree holds a file for the NVIDIA device plugin that shares GPUs by time-slicing or MPS. A node then offers more
#   of nvidia.com/gpu than its labels count, unless the file renames what is shared.
# custom:
#   looks_up: [ConfigMap, helm.toolkit.fluxcd.io/HelmRelease, argoproj.io/Application]
#   mentions: [timeSlicing, "mps:"]
package karlint.facts.gpus_are_shared

import data.karlint.lib.value as values

default value := false

value if {
	some holder, part in {"ConfigMap": "data", "helm.toolkit.fluxcd.io/HelmRelease": "spec", "argoproj.io/Application": "spec"}
	some names in data.inventory.by_kind[holder]
	some entries in names
	some entry in entries
	text := json.marshal(object.get(values.map(entry.object), part, {}))
	regex.match(`\b(timeSlicing|mps)\b`, text)
	contains(text, "replicas")
	not contains(text, "renameByDefault: true")
	not contains(text, `"renameByDefault":true`)
}
