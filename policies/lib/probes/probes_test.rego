package karlint.lib.probes_test

import data.karlint.lib.probes

_container := {
	"path": ["spec", "containers", 0],
	"server": {"engine": "vllm", "port": 8000, "flags": {}},
	"body": {
		"ports": [{"name": "http", "containerPort": 8000}],
		"readinessProbe": {"httpGet": {"path": "/health?full=1", "port": "http"}, "periodSeconds": "5"},
	},
}

_entry := {"container": _container, "kind": "readinessProbe", "probe": _container.body.readinessProbe, "path": [1]}

_workload(roles) := {"workload": {"templates": [t |
	some i, role in roles
	t := {"role": role, "path": [i], "containers": [_container]}
]}}

test_all_lists_each_probe_with_its_path if {
	some entry in probes.all with input as _workload([""])
	entry.kind == "readinessProbe"
	entry.path == ["spec", "containers", 0, "readinessProbe"]
}

test_workers_follow_only_where_somebody_leads if {
	count(probes.servers) == 1 with input as _workload(["leader", "worker"])
	count(probes.servers) == 1 with input as _workload(["worker"])
	count(probes.servers) == 0 with input as {"workload": null}
}

test_settings_have_the_defaults_of_the_api if {
	probes.setting({}, "timeoutSeconds") == 1
	probes.budget({}) == 30
	probes.budget({"initialDelaySeconds": 60, "failureThreshold": 90, "periodSeconds": "10"}) == 960
	not probes.budget({"periodSeconds": "${PERIOD}"})
}

test_port_by_name_and_number if {
	probes.port(_container, {"httpGet": {"port": "http"}}) == 8000
	probes.port(_container, {"tcpSocket": {"port": 9}}) == 9
	not probes.port(_container, {"httpGet": {"port": "metrics"}})
	not probes.port(_container, {"exec": {"command": ["true"]}})
	probes.port_name({"httpGet": {"port": "metrics"}}) == "metrics"
	not probes.port_name({"httpGet": {"port": "80"}})
	not probes.port_name({"httpGet": {"port": "{{ .port }}"}})
}

test_path_loses_the_query_and_must_be_known if {
	probes.server_path(_container, _entry.probe) == "/health"
	probes.http_path({"httpGet": {"port": 1}}) == "/"
	not probes.http_path({"httpGet": {"path": "${P}"}})
	not probes.http_path({"tcpSocket": {"port": 1}})
}

test_place_is_the_setting_or_the_key if {
	probes.place(_entry, "periodSeconds") == {"at": [1, "periodSeconds"], "anchor": "value"}
	probes.place(_entry, "timeoutSeconds") == {"at": [1], "anchor": "key"}
	probes.http_place(_entry, "path") == {"at": [1, "httpGet", "path"], "anchor": "value"}
	probes.http_place(_entry, "scheme") == {"at": [1, "httpGet"], "anchor": "key"}
}
