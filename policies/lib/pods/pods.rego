# METADATA
# title: Pod templates and containers
# description: Iteration over the normalised workload, whatever kind makes the pods; empty where input.workload is null.
package karlint.lib.pods

import data.karlint.lib.value

templates := [template | some template in input.workload.templates]

# Every container of every template: init, sidecar and ephemeral ones too.
containers := [container |
	some template in input.workload.templates
	some container in template.containers
]

# Containers that run for as long as the pod does.
running := [container |
	some container in containers
	container.role in {"main", "sidecar"}
]

# A container together with the template that holds it.
pairs := [{"template": template, "container": container} |
	some template in input.workload.templates
	some container in template.containers
]

# Path of something in a container or template body.
below(holder, tail) := array.concat(holder.path, tail)

# The fix that takes a variable away, and with the last one env itself.
without_variable(container, index) := without_item(container, "env", index)

# The fix that takes an item of a list of the container away, and with the last one the list.
without_item(container, field, index) := [{"op": "remove", "at": below(container, [field, index])}] if count(container.body[field]) > 1

without_item(container, field, _) := [{"op": "remove", "at": below(container, [field])}] if count(container.body[field]) == 1

# The fix that gives a resource of a container another name, in limits and in requests; empty where the name is taken.
renamed_resource(container, name, right) := [{"op": "rename", "at": below(container, ["resources", part, name]), "name": right} |
	some part in ["limits", "requests"]
	resources := container.body.resources
	name in object.keys(value.map(resources[part]))
	not right in object.keys(value.map(object.get(resources, "limits", {})))
	not right in object.keys(value.map(object.get(resources, "requests", {})))
]

# Path of something in a template's pod spec.
in_spec(template, tail) := array.concat(template.spec_path, tail)

# The template asks for an accelerator, in a known number or not.
uses_accelerators(template) if template.devices == null

uses_accelerators(template) if template.devices > 0

# The container itself asks for one: by extended resource, or by a claim of its pod.
asks(container) if count(container.accelerators) > 0

asks(container) if {
	count(container.accelerators) == 0
	count(container.claims) > 0
}

# The pods say on which nodes they run, so what holds for the cluster at large need not hold for them.
chooses_nodes(template) if template.spec.nodeSelector != {}

chooses_nodes(template) if template.spec.affinity.nodeAffinity

chooses_nodes(template) if template.spec.nodeName
