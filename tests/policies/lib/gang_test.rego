package karlint.lib.gang_test

import data.karlint.lib.gang

container(extra) := {"name": "train", "path": [], "body": object.union({"image": "train:1"}, extra)}

template(changes) := object.union(
	{
		"role": "worker", "path": ["spec", "template"], "spec_path": ["spec", "template", "spec"], "pods": 4,
		"labels": {}, "annotations": {}, "spec": {}, "devices": 8, "accelerators": {"nvidia.com/gpu": 8},
		"containers": [container({})],
	},
	changes,
)

resource(group, kind, body, templates) := {
	"resource": {"group": group, "kind": kind, "name": "train", "namespace": "research", "directory": "apps"},
	"object": object.union({"metadata": {"name": "train"}}, body),
	"workload": {"templates": templates},
}

pytorch(templates) := resource("kubeflow.org", "PyTorchJob", {}, templates)

indexed(templates) := resource("batch", "Job", {"spec": {"completionMode": "Indexed"}}, templates)

coupled(doc) := found if {
	found := gang.coupled with input as doc with data.inventory as {"by_kind": {}}
}

evidence(doc) := found if {
	found := gang.evidence with input as doc with data.inventory as {"by_kind": {}}
}

told(env) := [template({"containers": [container({"env": [env]})]})]

launched(args) := [template({"containers": [container({"args": args})]})]

test_kinds_that_work_as_one if {
	coupled(pytorch([template({})])) == "group"
	coupled(resource("jobset.x-k8s.io", "JobSet", {}, [template({})])) == "group"
}

test_one_accelerator_pod_is_no_gang if {
	not coupled(pytorch([template({"pods": 1})]))
	not coupled(pytorch([template({"devices": 0, "accelerators": {}})]))
	not coupled(pytorch([template({"pods": 1}), template({"devices": 0, "accelerators": {}})]))
}

test_unknown_pods_are_not_judged if {
	not coupled(pytorch([template({"pods": null})]))
	not coupled(pytorch([template({}), template({"pods": null})]))
}

test_claim_that_is_not_in_the_tree_leaves_the_extended_resources if {
	coupled(pytorch([template({"devices": null})])) == "group"
	not coupled(pytorch([template({"devices": null, "accelerators": {"nvidia.com/gpu": null}})]))
}

test_elastic_job_can_start_in_part if {
	not coupled(resource("kubeflow.org", "PyTorchJob", {"spec": {"elasticPolicy": {"minReplicas": 1}}}, [template({})]))
}

test_replicas_of_a_leader_worker_set_are_gangs_of_their_own if {
	groups_of_two := resource("leaderworkerset.x-k8s.io", "LeaderWorkerSet", {"spec": {"replicas": 2}}, [template({})])
	coupled(groups_of_two) == "group"
	gang.members == 2 with input as groups_of_two
	not coupled(resource("leaderworkerset.x-k8s.io", "LeaderWorkerSet", {"spec": {"replicas": 4}}, [template({})]))
}

test_jobset_that_runs_one_after_the_other if {
	jobs := {"spec": {"replicatedJobs": [{"name": "a"}, {"name": "b", "dependsOn": [{"name": "a"}]}]}}
	one := template({"pods": 1})
	not coupled(resource("jobset.x-k8s.io", "JobSet", jobs, [one, one]))
	coupled(resource("jobset.x-k8s.io", "JobSet", jobs, [one, template({"pods": 2})])) == "group"
}

test_indexed_job_needs_a_sign_of_a_launcher if {
	not coupled(indexed([template({})]))
	coupled(indexed(told({"name": "MASTER_ADDR", "value": "train-0.train"}))) == "launcher"
	coupled(indexed(launched(["torchrun --nnodes=4 train.py"]))) == "launcher"
	coupled(indexed(launched(["torchrun", "--nnodes", "$(NNODES)"]))) == "launcher"
}

test_launcher_for_one_machine_is_no_sign if {
	not coupled(indexed(launched(["torchrun", "--nnodes=1", "train.py"])))
	not coupled(indexed(launched(["torchrun", "--nnodes=1:4", "train.py"])))
	not coupled(indexed(told({"name": "MASTER_ADDR", "value": "localhost"})))
	not coupled(indexed(told({"name": "NCCL_DEBUG", "value": "INFO"})))
}

test_work_queue_is_no_gang if {
	not coupled(resource("batch", "Job", {"spec": {}}, told({"name": "MASTER_ADDR", "value": "train-0"})))
}

ray(spec) := resource("ray.io", "RayCluster", {"spec": spec}, [template({"role": "gpu"})])

test_ray if {
	coupled(ray({"workerGroupSpecs": [{"groupName": "gpu", "numOfHosts": 4}]})) == "group"
	coupled(ray({"workerGroupSpecs": [{"groupName": "gpu"}]})) == "ray"
	not coupled(ray({"enableInTreeAutoscaling": true, "workerGroupSpecs": [{"groupName": "gpu"}]}))
}

test_tpu_slice if {
	slice := template({"spec": {"nodeSelector": {"cloud.google.com/gke-tpu-topology": "4x4"}}})
	gang.tpu_slice with input as pytorch([slice])
	not gang.tpu_slice with input as pytorch([slice, template({})])
	not gang.tpu_slice with input as pytorch([])
}

test_plain_workload_has_no_evidence if {
	count(evidence(pytorch([template({"spec": {"schedulerName": "default-scheduler"}})]))) == 0
}

marked := [
	object.union(pytorch([]), {"object": {"metadata": {"labels": {"kueue.x-k8s.io/queue-name": "gpu"}}}}),
	pytorch([template({"labels": {"scheduling.x-k8s.io/pod-group": "train"}})]),
	pytorch([template({"annotations": {"scheduling.k8s.io/group-name": "train"}})]),
	pytorch([template({"spec": {"schedulerName": "volcano"}})]),
	pytorch([template({"spec": {"schedulingGroup": {"podGroupName": "train"}}})]),
	resource("kubeflow.org", "MPIJob", {"spec": {"runPolicy": {"schedulingPolicy": {}}}}, []),
	resource("batch", "CronJob", {"spec": {"jobTemplate": {"metadata": {"labels": {"kueue.x-k8s.io/queue-name": "gpu"}}}}}, []),
]

test_marked_workload_has_evidence if {
	every doc in marked {
		count(evidence(doc)) > 0
	}
}

queues(namespace) := {"by_kind": {"kueue.x-k8s.io/LocalQueue": {namespace: {"default": [{"directory": "queues"}]}}}}

test_default_local_queue_of_the_namespace if {
	count(gang.evidence) == 1 with input as pytorch([template({})]) with data.inventory as queues("research")
	count(gang.evidence) == 0 with input as pytorch([template({})]) with data.inventory as queues("platform")
}

test_name_or_its_prefix if {
	gang.name == "train" with input as pytorch([])
	gang.name == "train-" with input as {"resource": {"name": ""}, "object": {"metadata": {"generateName": "train-"}}}
}
