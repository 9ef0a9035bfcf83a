"""Fingerprints survive what does not change the finding, and tell apart what is different."""

from __future__ import annotations

import re
from typing import Any

from karlint.findings import AssembleOptions, assemble
from karlint.findings.fingerprint import stable_path
from karlint.model.finding import FileFinding, RawFinding

from .build import Tree, rule
from .test_assemble import DEPLOYMENT, IMAGE, VLLM, demo, run


def prints(*args: Any, **fields: Any) -> list[str]:
    return [finding.fingerprint for finding in run(*args, **fields).findings]


BASE = prints(Tree(deploy=DEPLOYMENT), demo())[0]
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"


def test_it_is_32_hex_digits() -> None:
    assert re.fullmatch(r"[0-9a-f]{32}", BASE)


def test_it_survives_inserted_lines_and_a_renamed_file() -> None:
    moved = "# one\n# two\n" + DEPLOYMENT.replace("spec:\n  template", "spec:\n  replicas: 2\n  template")
    assert prints(Tree(elsewhere=moved), demo()) == [BASE]


def test_it_survives_reordered_documents() -> None:
    assert prints(Tree(deploy=f"{CONFIG}---\n{DEPLOYMENT}"), demo(resource=1)) == [BASE]


def test_it_survives_an_item_inserted_before_a_named_one() -> None:
    more = DEPLOYMENT.replace("containers:\n", "containers:\n        - name: first\n          image: x\n")
    at = (*VLLM[:-1], 1, "image")
    assert prints(Tree(deploy=more), demo(at)) == [BASE]


def test_it_survives_another_api_version() -> None:
    assert prints(Tree(deploy=DEPLOYMENT.replace("apps/v1", "apps/v1beta2")), demo()) == [BASE]


def test_it_tells_rule_resource_path_case_and_arguments_apart() -> None:
    cases = rule(cases={"c": {}})
    others = [
        prints(Tree(deploy=DEPLOYMENT), demo(rule_id="dra/other"), rules=[rule("dra/other")]),
        prints(Tree(deploy=DEPLOYMENT.replace("name: llm", "name: other")), demo()),
        prints(Tree(deploy=DEPLOYMENT.replace("prod", "dev")), demo()),
        prints(Tree(deploy=DEPLOYMENT), demo(VLLM)),
        prints(Tree(deploy=DEPLOYMENT), demo((*VLLM[:-1], 1, "image"))),
        prints(Tree(deploy=DEPLOYMENT), demo(case="c"), rules=[cases]),
        prints(Tree(deploy=DEPLOYMENT), RawFinding("dra/demo", 0, IMAGE, args={"container": "x"})),
    ]
    assert len({BASE, *(item[0] for item in others)}) == len(others) + 1


def test_the_file_counts_only_for_resources_without_a_name() -> None:
    nameless = DEPLOYMENT.replace("  name: llm\n", "  generateName: llm-\n")
    assert prints(Tree(a=nameless), demo()) != prints(Tree(b=nameless), demo())


def test_duplicates_differ_and_the_first_is_as_if_it_were_alone() -> None:
    tree = Tree(a=DEPLOYMENT, b=DEPLOYMENT, c=DEPLOYMENT)
    three = prints(tree, *(demo(resource=index) for index in range(3)))
    assert three[0] == BASE
    assert len(set(three)) == 3
    assert prints(Tree(a=DEPLOYMENT, c=DEPLOYMENT), demo(), demo(resource=1)) == [three[0], three[2]]


def test_duplicates_in_one_file_differ() -> None:
    twice = prints(Tree(a=f"{DEPLOYMENT}---\n{DEPLOYMENT}"), demo(), demo(resource=1))
    assert len(set(twice)) == 2


def test_two_ready_made_texts_at_one_place_differ_whatever_their_order() -> None:
    first, second = (RawFinding("dra/demo", 0, IMAGE, message=text) for text in ("A.", "B."))
    tree = Tree(a=DEPLOYMENT)
    alone = prints(tree, second)
    assert prints(tree, first, second)[1] == alone[0]


def test_suppression_does_not_change_the_others() -> None:
    comment = DEPLOYMENT.replace("vllm:v1", "vllm:v1  # karlint: ignore[dra/demo] known")
    result = run(Tree(a=comment, b=DEPLOYMENT), demo(), demo(resource=1))
    both = prints(Tree(a=DEPLOYMENT, b=DEPLOYMENT), demo(), demo(resource=1))
    assert [*result.suppressed, *result.findings][0].fingerprint == both[0]
    assert result.findings[0].fingerprint == both[1]


def test_file_findings_are_told_apart_by_file_and_occurrence() -> None:
    found = [FileFinding("core/syntax-error", path, None, "x") for path in ("a.yaml", "b.yaml", "b.yaml")]
    result = assemble([], found, [], {}, Tree().locate, AssembleOptions())
    assert len({finding.fingerprint for finding in result.findings}) == 3


def test_stable_path_names_items_by_what_kubernetes_tells_them_apart_by() -> None:
    body = {
        "ports": [{"containerPort": 80}],
        "mounts": [{"mountPath": "/x", "name": "v"}, {"mountPath": "/y"}],
        "tolerations": [{"key": "gpu"}, {"operator": "Exists"}],
        "claims": [{"metadata": {"name": "data"}}],
        "args": ["--x"],
    }
    paths = [("ports", 0), ("mounts", 0), ("mounts", 1), ("tolerations", 0), ("tolerations", 1), ("claims", 0)]
    named = [stable_path(body, path)[1] for path in paths]
    assert named == ["[containerPort=80]", "[name=v]", "[mountPath=/y]", "[key=gpu]", "[1]", "[name=data]"]
    assert stable_path(body, ("args", 0)) == ("args", "[0]")
    assert stable_path(body, ("gone", 3, "x")) == ("gone", "[3]", "x")
