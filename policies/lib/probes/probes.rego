# METADATA
# title: Probes of model servers
# description: |
#   The probes that containers running a model server set, with the defaults of the API filled in, and what the table of
#   servers says about the path and the port that they ask. Undefined where a value is unknown.
package karlint.lib.probes

import data.karlint.lib.value

_kinds := {"startupProbe", "livenessProbe", "readinessProbe"}

engine(container) := _engines[container.server.engine]

_engines := data.karlint.tables.servers.engines

# Containers that answer requests for a model, with their templates; not the followers of a multi-node group.
servers := [{"template": template, "container": container} |
	some template in input.workload.templates
	not _follows(template)
	some container in template.containers
	container.server != null
]

# Every probe of a model server: {container, kind, probe, path}.
all := [{"container": s.container, "kind": kind, "probe": probe, "path": path} |
	some s in servers
	some kind in _kinds
	probe := s.container.body[kind]
	is_object(probe)
	path := array.concat(s.container.path, [kind])
]

# Where a group has leaders and workers, the leader serves HTTP and the workers only compute.
_follows(template) if {
	template.role in {"worker", "prefill-worker"}
	some other in input.workload.templates
	other.path != template.path
	not other.role in {"worker", "prefill-worker"}
}

# Seconds, with the API's defaults.
setting(probe, name) := value.known_int(object.get(probe, name, _defaults[name]))

_defaults := {
	"initialDelaySeconds": 0, "periodSeconds": 10, "timeoutSeconds": 1,
	"failureThreshold": 3, "successThreshold": 1,
}

# Seconds from the container's start until the kubelet gives up on a probe that never succeeds.
budget(probe) := setting(probe, "initialDelaySeconds") + (setting(probe, "failureThreshold") * setting(probe, "periodSeconds"))

# Path that an HTTP probe asks of its own pod, without the query.
http_path(probe) := split(path, "?")[0] if {
	not probe.httpGet.host
	path := object.get(value.map(probe.httpGet), "path", "/")
	is_string(path)
	not value.is_unknown(path)
}

# The same, and the port asked is the server's own.
server_path(container, probe) := http_path(probe) if port(container, probe) == container.server.port

# Number of the port that a probe asks; names are looked up in the container, as the kubelet does.
port(container, probe) := _number(container, _handler(probe).port)

_handler(probe) := probe.httpGet if not probe.httpGet.host

_handler(probe) := probe.tcpSocket

_number(_, p) := value.known_int(p)

_number(container, p) := declared.containerPort if {
	not value.known_int(p)
	some declared in value.list(container.body.ports)
	declared.name == p
}

# Name of the port that a probe asks; undefined for a number.
port_name(probe) := name if {
	name := value.str(_handler(probe).port)
	not value.known_int(name)
}

# Where a finding about one setting of a probe stands: at the setting, or at the probe's key if it is left out.
place(entry, name) := {"at": array.concat(entry.path, [name]), "anchor": "value"} if name in object.keys(entry.probe)

place(entry, name) := {"at": entry.path, "anchor": "key"} if not name in object.keys(entry.probe)

# The same for something in the probe's HTTP handler.
http_place(entry, name) := {"at": array.concat(entry.path, ["httpGet", name]), "anchor": "value"} if {
	name in object.keys(value.map(entry.probe.httpGet))
}

http_place(entry, name) := {"at": array.concat(entry.path, ["httpGet"]), "anchor": "key"} if {
	not name in object.keys(value.map(entry.probe.httpGet))
}
