"""Charts that kustomizations inflate, as an entry of helmCharts or by a generator, alone and under Argo CD and Flux."""

from __future__ import annotations

import subprocess
from textwrap import indent
from typing import TYPE_CHECKING

import pytest

from karlint.locate import Locator
from karlint.model.source import Anchor
from tests.render.trees import CHART, TEMPLATE, VALUES, check, rendered, snapshot, write

if TYPE_CHECKING:
    from pathlib import Path

    from karlint.deployed import Part

pytestmark = pytest.mark.tools
MISSING = "core/not-rendered"
NAMED = TEMPLATE.replace("metadata:\n", "metadata:\n  namespace: {{ .Release.Namespace }}\n")


def charts(home: str = "k/charts") -> dict[str, str]:
    return {
        f"{home}/llm/Chart.yaml": CHART,
        f"{home}/llm/templates/pod.yaml": NAMED,
        f"{home}/llm/values.yaml": VALUES,
    }


GENERATOR = """\
apiVersion: builtin
kind: HelmChartInflationGenerator
metadata: {name: any}
name: llm
releaseName: model
valuesFile: values/prod.yaml
valuesInline:
  gpus: 4
"""
ENTRY = """\
helmCharts:
  - name: llm
    releaseName: model
    valuesFile: values/prod.yaml
    valuesInline:
      gpus: 4
"""
CONFIG_MAP = "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: x}\nliterals: [a=b]\n---\n"
PROD = {"k/values/prod.yaml": "image: registry.example/prod:1\n"}
BY_FILE = charts() | PROD | {"k/kustomization.yaml": "generators: [by.yaml]\n", "k/by.yaml": GENERATOR}
TREES = {
    "entry": charts() | PROD | {"k/kustomization.yaml": ENTRY},
    "file": BY_FILE,
    "below": charts() | PROD | {"k/kustomization.yaml": "generators: [a/by.yaml]\n", "k/a/by.yaml": GENERATOR},
    "second": BY_FILE | {"k/by.yaml": CONFIG_MAP + GENERATOR},
    "made": charts()
    | PROD
    | {
        "k/kustomization.yaml": "generators: [made]\n",
        "k/made/kustomization.yaml": "resources: [by.yaml]\n",
        "k/made/by.yaml": GENERATOR,
    },
    "inline": charts() | PROD | {"k/kustomization.yaml": f"generators:\n  - |\n{indent(GENERATOR, '    ')}"},
    "home": charts("shared")
    | PROD
    | {"k/kustomization.yaml": "generators: [by.yaml]\n", "k/by.yaml": GENERATOR + "chartHome: ../shared\n"},
    "space": BY_FILE | {"k/kustomization.yaml": "namespace: ml\ngenerators: [by.yaml]\n"},
}
WRITTEN = {
    "entry": "k/kustomization.yaml:6",
    "below": "k/a/by.yaml:8",
    "second": "k/by.yaml:13",
    "made": "k/made/by.yaml:8",
    "inline": "k/kustomization.yaml:2",
}
"""Where the number of GPUs is written; elsewhere in k/by.yaml:8."""
GPUS = ("spec", "containers", 0, "resources", "requests", "nvidia.com/gpu")


def written(root: Path, part: Part) -> list[str]:
    """Return where the number of GPUs and the image of the pod in *part* are written."""
    [pod] = [resource for resource in part.resources(0) if resource.ref.kind == "Pod"]
    locate = Locator(root)
    found = [locate(pod, at, Anchor.VALUE).location for at in (GPUS, (*GPUS[:3], "image"))]
    return [f"{place.path}:{place.span.line}" for place in found]


@pytest.mark.parametrize("name", TREES)
def test_it_renders_as_kustomize_does(tmp_path: Path, helm4: Path, kustomize: Path, name: str) -> None:
    root = tmp_path / "repo"
    write(root, TREES[name])
    before = snapshot(root)
    deployed = rendered(root, "k")
    [part] = deployed.parts
    built = [kustomize, "build", "k", "--enable-helm", f"--helm-command={helm4}"]
    assert part.text() == subprocess.run(built, cwd=root, capture_output=True, check=True).stdout
    assert written(root, part) == [WRITTEN.get(name, "k/by.yaml:8"), "k/values/prod.yaml:1"]
    chart = "shared" if name == "home" else "k/charts"
    assert {f"{chart}/llm/templates/pod.yaml", "k/values/prod.yaml"} <= deployed.owned
    assert snapshot(root) == before


def test_what_another_builds_on_is_inflated_with_its_namespace(tmp_path: Path, helm4: Path, kustomize: Path) -> None:
    write(tmp_path, BY_FILE | {"top/kustomization.yaml": "namespace: prod\nresources: [../k]\n"})
    [part] = rendered(tmp_path).parts
    built = [kustomize, "build", "top", "--enable-helm", f"--helm-command={helm4}"]
    assert part.text() == subprocess.run(built, cwd=tmp_path, capture_output=True, check=True).stdout
    assert written(tmp_path, part) == ["k/by.yaml:8", "k/values/prod.yaml:1"]


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (GENERATOR.replace("name: llm", "name: other"), "chart from a remote repository"),
        (GENERATOR.replace("values/prod.yaml", "../../x.yaml"), "reads outside of the repository"),
        (GENERATOR + "chartHome: ../../elsewhere\n", "reads outside of the repository"),
    ],
)
def test_what_is_not_in_the_tree_is_told_at_the_generator(
    tmp_path: Path, helm4: Path, kustomize: Path, config: str, reason: str
) -> None:
    root = tmp_path / "repo"
    write(tmp_path, charts("elsewhere") | {"x.yaml": "gpus: 3\n"})
    write(root, BY_FILE | {"k/by.yaml": config})
    run = check(root)
    assert [item.reason for item in run.report.not_rendered] == [reason]
    assert run.places(MISSING) == ["k/kustomization.yaml:1"]


def test_what_a_generator_reads_that_another_kustomization_changes_is_not_known(
    tmp_path: Path, helm4: Path, kustomize: Path
) -> None:
    patch = "patches: [{target: {name: any}, patch: '[{op: add, path: /chartHome, value: ../../elsewhere}]'}]\n"
    write(tmp_path, charts("elsewhere"))
    write(tmp_path / "repo", TREES["made"] | {"k/made/kustomization.yaml": f"resources: [by.yaml]\n{patch}"})
    run = check(tmp_path / "repo")
    assert [item.reason for item in run.report.not_rendered] == ["generator that another kustomization changes"]
    assert run.places(MISSING) == ["k/kustomization.yaml:1"]


def test_generators_that_list_each_other_are_no_circle_for_us(tmp_path: Path, kustomize: Path, helm4: Path) -> None:
    write(tmp_path, {"a/kustomization.yaml": "generators: [../b]\n", "b/kustomization.yaml": "generators: [../a]\n"})
    assert "cycle" in check(tmp_path).of("core/render-failed")[0].message


APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: llm, namespace: argocd}
spec:
  project: default
  destination: {server: 'https://kubernetes.default.svc', namespace: ml}
  source:
    repoURL: https://git.example/org/repo.git
    targetRevision: main
    path: k
    kustomize:
      images: ["registry.example/prod:2"]
"""
FLUX = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: llm, namespace: flux-system}
spec:
  interval: 10m
  prune: true
  path: ./k
  sourceRef: {kind: GitRepository, name: flux-system}
  images:
    - name: registry.example/prod
      newTag: "2"
"""
OBJECTS = {"Argo CD": APPLICATION, "Flux": FLUX}
KNOWN = {".karlint.yaml": "render: {repositories: ['https://git.example/org/repo.git']}\n"}


@pytest.mark.parametrize("name", TREES)
@pytest.mark.parametrize("by", OBJECTS)
def test_it_is_delivered(tmp_path: Path, helm4: Path, kustomize: Path, by: str, name: str) -> None:
    write(tmp_path, TREES[name] | KNOWN | {"apps/llm.yaml": OBJECTS[by]})
    if by == "Flux":
        write(tmp_path, {"apps/source.yaml": SOURCE})
    deployed = rendered(tmp_path)
    assert deployed.not_rendered == ()
    [part] = [part for part in deployed.parts if b"kind: Pod" in part.text() and part.output.unit.declared is not None]
    assert b"registry.example/prod:2" in part.text()
    image = "apps/llm.yaml:12" if by == "Argo CD" else "apps/llm.yaml:11"
    assert written(tmp_path, part) == [WRITTEN.get(name, "k/by.yaml:8"), image]
    assert "k/values/prod.yaml" in deployed.owned
    assert [part.output.unit.declared is None for part in deployed.parts if b"kind: Pod" in part.text()] == [False]


SOURCE = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec:
  interval: 10m
  url: https://git.example/org/repo.git
  ref: {branch: main}
"""
