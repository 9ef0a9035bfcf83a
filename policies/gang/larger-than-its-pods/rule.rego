# METADATA
# title: Gang that asks for more pods than there are
# description: |
#   A gang starts when its minimum number of pods is there. Where the minimum is larger than the number of pods that
#   the workload makes, the scheduler waits for pods that nobody creates: every pod stays Pending, and no event names the cause.
#   Some webhooks (Volcano's for jobs, Grove's) refuse such an object.
#
#   Covered are PodGroups of Volcano, scheduler-plugins, KAI and Kubernetes itself, when all workloads that name the group are in the
#   tree and their pods can be counted; and the minimum that Volcano jobs, Kubeflow jobs, MPIJobs, Jobs and Grove's cliques state themselves.
# related_resources:
#   - ref: volcano-sh/volcano:pkg/webhooks/admission/jobs/validate/admit_job.go
#     description: refuses a minAvailable above the replicas
#   - ref: kubernetes-sigs/scheduler-plugins:apis/scheduling/v1alpha1/types.go
#     description: minMember of a PodGroup
#   - ref: ai-dynamo/grove:operator/internal/webhook/admission/pcs/validation/podcliqueset.go
#     description: minAvailable of a clique is at most its replicas
#   - ref: https://kubernetes.io/docs/concepts/scheduling-eviction/gang-scheduling/
#     description: minCount of a native PodGroup
# custom:
#   severity: error
#   mentions: [minMember, minCount, minAvailable, batch-min-member, group-min-member]
#   requirements: [KAR-0053]
#   kinds:
#     - scheduling.volcano.sh/PodGroup
#     - scheduling.x-k8s.io/PodGroup
#     - scheduling.run.ai/PodGroup
#     - scheduling.k8s.io/PodGroup
#     - workload
#   looks_up:
#     - Pod
#     - batch/Job
#     - apps/ReplicaSet
#     - apps/StatefulSet
#     - apps/Deployment
#     - apps/DaemonSet
#     - ReplicationController
#     - batch/CronJob
#     - batch.volcano.sh/Job
#     - jobset.x-k8s.io/JobSet
#     - leaderworkerset.x-k8s.io/LeaderWorkerSet
#     - kubeflow.org/PyTorchJob
#     - kubeflow.org/TFJob
#     - kubeflow.org/MPIJob
#     - kubeflow.org/XGBoostJob
#     - kubeflow.org/PaddleJob
#     - kubeflow.org/JAXJob
#     - ray.io/RayCluster
#     - ray.io/RayJob
#     - ray.io/RayService
#     - argoproj.io/Workflow
#     - sparkoperator.k8s.io/SparkApplication
#   fix: safe
#   message: >-
#     The gang {name} waits for {minimum} pods and only {pods} are ever made, so none of them starts.
#   help: Lower the minimum to {pods}, or make as many pods as the gang needs.
package karlint.rules.gang.larger_than_its_pods

import data.karlint.lib.owner
import data.karlint.lib.podgroup
import data.karlint.lib.value

findings contains {"at": at, "args": {"name": input.resource.name, "minimum": minimum, "pods": pods}, "fix": fix} if {
	some at, pods in compared
	minimum := value.known_int(object.get(input.object, at, null))
	minimum > pods
	fix := [{"op": "set", "at": at, "value": _like(object.get(input.object, at, null), pods)} | pods > 0; not _of_several]
}

# Of several members each may be the one that is too small.
_of_several if {
	input.resource.kind == "PodGroup"
	count(podgroup.members) != 1
}

_like(written, number) := number if is_number(written)

_like(written, number) := sprintf("%d", [number]) if is_string(written)

# Path of the minimum to the pods that there are.
compared[path] := pods if {
	some path in [["spec", "minMember"], ["spec", "schedulingPolicy", "gang", "minCount"]]
	input.resource.kind == "PodGroup"
	pods := podgroup.pods
}

compared[path] := input.workload.pods if {
	some path in whole[owner.kind]
	is_number(input.workload.pods)
	not input.object.spec.elasticPolicy
}

whole["batch.volcano.sh/Job"] := [["spec", "minAvailable"]]

whole["batch.volcano.sh/CronJob"] := [["spec", "jobTemplate", "spec", "minAvailable"]]

whole["batch/Job"] := [
	["spec", "scheduling", "schedulingPolicy", "gang", "minCount"],
	["metadata", "annotations", "kai.scheduler/batch-min-member"],
	["metadata", "annotations", "scheduling.volcano.sh/group-min-member"],
]

whole["apps/StatefulSet"] := [["metadata", "annotations", "scheduling.volcano.sh/group-min-member"]]

whole[owner.kind] := [["spec", "runPolicy", "schedulingPolicy", "minAvailable"]] if startswith(owner.kind, "kubeflow.org/")

# A task of a Volcano job, a clique of a PodCliqueSet.
compared[array.concat(path, ["minAvailable"])] := pods if {
	some path, part in parts
	pods := value.known_int(object.get(part, "replicas", 1))
}

parts[["spec", "tasks", i]] := task if {
	owner.kind == "batch.volcano.sh/Job"
	some i, task in value.list(input.object.spec.tasks)
	is_object(task)
}

parts[["spec", "template", "cliques", i, "spec"]] := spec if {
	owner.kind == "grove.io/PodCliqueSet"
	some i, clique in value.list(input.object.spec.template.cliques)
	spec := value.map(clique.spec)
}
