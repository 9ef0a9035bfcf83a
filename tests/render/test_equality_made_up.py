"""Made-up trees: what karlint renders of them is what helm and kustomize print for them, byte for byte."""

from __future__ import annotations

import subprocess
import sys
from random import Random
from typing import TYPE_CHECKING

import pytest

from karlint.schema import default_version
from tests.render import kustomizetrees
from tests.render.accounts import SECONDS, Tally, account, both, compare, framed, look_at, sections
from tests.render.conftest import built
from tests.render.fluxlibrary import compare_with_flux
from tests.render.gitopsrepo import HERE
from tests.render.gitopstrees import ARGO, FLUX
from tests.render.kustomizetrees import ROOTS, TREES
from tests.render.randomoverlays import write_overlay
from tests.render.trees import CHART, NO_LIMIT, TEMPLATE, VALUES, write

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.tools

KNOWN = {".karlint.yaml": f"render: {{repositories: ['{HERE}'], timeout_seconds: {SECONDS}}}\n"}
PACKED = {
    "clusters/prod/packed.yaml": """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: packed, namespace: serving}
spec:
  chart:
    spec:
      chart: ./charts/llm
      sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}
      valuesFiles: [charts/llm/one.yaml, charts/llm/two.yaml]
  values: {replicas: 5}
""",
    "charts/llm/one.yaml": "image: {repository: a, tag: b}\nargs: [x]\nannotations: {}\ngpus: 1\ntier: x\n",
    "charts/llm/two.yaml": "image: {tag: c}\nargs: []\nreplicas: 2\n",
}


@pytest.mark.parametrize(
    ("files", "kinds"),
    [
        (
            ARGO,
            {
                "helm template of an Argo CD or Flux object with values": 5,
                "kustomize build of an Argo CD or Flux object": 1,
                "kustomize build of an Argo CD or Flux object with commonAnnotations, images, labels, namePrefix,"
                " namespace, patches, replicas": 1,
            },
        ),
        (
            FLUX | PACKED,
            {
                "helm template of an Argo CD or Flux object with values": 1,
                "helm template of an Argo CD or Flux object with values and post-renderers": 1,
                "kustomize build of an Argo CD or Flux object of generated kustomizations": 1,
                "kustomize build of an Argo CD or Flux object with images, labels, namespace, patches, transformers"
                " and variables": 1,
            },
        ),
    ],
    ids=["argocd", "flux"],
)
def test_what_objects_declare_is_what_the_tools_print_for_it(
    tmp_path: Path, real_tools: pytest.MonkeyPatch, files: dict[str, str], kinds: dict[str, int]
) -> None:
    tree = tmp_path / "tree"
    write(tree, files | KNOWN)
    look, real = both(tree, tmp_path, real_tools)
    found = Tally()
    compare(look, real, found)
    account(look, real, found)
    assert found.unequal == found.left_out == []
    assert found.equal == kinds


MADE_UP = {
    **{f"charts/llm/{name}": text for name, text in (("Chart.yaml", CHART), ("values.yaml", VALUES))},
    "charts/llm/templates/pod.yaml": TEMPLATE,
    "charts/llm/templates/about.yaml": """\
{{- $release := .Release }}
about: {{ list $release.Name $release.Namespace $release.IsInstall .Capabilities.KubeVersion.Version | toJson }}
served: {{ .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" }}
""",
    "charts/llm/templates/hook.yaml": "kind: Hook\nmetadata: {name: h, annotations: {helm.sh/hook: pre-install}}\n",
    "charts/llm/templates/test.yaml": "kind: Test\nmetadata: {name: t, annotations: {helm.sh/hook: test}}\n",
    "charts/llm/crds/crd.yaml": "kind: CustomResourceDefinition\nmetadata: {name: a.b.c}",
    "charts/llm/ci/gpu-values.yaml": "gpus: 8\n",
    "charts/all/Chart.yaml": CHART.replace("llm", "all")
    + "dependencies: [{name: llm, version: 0.1.0, repository: 'file://../llm'}]\n",
    "charts/all/values.yaml": "llm: {gpus: 2}\n",
    "charts/deep/Chart.yaml": CHART.replace("llm", "deep")
    + """\
dependencies:
- {name: all, version: 0.1.0, repository: 'file://../all'}
- {name: llm, version: ~0.1.0, repository: 'file://../llm', alias: one}
- {name: llm, version: 0.x, repository: 'file://../llm/', alias: two, condition: two.enabled}
- {name: set, version: 0.1.0, repository: 'file://../set', tags: [sets]}
""",
    "charts/deep/values.yaml": "one: {gpus: 3}\ntwo: {enabled: false}\nall: {llm: {gpus: 5}}\nglobal: {a: b}\n",
    "charts/set/Chart.yaml": CHART.replace("llm", "set"),
    "charts/set/templates/set.yaml": "values: {{ toJson .Values }}\n---\nkind: Bare\n---\n# nothing\n",
    "charts/set/prod.yaml": "a: {b: 1, c: 2}\n",
    "base/kustomization.yaml": "resources: [pod.yaml]\nconfigMapGenerator: [{name: c, files: [k=c.txt]}]\n",
    "base/pod.yaml": "# said of it\n" + NO_LIMIT,
    "base/c.txt": "one\n---\n# Rendered: overlays/prod\ntwo",
    "overlays/prod/kustomization.yaml": "resources: [../../base]\nnamePrefix: x-\nsortOptions: {order: legacy}\n",
    "overlays/told/kustomization.yaml": "resources: [../../base, own.yaml]\nbuildMetadata: [originAnnotations]\n",
    "overlays/told/own.yaml": NO_LIMIT.replace("name: llm", "name: own"),
    "overlays/more/kustomization.yaml": """\
resources: [../../base]
buildMetadata: [transformerAnnotations, managedByLabel]
labels: [{pairs: {a: b}}]
patches: [{path: patch.yaml}]
""",
    "overlays/more/patch.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: llm, labels: {more: of it}}\n",
    "overlays/none/kustomization.yaml": "resources: []\nconfigMapGenerator: []\nnamespace: x\n",
    ".karlint.yaml": """\
render:
  charts:
  - {chart: charts/llm, name: all, api_versions: [monitoring.coreos.com/v1], tests: true}
  - {chart: charts/llm, name: none, hooks: false, crds: false, kube_version: "1.33.2"}
  - {chart: charts/set, name: s, values: [charts/set/prod.yaml], set: {a.b: 'x,y', size: 1, t: true},
     release: r, namespace: ns}
""",
}
COMMANDS = {
    "charts/deep": "template release-name charts/deep -n default --include-crds --skip-tests --kube-version NEWEST",
    "charts/llm (all)": "template release-name charts/llm -n default --include-crds --kube-version NEWEST"
    " -a monitoring.coreos.com/v1",
    "charts/llm (none)": "template release-name charts/llm -n default --no-hooks --skip-tests --kube-version 1.33.2",
    "charts/set (s)": "template r charts/set -n ns -f charts/set/prod.yaml --include-crds --skip-tests"
    r" --kube-version NEWEST --set a.b=x\,y --set size=1 --set t=true",
    "overlays/more": "build overlays/more",
    "overlays/none": "build overlays/none",
    "overlays/prod": "build overlays/prod",
    "overlays/told": "build overlays/told",
}


@pytest.mark.parametrize("version", ["helm", "helm3"])
def test_what_is_printed_is_what_a_person_is_shown_who_runs_the_tools(
    tmp_path: Path, real_tools: pytest.MonkeyPatch, version: str
) -> None:
    """The same with commands that are written down."""
    programs = {"template": built(version), "build": built("kustomize")}
    write(tmp_path / "ours", MADE_UP)
    theirs = tmp_path / "theirs"
    write(theirs, MADE_UP)
    for chart in ("charts/all", "charts/deep"):
        subprocess.run([built(version), "dependency", "update", chart], cwd=theirs, capture_output=True, check=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KARLINT_HELM", str(built(version)))
        look = look_at(tmp_path / "ours", real_tools)
        alone = {name: printed_alone(tmp_path / "ours", name) for name in ("charts/set (s)", "overlays/prod")}
    together = sections(look.printed, [part.output.unit.id for part in look.deployed.parts])
    assert sorted(together) == list(COMMANDS)
    for name, text in COMMANDS.items():
        command = text.replace("NEWEST", default_version()).split()
        real = subprocess.run([programs[command[0]], *command], cwd=theirs, capture_output=True, check=True).stdout
        assert together[name] == framed(real), name
        assert alone.get(name, real) == real


def printed_alone(tree: Path, name: str) -> bytes:
    command = [sys.executable, "-m", "karlint", "render", "--unit", name]
    return subprocess.run(command, cwd=tree, capture_output=True, check=True).stdout


FLUX_EDITS = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: NAME, namespace: flux-system}
spec:
  path: ./PATH
  sourceRef: {kind: GitRepository, name: flux-system}
  targetNamespace: other
  namePrefix: pre-
  nameSuffix: -suf
  commonMetadata: {labels: {team: ml}, annotations: {owner: ai}}
  images: [{name: vllm/vllm-openai, newName: mirror.example/vllm, newTag: v9}, {name: busybox, digest: "sha256:00"}]
  patches:
  - target: {kind: Deployment}
    patch: |
      - {op: add, path: /metadata/annotations/x, value: "${A} $${B} ${C:=d} ${E}"}
  - target: {kind: ConfigMap, name: x.*}
    patch: |
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: any}
      data: {a: "${A}"}
  postBuild: {substitute: {A: "1"}}
"""
ARGO_EDITS = f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: NAME, namespace: argocd}}
spec:
  project: ai
  destination: {{namespace: serving}}
  source:
    repoURL: {HERE}
    path: PATH
    kustomize:
      namePrefix: argo-
      namespace: ns
      images: [vllm/vllm-openai:v8, busybox=alpine]
      commonLabels: {{team: ml}}
      commonAnnotations: {{owner: ai}}
"""
SOURCE = f"""\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {{name: flux-system, namespace: flux-system}}
spec: {{url: {HERE}}}
"""


@pytest.mark.parametrize("edits", ["", SOURCE + "---\n" + FLUX_EDITS, ARGO_EDITS], ids=["plain", "flux", "argocd"])
def test_all_that_kustomizations_can_say(tmp_path: Path, real_tools: pytest.MonkeyPatch, edits: str) -> None:
    for name in TREES:
        kustomizetrees.write(name, tmp_path / "tree" / name)
        objects = edits.replace("NAME", name).replace("PATH", f"{name}/{ROOTS[name]}".rstrip("/"))
        write(tmp_path / "tree", {f"objects/{name}.yaml": objects})
    write(tmp_path / "tree", KNOWN)
    look, real = both(tmp_path / "tree", tmp_path, real_tools)
    found = Tally()
    compare(look, real, found)
    compare_with_flux(look, real, built("fluxbuild"), found)
    account(look, real, found)
    assert found.unequal == found.left_out == []
    assert found.equal.total() == len(TREES)
    assert found.by_flux.total() == (len(TREES) if "fluxcd" in edits else 0)
    assert found.not_rendered == {}


def test_what_argo_cd_edits_reads_nothing_beside_its_directory(tmp_path: Path, real_tools: pytest.MonkeyPatch) -> None:
    """Flux lets kustomize read all of the repository; Argo CD does not."""
    write(tmp_path / "tree", KNOWN | {"app/kustomization.yaml": "resources: [../pod.yaml]\n", "pod.yaml": NO_LIMIT})
    for name, edits in (("flux", SOURCE + "---\n" + FLUX_EDITS), ("argocd", ARGO_EDITS)):
        write(tmp_path / "tree", {f"objects/{name}.yaml": edits.replace("NAME", name).replace("PATH", "app")})
    look, real = both(tmp_path / "tree", tmp_path, real_tools)
    found = Tally()
    compare(look, real, found)
    account(look, real, found)
    assert found.unequal == found.left_out == []
    assert found.equal.total() == 1
    assert found.not_rendered == {"the renderer gave up: the tool fails too": 1}
    assert "'pod.yaml' is not in or below 'app'" in look.deployed.findings[0].message


def test_random_overlays(tmp_path: Path, real_tools: pytest.MonkeyPatch) -> None:
    """A good part of them cannot be built, about which karlint and kustomize agree."""
    chance = Random(20261128)
    for number in range(12):
        root, below = tmp_path / "tree" / f"t{number}", "base"
        kustomizetrees.write("merge", root)
        for level in range(chance.randint(1, 3)):
            write_overlay(chance, root / f"level{level}", below)
            below = f"level{level}"
    look, real = both(tmp_path / "tree", tmp_path, real_tools)
    found = Tally()
    compare(look, real, found)
    account(look, real, found)
    assert found.unequal == found.left_out == []
    assert found.equal.total() > 15


ODD = {
    "charts/odd/Chart.yaml": CHART.replace("llm", "odd"),
    "charts/odd/values.yaml": "gone: 1\nkept: {a: 1, b: 2}\nlist: [1, 2]\n",
    "charts/odd/templates/odd.yaml": "values:\n{{ toYaml .Values | indent 2 }}\njson: {{ toJson .Values }}\n",
    "charts/odd/more.yaml": "kept: {b: null, c: 3}\nlater: {x: 1}\n",
    "objects/odd.yaml": f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: odd, namespace: argocd}}
spec:
  destination: {{namespace: serving}}
  source:
    repoURL: {HERE}
    path: charts/odd
    helm:
      valueFiles: [more.yaml]
      valuesObject:
        gone: null
        "on": true
        number: 12345678901
        small: 0.10
        whole: 2.0
        text: "007"
        lines: "a\\nb\\n"
        more: "ü ☃ \\u0001"
        list: []
        map: {{}}
        later: {{y: [{{z: null}}]}}
      parameters:
      - {{name: kept.a, value: "a,b"}}
      - {{name: kept.d, value: '{{a,b}}'}}
      - {{name: kept.e, value: "null"}}
      - {{name: kept.f, value: "007"}}
      - {{name: kept.g, value: "007", forceString: true}}
      - {{name: 'kept.h\\.i[1].j', value: 'a=b'}}
      - {{name: empty}}
      - {{name: list, value: 'back\\slash'}}
""",
}


def test_odd_values_reach_helm_as_they_are(tmp_path: Path, real_tools: pytest.MonkeyPatch) -> None:
    write(tmp_path / "tree", ODD | KNOWN)
    look, real = both(tmp_path / "tree", tmp_path, real_tools)
    found = Tally()
    compare(look, real, found)
    account(look, real, found)
    assert found.unequal == found.left_out == []
    assert found.equal == {"helm template of an Argo CD or Flux object with values": 1}
