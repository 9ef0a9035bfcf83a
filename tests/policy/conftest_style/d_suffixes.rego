package main

deny_gpu[msg] {
	limits := input.spec.template.spec.containers[_].resources.limits
	limits["nvidia.com/gpu"] > 8
	msg = "more GPUs than a node has"
}

warn_owner[msg] {
	not input.metadata.labels.owner
	msg = "nobody owns this"
}
