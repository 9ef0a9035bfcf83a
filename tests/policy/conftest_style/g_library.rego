package lib.names

has_prefix(name, prefixes) if {
	some prefix in prefixes
	startswith(name, prefix)
}
