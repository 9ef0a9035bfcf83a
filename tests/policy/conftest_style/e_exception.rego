package main

import rego.v1

exception contains rules if {
	input.metadata.name == "legacy"
	rules := ["gpu", ""]
}
