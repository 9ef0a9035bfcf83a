# METADATA
# title: Resource claims
# description: |
#   What a ResourceClaim or ResourceClaimTemplate asks for, in whatever shape its API version writes it. Functions only: a
#   rule of a package makes the engine evaluate the whole package.
package karlint.lib.claims

import data.karlint.lib.value

# Path of the claim in an object of that kind; undefined for other kinds.
home(kind) := {"ResourceClaim": ["spec"], "ResourceClaimTemplate": ["spec", "spec"]}[kind]

# Every body that names a device class, of a claim that stands at *path*: {name, at, body, choice}. A request with
# firstAvailable has one for each of its choices, whose names are request/choice.
asked(claim, path) := [entry |
	some index, request in value.list(claim.devices.requests)
	is_object(request)
	some entry in _bodies(request, array.concat(path, ["devices", "requests", index]))
]

_bodies(request, at) := bodies if {
	is_array(request.firstAvailable)
	bodies := [{"name": name, "at": array.concat(at, ["firstAvailable", index]), "body": choice, "choice": true} |
		some index, choice in request.firstAvailable
		is_object(choice)
		name := sprintf("%v/%v", [_name(request), _name(choice)])
	]
} else := [{"name": _name(request), "at": array.concat(at, ["exactly"]), "body": request.exactly, "choice": false}] if {
	is_object(request.exactly)
} else := [{"name": _name(request), "at": at, "body": request, "choice": false}]

_name(request) := object.get(request, "name", "?")

# CEL expressions of the selectors of a body or a DeviceClass spec that stands at *path*: {at, text}.
selectors(body, path) := [{"at": array.concat(path, ["selectors", index, "cel", "expression"]), "text": text} |
	some index, selector in value.list(body.selectors)
	text := value.str(selector.cel.expression)
]
