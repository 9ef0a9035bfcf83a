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
	not probes.http_path({"httpGet": {"host": "10.0.0.1", "port": 1}})
	not probes.port(_container, {"httpGet": {"host": "10.0.0.1", "port": 1}})
}

test_place_is_the_setting_or_the_key if {
	probes.place(_entry, "periodSeconds") == {"at": [1, "periodSeconds"], "anchor": "value"}
	probes.place(_entry, "timeoutSeconds") == {"at": [1], "anchor": "key"}
	probes.http_place(_entry, "path") == {"at": [1, "httpGet", "path"], "anchor": "value"}
	probes.http_place(_entry, "scheme") == {"at": [1, "httpGet"], "anchor": "key"}
}

_servers := {"engines": {
	"vllm": {
		"opens": "after-load", "gate": ["/health"], "process": [], "absent": ["/healthz"],
		"tls_flags": ["ssl-certfile", "ssl-keyfile"],
	},
	"llamacpp": {"opens": "at-start", "gate": ["/health"], "process": [], "absent": []},
	"triton": {"opens": null, "gate": ["/ready"], "process": ["/live"], "absent": [], "more_ports": [8002]},
}}

_running(engine, flags, extra) := object.union(
	{
		"path": [], "tokens": [], "body": extra,
		"server": {"engine": engine, "port": 8000, "flags": flags},
	},
	{},
)

_asks(path, port) := {"httpGet": {"path": path, "port": port}}

test_unopened_port if {
	probes.unopened(_running("vllm", {}, {}), _asks("/", 8080)) == 8080 with data.karlint.tables.servers as _servers
	not probes.unopened(_running("vllm", {}, {}), _asks("/", 8000)) with data.karlint.tables.servers as _servers
	declared := {"ports": [{"containerPort": 8080}]}
	not probes.unopened(_running("vllm", {}, declared), _asks("/", 8080)) with data.karlint.tables.servers as _servers
	not probes.unopened(_running("triton", {}, {}), _asks("/", 8002)) with data.karlint.tables.servers as _servers
	script := {"command": ["sh", "-c", "proxy & exec vllm serve m 2>&1"]}
	not probes.unopened(_running("vllm", {}, script), _asks("/", 8080)) with data.karlint.tables.servers as _servers
	redirected := {"command": ["sh", "-c", "cd /m && vllm serve m 2>&1"]}
	probes.unopened(_running("vllm", {}, redirected), _asks("/", 1)) == 1 with data.karlint.tables.servers as _servers
}

test_undeclared_port_name if {
	probes.undeclared(_container, _asks("/", "metrics")) == "metrics"
	not probes.undeclared(_container, _asks("/", "http"))
	not probes.undeclared({"body": {"ports": [{"name": "${NAME}"}]}}, _asks("/", "http"))
}

test_scheme_needs_both_flags_or_none if {
	tls := {"ssl-certfile": "c", "ssl-keyfile": "k"}
	probes.scheme(_running("vllm", tls, {})) == "HTTPS" with data.karlint.tables.servers as _servers
	probes.scheme(_running("vllm", {}, {})) == "HTTP" with data.karlint.tables.servers as _servers
	not probes.scheme(_running("vllm", {"ssl-certfile": "c"}, {})) with data.karlint.tables.servers as _servers
	not probes.scheme(_running("vllm", {"config": "f"}, {})) with data.karlint.tables.servers as _servers
	unknown := object.union(_running("vllm", {}, {}), {"tokens": null})
	not probes.scheme(unknown) with data.karlint.tables.servers as _servers
	not probes.scheme(_running("triton", {}, {})) with data.karlint.tables.servers as _servers
}

test_absent_path_of_the_server_only if {
	c := _running("vllm", {}, {})
	probes.absent(c, _asks("/healthz", 8000)) == "/healthz" with data.karlint.tables.servers as _servers
	not probes.absent(c, _asks("/healthz", 9000)) with data.karlint.tables.servers as _servers
	not probes.absent(c, _asks("/health", 8000)) with data.karlint.tables.servers as _servers
}

test_token_is_needed_below_v1 if {
	c := _running("vllm", {"api-key": null}, {})
	probes.needs_token(c, _asks("/v1/models", 8000)) == "/v1/models"
	not probes.needs_token(c, _asks("/health", 8000))
	not probes.needs_token(_running("vllm", {}, {}), _asks("/v1/models", 8000))
	optional := {"env": [{"name": "VLLM_API_KEY", "valueFrom": {"secretKeyRef": {"name": "k", "optional": true}}}]}
	not probes.needs_token(_running("vllm", {}, optional), _asks("/v1/models", 8000))
	required := {"env": [{"name": "VLLM_API_KEY", "valueFrom": {"secretKeyRef": {"name": "k"}}}]}
	probes.needs_token(_running("vllm", {}, required), _asks("/v1/models", 8000))
	sent := {"httpGet": {"path": "/v1/models", "port": 8000, "httpHeaders": [{"name": "authorization", "value": "x"}]}}
	not probes.needs_token(c, sent)
}

test_waits_and_blind if {
	probes.waits_for_model(_running("vllm", {}, {}), {"tcpSocket": {"port": 8000}}) with data.karlint.tables.servers as _servers
	not probes.waits_for_model(_running("vllm", {}, {}), {"tcpSocket": {"port": 9}}) with data.karlint.tables.servers as _servers
	tcp := {"tcpSocket": {"port": 8000}}
	not probes.waits_for_model(_running("llamacpp", {}, {}), tcp) with data.karlint.tables.servers as _servers
	probes.blind(_running("llamacpp", {}, {}), tcp) with data.karlint.tables.servers as _servers
	probes.waits_for_model(_running("llamacpp", {}, {}), _asks("/health", 8000)) with data.karlint.tables.servers as _servers
	probes.blind(_running("triton", {}, {}), _asks("/live", 8000)) with data.karlint.tables.servers as _servers
	not probes.blind(_running("vllm", {}, {}), tcp) with data.karlint.tables.servers as _servers
}
