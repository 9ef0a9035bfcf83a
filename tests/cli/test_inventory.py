"""``karlint inventory``, run as people do."""

from __future__ import annotations

import json
import os

import pytest

from tests.cli.support import NO_LIMIT, Repository
from tests.conftest import ROOT, missing

TRAIN = NO_LIMIT.replace("requests: {nvidia.com/gpu: 1}", "limits: {nvidia.com/gpu: 2}")
QUEUED = TRAIN.replace("namespace: ml", "namespace: ml\n  labels: {kueue.x-k8s.io/queue-name: gpu}")
QUEUE = "apiVersion: kueue.x-k8s.io/v1beta2\nkind: LocalQueue\nmetadata: {name: %s, namespace: ml}\n"


def test_the_table_tells_what_each_asks_for(repository: Repository) -> None:
    repository.write("clusters/prod/train.yaml", TRAIN)
    ran = repository.run("inventory")
    assert ran.code == 0
    assert ran.err == ""
    head, row, file, *rest = ran.out.splitlines()
    assert head.split() == ["NAMESPACE", "KIND", "NAME", "PODS", "ACCELERATORS"]
    assert row.split() == ["ml", "Job", "train", "1", "2", "nvidia.com/gpu", "(2/pod)"]
    assert file.strip() == "clusters/prod/train.yaml"
    assert "clusters/prod" in "\n".join(rest)
    assert rest[-1] == "1 AI workload among 1 resource: 1 pod, 2 nvidia.com/gpu."


def test_a_part_is_counted_and_the_whole_is_looked_at(repository: Repository) -> None:
    repository.write("apps/train.yaml", QUEUED)
    repository.write("apps/other.yaml", TRAIN.replace("name: train\n  namespace", "name: other\n  namespace"))
    repository.write("queue.yaml", QUEUE % "gpu")
    ran = repository.run("inventory", "apps/train.yaml", "--format", "json")
    told = json.loads(ran.out)
    assert [(one["name"], one["queue"]["name"]) for one in told["workloads"]] == [("train", "gpu")]
    assert told["references"] == [], "its queue is in a file that is not counted"


def test_references_are_listed_with_their_place(repository: Repository) -> None:
    repository.write("train.yaml", QUEUED)
    repository.write("queue.yaml", QUEUE % "cpu")
    assert "1 reference to what is not there; --references lists them." in repository.run("inventory").out
    out = repository.run("inventory", "--references").out
    assert "missing: Job ml/train -> LocalQueue gpu (local-queue at metadata.labels" in out
    assert "train.yaml:6" in out
    assert "missing" in repository.run("inventory", "--references", "-f", "markdown").out


def test_what_the_configuration_assumes_is_heeded(repository: Repository) -> None:
    repository.write("train.yaml", QUEUED)
    repository.write("queue.yaml", QUEUE % "cpu")
    repository.write(".karlint.yaml", "assume: {kueue.x-k8s.io/LocalQueue: [gpu]}\n")
    assert "not there" not in repository.run("inventory").out


def test_standard_input(repository: Repository) -> None:
    assert "2 nvidia.com/gpu" in repository.run("inventory", "-", stdin=TRAIN).out


def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_counted(repository: Repository) -> None:
    repository.write("train.yaml", TRAIN)
    repository.write("bad.yaml", "apiVersion: v1\nkind: Pod\n  a: b: c\n")
    ran = repository.run("inventory")
    assert "warning: bad.yaml:3: " in ran.err
    assert "1 AI workload " in ran.out
    (unread,) = json.loads(repository.run("inventory", "-f", "json").out)["unread"]
    assert (unread["file"], unread["line"]) == ("bad.yaml", 3)


@pytest.mark.parametrize("columns", ["60", "100"])
def test_the_table_keeps_to_the_width(repository: Repository, columns: str) -> None:
    repository.write("a/directory/with/a/long/name/and/more/of/it/train.yaml", QUEUED)
    lines = repository.run("inventory", "--references", COLUMNS=columns).out.splitlines()
    assert max(map(len, lines)) <= int(columns)


def test_an_unknown_format_is_wrong_usage(repository: Repository) -> None:
    ran = repository.run("inventory", "--format", "xml")
    assert ran.code == 2
    assert "table, json, markdown" in ran.err


def test_the_schema_is_printed(repository: Repository) -> None:
    assert json.loads(repository.run("schema", "inventory").out)["title"] == "karlint inventory"


BASE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: llm}
spec:
  selector: {matchLabels: {app: llm}}
  template:
    metadata: {labels: {app: llm}}
    spec:
      containers: [{name: vllm, image: x, command: [vllm, serve, org/m], resources: {limits: {nvidia.com/gpu: 2}}}]
"""


@pytest.mark.tools
@pytest.mark.parametrize("part", ["", "overlays", "base"])
def test_what_an_overlay_makes_of_a_base_is_counted(repository: Repository, part: str) -> None:
    kustomize = ROOT / "tools" / "bin" / "kustomize"
    if not kustomize.is_file():
        missing("tools/bin/kustomize", "run `make tools`")
    repository.write("base/llm.yaml", BASE)
    repository.write("base/kustomization.yaml", "resources: [llm.yaml]\n")
    overlay = "resources: [../../base]\nnamespace: prod\nreplicas: [{name: llm, count: 3}]\n"
    repository.write("overlays/prod/kustomization.yaml", overlay)
    path = f"{kustomize.parent}:{os.environ['PATH']}"
    told = json.loads(repository.run("inventory", *filter(None, [part]), "-f", "json", PATH=path).out)
    rows = [(one["namespace"], one["environment"], one["accelerators"][0]["total"]) for one in told["workloads"]]
    assert rows == [("prod", "overlays/prod", 6)]
    as_it_stands = json.loads(repository.run("inventory", "--no-render", "-f", "json", PATH=path).out)
    assert [one["accelerators"][0]["total"] for one in as_it_stands["workloads"]] == [2]
