"""What karlint renders is what helm and kustomize print themselves, byte for byte, and nothing that they can build is
left out.

Made-up trees and a sample of the corpus; all of it with ``KARLINT_WHOLE_CORPUS=1``, and with ``-s`` to see the figures.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from karlint.schema import default_version
from tests.conftest import ROOT
from tests.corpus.trees import trees
from tests.render.accounts import Tally, account, compare, framed, look_at, sections
from tests.render.conftest import built
from tests.render.gitopsrepo import HERE
from tests.render.gitopstrees import ARGO, FLUX
from tests.render.realtools import RealTools, pristine
from tests.render.trees import CHART, NO_LIMIT, TEMPLATE, VALUES, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.render.accounts import Look

pytestmark = pytest.mark.tools

WHOLE = os.environ.get("KARLINT_WHOLE_CORPUS") == "1"
SECONDS = 600  # a machine that is put to sleep meanwhile must not turn a test red
SAMPLE = (
    "charts/otwld__ollama-helm",
    "gitops/fluxcd__flux2-kustomize-helm-example",
    "kubeflow__examples",
    "kustomize/kubeflow__trainer",
)
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


@pytest.fixture(autouse=True, scope="module")
def environment() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KARLINT_HELM", str(built("helm")))
        patch.setenv("KARLINT_KUSTOMIZE", str(built("kustomize")))
        patch.setenv("PYTHONPATH", str(ROOT / "src"))
        yield patch


def both(tree: Path, scratch: Path, patch: pytest.MonkeyPatch) -> tuple[Look, RealTools]:
    """Return what karlint makes of *tree*, and the real tools, each with a copy of its own."""
    for name in ("ours", "theirs", "scratch"):
        (scratch / name).mkdir(parents=True)
    ours = pristine(tree, scratch / "ours")
    if not (ours / ".karlint.yaml").exists():
        (ours / ".karlint.yaml").write_text(f"render: {{timeout_seconds: {SECONDS}}}\n")
    programs = built("helm"), built("kustomize"), built("fluxref")
    real = RealTools(pristine(tree, scratch / "theirs"), scratch / "scratch", *programs, default_version())
    return look_at(ours, patch), real


@pytest.fixture(scope="module")
def tally(corpus: Path, tmp_path_factory: pytest.TempPathFactory, environment: pytest.MonkeyPatch) -> Tally:
    """Real trees, rendered by karlint and by the tools."""
    found = Tally()
    top = tmp_path_factory.mktemp("equality")
    for name in trees(corpus) if WHOLE else SAMPLE:
        look, real = both(corpus / name, top / name, environment)
        compare(look, real, found)
        account(look, real, found)
        shutil.rmtree(top / name)
    print(found)
    return found


@pytest.mark.corpus
def test_what_real_trees_render_to_is_what_the_tools_print(tally: Tally) -> None:
    assert tally.unequal == []
    assert tally.not_compared == {}
    assert tally.equal.total() > (400 if WHOLE else 15)
    assert tally.unsteady.total() <= 1


@pytest.mark.corpus
def test_what_is_not_rendered_of_real_trees_cannot_be(tally: Tally) -> None:
    assert tally.left_out == []
    assert tally.checked["chart rendered"] + tally.checked["kustomization rendered"] > (600 if WHOLE else 15)
    assert any(name.startswith("remote base") for name in tally.not_rendered)


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
    tmp_path: Path, environment: pytest.MonkeyPatch, files: dict[str, str], kinds: dict[str, int]
) -> None:
    tree = tmp_path / "tree"
    write(tree, files | KNOWN)
    look, real = both(tree, tmp_path, environment)
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
    "charts/all": "template release-name charts/all -n default --include-crds --skip-tests --kube-version NEWEST",
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
    tmp_path: Path, environment: pytest.MonkeyPatch, version: str
) -> None:
    """The same with commands that are written down."""
    programs = {"template": built(version), "build": built("kustomize")}
    write(tmp_path / "ours", MADE_UP)
    theirs = tmp_path / "theirs"
    write(theirs, MADE_UP)
    subprocess.run([built(version), "dependency", "update", "charts/all"], cwd=theirs, capture_output=True, check=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KARLINT_HELM", str(built(version)))
        look = look_at(tmp_path / "ours", environment)
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


RANDOM = {
    "llm/Chart.yaml": CHART,
    "llm/templates/a.yaml": "kind: A\nmetadata: {name: a}\nkey: {{ randAlphaNum 40 }}\nsteady: true\n",
    "other/kustomization.yaml": "resources: [pod.yaml]\n",
    "other/pod.yaml": NO_LIMIT,
    "broken/kustomization.yaml": "resources: [gone.yaml]\n",
}


def test_a_chart_that_differs_from_itself_is_counted_and_compared_where_it_does_not(
    tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "tree", RANDOM)
    look, real = both(tmp_path / "tree", tmp_path, environment)
    found, wrong = Tally(), Tally()
    compare(look, real, found)
    assert (found.unsteady, found.equal, found.unequal) == ({"helm template: llm": 1}, {"kustomize build": 1}, [])
    compare(replace_printed(look, b"steady: true", b"steady: false"), real, wrong)
    assert [text.partition(";")[0] for text in wrong.unequal] == ["tree: llm: 6 lines of 6"]


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"nvidia.com/gpu: 1", b"nvidia.com/gpu: 2"), (b"kind: Pod\n", b"kind: Pod\n\n"), (b"\n", b"\r\n")],
)
def test_a_byte_that_differs_is_noticed(
    tmp_path: Path, environment: pytest.MonkeyPatch, before: bytes, after: bytes
) -> None:
    write(tmp_path / "tree", {name: text for name, text in RANDOM.items() if name.startswith("other")})
    look, real = both(tmp_path / "tree", tmp_path, environment)
    found = Tally()
    compare(replace_printed(look, before, after), real, found)
    assert len(found.unequal) == 1
    assert not found.equal


def test_what_is_left_out_is_noticed(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    write(tmp_path / "tree", RANDOM)
    look, real = both(tmp_path / "tree", tmp_path, environment)
    found, without, given_up = Tally(), Tally(), Tally()
    account(look, real, found)
    assert (found.left_out, found.not_rendered) == ([], {"the renderer gave up: the tool fails too": 1})
    assert found.checked == {"chart rendered": 1, "kustomization rendered": 1, "kustomization reported": 1}
    account(dataclasses.replace(look, deployed=replace(look.deployed, parts=())), real, without)
    assert without.left_out == [f"tree: {name} is left out" for name in ("llm/Chart.yaml", "other/kustomization.yaml")]
    write(real.root, {"broken/gone.yaml": NO_LIMIT})
    account(look, real, given_up)
    assert given_up.left_out == ["tree: broken: the renderer gave up, and yet the tool builds it"]


def replace_printed(look: Look, before: bytes, after: bytes) -> Look:
    assert before in look.printed
    return dataclasses.replace(look, printed=look.printed.replace(before, after, 1))
