"""``karlint render`` of what cannot be rendered: what it is, why, where, and an exit code that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.support import Repository
from tests.conftest import ROOT, missing
from tests.render.trees import CHART, NO_LIMIT, TEMPLATE, VALUES, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.support import Ran

pytestmark = pytest.mark.tools
GOOD = {"good/Chart.yaml": CHART, "good/templates/pod.yaml": TEMPLATE, "good/values.yaml": VALUES}
BAD = {
    "bad/Chart.yaml": CHART,
    "bad/templates/pod.yaml": TEMPLATE.replace(".Values.gpus", ".Values.a.b.c"),
    "bad/values.yaml": VALUES,
}


def render(root: Path, *arguments: str) -> Ran:
    tools = ROOT / "tools" / "bin"
    for tool in ("helm", "kustomize"):
        if not (tools / tool).is_file():
            missing(f"tools/bin/{tool}", "run `make tools`")
    named = {"KARLINT_HELM": str(tools / "helm"), "KARLINT_KUSTOMIZE": str(tools / "kustomize")}
    return Repository(root).run("render", *arguments, **named)


def test_what_fails_is_told_with_the_words_of_the_tool(tmp_path: Path) -> None:
    write(tmp_path, GOOD | BAD)
    ran = render(tmp_path)
    assert ran.code == 1
    assert "nvidia.com/gpu: 1" in ran.out, "the rest is printed"
    first, second, *_ = ran.err.splitlines()
    assert first == "not rendered: bad: the renderer gave up"
    assert second.startswith("  bad/templates/pod.yaml:11:")
    assert "helm template failed: " in second
    assert "nil pointer evaluating interface {}.b" in second


def test_one_that_fails_is_told_when_it_is_asked_for_by_name(tmp_path: Path) -> None:
    write(tmp_path, GOOD | BAD)
    ran = render(tmp_path, "--unit", "bad")
    assert (ran.code, ran.out) == (1, "")
    assert "nil pointer" in ran.err
    ran = render(tmp_path, "--unit", "good")
    assert (ran.code, ran.err) == (0, "")
    ran = render(tmp_path, "--unit", "badd")
    assert (ran.code, ran.out) == (2, "")
    assert "Did you mean bad?" in ran.err


def test_what_kustomize_says_is_told_at_the_entry(tmp_path: Path) -> None:
    write(tmp_path, {"k/kustomization.yaml": "resources:\n  - pod.yaml\n  - none.yaml\n", "k/pod.yaml": NO_LIMIT})
    ran = render(tmp_path, "k")
    assert ran.code == 1
    assert ran.err.splitlines()[0] == "not rendered: k: the renderer gave up"
    assert "  k/kustomization.yaml:3:5: kustomize build failed: " in ran.err
    assert "none.yaml" in ran.err


def test_what_is_not_rendered_comes_with_its_place_and_what_to_do(tmp_path: Path) -> None:
    write(tmp_path, {"k/kustomization.yaml": "resources:\n  - https://git.example/org/repo//deploy?ref=v1\n"})
    write(tmp_path, {"app.yaml": APPLICATION})
    ran = render(tmp_path)
    assert ran.code == 1
    *lines, last = ran.err.splitlines()
    assert lines == [
        "not rendered: k: remote base",
        "  k/kustomization.yaml:2:5: k is not built: https://git.example/org/repo//deploy?ref=v1 is a remote base.",
        "  hint: Vendor it into the repository, or let it be fetched: --allow-network.",
        "not rendered: Application argocd/llm: chart from a remote repository",
        "  app.yaml:9:12",
    ]
    assert last.startswith("  hint: ")


APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: llm, namespace: argocd}
spec:
  project: default
  destination: {server: 'https://kubernetes.default.svc', namespace: ml}
  source:
    repoURL: https://charts.example
    chart: llm
    targetRevision: 1.0.0
"""
