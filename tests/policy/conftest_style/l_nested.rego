package nested

all_containers contains container if some container in input.spec.template.spec.containers

all_containers contains container if some container in input.spec.template.spec.initContainers

deny contains msg if {
	some container in all_containers
	some env in container.env
	contains(lower(env.name), "password")
	env.value
	msg := sprintf("%s of %s is in the open", [env.name, container.name])
}
