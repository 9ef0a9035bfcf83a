# METADATA
# title: SGLang health probe with the one-second time-out
# description: |
#   SGLang's `/health_generate`, and since 0.5.1 `/health` as well, generate one token and look for the answer a full
#   second later, so that a healthy server replies after slightly more than one second. Kubernetes gives a probe one second
#   by default. Such a probe passes only by chance: as liveness probe it restarts a healthy server, as startup probe it
#   delays or prevents the start, as readiness probe it takes the pod out of its Service again and again.
#
#   Quiet for images whose tag names an older SGLang, for `/ready`, and where
#   `SGLANG_ENABLE_HEALTH_ENDPOINT_GENERATION` is set. A warning for startup and readiness probes, and where the image
#   does not tell which version it holds.
# related_resources:
#   - ref: https://github.com/sgl-project/sglang/blob/main/python/sglang/srt/entrypoints/http_server.py
#     description: health_generate waits in steps of one second, up to SGLANG_HEALTH_CHECK_TIMEOUT (20 s)
#   - ref: https://github.com/modelplaneai/modelplane/issues/206
#     description: measured answers of 1.0009 to 1.0016 s and pods that never become ready
#   - ref: https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#configure-probes
#     description: timeoutSeconds defaults to 1
# custom:
#   severity: error
#   relates: [ai_inference]
#   kinds: [model-server]
#   mentions: [sglang]
#   message: SGLang answers {path} only after more than one second, so the {probe} of container {container}, which waits {seconds} s, times out on a healthy server.
#   help: Set timeoutSeconds to 5 or more for readiness, and to 30 for startup and liveness, since the server itself allows 20 s for its answer.
#   fix: unsafe
package karlint.rules.serving.sglang_probe_timeout

import data.karlint.lib.probes
import data.karlint.lib.value

findings contains object.union(probes.place(entry, "timeoutSeconds"), {
	"severity": _severity(entry), "args": {
		"path": path, "probe": entry.kind, "container": entry.container.name, "seconds": seconds,
	},
	"fix": [_longer(entry)],
}) if {
	some entry in probes.all
	not input.resource.partial
	entry.container.server.engine == "sglang"
	not _operator_decides(entry.kind)
	path := probes.http_path(entry.probe)
	_slow(entry.container, path)
	seconds := probes.setting(entry.probe, "timeoutSeconds")
	seconds <= 1
}

_longer(entry) := {
	"op": _operation(entry.probe),
	"at": array.concat(entry.path, ["timeoutSeconds"]),
	"value": object.get({"readinessProbe": 5}, entry.kind, 30),
}

_operation(probe) := "set" if "timeoutSeconds" in object.keys(probe)

_operation(probe) := "add" if not "timeoutSeconds" in object.keys(probe)

# Operators such as Knative's replace the readiness probe by one of their own.
_operator_decides("readinessProbe") if input.workload.operator_probes

_slow(container, "/health_generate") if not _older(container, [0, 4, 6])

_slow(container, "/health") if {
	not _older(container, [0, 5, 1])
	every item in value.list(object.get(container.body, "env", [])) {
		item.name != "SGLANG_ENABLE_HEALTH_ENDPOINT_GENERATION"
	}
}

default _severity(_) := "warning"

_severity(entry) := "error" if {
	entry.kind == "livenessProbe"
	_version(entry.container)
}

_older(container, version) if _version(container) < version

# Version in the tag of an image that is called SGLang's.
_version(container) := [to_number(part) | some part in found[0]] if {
	found := [array.slice(match, 1, 4) |
		some match in regex.find_all_string_submatch_n(`sglang[^/:]*:v?([0-9]+)\.([0-9]+)\.([0-9]+)`, value.str(container.body.image), 1)
	]
	count(found) == 1
}
