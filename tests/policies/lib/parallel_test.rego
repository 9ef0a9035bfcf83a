package karlint.lib.parallel_test

import data.karlint.lib.parallel

table := {
	"vendors": [
		{"vendor": "nvidia", "shares": [`shared$`], "auxiliary": ["nvidia.com/gpumem"]},
		{"vendor": "amd", "auxiliary": []},
	],
	"whole": [], "vendor_of": {"auxiliary": {"nvidia.com/gpumem": "nvidia"}},
}

container(found, claims, limits) := {
	"accelerators": found, "claims": claims, "body": {"resources": {"limits": limits}}, "path": [], "server": null,
}

gpus(name, n) := {"resource": name, "vendor": "nvidia", "quantity": n}

test_given if {
	template := {"claims": [{"name": "gpu", "devices": 2}, {"name": "any", "devices": null}]}
	parallel.given(template, container([gpus("nvidia.com/gpu", 4)], ["gpu"], {})) == 6 with data.karlint.tables.accelerators as table
	parallel.given(template, container([], ["gpu"], {})) == 2 with data.karlint.tables.accelerators as table
	parallel.given(template, container([], [], {})) == 0 with data.karlint.tables.accelerators as table
}

test_given_is_not_known if {
	template := {"claims": [{"name": "any", "devices": null}]}
	not parallel.given(template, container([], ["any"], {})) with data.karlint.tables.accelerators as table
	not parallel.given(template, container([], ["lost"], {})) with data.karlint.tables.accelerators as table
	not parallel.given(template, container([gpus("nvidia.com/gpu.shared", 2)], [], {})) with data.karlint.tables.accelerators as table
	not parallel.given(template, container([gpus("nvidia.com/gpu", null)], [], {})) with data.karlint.tables.accelerators as table
	not parallel.given(template, container([gpus("nvidia.com/gpu", 1)], [], {"nvidia.com/gpumem": 1})) with data.karlint.tables.accelerators as table
}

test_wanted if {
	parallel.wanted({"engine": "vllm", "flags": {"tensor-parallel-size": "4", "pipeline-parallel-size": "2"}}) == 8
	parallel.wanted({"engine": "sglang", "flags": {}}) == 1
	parallel.wanted({"engine": "tgi", "flags": {"num-shard": "2"}}) == 2
	not parallel.wanted({"engine": "vllm", "flags": {"tensor-parallel-size": null}})
	not parallel.wanted({"engine": "ollama", "flags": {}})
}

test_number_of if {
	parallel.number_of(["torchrun", "--nproc_per_node", "8"], {"--nproc-per-node"}) == 8
	parallel.number_of(["torchrun", "--nproc-per-node=2", "--nproc-per-node=4"], {"--nproc-per-node"}) == 4
	not parallel.number_of(["torchrun", "--nproc-per-node=gpu"], {"--nproc-per-node"})
	not parallel.number_of(["torchrun", "--nproc-per-node"], {"--nproc-per-node"})
}

served(flags, args) := {"server": {"engine": "vllm", "flags": flags}, "body": {"args": args}}

test_nodes if {
	parallel.nodes({"kind": "Deployment"}, {"spec": {}}, served({}, [])) == 1
	parallel.nodes({"kind": "LeaderWorkerSet"}, {"spec": {"leaderWorkerTemplate": {"size": 4}}}, served({}, [])) == 4
	parallel.nodes({"kind": "Deployment"}, {"spec": {}}, served({"distributed-executor-backend": "mp"}, [])) == 1
	not parallel.nodes({"kind": "Deployment"}, {"spec": {}}, served({"distributed-executor-backend": "ray"}, []))
	not parallel.nodes({"kind": "Deployment"}, {"spec": {}}, served({}, ["ray start --head; vllm serve x"]))
	not parallel.nodes({"kind": "Job"}, {"spec": {"completionMode": "Indexed"}}, served({}, []))
	not parallel.nodes({"kind": "PodCliqueSet"}, {"spec": {}}, served({}, []))
}
