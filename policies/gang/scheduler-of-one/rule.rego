# METADATA
# title: Gang scheduler with a gang of one
# description: |
#   Naming a gang scheduler does not make a gang. For pods that belong to no group, the scheduler makes one up, and its size is one pod:
#
#   - Volcano makes a PodGroup with `minMember: 1`, unless the owner carries the annotation `scheduling.volcano.sh/group-min-member`
#     or the pods name a PodGroup of their own (`scheduling.k8s.io/group-name`).
#   - KAI makes a group of one for a Job, unless the Job carries the annotation `kai.scheduler/batch-min-member`.
#   - YuniKorn gangs only pods with task groups (`yunikorn.apache.org/task-groups`).
#
#   The manifest looks gang scheduled in review, and its pods are placed one by one. Reported only for workloads whose pods
#   depend on each other. Ignore it where an admission controller adds the group.
# related_resources:
#   - ref: volcano-sh/volcano:pkg/controllers/podgroup/pg_controller_handler.go
#     description: minMember is 1 unless the owner's annotation says otherwise
#   - ref: kai-scheduler/KAI-Scheduler:pkg/podgrouper/podgrouper/plugins/job/job_grouper.go
#     description: minMember of a Job is 1 unless its annotation says otherwise
#   - ref: https://yunikorn.apache.org/docs/user_guide/gang_scheduling/
#     description: task groups
# custom:
#   severity: warning
#   mentions: [schedulerName]
#   requirements: [KAR-0053]
#   kinds: [accelerator-workload]
#   fix: unsafe
#   message: >-
#     {scheduler} schedules each pod of {kind} {name} as a gang of one, since nothing says that all {pods} belong together.
#   help: 'Add {mark} for {pods} pods to {where}.'
package karlint.rules.gang.scheduler_of_one

import data.karlint.lib.gang
import data.karlint.lib.value

findings contains {
	"at": array.concat(t.spec_path, ["schedulerName"]),
	"args": {
		"scheduler": t.spec.schedulerName, "kind": input.resource.kind, "name": gang.name,
		"pods": gang.members, "mark": need.mark, "where": need.where,
	},
	"fix": _stated(need.owner),
} if {
	gang.coupled
	t := gang.accelerated[0]
	need := needs[t.spec.schedulerName]
	gang.kind in need.kinds
	not _grouped(t, need)
}

_stated(key) := [{"op": operation, "at": ["metadata", "annotations", key], "value": sprintf("%d", [gang.members])} |
	key != ""
	operation := {true: "set", false: "add"}[key in object.keys(value.map(object.get(input.object.metadata, "annotations", {})))]
]

plain := {"batch/Job", "apps/StatefulSet", "apps/Deployment"}

needs := {
	"volcano": {
		"kinds": plain, "mark": "the annotation scheduling.volcano.sh/group-min-member", "where": "its metadata",
		"owner": "scheduling.volcano.sh/group-min-member", "pod": "scheduling.k8s.io/group-name",
	},
	"kai-scheduler": {
		"kinds": {"batch/Job"}, "mark": "the annotation kai.scheduler/batch-min-member", "where": "its metadata",
		"owner": "kai.scheduler/batch-min-member", "pod": "pod-group-name",
	},
	"yunikorn": {
		"kinds": plain, "mark": "the annotations yunikorn.apache.org/task-group-name and task-groups",
		"where": "the pod template", "owner": "", "pod": "yunikorn.apache.org/task-group-name",
	},
}

# The owner states a size other than 1; what it says may be wrong, but it is said.
_grouped(_, need) if not object.get(input.object, ["metadata", "annotations", need.owner], "1") in {"1", 1, ""}

_grouped(t, need) if t.annotations[need.pod]

# Kueue holds the pods back until there is quota for all.
_grouped(_, _) if input.object.metadata.labels["kueue.x-k8s.io/queue-name"]

_grouped(t, _) if t.spec.schedulingGroup

_grouped(_, _) if input.object.spec.scheduling
