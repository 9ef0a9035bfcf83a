package karlint.lib.features_test

import data.karlint.lib.features

_tables := {"gates": {"DRADeviceTaints": {"alpha": 33, "on": 36}, "DRADerivedAttributes": {"alpha": 37, "on": null}}}

_on(gate, minor, enabled) if {
	features.on(gate) with input as {"target": {"minor": minor}}
		with data.karlint.tables.dra as _tables
		with data.karlint.params as {"dra/feature-not-enabled": {"enabled": enabled}}
}

test_on_by_default_from_a_minor if {
	_on("DRADeviceTaints", 36, [])
	not _on("DRADeviceTaints", 35, [])
	not _on("DRADerivedAttributes", 99, [])
}

test_on_where_clusters_turn_it_on if {
	_on("DRADeviceTaints", 33, ["DRADeviceTaints"])
	not _on("DRADeviceTaints", 32, ["DRADeviceTaints"])
	not _on("DRADeviceTaints", 35, ["DRADerivedAttributes"])
}
