# What karlint's host works out of a workload, as far as one object of Kubernetes' own kinds tells it, for rules that run
# in Gatekeeper: `karlint export gatekeeper` puts this beside them. What needs other objects, or a command line to be
# understood, is unknown here, and rules stay quiet on it.
package karlint.workload

import data.karlint.lib.value
import data.karlint.tables

_paths := {
	"Pod": [],
	"ReplicationController": ["spec", "template"],
	"Deployment": ["spec", "template"],
	"ReplicaSet": ["spec", "template"],
	"StatefulSet": ["spec", "template"],
	"DaemonSet": ["spec", "template"],
	"Job": ["spec", "template"],
	"CronJob": ["spec", "jobTemplate", "spec", "template"],
}

default current := null

current := {"pods": null, "devices": null, "operator_probes": false, "templates": [template]} if {
	kind := input.review.kind
	kind.group in {"", "apps", "batch"}
	path := _paths[kind.kind]
	holder := object.get(input.review.object, path, {})
	spec := holder.spec
	containers := array.concat(
		_containers(spec, "initContainers", path),
		_containers(spec, "containers", path),
	)
	template := {
		"role": "", "path": path, "spec_path": array.concat(path, ["spec"]),
		"pods": _pods(kind.kind), "max_pods": null,
		"labels": _metadata(holder, "labels"), "annotations": _metadata(holder, "annotations"),
		"spec": spec, "containers": containers, "claims": _claims(spec, path),
		"accelerators": {request.resource: request.quantity |
			some container in containers
			some request in container.accelerators
		},
		"devices": _devices(containers, spec),
	}
}

_pods(kind) := 1 if kind == "Pod"

_pods(kind) := null if kind != "Pod"

_metadata(holder, name) := value.map(object.get(holder, ["metadata", name], {}))

_containers(spec, list, path) := [container |
	some index, body in value.list(object.get(spec, list, []))
	at := array.concat(path, ["spec", list, index])
	container := {
		"name": object.get(body, "name", ""), "role": _role(list, body), "path": at,
		"accelerators": _requests(body, at), "claims": _names(body),
		"server": null, "tokens": null, "body": body,
	}
]

_role(list, _) := "main" if list == "containers"

_role(list, body) := "sidecar" if {
	list == "initContainers"
	object.get(body, "restartPolicy", "") == "Always"
}

_role(list, body) := "init" if {
	list == "initContainers"
	object.get(body, "restartPolicy", "") != "Always"
}

_names(body) := [claim.name | some claim in value.list(object.get(body, ["resources", "claims"], []))]

# The limit, if there is one, else the request, as the host has it.
_requests(body, at) := array.concat(_asked(body, at, "limits", {}), _asked(body, at, "requests", _limits(body)))

_limits(body) := value.map(object.get(body, ["resources", "limits"], {}))

_asked(body, at, part, without) := [request |
	some name, amount in value.map(object.get(body, ["resources", part], {}))
	not name in object.keys(without)
	vendor := _vendor(name)
	request := {
		"resource": name, "vendor": vendor, "quantity": _number(amount),
		"path": array.concat(at, ["resources", part, name]),
	}
]

_number(amount) := value.known_int(amount)

_number(amount) := null if not value.known_int(amount)

_vendor(name) := row.vendor if {
	some row in tables.accelerators.vendors
	name in object.get(row, "resources", [])
}

_vendor(name) := row.vendor if {
	every other in tables.accelerators.vendors {
		not name in object.get(other, "resources", [])
	}
	some row in tables.accelerators.vendors
	some pattern in object.get(row, "patterns", [])
	regex.match(pattern, name)
}

_claims(spec, path) := [claim |
	some index, entry in value.list(object.get(spec, "resourceClaims", []))
	claim := {
		"name": object.get(entry, "name", ""), "path": array.concat(path, ["spec", "resourceClaims", index]),
		"claim": object.get(entry, "resourceClaimName", ""),
		"template": object.get(entry, "resourceClaimTemplateName", ""),
		"devices": null, "device_classes": [], "shared": object.get(entry, "resourceClaimName", "") != "",
	}
]

# Claims are other objects, so with one the number is unknown.
_devices(_, spec) := null if count(value.list(object.get(spec, "resourceClaims", []))) > 0

_devices(containers, spec) := total if {
	count(value.list(object.get(spec, "resourceClaims", []))) == 0
	quantities := [request.quantity | some container in containers; some request in container.accelerators]
	total := _sum(quantities)
}

_sum(quantities) := sum(quantities) if not null in quantities

_sum(quantities) := null if null in quantities
