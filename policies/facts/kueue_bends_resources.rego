# METADATA
# title: Kueue counts resources its own way
# description: |
#   True when a Kueue configuration in the tree takes resources out of the quota check, or counts them under other
#   names, so that the names in a ClusterQueue need not be those that containers ask for.
# custom:
#   looks_up: [ConfigMap]
#   mentions: [excludeResourcePrefixes, quotaCheckStrategy, transformations]
package karlint.facts.kueue_bends_resources

import data.karlint.lib.value as values

default value := false

value if {
	some names in data.inventory.by_kind.ConfigMap
	some entries in names
	some entry in entries
	some text in values.map(entry.object.data)
	is_string(text)
	regex.match(`(^|\n)\s*(excludeResourcePrefixes|quotaCheckStrategy|transformations):\s*([^\s\[]|\[[^\]]|\n)`, text)
}
