# METADATA
# title: All-or-nothing scheduling
# description: |
#   Which workloads have pods that cannot make progress without each other (`coupled`), what on them speaks of a gang or
#   queueing system (`evidence`), and whether an operator in the tree gangs pods without any mark on the workload.
#   Evidence is read generously, since it keeps rules quiet: whether it works is the business of other rules.
package karlint.lib.gang

import data.karlint.lib.owner
import data.karlint.lib.scope
import data.karlint.lib.value

kind := owner.kind

name := owner.name

# Pod templates with a known number of devices, in the order of the manifest.
accelerated := [t | some t in input.workload.templates; _devices(t) > 0]

_devices(t) := t.devices if is_number(t.devices)

# A claim that is not in the tree may be for a network card: count the extended resources alone.
_devices(t) := sum([n | some n in t.accelerators; is_number(n)]) if t.devices == null

# Pods with accelerators; undefined when the number of one template is unknown.
accelerator_pods := sum(counts) if {
	counts := [t.pods | some t in accelerated]
	_all_numbers(counts)
}

_all_numbers(list) if count([1 | some n in list; not is_number(n)]) == 0

# Kinds of which `coupled` may say something; asked first, since it costs next to nothing.
may_couple(name_of_kind) if {
	name_of_kind in {
		"PyTorchJob", "TFJob", "XGBoostJob", "PaddleJob", "JAXJob", "MXJob", "MPIJob", "JobSet", "LeaderWorkerSet",
		"StatefulSet", "Deployment", "Job", "CronJob", "RayCluster", "RayJob", "RayService",
	}
}

# Why the pods need each other; undefined for pods that can work alone, or where it is not known.
# "group": the kind makes pods that work as one. "launcher": they are told of each other by environment or flags.
# "ray": a Ray cluster of fixed size, whose actors may start on fewer pods.
coupled := "group" if {
	kind in _group_kinds
	members >= 2
	not _elastic
	not _in_sequence
}

coupled := "launcher" if {
	kind in {"apps/StatefulSet", "apps/Deployment"}
	accelerator_pods >= 2
	_multi_node
}

coupled := "launcher" if {
	_job_spec.completionMode == "Indexed"
	accelerator_pods >= 2
	_multi_node
}

coupled := "ray" if {
	kind in {"ray.io/RayCluster", "ray.io/RayJob"}
	members >= 2
	not _multi_host
	not _ray.enableInTreeAutoscaling
}

_group_kinds := _kubeflow | {"jobset.x-k8s.io/JobSet", "leaderworkerset.x-k8s.io/LeaderWorkerSet"}

_kubeflow := {sprintf("kubeflow.org/%s", [job]) | some job in [
	"PyTorchJob", "TFJob", "XGBoostJob", "PaddleJob", "JAXJob", "MXJob", "MPIJob",
]}

# Accelerator pods of one gang.
members := accelerator_pods if kind != "leaderworkerset.x-k8s.io/LeaderWorkerSet"

# The replicas of a LeaderWorkerSet are gangs of their own.
members := accelerator_pods / replicas if {
	kind == "leaderworkerset.x-k8s.io/LeaderWorkerSet"
	replicas := value.known_int(object.get(input.object, ["spec", "replicas"], 1))
	replicas > 0
}

coupled := "group" if {
	startswith(kind, "ray.io/")
	accelerator_pods >= 2
	_multi_host
}

_multi_host if {
	some group in value.list(_ray.workerGroupSpecs)
	value.known_int(group.numOfHosts) > 1
	some t in accelerated
	t.role == group.groupName
}

_ray := input.object.spec if kind == "ray.io/RayCluster"

_ray := input.object.spec.rayClusterSpec if kind == "ray.io/RayJob"

_ray := input.object.spec.rayClusterConfig if kind == "ray.io/RayService"

_job_spec := input.object.spec if kind == "batch/Job"

_job_spec := input.object.spec.jobTemplate.spec if kind == "batch/CronJob"

# The job says that it can run with fewer pods.
_elastic if is_object(input.object.spec.elasticPolicy)

# Replicated jobs that wait for each other's end need not run at the same time.
_in_sequence if {
	kind == "jobset.x-k8s.io/JobSet"
	some job in value.list(input.object.spec.replicatedJobs)
	count(value.list(job.dependsOn)) > 0
	max([t.pods | some t in accelerated]) < 2
}

# A container is told where the other pods are, or how many there are.
_multi_node if {
	some t in accelerated
	some c in t.containers
	some env in value.list(c.body.env)
	env.name in _rendezvous_env
	not env.value in {"localhost", "127.0.0.1", "0.0.0.0", "1", "0"}
}

_multi_node if {
	some t in accelerated
	some c in t.containers
	some found in regex.find_all_string_submatch_n(`--(nnodes|num[_-]machines)[= ]["']?([^\s"']+)`, _line(c), -1)
	not _may_be_one(found[2])
}

# Set for one machine too: WORLD_SIZE, RANK, NCCL_*. These are not.
_rendezvous_env := {
	"MASTER_ADDR", "NNODES", "NODE_RANK", "TF_CONFIG", "JAX_COORDINATOR_ADDRESS", "MEGASCALE_COORDINATOR_ADDRESS",
	"PET_NNODES", "PET_NODE_RANK", "PET_MASTER_ADDR", "PET_RDZV_ENDPOINT",
}

_line(c) := concat(" ", [word |
	some field in ["command", "args"]
	some word in value.list(c.body[field])
	is_string(word)
])

# "1", and torchrun's "1:4", which starts with one.
_may_be_one(number) if regex.match(`^1(:.*)?$`, number)

# All slices of a TPU topology are made as one node pool, so pods seldom find half of one.
tpu_slice if {
	count(accelerated) > 0
	count([1 |
		some t in accelerated
		not t.spec.nodeSelector["cloud.google.com/gke-tpu-topology"]
	]) == 0
}

# Every label and annotation key of the workload, of its pod templates, and of a CronJob's job.
_keys := {key |
	some holder in array.concat(_holders, input.workload.templates)
	some section in ["labels", "annotations"]
	some key, _ in value.map(holder[section])
}

_holders := [object.get(input.object, "metadata", {}), object.get(input.object, ["spec", "jobTemplate", "metadata"], {})]

_marks := [
	"kueue.x-k8s.io/", "scheduling.volcano.sh/", "volcano.sh/", "kai.scheduler/", "runai/", "yunikorn.apache.org/",
	"scheduling.x-k8s.io/", "scheduling.k8s.io/", "pod-group.scheduling.sigs.k8s.io", "pod-group-name",
	"ray.io/gang-scheduling-enabled", "ray.io/scheduler-name", "autoscaling.x-k8s.io/consume-provisioning-request",
	"cluster-autoscaler.kubernetes.io/consume-provisioning-request",
]

evidence contains mark if {
	some key in _keys
	some mark in _marks
	startswith(key, mark)
}

evidence contains "schedulerName" if {
	some t in input.workload.templates
	not object.get(t.spec, "schedulerName", "") in {"", "default-scheduler"}
}

evidence contains field if {
	some t in input.workload.templates
	some field in ["schedulingGroup", "workloadRef"]
	is_object(t.spec[field])
}

evidence contains "schedulingPolicy" if is_object(input.object.spec.runPolicy.schedulingPolicy)

evidence contains "scheduling" if is_object(_job_spec.scheduling)

# Kueue puts workloads that name no queue into the LocalQueue called default, if their namespace has one.
evidence contains "default LocalQueue" if {
	count(scope.named("kueue.x-k8s.io/LocalQueue", input.resource.namespace, "default")) > 0
}

# An operator in the tree gangs, or queues, workloads that say nothing of it themselves.
by_operator if data.facts.operator_gangs
