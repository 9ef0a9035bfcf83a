package defaults

default allowed = false

allowed {
	input.metadata.labels.tier == "prod"
}

warn[msg] {
	not allowed
	input.kind == "Deployment"
	msg := "not for production"
}
