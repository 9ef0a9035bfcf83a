# METADATA
# title: Closed world
# description: |
#   A repository seldom holds all that a cluster holds. "X is not there" may be said only where the tree demonstrably
#   manages X's kind: in the same namespace, and in a directory that contains, or lies under, the one that asks.
package karlint.lib.scope

# One directory contains the other; "" is the root of the repository.
same_scope(a, b) if "" in {a, b}

same_scope(a, b) if {
	a != ""
	b != ""
	startswith(sprintf("%s/", [a]), sprintf("%s/", [b]))
}

same_scope(a, b) if {
	a != ""
	b != ""
	startswith(sprintf("%s/", [b]), sprintf("%s/", [a]))
}

# Both lie in the same environment: below the same clusters/<name>, environments/<name>, envs/<name> or overlays/<name>.
same_scope(a, b) if {
	a != b
	environment(a) == environment(b)
}

environment(directory) := found[0][1] if {
	found := regex.find_all_string_submatch_n(`^((?:.*/)?(?:clusters?|environments?|envs?|overlays?)/[^/]+)(?:/|$)`, directory, 1)
	count(found) > 0
}

# The same namespace, or one that is left out and may become the same.
same_namespace(a, b) if a == b

same_namespace(a, b) if {
	a != b
	"" in {a, b}
}

# The tree manages this kind there: it holds one in the same namespace and the same scope.
managed(group_kind, namespace, directory) if {
	some entries in data.inventory.by_kind[group_kind][namespace]
	some entry in entries
	same_scope(entry.directory, directory)
}

# Entries of that name anywhere in the run, in a namespace that is, or may become, the one asked for.
named(group_kind, namespace, name) := [entry |
	some ns, names in data.inventory.by_kind[group_kind]
	same_namespace(ns, namespace)
	some entry in names[name]
]

# The configuration says that the cluster has it (settings: assume).
assumed(group_kind, name) if name in data.karlint.assume[group_kind]

assumed(group_kind, _) if data.karlint.assume[group_kind] == "*"

assumed(group_kind, name) if {
	name != "*"
	"*" in data.karlint.assume[group_kind]
}

# The tree manages the kind there and holds no such object, in no namespace that could be meant, and none is assumed.
missing(group_kind, namespace, directory, name) if {
	managed(group_kind, namespace, directory)
	count(named(group_kind, namespace, name)) == 0
	not assumed(group_kind, name)
}
