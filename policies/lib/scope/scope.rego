# METADATA
# title: Closed world
# description: |
#   A repository seldom holds all that a cluster holds. "X is not there" may be said only where the tree demonstrably
#   manages X's kind: in the same namespace, and in a directory that contains, or lies under, the one that asks.
package karlint.lib.scope

# One directory contains the other, "" being the root of the repository, or both lie in the same environment.
same_scope(a, b) if a == b

same_scope(a, b) if {
	a != b
	_contains(a, b)
}

same_scope(a, b) if {
	a != b
	_contains(b, a)
}

same_scope(a, b) if {
	a != b
	environment(a) == environment(b)
}

_contains(above, _) if above == ""

_contains(above, below) if {
	above != ""
	startswith(below, concat("", [above, "/"]))
}

# All entries of a kind in the scope of the resource under review. Much cheaper than to ask same_scope of every entry,
# since the host has worked out which directories these are.
near(group_kind) := [entry |
	held := _inventory.by_kind[group_kind] # asked first, since most trees have none
	directories := _inventory.by_directory[group_kind]
	some directory in input.resource.scope
	some key in directories[directory]
	some entry in held[key.namespace][key.name]
	entry.directory == directory
]

_inventory := data.inventory

# The environment that a directory belongs to, such as clusters/prod; undefined for a directory that belongs to none.
environment(directory) := data.inventory.environments[directory]

# The same namespace, or one that is left out and may become the same.
same_namespace(a, b) if a == b

same_namespace(a, b) if {
	a != b
	"" in {a, b}
}

# The tree manages this kind there: it holds one in the same namespace, in the scope of the resource under review.
managed(group_kind, namespace) if {
	some entry in near(group_kind)
	entry.namespace == namespace
}

# Entries of that name anywhere in the run, in a namespace that is, or may become, the one asked for.
named(group_kind, namespace, name) := array.concat(object.get(held, ["", name], []), object.get(held, [namespace, name], [])) if {
	namespace != ""
	held := _inventory.by_kind[group_kind]
} else := [entry |
	namespace == ""
	some names in _inventory.by_kind[group_kind]
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
missing(group_kind, namespace, name) if {
	managed(group_kind, namespace)
	count(named(group_kind, namespace, name)) == 0
	not assumed(group_kind, name)
}
