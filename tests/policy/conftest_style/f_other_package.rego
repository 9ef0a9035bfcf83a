package kubernetes.naming

import data.lib.names
import data.teams

deny contains msg if {
	not names.has_prefix(input.metadata.name, teams.prefixes)
	input.kind == "Job"
	msg := "jobs begin with their team"
}
