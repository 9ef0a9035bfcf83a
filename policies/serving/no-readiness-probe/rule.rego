# METADATA
# title: Model server that is ready before its model is
# description: |
#   Without a readiness probe a pod counts as ready as soon as its process runs, minutes before the model is loaded: its
#   Service sends it requests that fail, and a rolling update removes the old pods while the new ones cannot answer yet.
#   A readiness probe that only asks whether the process lives has the same effect.
#
#   Quiet where a startup probe waits for the model, since a pod is not ready before that has passed; for kinds whose
#   operator adds probes; for Jobs, and for pods that no Service selects, or only a headless one, by which the members of
#   a group find each other; and for servers that load models on demand (Ollama).
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
#     description: a container without a readiness probe is ready once it runs; a startup probe holds readiness back
#   - ref: https://docs.vllm.ai/en/latest/deployment/k8s.html
#     description: vLLM is probed at /health for readiness
#   - ref: https://docs.nvidia.com/nim/large-language-models/latest/api-reference.html
#     description: NIM tells live and ready apart
# custom:
#   severity: warning
#   relates: [ai_inference]
#   kinds: [model-server]
#   looks_up: [Service]
#   uses: [referrers]
#   message: "{kind} {name} counts as ready before {server} in container {container} has loaded its model, because the container has no readiness probe."
#   help: Add a readinessProbe on {path} with timeoutSeconds 5.
#   cases:
#     blind:
#       message: "{kind} {name} counts as ready before {server} in container {container} has loaded its model, because the readiness probe only tells that the process runs."
#       help: Ask {path} for readiness.
#   fix: unsafe
package karlint.rules.serving.no_readiness_probe

import data.karlint.lib.probes
import data.karlint.lib.value

findings contains {"at": _place(s.container), "args": _args(s.container), "fix": _probe(s.container)} if {
	not input.resource.partial
	some s in _judged
	not s.container.body.readinessProbe
	_gets_requests(s.template)
}

findings contains {"at": array.concat(s.container.path, ["readinessProbe"]), "anchor": "key", "case": "blind", "args": _args(s.container)} if {
	some s in _judged
	probes.blind(s.container, s.container.body.readinessProbe)
	_gets_requests(s.template)
}

_probe(container) := [{"op": "add", "at": array.concat(container.path, ["readinessProbe"]), "value": probe} |
	is_number(container.server.port)
	not "readinessProbe" in object.keys(container.body)
	asked := {"path": probes.engine(container).gate[0], "port": container.server.port}
	probe := {"httpGet": object.union(asked, _spoken(container)), "periodSeconds": 5, "timeoutSeconds": 5}
]

# Undefined where it is not known whether the server speaks TLS.
_spoken(container) := {"HTTPS": {"scheme": "HTTPS"}, "HTTP": {}}[probes.scheme(container)]

_spoken(container) := {} if count(object.get(probes.engine(container), "tls_flags", [])) == 0

_judged := [s |
	not input.workload.operator_probes
	_may_get_requests
	some s in probes.servers
	count(probes.engine(s.container).gate) > 0
	not s.template.pods == 0
	not _held_back(s.container)
]

# Not ready before the startup probe has passed.
_held_back(container) if {
	probe := container.body.startupProbe
	not probes.blind(container, probe)
}

# Asked first, since it costs next to nothing.
_may_get_requests if {
	not input.resource.kind in {"Job", "CronJob", "JobSet"}
	_is_served
}

_is_served if input.resource.kind in {"Deployment", "StatefulSet", "ReplicaSet", "LeaderWorkerSet"}

_is_served if count(input.referrers) > 0

_gets_requests(_) if input.resource.kind in {"Deployment", "StatefulSet", "ReplicaSet", "LeaderWorkerSet"}

_gets_requests(template) if {
	not input.resource.kind in {"Job", "CronJob", "JobSet"}
	some referrer in input.referrers
	referrer.edge == "service"
	referrer.template == template.path
	referrer.namespace == input.resource.namespace
	some service in data.inventory.by_kind.Service[referrer.namespace][referrer.name]
	service.index == referrer.resource
	object.get(value.map(service.object.spec), "clusterIP", "") != "None"
}

_place(container) := array.concat(container.path, ["name"])

_args(container) := {
	"kind": input.resource.kind,
	"name": input.resource.name,
	"container": container.name,
	"server": engine.title,
	"path": engine.gate[0],
} if {
	engine := probes.engine(container)
}
