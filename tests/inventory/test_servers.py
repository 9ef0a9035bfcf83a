import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from karlint.inventory.servers import server_of, tokens_of

TABLE: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "policies" / "tables" / "servers.json").read_text(encoding="utf-8")
)


def engine_of(role: str = "main", **container: Any) -> str | None:
    server = server_of(container, role=role, table=TABLE)
    return server.engine if server else None


def port_of(**container: Any) -> int | None:
    server = server_of(container, role="main", table=TABLE)
    assert server is not None
    return server.port


def flags_of(**container: Any) -> dict[str, str | None]:
    server = server_of(container, role="main", table=TABLE)
    assert server is not None
    return dict(server.flags)


@pytest.mark.parametrize(
    ("command", "engine"),
    [
        (["vllm", "serve", "Qwen/Qwen3-8B"], "vllm"),
        (["python3", "-m", "vllm.entrypoints.openai.api_server"], "vllm"),
        (["/opt/venv/bin/vllm", "serve", "/models"], "vllm"),
        (["python", "-m", "sglang.launch_server", "--model-path", "/m"], "sglang"),
        (["sglang", "serve", "--model-path", "/m"], "sglang"),
        (["text-generation-launcher"], "tgi"),
        (["/opt/tritonserver/bin/tritonserver", "--model-store=/m"], "triton"),
        (["trtllm-serve", "/engine"], "trtllm"),
        (["torchserve", "--start"], "torchserve"),
        (["/usr/bin/tensorflow_model_server", "--port=9000"], "tfserving"),
        (["/app/llama-server", "-m", "/m.gguf"], "llamacpp"),
        (["ollama", "serve"], "ollama"),
        (["text-embeddings-router"], "tei"),
        (["python3", "-m", "dynamo.vllm", "--model", "m"], "dynamo"),
        (["bash", "-c", "cd /x && exec vllm serve m --port 9"], "vllm"),
        (["bash", "-lc", 'eval "exec vllm serve \\\n /mnt/models \\\n --port 8000"'], "vllm"),
        (["/bin/bash", "-lc", "--", "ulimit -n 65536; $START_RAY; vllm serve /m"], "vllm"),
        (["sh", "-c", "ollama serve & sleep 5; ollama pull llama3; wait"], "ollama"),
    ],
)
def test_launcher_names_the_engine(command: list[str], engine: str) -> None:
    assert engine_of(image="registry.example.com/ml/runtime:1.0", command=command) == engine


@pytest.mark.parametrize(
    ("image", "args", "engine"),
    [
        ("vllm/vllm-openai:v0.18.0", ["--model=/m"], "vllm"),
        ("vllm/vllm-openai:v0.18.0", ["Qwen/Qwen3-8B", "--port=80"], "vllm"),
        ("docker.io/vllm/vllm-openai-cpu:v0.23.0@sha256:00", ["--model=/m"], "vllm"),
        ("registry.example.com:5000/ollama/ollama", [], "ollama"),
        ("nvcr.io/nim/meta/llama-3.1-8b-instruct:1.8", [], "nim"),
        ("ghcr.io/ggml-org/llama.cpp:server-cuda", ["-m", "/m.gguf"], "llamacpp"),
        ("ghcr.io/huggingface/text-embeddings-inference:1.8", ["--model-id", "m"], "tei"),
        ("tensorflow/serving:2.19.0", [], "tfserving"),
    ],
)
def test_image_names_the_engine_when_its_entrypoint_runs(image: str, args: list[str], engine: str) -> None:
    assert engine_of(image=image, args=args) == engine


@pytest.mark.parametrize(
    "container",
    [
        {"image": "lmsysorg/sglang:v0.5.5", "command": ["python3", "-m", "sglang_router.launch_router"]},
        {"image": "lmsysorg/sglang:v0.5.5", "command": ["mooncake_master"]},
        {"image": "lmsysorg/sglang:v0.5.5"},
        {"image": "nvcr.io/nvidia/ai-dynamo/vllm-runtime:1.3.0", "command": ["python3", "-m", "dynamo.frontend"]},
        {"image": "vllm/vllm-openai:v0.18.0", "command": ["sleep", "infinity"]},
        {"image": "vllm/vllm-openai:v0.18.0", "command": ["bash", "-c", "python3 bench.py"]},
        {"image": "vllm/vllm-openai:v0.18.0", "args": ["bash", "-c", "nvidia-smi"]},
        {"image": "ollama/ollama:0.12.0", "args": ["pull", "qwen3"]},
        {"image": "ghcr.io/ggml-org/llama.cpp:full", "args": ["--run"]},
        {"image": "ghcr.io/llm-d/llm-d-inference-sim:v0.5", "args": ["vllm", "serve", "m"]},
        {"image": "aibrix/vllm-mock:nightly", "command": ["vllm", "serve"]},
        {"image": "vllm/vllm-openai:v1", "command": ["vllm", "serve", "m", "--headless"]},
        {"image": "lmsysorg/sglang:v1", "command": ["python3", "-m", "sglang.launch_server", "--node-rank", "1"]},
        {"image": "vllm/vllm-openai:v1", "command": ["bash", "-c", "ray start --address=$(LWS_LEADER_ADDRESS):6379"]},
        {"image": "vllm/vllm-openai:v1", "command": ["bash", "-c", "bash multi-node-serving.sh worker"]},
        {"image": "python:3.12", "command": ["bash", "-c", 'echo "starting vllm serve"; pip install vllm serve']},
        {"image": "busybox:1.36"},
        {},
        {"image": None, "command": "vllm", "args": {"a": 1}},
    ],
)
def test_what_only_looks_like_a_server(container: dict[str, Any]) -> None:
    assert engine_of(**container) is None


@pytest.mark.parametrize(
    ("role", "engine"), [("main", "ollama"), ("sidecar", "ollama"), ("init", None), ("ephemeral", None)]
)
def test_only_main_containers_and_sidecars_serve(role: str, engine: str | None) -> None:
    assert engine_of(role, image="ollama/ollama:0.12.0") == engine


def test_leader_that_also_starts_ray_is_a_server() -> None:
    script = "bash multi-node-serving.sh leader --ray_cluster_size=2; python3 -m vllm.entrypoints.openai.api_server"
    assert engine_of(image="vllm/vllm-openai:v0.18.0", command=["sh", "-c", script]) == "vllm"


def test_flags_have_one_spelling() -> None:
    flags = flags_of(
        image="x", command=["vllm", "serve", "m", "--pipeline_parallel_size=2", "-tp", "8", "--enable-lora"]
    )
    assert flags == {"model": "m", "pipeline-parallel-size": "2", "tensor-parallel-size": "8", "enable-lora": ""}
    assert flags_of(image="x", command=["python3", "-m", "sglang.launch_server", "--tp", "4"]) == {
        "tensor-parallel-size": "4"
    }


def test_flag_values_keep_quotes_of_json_and_lose_those_of_the_shell() -> None:
    script = """vllm serve m --kv-transfer-config '{"kv_role": "kv_both"}' --served-model-name "a b" """
    flags = flags_of(image="x", command=["/bin/sh", "-c"], args=[script])
    assert flags["kv-transfer-config"] == '{"kv_role": "kv_both"}'
    assert flags["served-model-name"] == "a b"


def test_unknown_values_are_none_not_text() -> None:
    args = ["--model=/m", "--port=$(PORT)", "--tensor-parallel-size", "{{ .Values.tp }}"]
    container = {"image": "vllm/vllm-openai:v1", "args": args, "env": [{"name": "PORT", "valueFrom": {"fieldRef": {}}}]}
    assert flags_of(**container) == {"model": "/m", "port": None, "tensor-parallel-size": None}
    assert port_of(**container) is None
    assert tokens_of(container) is None


def test_literal_variables_are_resolved() -> None:
    container = {"image": "vllm/vllm-openai:v1", "args": ["--port=$(PORT)"], "env": [{"name": "PORT", "value": "9000"}]}
    assert port_of(**container) == 9000
    assert tokens_of(container) == ("--port=9000",)


@pytest.mark.parametrize(
    ("container", "port"),
    [
        ({"image": "vllm/vllm-openai:v1", "args": ["--model=m"]}, 8000),
        ({"image": "x", "command": ["vllm", "serve", "m", "--config", "/etc/vllm.yaml"]}, None),
        ({"image": "x", "command": ["sh", "-c", "vllm serve m $EXTRA_ARGS"]}, None),
        ({"image": "x", "command": ["sh", "-c", "vllm serve m --port 81 $EXTRA_ARGS"]}, 81),
        ({"image": "x", "command": ["vllm", "serve", "m", "--port", "http"]}, None),
        ({"image": "ollama/ollama:1"}, 11434),
        ({"image": "ollama/ollama:1", "env": [{"name": "OLLAMA_HOST", "value": "0.0.0.0:8080"}]}, 8080),
        ({"image": "ollama/ollama:1", "env": [{"name": "OLLAMA_HOST", "value": "0.0.0.0"}]}, 11434),
        ({"image": "ollama/ollama:1", "envFrom": [{"configMapRef": {"name": "c"}}]}, None),
        ({"image": "ghcr.io/huggingface/text-generation-inference:3"}, 80),
        (
            {"image": "ghcr.io/huggingface/text-generation-inference:3", "env": [{"name": "PORT", "value": "8080"}]},
            8080,
        ),
        ({"image": "custom", "command": ["text-generation-launcher"]}, None),
        ({"image": "nvcr.io/nvidia/tritonserver:25.06-py3", "args": ["tritonserver", "--http-port", "9000"]}, 9000),
        ({"image": "custom", "command": ["tensorflow_model_server", "--rest_api_port=8080"]}, 8080),
    ],
)
def test_port(container: dict[str, Any], port: int | None) -> None:
    assert port_of(**container) == port


def test_tokens_split_scripts_but_not_arguments_with_spaces() -> None:
    script = "set -e\n# why\ntorchrun --nproc_per_node=8 \\\n train.py 2>&1 | tee log"
    words = ("set", "-e", "torchrun", "--nproc_per_node=8", "train.py", "tee", "log")
    assert tokens_of({"command": ["bash", "-c", script]}) == words
    assert tokens_of({"args": ["--prompt", "two words"]}) == ("--prompt", "two words")
    assert tokens_of({"command": [8, True]}) == ("8", "True")
    assert tokens_of({}) == ()


_value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_script = st.text(alphabet="vlm serve-'\"\\$(){}|&;\n#<>`=", max_size=60)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "image": _value,
            "command": _value | st.lists(_script),
            "args": _value,
            "env": _value,
            "envFrom": _value,
        },
    )
)
def test_bad_input_never_raises(container: dict[str, Any]) -> None:
    server = server_of(container, role="main", table=TABLE)
    tokens = tokens_of(container)
    assert server is None or server.engine in TABLE["engines"]
    assert tokens is None or all(isinstance(token, str) for token in tokens)


@settings(deadline=None)
@given(_script)
def test_any_script_can_be_split(script: str) -> None:
    words = tokens_of({"command": ["bash", "-c", script]})
    assert words is None or "\n" not in "".join(words) or "'" in script or '"' in script or "\\" in script


@pytest.mark.parametrize(
    "piece", ["{{", "$(", "${", "\"'", "'\"", "\\", '\\"', '"\\', '$({{"', "# ", "`", "& ", "eval ", "2>&"]
)
def test_hostile_scripts_are_split_in_no_time(piece: str) -> None:
    begin = time.perf_counter()
    words = tokens_of({"command": ["bash", "-c", (piece * 60_000)[:60_000]]})
    assert time.perf_counter() - begin < 2.0
    assert words is None or all(words)


@pytest.mark.parametrize(
    "script",
    [
        "if ready; then echo vllm serve starts; fi; exec ./web",
        "while ! ready; do echo vllm serve is late; done",
    ],
)
def test_what_a_script_says_is_not_what_it_runs(script: str) -> None:
    assert engine_of(image="registry.example/web:1", command=["sh", "-c", script]) is None
