# METADATA
# title: Members of a PodGroup
# description: |
#   For a PodGroup under review, of any of the four API groups that have one: the pods that name it. Undefined unless every
#   member is of a kind whose pods can be counted from the manifest alone.
#   Rules that ask must look up the kinds of `counted` and `uncounted`.
package karlint.lib.podgroup

import data.karlint.lib.scope
import data.karlint.lib.value

counted := ["Pod", "batch/Job", "apps/ReplicaSet", "apps/StatefulSet", "apps/Deployment"]

# A member of one of these makes the sum unknown.
uncounted := [
	"apps/DaemonSet", "ReplicationController", "batch/CronJob", "batch.volcano.sh/Job", "jobset.x-k8s.io/JobSet",
	"leaderworkerset.x-k8s.io/LeaderWorkerSet", "kubeflow.org/PyTorchJob", "kubeflow.org/TFJob", "kubeflow.org/MPIJob",
	"kubeflow.org/XGBoostJob", "kubeflow.org/PaddleJob", "kubeflow.org/JAXJob", "ray.io/RayCluster", "ray.io/RayJob",
	"ray.io/RayService", "argoproj.io/Workflow", "sparkoperator.k8s.io/SparkApplication",
]

# Pods that name the group.
pods := sum(counts) if {
	count(members) > 0
	count(_strangers) == 0
	counts := [n | some entry in members; n := _pods(entry)]
	count(counts) == count(members)
}

members := [entry |
	some kind in counted
	some entry in _near(kind)
	_group(_template(entry)) == input.resource.name
]

_strangers := [entry |
	some kind in uncounted
	some entry in _near(kind)
	contains(json.marshal(entry.object), json.marshal(input.resource.name))
]

_near(kind) := [entry |
	some entry in scope.near(kind)
	scope.same_namespace(entry.namespace, input.resource.namespace)
]

_template(entry) := entry.object if entry.kind == "Pod"

_template(entry) := entry.object.spec.template if entry.kind != "Pod"

_group(template) := template.metadata.annotations["scheduling.k8s.io/group-name"] if {
	input.resource.group == "scheduling.volcano.sh"
}

_group(template) := template.metadata.labels["scheduling.x-k8s.io/pod-group"] if {
	input.resource.group == "scheduling.x-k8s.io"
}

_group(template) := template.metadata.annotations["pod-group-name"] if input.resource.group == "scheduling.run.ai"

_group(template) := template.spec.schedulingGroup.podGroupName if input.resource.group == "scheduling.k8s.io"

_pods(entry) := 1 if entry.kind == "Pod"

# No completions: parallelism alone counts.
_pods(entry) := min({parallelism, completions}) if {
	entry.kind == "Job"
	parallelism := value.known_int(object.get(entry.object, ["spec", "parallelism"], 1))
	completions := value.known_int(object.get(entry.object, ["spec", "completions"], parallelism))
}

# Replicas that are left out are often left to an autoscaler.
_pods(entry) := value.known_int(entry.object.spec.replicas) if entry.kind in {"ReplicaSet", "StatefulSet", "Deployment"}
