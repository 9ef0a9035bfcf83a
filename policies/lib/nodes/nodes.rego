# METADATA
# title: Nodes that a pod asks for
# description: |
#   What nodeSelector and the required node affinity of a pod spec demand together. Functions only. Preferences are left out.
package karlint.lib.nodes

import data.karlint.lib.value

# The alternatives of a pod spec, any one of which a node must meet in full: a list of lists of {key, operator, values, at}.
# A pod without demands has one empty alternative. *at* is relative to the pod spec.
alternatives(spec) := [array.concat(_selected(spec), _expressions(term, index)) |
	some index, term in value.list(spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms)
] if {
	count(spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms) > 0
} else := [_selected(spec)]

_selected(spec) := [{"key": key, "operator": "In", "values": [chosen], "at": ["nodeSelector", key]} |
	some key, chosen in value.map(spec.nodeSelector)
	value.str(chosen)
]

_expressions(term, index) := [{"key": e.key, "operator": e.operator, "values": _known(e), "at": at} |
	some position, e in value.list(term.matchExpressions)
	is_string(e.key)
	is_string(e.operator)
	at := [
		"affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms", index,
		"matchExpressions", position,
	]
]

# Values of an expression; empty where one of them is filled in later.
_known(e) := values if {
	values := [v | some v in value.list(e.values); value.str(v)]
	count(values) == count(value.list(e.values))
} else := []

# What is demanded of one key in every alternative: the first such demand of each, empty where an alternative has none.
of_key(spec, key) := [demand |
	some alternative in alternatives(spec)
	demand := [d | some d in alternative; d.key == key][0]
]

# Every alternative demands something of the key.
demands(spec, key) if count(of_key(spec, key)) == count(alternatives(spec))

# Vendor whose devices a node has that meets the demand; undefined for labels that say nothing of it.
vendor_of(demand) := owner if {
	demand.operator in {"In", "Exists", "Gt", "Lt"}
	some [label, owner] in _by_domain[split(demand.key, "/")[0]]
	startswith(demand.key, label)
	not _denies(demand)
}

vendor_of(demand) := owner if {
	demand.operator == "In"
	count(demand.values) > 0
	some [pattern, owner] in _by_value[demand.key]
	every v in demand.values { regex.match(pattern, v) }
}

_by_domain := data.karlint.tables.accelerators.by_label_domain

_by_value := data.karlint.tables.accelerators.by_label_value

_denies(demand) if {
	some denial in ["false", "0"]
	denial in demand.values
}
