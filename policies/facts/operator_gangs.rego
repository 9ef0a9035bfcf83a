# METADATA
# title: Operators in the tree gang workloads
# description: |
#   True when the settings of an operator in the tree make it gang, or queue, workloads that say nothing of it
#   themselves, so that a workload without any mark of its own may be in order.
# custom:
#   looks_up: [apps/Deployment, ConfigMap, helm.toolkit.fluxcd.io/HelmRelease]
#   mentions: [gang-schedul, batch-scheduler, manageJobsWithoutQueueName, batchScheduler]
package karlint.facts.operator_gangs

import data.karlint.lib.value as values

default value := false

# An operator in the tree gangs, or queues, workloads that say nothing of it themselves.
value if {
	some holder in ["apps/Deployment", "ConfigMap", "helm.toolkit.fluxcd.io/HelmRelease"]
	some names in data.inventory.by_kind[holder]
	some entries in names
	some entry in entries
	regex.match(_operator_setting, _settings(entry))
}

_operator_setting := concat("|", [
	`--gang-scheduler-name[= ][a-z]`, `--gang-scheduling[= ][a-z]`, `--batch-scheduler[= ][a-z]`,
	`--enable-(batch-scheduler|gang-scheduling)(=true)?(\s|$)`, `(^|\n)\s*manageJobsWithoutQueueName:\s*true`,
	`"batchScheduler":\{[^}]*"(enabled":true|name":"[a-z])`,
])

_settings(entry) := concat("\n", [text | some text in values.map(entry.object.data); is_string(text)]) if entry.kind == "ConfigMap"

_settings(entry) := concat("\n", [json.marshal(entry.object.spec.values), _chart_text(entry)]) if {
	entry.kind == "HelmRelease"
}

_settings(entry) := concat(" ", [word |
	some c in values.list(entry.object.spec.template.spec.containers)
	some field in ["command", "args"]
	some word in values.list(c[field])
	is_string(word)
]) if {
	entry.kind == "Deployment"
}

_chart_text(entry) := text if {
	text := entry.object.spec.values.managerConfig.controllerManagerConfigYaml
	is_string(text)
} else := ""
