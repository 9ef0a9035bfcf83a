package main

import rego.v1

violation contains {"msg": msg, "details": {"path": ["spec", "template", "spec", "containers", i, "image"]}} if {
	some i, container in input.spec.template.spec.containers
	endswith(container.image, ":latest")
	msg := sprintf("%s uses latest", [container.name])
}
