package karlint.lib.pods_test

import data.karlint.lib.pods

container(name, role) := {"name": name, "role": role, "path": ["spec", name], "accelerators": [], "claims": []}

review := {"workload": {"templates": [
	{"role": "leader", "spec_path": ["a"], "containers": [container("x", "main"), container("y", "init")]},
	{"role": "worker", "spec_path": ["b"], "containers": [container("z", "sidecar")]},
]}}

test_iteration if {
	{c.name | some c in pods.containers} == {"x", "y", "z"} with input as review
	{c.name | some c in pods.running} == {"x", "z"} with input as review
	{[p.template.role, p.container.name] | some p in pods.pairs} == {["leader", "x"], ["leader", "y"], ["worker", "z"]} with input as review
	count(pods.templates) == 2 with input as review
}

test_nothing_without_workload if {
	count(pods.containers) == 0 with input as {"workload": null}
	count(pods.pairs) == 0 with input as {"workload": null}
	count(pods.templates) == 0 with input as {"workload": null}
}

test_paths if {
	pods.below(container("x", "main"), ["image"]) == ["spec", "x", "image"]
	pods.in_spec({"spec_path": ["a"]}, ["volumes", 0]) == ["a", "volumes", 0]
}

test_uses_accelerators if {
	pods.uses_accelerators({"devices": null})
	pods.uses_accelerators({"devices": 2})
	not pods.uses_accelerators({"devices": 0})
}

test_asks if {
	pods.asks({"accelerators": [{}], "claims": []})
	pods.asks({"accelerators": [], "claims": ["gpu"]})
	not pods.asks({"accelerators": [], "claims": []})
}

test_chooses_nodes if {
	pods.chooses_nodes({"spec": {"nodeSelector": {"gpu": "h100"}}})
	pods.chooses_nodes({"spec": {"affinity": {"nodeAffinity": {}}}})
	pods.chooses_nodes({"spec": {"nodeName": "n1"}})
	not pods.chooses_nodes({"spec": {"nodeSelector": {}, "affinity": {"podAffinity": {}}}})
	not pods.chooses_nodes({"spec": {}})
}
