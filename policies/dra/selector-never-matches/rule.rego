# METADATA
# title: Device selector that cannot match
# description: |
#   Selectors are CEL over `device.driver`, `device.attributes["<domain>"].<name>` and `device.capacity["<domain>"].<name>`. An
#   attribute is its plain value, a capacity is a quantity, and a few attributes are versions. What the API server can see is
#   wrong it rejects; the rest shows when the scheduler evaluates it: a name that the driver does not publish is an error, and the
#   pod that needs the claim is not scheduled at all.
#
#   Names are checked for drivers whose attributes are known (`policies/tables/dra.json`); those that the expression tests first
#   (`"name" in device.attributes[...]`, `has(...)`) are left alone.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/resource-claim-v1/
#     description: the variables of a selector, and that an unknown name is an error which ends the allocation
#   - ref: kubernetes/kubernetes:staging/src/k8s.io/dynamic-resource-allocation/cel/compile.go
#     description: attributes are dynamic values, capacities are quantities; expressions are compiled on admission
#   - ref: kubernetes/kubernetes:staging/src/k8s.io/api/resource/v1/types.go
#     description: the name of a driver is a DNS subdomain
#   - ref: kubernetes-sigs/dra-driver-nvidia-gpu:cmd/gpu-kubelet-plugin/deviceinfo.go
#     description: attributes and capacities of NVIDIA devices; index and minor went away with 25.8.0
# custom:
#   severity: error
#   requirements: [KAR-0051]
#   mentions: [expression]
#   kinds: [resource.k8s.io/ResourceClaim, resource.k8s.io/ResourceClaimTemplate, resource.k8s.io/DeviceClass]
#   since: 31
#   fix: safe
#   message: The selector looks up {found}, but names stand under the domain of their driver, so it fails for every device and the pod is not scheduled.
#   help: Put the domain in brackets and the name behind it, as in device.{map}["gpu.nvidia.com"].{found}.
#   cases:
#     suffix:
#       message: The selector asks for {found} of an attribute, which is a plain value already, so it fails for every device and the pod is not scheduled.
#       help: Remove .{found}.
#     variable:
#       message: The selector reads {found}, which is no variable of a selector, so the API server rejects the {kind}.
#       help: 'Write device.attributes["<domain>"].<name>, device.capacity["<domain>"].<name> or device.driver.'
#     quantity:
#       message: The selector compares a capacity with {found}, but a capacity is a quantity, so the API server rejects the {kind}.
#       help: 'Compare it as a quantity, as in .compareTo(quantity("40Gi")) >= 0.'
#     version:
#       message: The selector compares {found} as text, but it is a version, so it never matches a device.
#       help: 'Compare it as a version, as in .isGreaterThan(semver("1.2.3")) or .compareTo(semver("1.2.3")) >= 0.'
#     unbalanced:
#       message: The brackets or quotes of the selector do not match, so the API server rejects the {kind}.
#       help: Close what is open.
#     gone:
#       message: The driver {driver} publishes no {found} since release {since}, and looking up what is not there ends the allocation, so the pod is not scheduled.
#       help: Select by what a device is, such as productName, architecture or memory.
#       fix: unsafe
#     unknown:
#       message: The driver {driver} is not known to publish {found}, and looking up what is not there ends the allocation, so the pod is not scheduled.
#       help: 'Correct the name, or test for it first: "{found}" in device.{map}["{driver}"] && ...'
#     driver:
#       message: The selector wants devices of driver {found}, but class {class} has those of {driver}, so it never matches.
#       help: Choose the DeviceClass of {found}, or remove the condition.
#     driver-name:
#       message: The selector wants the driver {found}, which is the name of a resource and cannot be one of a driver, so it matches no device.
#       help: Write the driver's name, such as {driver}.
#     product:
#       message: The selector wants the product name {found}, but the driver publishes full names such as NVIDIA A100-SXM4-80GB, so it matches no device.
#       help: 'Compare a part of it, as in .productName.lowerAscii().contains("a100").'
package karlint.rules.dra.selector_never_matches

import data.karlint.lib.claims
import data.karlint.lib.value

findings contains object.union({"at": w.at, "args": args, "fix": fix}, w.form) if {
	some s in _selectors
	some w in _wrong(s)
	args := object.union({"kind": input.resource.kind}, w.args)
	fix := [{"op": "set", "at": s.at, "value": right} | right := _right(s.text, object.get(w.form, "case", ""), w.args.found)]
}

_right(text, "suffix", _) := regex.replace(text, `(\bdevice\.attributes\[[^\]]*\]\.[A-Za-z_]\w*)\.(?:string|int|bool|version|value)($|[^\w(])`, "${1}${2}")

# The driver moved it to the domain that all drivers share.
_right(text, "gone", "pcieBusID") := regex.replace(text, `\bdevice\.attributes\[["']gpu\.nvidia\.com["']\]\.pcieBusID\b`, `device.attributes["resource.kubernetes.io"].pciBusID`)

_path := claims.home(input.resource.kind)

_selectors contains object.union(s, {"class": object.get(entry.body, "deviceClassName", "")}) if {
	some entry in claims.asked(value.map(object.get(input.object, _path, {})), _path)
	some s in claims.selectors(entry.body, entry.at)
}

_selectors contains object.union(s, {"class": ""}) if {
	input.resource.kind == "DeviceClass"
	some s in claims.selectors(input.object.spec, ["spec"])
}

_wrong(s) := {{"at": s.at, "form": form, "args": args} |
	some [form, args] in array.concat(array.concat(_by_pattern(s.text), array.concat(_by_name(s.text), _by_field(s.text))), _by_class(s))
}

# What is wrong whoever made the device.
_by_pattern(text) := [[{"case": case}, {"found": m[1]}] |
	some case, pattern in _patterns
	some m in regex.find_all_string_submatch_n(pattern, text, 1)
]

_patterns := {
	"suffix": `\bdevice\.attributes\[[^\]]*\]\.[A-Za-z_]\w*\.(string|int|bool|version|value)($|[^\w(])`,
	"variable": `(?:^|[^.\w"'])(devices|attributes|capacity|device\.attribute|device\.capacities)\[`,
	"quantity": `\bdevice\.capacity\[[^\]]*\]\.[A-Za-z_]\w*\s*(?:>=|<=|==|!=|>|<)\s*("[^"]*"|'[^']*'|[0-9]+)`,
}

_by_name(text) := [[form, args] |
	some map in ["attributes", "capacity"]
	some m in regex.find_all_string_submatch_n(sprintf(`\bdevice\.%s\[["']([^"']+)["']\](?:\.([A-Za-z_]\w*))?`, [map]), text, -1)
	some [form, args] in _named(map, m[1], m[2], text)
]

# A field of the map is one of its keys, and no function.
_by_field(text) := [[{}, {"found": m[2], "map": m[1]}] |
	some m in regex.find_all_string_submatch_n(`device\.(attributes|capacity)\.([a-zA-Z_][a-zA-Z0-9_]*)(?:$|[^a-zA-Z0-9_(])`, text, -1)
]

# The key of the map is no domain.
_named(map, domain, name, text) := [[{}, {"found": domain, "map": map}]] if {
	not contains(domain, ".")
} else := [[{"case": "gone", "severity": "warning"}, {"found": name, "driver": domain, "since": since}]] if {
	since := _drivers[domain].gone[name]
} else := [[{"case": "version"}, {"found": name}]] if {
	name in _drivers[domain].versions
	regex.match(sprintf(`\]\.%s\s*(>=|<=|==|!=|>|<)\s*["'0-9]`, [name]), text)
} else := [[{"case": "product", "severity": "warning"}, {"found": short[0][1]}]] if {
	name == "productName"
	domain == "gpu.nvidia.com"
	short := regex.find_all_string_submatch_n(`productName\s*==\s*["']([A-Z]{0,3}[0-9]{1,4}[A-Za-z]?)["']`, text, 1)
	count(short) > 0
} else := [[{"case": "unknown", "severity": "warning"}, {"found": name, "driver": domain, "map": map}]] if {
	name != ""
	not name in _drivers[domain][map]
	not startswith(name, "memorySlice")
	_drivers[domain][map]
	not regex.match(sprintf(`["']%s["']\s+in\s|has\(device\.%s\[[^\]]*\]\.%s\)`, [name, map, name]), text)
} else := []

_by_class(s) := array.concat(array.concat(_unbalanced(s.text), _by_driver(s.text)), [[{"case": "driver"}, {"found": m[1], "class": s.class, "driver": driver}] |
	driver := _driver_of[s.class]
	some m in regex.find_all_string_submatch_n(`\bdevice\.driver\s*==\s*["']([^"']+)["']`, s.text, -1)
	m[1] != driver
	not contains(m[1], "/")
	not contains(s.text, "||")
])

# Names of drivers are DNS subdomains, which have no slash; names of resources have one.
_by_driver(text) := [[{"case": "driver-name"}, {"found": m[1], "driver": _driver_for(m[1])}] |
	not contains(text, "||")
	some m in regex.find_all_string_submatch_n(`\bdevice\.driver\s*==\s*["']([^"'/]+/[^"']+)["']`, text, -1)
]

_driver_for(resource) := vendor.drivers[0] if {
	some vendor in data.karlint.tables.accelerators.vendors
	resource in vendor.resources
	count(value.list(vendor.drivers)) > 0
} else := "gpu.nvidia.com"

_unbalanced(text) := [[{"case": "unbalanced"}, {}]] if {
	bare := regex.replace(text, `"(\\.|[^"\\])*"|'(\\.|[^'\\])*'`, "")
	some pair in [["(", ")"], ["[", "]"], ["{", "}"], ["\"", ""], ["'", ""]]
	count(split(bare, pair[0])) - 1 != count(_closings(bare, pair[1]))
} else := []

_closings(bare, mark) := array.slice(split(bare, mark), 1, 10000) if mark != ""

_closings(_, mark) := [] if mark == ""

_drivers := data.karlint.tables.dra.drivers

# Driver of the classes that only one driver has, by their well-known names.
_driver_of[class] := vendor.drivers[0] if {
	some vendor in data.karlint.tables.accelerators.vendors
	count(value.list(vendor.drivers)) == 1
	some class in value.list(vendor.device_classes)
}
