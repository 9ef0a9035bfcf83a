# METADATA
# title: Accelerators
# description: |
#   Questions about resource names, DRA drivers and device classes, answered from data.karlint.tables.accelerators, and
#   whether the resource under review is itself part of the accelerator stack.
package karlint.lib.accelerators

import data.karlint.lib.value

# Vendor of an extended resource that counts devices; undefined for every other resource.
vendor(name) := known if {
	contains(name, "/") # every extended resource has one
	known := _table.vendor_of.resources[name]
} else := _by_pattern(name)[0] if contains(name, "/")

_by_pattern(name) := [v.vendor |
	some v in _table.vendors
	some pattern in v.patterns
	regex.match(pattern, name)
	not _auxiliary(v, name)
]

_auxiliary(v, name) if name in v.auxiliary

is_accelerator(name) if is_string(vendor(name))

_table := data.karlint.tables.accelerators

# Vendor that owns a device class, going by its well-known name.
class_vendor(class) := _table.vendor_of.device_classes[class]

# Vendors of a DeviceClass object: by its name, or by the drivers that its CEL selectors ask for.
definition_vendors(definition) := _by_name(definition) | _by_driver(definition)

_by_name(definition) := {vendor_by_name | vendor_by_name := class_vendor(definition.metadata.name)}

_by_driver(definition) := {driver_vendor(driver) |
	some selector in value.list(definition.spec.selectors)
	is_string(selector.cel.expression)
	some match in regex.find_n(`device\.driver\s*==\s*["'][^"']+["']`, selector.cel.expression, -1)
	driver := trim(regex.replace(match, `^[^"']*`, ""), `"'`)
}

# Vendor that a DRA driver serves.
driver_vendor(driver) := _table.vendor_of.drivers[driver]

# The resource under review is a device plugin, driver, exporter or the like, which needs the host's devices by design.
infrastructure if {
	some t in input.workload.templates
	some c in t.containers
	value.matches(_table.infrastructure.images, c.body.image)
}

infrastructure if {
	some t in input.workload.templates
	some volume in value.list(t.spec.volumes)
	value.matches(_table.infrastructure.paths, volume.hostPath.path)
}

infrastructure if {
	some t in input.workload.templates
	some label in ["app.kubernetes.io/component", "app.kubernetes.io/name", "k8s-app", "app", "name"]
	_operand(t.labels[label])
}

infrastructure if {
	input.workload
	_operand(input.resource.name)
}

_operand(name) if value.matches(_table.infrastructure.images, name)

# Vendor, then what the part of the stack does: operators fill in the image later, so the name has to tell.
_operand(name) if {
	value.matches(`^(nvidia|amd|amdgpu|rocm|intel|gpu|vgpu|habana|gaudi|neuron|tpu|npu|mps|dcgm)-`, name)
	value.matches(`-(plugin|driver|toolkit|exporter|validator|labeller|discovery|mps|manager|installer)(-|$)`, name)
}
