package karlint.lib.podgroup_test

import data.karlint.lib.podgroup

group(api) := {"resource": {
	"group": api, "kind": "PodGroup", "name": "train", "namespace": "research", "directory": "apps", "scope": ["", "apps"],
}}

template := {
	"metadata": {
		"labels": {"scheduling.x-k8s.io/pod-group": "train"},
		"annotations": {"scheduling.k8s.io/group-name": "train", "pod-group-name": "train"},
	},
	"spec": {"schedulingGroup": {"podGroupName": "train"}},
}

entry(kind, body) := {"kind": kind, "namespace": "research", "directory": "apps", "object": body}

pod := entry("Pod", template)

job(spec) := entry("Job", {"spec": object.union({"template": template}, spec)})

tree(kinds) := {
	"by_kind": {kind: {"research": {"a": entries}} | some kind, entries in kinds},
	"by_directory": {kind: places(entries) | some kind, entries in kinds},
}

places(entries) := {member.directory: [{"namespace": "research", "name": "a"}] | some member in entries}

pods(kinds) := sum if {
	sum := podgroup.pods with input as group("scheduling.x-k8s.io") with data.inventory as tree(kinds)
}

test_every_api_group_finds_its_members if {
	every api in ["scheduling.volcano.sh", "scheduling.x-k8s.io", "scheduling.run.ai", "scheduling.k8s.io"] {
		podgroup.pods == 2 with input as group(api) with data.inventory as tree({"Pod": [pod, pod]})
	}
}

test_pods_of_all_owners_are_added if {
	pods({"Pod": [pod], "batch/Job": [job({"parallelism": 4, "completions": 3})]}) == 4
	pods({"batch/Job": [job({"parallelism": 4})]}) == 4
	pods({"batch/Job": [job({})]}) == 1
}

test_unknown_replicas_make_the_sum_unknown if {
	not pods({"Pod": [pod], "apps/Deployment": [entry("Deployment", {"spec": {"template": template}})]})
	not pods({"batch/Job": [job({"parallelism": "${N}"})]})
	not pods({"batch/Job": [job({"parallelism": null})]})
}

test_nobody_names_the_group if {
	not pods({"Pod": [entry("Pod", {"metadata": {"labels": {"scheduling.x-k8s.io/pod-group": "other"}}})]})
	not pods({})
}

test_member_of_an_uncounted_kind if {
	set := entry("JobSet", {"spec": {"replicatedJobs": [{"template": {"spec": {"template": template}}}]}})
	not pods({"Pod": [pod], "jobset.x-k8s.io/JobSet": [set]})
}

test_other_part_of_the_tree_does_not_count if {
	far := object.union(pod, {"directory": "other"})
	pods({"Pod": [pod, far]}) == 1
}
