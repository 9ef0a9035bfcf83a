# METADATA
# title: Devices that a program wants and has
# description: |
#   How many devices a container is given, and how many the program in it asks for by its flags. Functions only. What is
#   not known for sure is undefined.
package karlint.lib.parallel

import data.karlint.lib.value

# Whole devices that a container is given: by resource name, and by the claims that it names. Undefined for shares of
# devices, for virtual ones, for those of which one is several to a program, and where a number is unknown.
given(template, container) := sum(array.concat(named, claimed)) if {
	named := [found.quantity | some found in container.accelerators]
	claims := [claim | some claim in template.claims; claim.name in container.claims]
	count(claims) == count(container.claims)
	claimed := [claim.devices | some claim in claims]
	every amount in array.concat(named, claimed) { is_number(amount) }
	every found in container.accelerators { _whole(found) }
	every claim in claims { not _compound(claim) }
	not _virtual(container)
}

_table := data.karlint.tables.accelerators

_whole(found) if found.resource in _table.whole

_whole(found) if {
	not found.resource in _table.whole
	vendors := [v | some v in _table.vendors; v.vendor == found.vendor]
	every v in vendors { _single(v, found.resource) }
}

# Neither shares of a device, nor a device that is several to a program.
_single(vendor, resource) if {
	not vendor.compound
	count([pattern | some pattern in vendor.shares; regex.match(pattern, resource)]) == 0
}

# A claim of devices of which each is several to a program.
_compound(claim) if {
	some vendor in _table.vendors
	vendor.compound
	some class in claim.device_classes
	class in vendor.device_classes
}

# HAMi and the like: a device beside an amount of memory or cores is a part of one.
_virtual(container) if {
	some part in ["limits", "requests"]
	some name, _ in value.map(container.body.resources[part])
	_table.vendor_of.auxiliary[name]
}

# Devices that a model server wants for itself, on all its nodes together. Undefined for engines whose flags mean
# something else, and where one of the flags is unknown.
wanted(server) := product(factors) if {
	names := _factors[server.engine]
	factors := [_flag(server, name) | some name in names]
	count(factors) == count(names)
}

_factors := {
	"vllm": ["tensor-parallel-size", "pipeline-parallel-size", "data-parallel-size"],
	"sglang": ["tensor-parallel-size", "pipeline-parallel-size"],
	"tgi": ["num-shard"],
}

_flag(server, name) := 1 if not name in object.keys(server.flags)

_flag(server, name) := value.known_int(server.flags[name]) if name in object.keys(server.flags)

# Flags of a server that belongs to a group of several nodes.
spans_nodes(server) if {
	some name in [
		"nnodes", "node-rank", "dist-init-addr", "nccl-init-addr", "distributed-executor-backend", "headless", "master-addr",
		"data-parallel-address", "data-parallel-rank", "data-parallel-hybrid-lb", "data-parallel-size-local",
		"data-parallel-backend", "data-parallel-external-lb", "data-parallel-start-rank",
	]
	name in object.keys(server.flags)
	server.flags[name] != "mp"
}

# Number that a flag of the command line has, written "--flag 8" or "--flag=8"; the last one counts.
number_of(tokens, names) := found[count(found) - 1] if {
	found := [n |
		some index, token in tokens
		startswith(token, "--")
		parts := split(token, "=")
		replace(parts[0], "_", "-") in names
		n := value.known_int(_operand(parts, tokens, index))
	]
	count(found) > 0
}

_operand(parts, tokens, index) := tokens[index + 1] if count(parts) == 1

_operand(parts, _, _) := parts[1] if count(parts) > 1

# Text of what a container runs, for words that may stand anywhere in it.
script(container) := json.marshal([value.list(object.get(container.body, part, [])) | some part in ["command", "args"]])

# Pods that the program of one server may span: 1 for kinds whose pods work alone, the size of the group in a
# LeaderWorkerSet. Undefined where it is not known.
nodes(resource, object_, container) := 1 if {
	resource.kind in {"Pod", "Deployment", "ReplicaSet", "Job", "CronJob", "Rollout", "Service"}
	not spans_nodes(container.server)
	not contains(script(container), "ray start")
	not contains(script(container), "multi-node-serving")
	object.get(object_, ["spec", "completionMode"], "") != "Indexed"
} else := value.known_int(object.get(object_.spec, ["leaderWorkerTemplate", "size"], 1)) if {
	resource.kind == "LeaderWorkerSet"
}
