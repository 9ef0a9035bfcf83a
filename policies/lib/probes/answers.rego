# What a model server will answer to a probe, as far as its command line and its image tell.
package karlint.lib.probes

import data.karlint.lib.value

# Port that is asked and that nothing in the container opens.
unopened(container, probe) := asked if {
	asked := port(container, probe)
	asked != container.server.port
	is_number(container.server.port)
	not asked in object.get(engine(container), "more_ports", [])
	every declared in value.list(object.get(container.body, "ports", [])) {
		declared.containerPort != asked
	}
	not _starts_more(container)
}

# Name of the port that is asked and that the container does not declare.
undeclared(container, probe) := name if {
	name := port_name(probe)
	every declared in value.list(object.get(container.body, "ports", [])) {
		object.get(value.map(declared), "name", "") != name
		not value.is_unknown(object.get(value.map(declared), "name", ""))
	}
}

# A script may start a proxy beside the server, on any port.
_starts_more(container) if {
	some key in ["command", "args"]
	some word in value.list(container.body[key])
	value.matches(`[^&>]&\s*($|\n|[^&>\s0-9])`, word)
}

# Scheme that the server speaks on its port.
scheme(container) := "HTTPS" if _tls(container)

scheme(container) := "HTTP" if {
	count(object.get(engine(container), "tls_flags", [])) > 0
	is_array(container.tokens)
	not "config" in object.keys(container.server.flags)
	not _any_tls(container)
}

_tls(container) if {
	flags := object.get(engine(container), "tls_flags", [])
	count(flags) > 0
	every flag in flags {
		flag in object.keys(container.server.flags)
	}
}

_any_tls(container) if {
	some flag in object.keys(container.server.flags)
	startswith(flag, "ssl-")
}

# Path that the server does not have.
absent(container, probe) := path if {
	missing := engine(container).absent
	missing != []
	path := server_path(container, probe)
	path in missing
	not "middleware" in object.keys(container.server.flags)
}

# Path that vLLM answers only to callers with its API key.
needs_token(container, probe) := path if {
	container.server.engine == "vllm"
	path := server_path(container, probe)
	startswith(path, "/v1/")
	_has_key(container)
	every header in value.list(object.get(value.map(probe.httpGet), "httpHeaders", [])) {
		is_string(header.name)
		lower(header.name) != "authorization"
	}
}

_has_key(container) if {
	some name, key in container.server.flags
	name == "api-key"
	key != ""
}

_has_key(container) if {
	some variable in value.list(container.body.env)
	variable.name == "VLLM_API_KEY"
	_is_set(variable)
}

_is_set(variable) if value.str(variable.value)

_is_set(variable) if variable.valueFrom.secretKeyRef.optional != true

_is_set(variable) if {
	variable.valueFrom.secretKeyRef.name
	not "optional" in object.keys(variable.valueFrom.secretKeyRef)
}

# The probe fails for as long as the model is being loaded.
waits_for_model(container, probe) if {
	engine(container).opens == "after-load"
	port(container, probe) == container.server.port
}

waits_for_model(container, probe) if {
	engine(container).opens == "at-start"
	server_path(container, probe) in engine(container).gate
}

# The probe succeeds before the model is loaded, so that being ready means nothing.
blind(container, probe) if server_path(container, probe) in engine(container).process

blind(container, probe) if {
	probe.tcpSocket
	engine(container).opens == "at-start"
	port(container, probe) == container.server.port
}
