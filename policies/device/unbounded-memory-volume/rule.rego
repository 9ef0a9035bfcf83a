# METADATA
# title: Shared memory without a bound, or beyond the memory limit
# description: |
#   A volume in memory counts as memory of the containers that write to it. Without a `sizeLimit`, and with containers that have no
#   memory limit, it may fill the node, whose other pods are evicted. With a `sizeLimit` above the memory limit the bound is never
#   reached: the container is killed for its memory first.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/volumes/#emptydir
#     description: files count against the memory limit; the size is bounded by the node without one
#   - ref: https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/1967-size-memory-backed-volumes
#     description: the default size is what the pod may use, or the node has
# custom:
#   severity: warning
#   relates: [KAR-0051]
#   kinds: [accelerator-workload]
#   mentions: ['"medium":"Memory"']
#   fix: unsafe
#   message: The volume {volume} is in memory, has no sizeLimit, and container {container} that mounts it has no memory limit, so it may fill the memory of the node and have other pods evicted.
#   help: Set sizeLimit on the volume, and a memory limit on the container.
#   cases:
#     beyond:
#       message: The volume {volume} may hold {size} in memory and container {container} that mounts it may use {limit} in all, so the container is killed before the volume is full.
#       help: Lower sizeLimit, or raise the memory limit above it.
package karlint.rules.device.unbounded_memory_volume

import data.karlint.lib.pods
import data.karlint.lib.value

findings contains {"at": v.at, "anchor": "key", "severity": "note", "args": {"volume": v.name, "container": users[0].name}} if {
	not input.resource.partial
	input.resource.group != "nvidia.com" # Dynamo keeps the limits beside the container
	some v in _volumes
	not v.body.sizeLimit
	users := [c | some c in _users(v); not c.body.resources.limits.memory]
	count(users) > 0
	not v.template.spec.resources.limits.memory
}

findings contains {"at": array.concat(v.at, ["sizeLimit"]), "case": "beyond", "args": args, "fix": _half(array.concat(v.at, ["sizeLimit"]), limited[0].body.resources.limits.memory)} if {
	some v in _volumes
	size := value.quantity(v.body.sizeLimit)
	limited := [c | some c in _users(v); value.quantity(c.body.resources.limits.memory) < size]
	count(limited) > 0
	count(limited) == count(_users(v))
	args := {
		"volume": v.name, "size": v.body.sizeLimit, "container": limited[0].name,
		"limit": limited[0].body.resources.limits.memory,
	}
}

# Half of the limit, in its unit, leaves as much for the program.
_half(at, limit) := [{"op": "set", "at": at, "value": sprintf("%d%s", [floor(number / 2), unit])} |
	parts := regex.find_all_string_submatch_n(`^([0-9]{1,9})([KMGT]i?)$`, value.str(limit), 1)
	number := to_number(parts[0][1])
	unit := parts[0][2]
	number >= 2
]

_volumes := [{"template": t, "name": volume.name, "body": volume.emptyDir, "at": at} |
	some t in input.workload.templates
	is_array(t.spec.volumes)
	some index, volume in t.spec.volumes
	volume.emptyDir.medium == "Memory"
	count(t.accelerators) + count(t.claims) > 0
	at := pods.in_spec(t, ["volumes", index, "emptyDir"])
]

_users(volume) := [c |
	some c in volume.template.containers
	c.role == "main"
	some mount in value.list(c.body.volumeMounts)
	mount.name == volume.name
]
