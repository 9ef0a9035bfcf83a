# METADATA
# title: Accelerators in a namespace without a quota
# description: |
#   Other namespaces of this tree limit accelerators with a ResourceQuota; this one runs accelerator workloads and has
#   no such quota, so that it may take every device of the cluster from them.
#
#   Reported once for each namespace, and only where quotas are kept beside or above the workload's directory. Namespaces
#   with a Kueue LocalQueue are limited by their queue. Ignore it for a namespace that is meant to have the rest.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/policy/resource-quotas/
#     description: quotas share a cluster between teams, and bind only the namespace that holds them
#   - ref: https://kueue.sigs.k8s.io/docs/concepts/local_queue/
#     description: a LocalQueue gives a namespace its share of a ClusterQueue
# custom:
#   severity: note
#   relates: [KAR-0051]
#   kinds: [accelerator-workload]
#   looks_up: [ResourceQuota, kueue.x-k8s.io/LocalQueue, workload]
#   in_tree: [ResourceQuota]
#   message: Namespace {namespace} may take every accelerator of the cluster, because it has no accelerator quota while {others} has one.
#   help: Add a ResourceQuota with requests.{resource} to the namespace, or a LocalQueue if Kueue shares the devices.
package karlint.rules.quota.namespace_without_quota

import data.karlint.lib.accelerators
import data.karlint.lib.quota
import data.karlint.lib.scope

findings contains {"at": row.at, "args": {"namespace": namespace, "others": _told(others), "resource": row.resource}} if {
	namespace := input.resource.namespace
	namespace != ""
	count(object.get(_by_kind, ["ResourceQuota", namespace], {})) == 0
	count(object.get(_by_kind, ["ResourceQuota", ""], {})) == 0 # which may become this one's
	count(object.get(_by_kind, ["kueue.x-k8s.io/LocalQueue", namespace], {})) == 0
	others := {ns | some ns in object.keys(_by_kind.ResourceQuota); _limits_near(ns)}
	count(others) > 0
	row := _first(namespace)
	row.index == input.resource.index
	not accelerators.infrastructure
}

_told(others) := sprintf("namespace %s", [name]) if {
	count(others) == 1
	some name in others
}

_told(others) := sprintf("each of %d other namespaces", [count(others)]) if count(others) > 1

_by_kind := data.inventory.by_kind

_limits_near(namespace) if {
	some entry in quota.of_namespace(namespace)
	scope.same_scope(_parent(entry.directory), input.resource.directory)
}

# The namespace is reported once, at its first workload that asks for an accelerator by extended resource.
_first(namespace) := rows[0] if {
	rows := [row | some row in data.inventory.demand[namespace]; not endswith(row.resource, quota.class_suffix)]
}

# Namespaces often have a directory each, side by side.
_parent(directory) := concat("/", array.slice(steps, 0, count(steps) - 1)) if steps := split(directory, "/")
