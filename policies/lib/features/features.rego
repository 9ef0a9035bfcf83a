# METADATA
# title: Feature gates of the target
# description: |
#   Whether a field behind a feature gate counts in the target minor. Where the gate is off, the API server drops the field before it
#   looks at the rest, so nothing can be said of its value. Functions only, for versioned rules.
package karlint.lib.features

# The gate is on by default, or the clusters turn it on (parameter enabled of dra/feature-not-enabled).
on(gate) if {
	first := data.karlint.tables.dra.gates[gate].on
	is_number(first)
	input.target.minor >= first
}

on(gate) if {
	gate in data.karlint.params["dra/feature-not-enabled"].enabled
	input.target.minor >= data.karlint.tables.dra.gates[gate].alpha
}
