package arrays

deny := [msg |
	some container in input.spec.template.spec.containers
	not container.resources
	msg := sprintf("%s asks for nothing", [container.name])
]
