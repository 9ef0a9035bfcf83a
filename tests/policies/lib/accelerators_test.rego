package karlint.lib.accelerators_test

import data.karlint.lib.accelerators

table := {
	"vendors": [
		{
			"vendor": "nvidia", "resources": ["nvidia.com/gpu"], "patterns": [`^nvidia\.com/mig-`, `^nvidia\.com/gpu`],
			"auxiliary": ["nvidia.com/gpumem"], "drivers": ["gpu.nvidia.com"], "device_classes": ["mig.nvidia.com"],
		},
		{"vendor": "amd", "resources": ["amd.com/gpu"]},
	],
	"vendor_of": {
		"resources": {"nvidia.com/gpu": "nvidia", "amd.com/gpu": "amd"}, "drivers": {"gpu.nvidia.com": "nvidia"},
		"device_classes": {"mig.nvidia.com": "nvidia"}, "auxiliary": {"nvidia.com/gpumem": "nvidia"},
	},
	"infrastructure": {"images": "device-plugin|dcgm", "paths": "^/var/lib/kubelet/device-plugins"},
}

test_vendor if {
	accelerators.vendor("nvidia.com/gpu") == "nvidia" with data.karlint.tables.accelerators as table
	accelerators.vendor("nvidia.com/mig-1g.5gb") == "nvidia" with data.karlint.tables.accelerators as table
	accelerators.vendor("amd.com/gpu") == "amd" with data.karlint.tables.accelerators as table
	accelerators.class_vendor("mig.nvidia.com") == "nvidia" with data.karlint.tables.accelerators as table
	accelerators.driver_vendor("gpu.nvidia.com") == "nvidia" with data.karlint.tables.accelerators as table
	accelerators.is_accelerator("amd.com/gpu") with data.karlint.tables.accelerators as table
}

test_no_accelerator if {
	every name in ["nvidia.com/gpumem", "cpu", "example.com/foo", ""] {
		not accelerators.is_accelerator(name) with data.karlint.tables.accelerators as table
	}
}

# The shipped table names no resource twice, so that vendor() has one answer.
test_shipped_table if {
	names := [name | some v in data.tables.accelerators.vendors; some name in v.resources]
	count(names) > 20
	count(names) == count({name | some name in names})
	every name in names {
		is_string(accelerators.vendor(name)) with data.karlint.tables.accelerators as data.tables.accelerators
	}
}

workload(image, path, labels) := {"workload": {"templates": [{
	"labels": labels,
	"containers": [{"body": {"image": image}}],
	"spec": {"volumes": [{"hostPath": {"path": path}}]},
}]}}

test_infrastructure if {
	accelerators.infrastructure with data.karlint.tables.accelerators as table
		with input as workload("nvcr.io/nvidia/k8s-device-plugin:v1", "/tmp", {})
	accelerators.infrastructure with data.karlint.tables.accelerators as table
		with input as workload("x", "/var/lib/kubelet/device-plugins", {})
	accelerators.infrastructure with data.karlint.tables.accelerators as table
		with input as workload("x", "/tmp", {"app": "dcgm-exporter"})
	not accelerators.infrastructure with data.karlint.tables.accelerators as table
		with input as workload("vllm/vllm-openai:v0.11.0", "/models", {"app": "vllm"})
	not accelerators.infrastructure with data.karlint.tables.accelerators as table with input as {"workload": null}
}

definition(name, expression) := {"metadata": {"name": name}, "spec": {"selectors": [{"cel": {"expression": expression}}]}}

test_definition_vendors if {
	cel := `device.driver == "gpu.nvidia.com" && device.attributes["x"].y == "z"`
	accelerators.definition_vendors(definition("big", cel)) == {"nvidia"} with data.karlint.tables.accelerators as table
	accelerators.definition_vendors(definition("mig.nvidia.com", "true")) == {"nvidia"}
		with data.karlint.tables.accelerators as table
	accelerators.definition_vendors(definition("net", `device.driver == "dra.net"`)) == set()
		with data.karlint.tables.accelerators as table
	accelerators.definition_vendors({"metadata": {"name": "x"}}) == set() with data.karlint.tables.accelerators as table
}

named(name, labels) := {"resource": {"name": name}, "workload": {"templates": [{"labels": labels, "containers": [], "spec": {}}]}}

test_operands_by_name if {
	every name in ["nvidia-driver-daemonset", "nvidia-vfio-manager", "amdgpu-device-plugin", "gpu-feature-discovery"] {
		accelerators.infrastructure with data.karlint.tables.accelerators as table with input as named(name, {})
		accelerators.infrastructure with data.karlint.tables.accelerators as table
			with input as named("x", {"app": name})
	}
	every name in ["gpu-trainer", "nvidia-nim-llm", "vllm-manager", "plugin-host"] {
		not accelerators.infrastructure with data.karlint.tables.accelerators as table with input as named(name, {"app": name})
	}
}
