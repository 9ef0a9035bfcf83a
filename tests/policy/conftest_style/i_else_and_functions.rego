package more

import future.keywords.in

kind_of(obj) = "workload" {
	obj.kind in {"Deployment", "Job"}
} else = "other"

deny[{"msg": msg}] {
	kind_of(input) == "workload"
	not input.metadata.namespace
	msg := "workloads name their namespace"
}
