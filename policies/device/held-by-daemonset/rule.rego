# METADATA
# title: DaemonSet that holds a device of every node
# description: |
#   Each pod of a DaemonSet that asks for a device keeps one of its node for itself, for good. For an exporter or another agent that is a device
#   that nobody can use, on every node, and new nodes come with one less than they have. Agents watch devices without taking
#   them: through the driver's monitoring interface, or by a claim with `adminAccess` in a namespace that may have it.
#
#   A DaemonSet that serves a model on each node is meant so, and gets a note. Shares and monitoring resources are left alone.
# related_resources:
#   - ref: https://github.com/kubernetes/enhancements/tree/master/keps/sig-auth/5018-dra-adminaccess
#     description: admin access exists so that monitoring takes no devices
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
#     description: one pod on every node
# custom:
#   severity: warning
#   relates: [KAR-0003, KAR-0059]
#   kinds: [apps/DaemonSet]
#   mentions: [limits, requests, resourceClaims]
#   message: Every node gets a pod of this DaemonSet that holds {given} ({resource}) for good, so {given} of each node is lost to workloads.
#   help: Watch devices without asking for them, or by a claim with adminAccess.
package karlint.rules.device.held_by_daemonset

import data.karlint.lib.parallel
import data.karlint.lib.pods
import data.karlint.lib.value

findings contains {"at": at, "anchor": anchor, "severity": severity, "args": {"given": value.counted(have, "device"), "resource": name}} if {
	some pair in pods.pairs
	have := parallel.given(pair.template, pair.container)
	have > 0
	[at, name, anchor] := _first(pair)
	severity := _severity(pair.container)
}

_first(pair) := [found.path, found.resource, "value"] if {
	found := pair.container.accelerators[0]
} else := [array.concat(pair.container.path, ["resources", "claims"]), pair.container.claims[0], "key"]

_severity(container) := "note" if is_object(container.server)

_severity(container) := "warning" if not is_object(container.server)
