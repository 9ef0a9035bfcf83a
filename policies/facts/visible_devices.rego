# METADATA
# title: ConfigMaps that pick devices
# description: |
#   The ConfigMaps of the tree with a variable by which container runtimes pick devices: namespace to name to a list of
#   {index, directory, data}. Most trees have none, and many have ConfigMaps too large to hand to every rule.
# custom:
#   looks_up: [ConfigMap]
#   mentions: [VISIBLE_DEVICES]
package karlint.facts.visible_devices

import data.karlint.lib.value as values

value := {namespace: found |
	some namespace, names in data.inventory.by_kind.ConfigMap
	found := {name: picking |
		some name, entries in names
		picking := [{"index": entry.index, "directory": entry.directory, "data": entry.object.data} |
			some entry in entries
			_picks(values.map(entry.object).data)
		]
		count(picking) > 0
	}
	count(found) > 0
}

_picks(written) if {
	some key, _ in values.map(written)
	endswith(key, "VISIBLE_DEVICES")
}
