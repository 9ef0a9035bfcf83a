package main

warn[msg] {
	input.kind == "Deployment"
	input.spec.replicas < 2
	msg := sprintf("%s has one replica", [input.metadata.name])
}
