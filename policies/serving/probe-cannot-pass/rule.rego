# METADATA
# title: A probe that can never succeed
# description: |
#   The probe of a model server asks a port that nothing opens, a port name that the container does not declare, plain HTTP
#   of a server with TLS (or the reverse), a path that the server does not have, or a path that needs a token. The pod never
#   becomes ready, or restarts for ever.
#
#   Only what the command line and the image tell is judged: a port that the container declares, a script that starts
#   more than one program, every value that is filled in later, and kinds whose operator completes the container are left
#   alone.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/
#     description: what a probe asks, named ports and the scheme
#   - ref: https://docs.vllm.ai/en/latest/deployment/k8s.html
#     description: vLLM is probed at /health on its port
#   - ref: https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
#     description: --port, --ssl-keyfile and --api-key of vLLM
#   - ref: https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/customization_guide/inference_protocols.html
#     description: Triton's ports 8000, 8001 and 8002, and its health paths
# custom:
#   severity: error
#   relates: [ai_inference]
#   kinds: [model-server]
#   fix: safe
#   mentions: [livenessProbe, startupProbe, readinessProbe]
#   message: The {probe} of container {container} never succeeds.
#   help: Ask the path and the port that the server answers on.
#   cases:
#     port:
#       message: The {probe} of container {container} asks port {port}, but {server} listens on {listens}, so the probe never succeeds.
#       help: Probe port {listens}, or start the server on the port that is probed.
#       fix: unsafe
#     name:
#       message: The {probe} of container {container} asks a port called {port}, which the container does not declare, so the probe never succeeds.
#       help: Add the name to a port of this container, or use the number.
#     tls:
#       message: The {probe} of container {container} speaks {scheme}, but {server} is started for {right}, so the probe never succeeds.
#       help: Set httpGet.scheme to {right}.
#     path:
#       message: The {probe} of container {container} asks {path}, which {server} answers with 404, so the probe never succeeds.
#       help: Ask {right} instead.
#       fix: unsafe
#     token:
#       message: The {probe} of container {container} asks {path} without a token while vLLM is started with an API key, so it is answered 401 and never succeeds.
#       help: Ask /health, which needs no token.
package karlint.rules.serving.probe_cannot_pass

import data.karlint.lib.probes
import data.karlint.lib.value

findings contains object.union(defect.place, {
	"case": defect.case, "args": object.union(defect.args, {
		"probe": defect.entry.kind,
		"container": defect.entry.container.name,
		"server": probes.engine(defect.entry.container).title,
	}),
	"fix": object.get(defect, "fix", []),
}) if {
	not input.workload.operator_probes
	some defect in _defects
}

_defects contains {
	"entry": entry, "case": "port", "place": _port_place(entry), "args": {
		"port": port, "listens": entry.container.server.port,
	},
	"fix": [{"op": "set", "at": _port_place(entry).at, "value": entry.container.server.port}],
} if {
	some [entry, asked] in _asking
	asked != entry.container.server.port
	port := probes.unopened(entry.container, entry.probe)
	not port in _declared
}

_defects contains {"entry": entry, "case": "name", "place": _port_place(entry), "args": {"port": name}} if {
	not input.resource.partial
	some entry in probes.all
	name := probes.undeclared(entry.container, entry.probe)
}

_defects contains {
	"entry": entry, "case": "tls", "place": probes.http_place(entry, "scheme"), "args": {
		"scheme": asked, "right": right,
	},
	"fix": [_write(entry, "scheme", right)],
} if {
	some [entry, port] in _asking
	port == entry.container.server.port
	asked := object.get(value.map(entry.probe.httpGet), "scheme", "HTTP")
	right := probes.scheme(entry.container)
	{asked, right} == {"HTTP", "HTTPS"}
}

_defects contains {
	"entry": entry, "case": "path", "place": probes.http_place(entry, "path"), "args": {
		"path": path, "right": gate[0],
	},
	"fix": [_write(entry, "path", gate[0])],
} if {
	some [entry, port] in _asking
	port == entry.container.server.port
	path := probes.absent(entry.container, entry.probe)
	gate := array.concat(probes.engine(entry.container).gate, ["/"])
}

_defects contains {"entry": entry, "case": "token", "place": probes.http_place(entry, "path"), "args": {"path": path}, "fix": fix} if {
	some [entry, port] in _asking
	port == entry.container.server.port
	path := probes.needs_token(entry.container, entry.probe)
	fix := [_write(entry, "path", "/health")]
}

# Probes with the number of the port that they ask.
_asking := [[entry, port] |
	some entry in probes.all
	port := probes.port(entry.container, entry.probe)
]

_write(entry, name, wanted) := {
	"op": _operation(entry.probe.httpGet, name),
	"at": array.concat(entry.path, ["httpGet", name]), "value": wanted,
}

_operation(handler, name) := "set" if name in object.keys(handler)

_operation(handler, name) := "add" if not name in object.keys(handler)

_port_place(entry) := {"at": array.concat(entry.path, [handler, "port"])} if {
	some handler in ["httpGet", "tcpSocket"]
	entry.probe[handler].port
}

# The containers of a pod share one network: a proxy beside the server may answer.
_declared contains port.containerPort if {
	some template in input.workload.templates
	some container in template.containers
	some port in value.list(container.body.ports)
}
