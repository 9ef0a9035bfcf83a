"""The example repository shows true defects, and its healthy part has none."""

from __future__ import annotations

import json

from tests.docs.support import ROOT, checkout

PROD = "examples/clusters/prod"
WANTED = {
    ("access/all-devices-env", f"{PROD}/inference/llm.yaml"),
    ("access/host-device-path", f"{PROD}/inference/code-agent.yaml"),
    ("dra/claim-not-found", f"{PROD}/inference/chat.yaml"),
    ("dra/request-without-limit", f"{PROD}/training/evaluate.yaml"),
    ("gang/no-all-or-nothing", f"{PROD}/training/pretrain.yaml"),
    ("queue/local-queue-not-found", f"{PROD}/training/finetune.yaml"),
    ("queue/never-fits", f"{PROD}/training/pretrain-large.yaml"),
    ("quota/counts-nothing", f"{PROD}/platform/quotas.yaml"),
    ("serving/liveness-kills-load", f"{PROD}/inference/llm.yaml"),
    ("serving/no-readiness-probe", f"{PROD}/inference/llm.yaml"),
    ("serving/probe-cannot-pass", f"{PROD}/inference/embeddings.yaml"),
    ("serving/sglang-probe-timeout", f"{PROD}/inference/chat.yaml"),
}


def _found(*paths: str, version: str = "1.37") -> list[tuple[str, str]]:
    ran = checkout().run("check", *paths, "--format", "json", "--kubernetes-version", version)
    report = json.loads(ran.out)
    assert report["complete"]
    assert report["counts"]["resources"] > 0
    return [(finding["rule"], finding["location"]["path"]) for finding in report["findings"]]


def test_the_whole_tree_shows_each_defect_once() -> None:
    found = _found("examples/clusters")
    assert len(found) == len(set(found))
    assert set(found) == WANTED


def test_before_1_36_the_half_way_move_to_dra_shows_too() -> None:
    legacy = {("dra/legacy-device-plugin", f"{PROD}/inference/{name}.yaml") for name in ("llm", "embeddings")}
    assert set(_found("examples/clusters", version="1.35")) == WANTED | legacy


def test_the_healthy_part_has_no_findings_alone_or_with_the_rest() -> None:
    assert _found(f"{PROD}/healthy") == []
    assert not [path for _, path in _found("examples/clusters") if "/healthy/" in path]


def test_each_file_with_a_defect_begins_with_its_story() -> None:
    for _, path in WANTED:
        assert (ROOT / path).read_text("utf-8").startswith("# "), path
