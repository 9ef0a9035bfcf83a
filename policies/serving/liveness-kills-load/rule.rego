# METADATA
# title: Liveness probe that ends the loading of a model
# description: |
#   vLLM, SGLang, TGI, Triton and TensorRT-LLM open their port only after the weights are loaded, and llama.cpp answers 503
#   until then. Without a startup probe the liveness probe counts from the container's start; when its budget
#   (`initialDelaySeconds + failureThreshold x periodSeconds`) is shorter than the load, the kubelet kills the server while
#   it loads, and the next attempt starts from nothing. A startup probe with a budget of a minute does the same.
#
#   Ignore it for small models that are known to load in time, or lower `min_load_seconds`.
# related_resources:
#   - ref: https://docs.vllm.ai/en/latest/deployment/k8s.html
#     description: a failureThreshold too low for the time to start makes Kubernetes kill the container
#   - ref: https://github.com/triton-inference-server/server/blob/main/deploy/k8s-onprem/README.md
#     description: Triton loads all models before it starts the HTTP server, by default
#   - ref: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/#startup-probe
#     description: a startup probe holds the other probes back until the container has started
# custom:
#   severity: warning
#   relates: [ai_inference]
#   kinds: [model-server]
#   params:
#     min_load_seconds:
#       type: integer
#       default: 300
#       description: A liveness probe without a startup probe must allow at least this many seconds for loading.
#     min_startup_seconds:
#       type: integer
#       default: 60
#       description: A startup probe must allow at least this many seconds for loading.
#   mentions: [livenessProbe, startupProbe]
#   message: Container {container} is killed when {server} has not loaded its model {budget} s after its start, because the liveness probe counts from the beginning.
#   help: Add a startupProbe on {path} with failureThreshold x periodSeconds of 600 s or more; the liveness probe then waits for it.
#   cases:
#     startup:
#       message: Container {container} is killed when {server} has not loaded its model {budget} s after its start, because the startup probe allows no more.
#       help: Raise failureThreshold so that failureThreshold x periodSeconds is 600 s or more; a fast start is not slowed down by it.
#   fix: unsafe
package karlint.rules.serving.liveness_kills_load

import data.karlint.lib.probes

findings contains {"at": entry.path, "anchor": "key", "args": _args(entry), "fix": [_starting(entry)]} if {
	not input.workload.operator_probes
	some entry in probes.all
	entry.kind == "livenessProbe"
	not entry.container.body.startupProbe
	_in_time(entry, _params.min_load_seconds)
}

findings contains object.union(probes.place(entry, "failureThreshold"), {"case": "startup", "args": _args(entry), "fix": [_longer(entry)]}) if {
	not input.workload.operator_probes
	some entry in probes.all
	entry.kind == "startupProbe"
	_in_time(entry, _params.min_startup_seconds)
}

# Asks the same as the liveness probe, for a quarter of an hour.
_starting(entry) := {"op": "add", "at": array.concat(entry.container.path, ["startupProbe"]), "value": object.union(handler, {
	"periodSeconds": 10, "failureThreshold": 90, "timeoutSeconds": max([5, probes.setting(entry.probe, "timeoutSeconds")]),
})} if {
	handler := {name: asked | some name, asked in entry.probe; name in {"httpGet", "tcpSocket", "exec", "grpc"}}
}

_longer(entry) := {"op": operation, "at": array.concat(entry.path, ["failureThreshold"]), "value": 0 - floor(-600 / period)} if {
	period := probes.setting(entry.probe, "periodSeconds")
	operation := {true: "set", false: "add"}["failureThreshold" in object.keys(entry.probe)]
}

_in_time(entry, seconds) if {
	not input.resource.partial
	probes.waits_for_model(entry.container, entry.probe)
	probes.budget(entry.probe) < seconds
}

_params := data.karlint.params["serving/liveness-kills-load"]

_args(entry) := {
	"container": entry.container.name,
	"server": engine.title,
	"budget": probes.budget(entry.probe),
	"path": engine.gate[0],
} if {
	engine := probes.engine(entry.container)
}
