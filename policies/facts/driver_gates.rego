# METADATA
# title: Feature gates of the NVIDIA driver that the tree turns on
# description: |
#   Gates of the driver for Dynamic Resource Allocation itself, not of Kubernetes: in the values of its chart, or in the variable
#   FEATURE_GATES of its pods. Known by their names, which nothing else has.
# custom:
#   looks_up: [apps/DaemonSet, helm.toolkit.fluxcd.io/HelmRelease, argoproj.io/Application]
#   mentions: [TimeSlicingSettings, MPSSupport]
package karlint.facts.driver_gates

import data.karlint.lib.value as values

value := {gate |
	some holder in ["apps/DaemonSet", "helm.toolkit.fluxcd.io/HelmRelease", "argoproj.io/Application"]
	some names in data.inventory.by_kind[holder]
	some entries in names
	some entry in entries
	text := json.marshal(values.map(entry.object).spec)
	some gate in ["TimeSlicingSettings", "MPSSupport"]
	regex.match(sprintf(`%s[\\": =]+true`, [gate]), text)
}
