"""Charts and kustomizations are linted as what they render to, and findings stand where a person would mend them."""

from __future__ import annotations

import subprocess
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from karlint.errors import EnvironmentProblem
from karlint.model.source import Anchor
from tests.render.trees import CHART, NO_LIMIT, RULE, TEMPLATE, VALUES, check, piped, rendered, write

if TYPE_CHECKING:
    from pathlib import Path

BASE = {"base/kustomization.yaml": "resources: [pod.yaml]\n", "base/pod.yaml": NO_LIMIT}
OVERLAYS = {
    "overlays/dev/kustomization.yaml": "resources: [../../base]\nnamespace: dev\n",
    "overlays/prod/kustomization.yaml": "resources: [../../base]\nnamespace: prod\n",
}
LLM = {"llm/Chart.yaml": CHART, "llm/templates/pod.yaml": TEMPLATE, "llm/values.yaml": VALUES}


def test_one_mistake_in_a_base_is_one_finding_of_all_overlays(tmp_path: Path, kustomize: Path) -> None:
    write(tmp_path, BASE | OVERLAYS)
    run = check(tmp_path)
    assert run.places() == ["base/pod.yaml:10"]
    [found] = run.of(RULE)
    assert found.environments == ("overlays/dev", "overlays/prod")
    assert found.location.exact
    counts = run.report.counts
    assert (counts.files, counts.files_linted, counts.files_rendered, counts.rendered) == (4, 0, 4, 2)
    assert counts.resources == 2
    assert run.report.skipped == ()
    assert run.report.tools.keys() == {"kustomize"}


def test_without_rendering_files_are_linted_as_they_stand(tmp_path: Path) -> None:
    write(tmp_path, BASE | OVERLAYS)
    run = check(tmp_path, render=False)
    assert run.places() == ["base/pod.yaml:10"]
    assert run.of(RULE)[0].environments == ()
    assert (run.report.counts.files_linted, run.report.counts.rendered) == (1, 0)


def test_the_configuration_turns_rendering_off(tmp_path: Path) -> None:
    write(tmp_path, BASE | OVERLAYS | {".karlint.yaml": "render: {enabled: false}\n"})
    assert check(tmp_path).report.counts.rendered == 0


def test_what_an_overlay_mends_is_no_finding_in_it(tmp_path: Path, kustomize: Path) -> None:
    patch = """
      - target: {kind: Pod}
        patch: |
          - {op: add, path: /spec/containers/0/resources/limits, value: {nvidia.com/gpu: 1}}
    """
    write(tmp_path, BASE | OVERLAYS)
    write(tmp_path, {"overlays/prod/kustomization.yaml": f"resources: [../../base]\npatches:{patch}\n"})
    [found] = check(tmp_path).of(RULE)
    assert found.environments == ("overlays/dev",)


def test_what_a_patch_sets_stands_in_the_patch(tmp_path: Path, kustomize: Path) -> None:
    whole = NO_LIMIT.replace("        requests: {nvidia.com/gpu: 1}\n", "        limits: {cpu: 1}\n")
    write(tmp_path, {"base/kustomization.yaml": "resources: [pod.yaml]\n", "base/pod.yaml": whole})
    patch = "apiVersion: v1\nkind: Pod\nmetadata: {name: llm}\nspec:\n  containers:\n    - name: vllm\n"
    write(
        tmp_path,
        {
            "prod/kustomization.yaml": "resources: [../base]\npatches: [{path: gpus.yaml}]\n",
            "prod/gpus.yaml": patch + "      resources:\n        requests: {nvidia.com/gpu: 2}\n",
        },
    )
    assert check(tmp_path).places() == ["prod/gpus.yaml:8"]


def test_a_kustomization_that_fails_is_told_once_however_deep_it_lies(tmp_path: Path, kustomize: Path) -> None:
    write(
        tmp_path,
        {
            "part/kustomization.yaml": "configMapGenerator: [{name: a, files: [gone.sh]}]\n",
            "one/kustomization.yaml": "resources: [../part]\n",
            "two/kustomization.yaml": "resources: [../more]\n",
            "more/kustomization.yaml": "resources: [../part]\n",
        },
    )
    [found] = check(tmp_path).of("core/render-failed")
    assert found.location.path == "part/kustomization.yaml"
    assert found.message.endswith("no such file or directory")


@pytest.mark.parametrize(
    ("entries", "line"),
    [
        ("configMapGenerator:\n- name: a\n  files:\n  - config.yaml\n  - run=scripts/gone.sh\n", 5),
        ("resources:\n- pod.yaml\n- ../gone\n", 3),
        ("resources:\n- pod.yaml\npatches:\n- path: gone.yaml\n", 4),
    ],
)
def test_what_is_not_there_is_told_at_the_entry_that_names_it(
    tmp_path: Path, kustomize: Path, entries: str, line: int
) -> None:
    write(tmp_path, {"app/kustomization.yaml": entries, "app/pod.yaml": NO_LIMIT, "app/config.yaml": "a: 1\n"})
    run = check(tmp_path)
    assert run.places("core/render-failed") == [f"app/kustomization.yaml:{line}"]
    assert run.of("core/render-failed")[0].location.exact


def test_a_key_that_a_json_patch_writes_stands_in_its_path(tmp_path: Path, kustomize: Path) -> None:
    patch = """
      - target: {kind: Pod}
        patch: |
          - op: add
            path: /spec/containers/0/resources/limits
            value: {nvidia.com/gpu: 1}
          - op: add
            path: /spec/containers/0/resources/limits/nvidia.com~1gpus
            value: 1
          - op: add
            path: /spec/volumes
            value:
              - {name: all, hostPath: {path: /dev/nvidia0}}
    """
    write(tmp_path, BASE | {"prod/kustomization.yaml": f"resources: [../base]\npatches:{patch}\n"})
    run = check(tmp_path)
    assert run.places("device/request-not-understood") == ["prod/kustomization.yaml:9"]
    assert run.places("access/host-device-path") == ["prod/kustomization.yaml:14"]


def test_a_chart_is_linted_with_its_values(tmp_path: Path, helm: Path) -> None:
    write(tmp_path, LLM)
    run = check(tmp_path)
    [found] = run.of(RULE)
    assert run.places() == ["llm/templates/pod.yaml:11"]
    assert found.environments == ("llm",)
    assert run.report.counts.files_rendered == 3


def test_each_file_of_ci_values_is_a_set(tmp_path: Path, helm4: Path) -> None:
    template = TEMPLATE.replace("resources:", "resources:\n        limits: {nvidia.com/gpu: {{ .Values.limit }}}")
    write(tmp_path, LLM | {"llm/templates/pod.yaml": template, "llm/values.yaml": VALUES + "limit: 1\n"})
    write(tmp_path, {"llm/ci/two-values.yaml": "gpus: 2\n", "llm/ci/same-values.yaml": "image: other\n"})
    run = check(tmp_path)
    found = run.of("dra/request-limit-differ")
    assert run.report.counts.rendered == 3
    assert {finding.environments for finding in found} <= {("llm (ci/two-values.yaml)",)}


def test_declared_sets_replace_the_others(tmp_path: Path, helm4: Path) -> None:
    config = """
      render:
        charts:
          - chart: llm
            name: prod
            values: [prod.yaml]
            set: {gpus: 8}
            release: model
            namespace: ml
    """
    write(tmp_path, LLM | {".karlint.yaml": config, "prod.yaml": "image: prod\n", "llm/ci/x-values.yaml": "gpus: 1\n"})
    run = check(tmp_path)
    [found] = run.of(RULE)
    assert found.environments == ("llm (prod)",)
    assert found.resource is not None
    assert found.resource.name == "model"


SETS = """\
render:
  charts:
    - {chart: llm, values: [prod.yaml]}
    - chart: llm
      name: other
      values:
        - prod.yaml
        - VALUES
"""


@pytest.mark.parametrize(
    ("values", "rule", "words"),
    [
        ("none.yaml", "core/render-failed", "The chart llm is not rendered: there is no values file none.yaml."),
        ("llm", "core/render-failed", "there is no values file llm."),
        ("../x.yaml", "core/not-rendered", "its values ../x.yaml lie outside of the repository."),
    ],
)
def test_a_values_file_that_is_not_there_is_told_where_the_configuration_names_it(
    tmp_path: Path, helm: Path, values: str, rule: str, words: str
) -> None:
    write(tmp_path, LLM | {".karlint.yaml": SETS.replace("VALUES", values), "prod.yaml": "image: prod\n"})
    run = check(tmp_path)
    assert run.places(rule) == [".karlint.yaml:8"]
    assert words in run.of(rule)[0].message
    assert run.of(RULE)[0].environments == ("llm (1)",), "the other set is rendered"


@pytest.mark.parametrize("tree", [LLM, {}], ids=["beside another", "alone"])
@pytest.mark.parametrize("chart", ["lm", "../elsewhere", "."])
def test_a_chart_that_is_not_there_is_told_where_the_configuration_names_it(
    tmp_path: Path, helm4: Path, tree: dict[str, str], chart: str
) -> None:
    root = tmp_path / "repo"
    write(tmp_path, {"elsewhere/Chart.yaml": CHART})
    write(root, tree | {".karlint.yaml": f"render:\n  charts:\n    - name: prod\n      chart: {chart}\n"})
    run = check(root)
    assert run.places("core/render-failed") == [".karlint.yaml:4"]
    words = f"The chart {chart} is not rendered: there is no such chart in the repository."
    assert run.of("core/render-failed")[0].message == words
    assert [found.environments for found in run.of(RULE)] == [("llm",)] * bool(tree), "what is there is rendered"


def test_a_chart_that_is_not_there_is_told_of_a_configuration_elsewhere_too(tmp_path: Path, helm4: Path) -> None:
    root = tmp_path / "repo"
    write(tmp_path, {"karlint.yaml": "render:\n  charts:\n    - chart: lm\n"})
    write(root, LLM)
    run = check(root, config=tmp_path / "karlint.yaml")
    assert run.places("core/render-failed") == ["lm/Chart.yaml:1"]


def test_a_configuration_elsewhere_is_no_place_in_the_tree(tmp_path: Path, helm4: Path) -> None:
    root = tmp_path / "repo"
    write(tmp_path, {"karlint.yaml": SETS.replace("VALUES", "none.yaml")})
    write(root, LLM | {"prod.yaml": "image: prod\n"})
    run = check(root, config=tmp_path / "karlint.yaml")
    assert run.places("core/render-failed") == ["llm/Chart.yaml:1"]
    assert "none.yaml" in run.of("core/render-failed")[0].message


def test_library_charts_and_subcharts_do_not_stand_for_themselves(tmp_path: Path, helm4: Path) -> None:
    write(tmp_path, LLM | {"lib/Chart.yaml": CHART.replace("llm", "lib") + "type: library\n"})
    write(tmp_path, {f"llm/charts/sub/{name[4:]}": text for name, text in LLM.items()})
    assert check(tmp_path).report.counts.rendered == 1


def test_a_dependency_of_the_same_tree_needs_no_vendoring(tmp_path: Path, helm4: Path) -> None:
    write(tmp_path, {f"models/{name}": text for name, text in LLM.items()})
    write(tmp_path, {"all/Chart.yaml": _chart("all", "llm", "file://../models/llm"), "all/values.yaml": "{}\n"})
    run = check(tmp_path)
    assert run.places() == ["models/llm/templates/pod.yaml:11"]
    assert run.of(RULE)[0].environments == ("all",)
    assert not (tmp_path / "all" / "charts").exists()


def test_values_of_a_dependency_elsewhere_lead_to_the_chart_that_sets_them(tmp_path: Path, helm4: Path) -> None:
    template = TEMPLATE.replace("        requests:\n          nvidia.com/gpu: {{ .Values.gpus }}\n", "")
    template += "        {{- toYaml .Values.resources | nindent 8 }}\n"
    files = {"Chart.yaml": CHART, "templates/pod.yaml": template, "values.yaml": "resources: {}\nimage: a/b:1\n"}
    write(tmp_path, {f"models/llm/{name}": text for name, text in files.items()})
    write(tmp_path, {"all/Chart.yaml": _chart("all", "llm", "file://../models/llm")})
    write(tmp_path, {"all/values.yaml": "llm:\n  resources:\n    requests: {nvidia.com/gpu: 1}\n"})
    run = check(tmp_path)
    [found] = run.of(RULE)
    assert run.places() == ["all/values.yaml:3"]
    assert found.location.exact
    assert [item.location.path for item in found.related] == ["models/llm/templates/pod.yaml"]


def test_a_key_that_values_name_stands_where_they_name_it(tmp_path: Path, helm4: Path) -> None:
    template = TEMPLATE.replace("        requests:\n          nvidia.com/gpu: {{ .Values.gpus }}\n", "")
    template += '        {{- toYaml (dict "limits" (dict .Values.kind .Values.gpus)) | nindent 8 }}\n'
    write(tmp_path, LLM | {"llm/templates/pod.yaml": template, "llm/values.yaml": VALUES + "kind: nvidia.com/gpus\n"})
    run = check(tmp_path)
    assert run.places("device/request-not-understood") == ["llm/values.yaml:3"]


def test_a_number_of_devices_stands_where_the_values_say_it(tmp_path: Path, helm4: Path) -> None:
    files = _models("- {name: mine, gpus: 2}")
    write(tmp_path, files)
    run = check(tmp_path)
    assert run.places("device/fewer-than-processes") == ["llm/ci/a-values.yaml:2"]
    assert run.of("device/fewer-than-processes")[0].location.exact


def test_what_is_said_of_an_object_is_not_said_of_the_override_of_its_name(tmp_path: Path, helm4: Path) -> None:
    template = """
      apiVersion: ray.io/v1
      kind: RayCluster
      metadata:
        name: {{ printf "%s-%s" .Release.Name .Values.nameOverride }}
      spec:
        headGroupSpec:
          rayStartParams: {}
          template: {spec: {containers: [{name: head, image: "rayproject/ray:2.9.0"}]}}
        workerGroupSpecs:
        - groupName: gpus
          replicas: 4
          minReplicas: 4
          maxReplicas: 4
          rayStartParams: {}
          template:
            spec:
              containers:
              - name: worker
                image: rayproject/ray:2.9.0
                resources: {limits: {nvidia.com/gpu: 8}}
    """
    write(tmp_path, {"ray/Chart.yaml": CHART, "ray/templates/ray.yaml": dedent(template).lstrip()})
    write(tmp_path, {"ray/values.yaml": "nameOverride: kuberay\n"})
    assert check(tmp_path).places("gang/no-all-or-nothing") == ["ray/templates/ray.yaml:4"]


def _models(model: str) -> dict[str, str]:
    """Return a chart that names the resource itself unless its values do, and values that lay a list over its own."""
    template = """
      {{- range .Values.models }}
      {{- $kind := default "nvidia.com/gpu" .kind }}
      apiVersion: v1
      kind: Pod
      metadata: {name: {{ .name }}}
      spec:
        containers:
        - name: vllm
          image: vllm/vllm-openai:v0.11.0
          args: [--model=m, --tensor-parallel-size=8]
          resources:
            limits:
              {{ $kind }}: {{ .gpus }}
      {{- end }}
    """
    return {
        "llm/Chart.yaml": CHART,
        "llm/templates/pod.yaml": dedent(template),
        "llm/values.yaml": "models:\n- {name: example, gpus: 8, kind: nvidia.com/mig-4g.71gb}\n",
        "llm/ci/a-values.yaml": f"models:\n{model}\n",
    }


def _chart(name: str, dependency: str, repository: str) -> str:
    entry = f"dependencies: [{{name: {dependency}, version: 0.1.0, repository: '{repository}'}}]\n"
    return CHART.replace("llm", name) + entry


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("base/pod.yaml", "        requests: {nvidia.com/gpu: 1}"),
        ("llm/templates/pod.yaml", "          nvidia.com/gpu: {{ .Values.gpus }}"),
    ],
)
def test_comments_count_in_what_something_was_made_of(
    tmp_path: Path, helm4: Path, kustomize: Path, file: str, line: str
) -> None:
    files = BASE | OVERLAYS if file.startswith("base") else LLM
    write(tmp_path, files | {file: files[file].replace(line, f"{line} # karlint: ignore[{RULE}] a webhook adds it")})
    run = check(tmp_path)
    assert run.of(RULE) == []
    assert [found.suppressed for found in run.report.suppressed] == ["a webhook adds it"]
    assert run.of("core/unused-suppression") == []


def test_a_comment_that_hides_nothing_is_said(tmp_path: Path, kustomize: Path) -> None:
    write(tmp_path, BASE | OVERLAYS)
    write(tmp_path, {"base/pod.yaml": f"# karlint: ignore[queue/*] nothing here\n{NO_LIMIT}"})
    assert check(tmp_path).places("core/unused-suppression") == ["base/pod.yaml:1"]


def test_naming_a_base_renders_what_builds_on_it(tmp_path: Path, kustomize: Path) -> None:
    write(tmp_path, BASE | OVERLAYS)
    write(tmp_path, {"other/kustomization.yaml": "resources: [pod.yaml]\n", "other/pod.yaml": NO_LIMIT, ".git/x": ""})
    run = check(tmp_path, "base/pod.yaml")
    assert run.places() == ["base/pod.yaml:10"]
    assert run.report.counts.rendered == 2


def test_naming_one_file_tells_of_that_file(tmp_path: Path, kustomize: Path) -> None:
    other = NO_LIMIT.replace("name: llm", "name: other")
    files = {"base/kustomization.yaml": "resources: [pod.yaml, other.yaml]\n", "base/other.yaml": other, ".git/x": ""}
    write(tmp_path, BASE | OVERLAYS | files)
    assert check(tmp_path, "base/pod.yaml").places() == ["base/pod.yaml:10"]
    assert check(tmp_path, "overlays/dev").places() == ["base/other.yaml:10", "base/pod.yaml:10"]


def test_the_same_names_in_several_environments_do_not_clash(tmp_path: Path, kustomize: Path) -> None:
    account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: llm}\n"
    files = {"base/kustomization.yaml": "resources: [pod.yaml, sa.yaml]\n", "base/sa.yaml": account}
    write(tmp_path, BASE | OVERLAYS | files)
    run = check(tmp_path)
    assert run.report.counts.resources == 4
    assert {finding.rule for finding in run.report.findings} == {RULE}


def test_an_application_leads_to_what_it_deploys(tmp_path: Path, helm4: Path) -> None:
    application = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: llm, namespace: argocd}
spec:
  destination: {server: https://kubernetes.default.svc, namespace: ml}
  source:
    repoURL: https://git.example/org/repo.git
    path: charts/llm
    helm:
      valuesObject:
        gpus: 4
"""
    write(tmp_path, {f"charts/{name}": text for name, text in LLM.items()} | {"apps/llm.yaml": application})
    write(tmp_path, {".karlint.yaml": "render: {repositories: ['https://git.example/org/repo']}\n"})
    run = check(tmp_path)
    [found] = run.of(RULE)
    assert found.environments[0].startswith("Application argocd/llm")
    assert run.places() == ["charts/llm/templates/pod.yaml:11"]
    assert run.report.counts.rendered == 1


def test_a_release_that_replaces_the_values_of_its_chart(tmp_path: Path, helm: Path) -> None:
    release = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: here, namespace: ml}
spec: {url: https://git.example/org/repo}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: llm, namespace: ml}
spec:
  chart:
    spec:
      chart: charts/llm
      sourceRef: {kind: GitRepository, name: here}
      valuesFiles: [charts/llm/gpu.yaml]
"""
    write(tmp_path, {f"charts/{name}": text for name, text in LLM.items()} | {"apps/llm.yaml": release})
    write(
        tmp_path,
        {"charts/llm/gpu.yaml": "gpus: 8\n", ".karlint.yaml": "render: {repositories: ['git.example/org/repo']}\n"},
    )
    template = TEMPLATE.replace("{{ .Values.image }}", '{{ .Values.image | default "none:1" }}')
    write(tmp_path, {"charts/llm/templates/pod.yaml": template})
    [part] = [part for part in rendered(tmp_path).parts if part.tool == "helm"]
    assert part.text().count(b"image: none:1") == 1, "values.yaml does not count"
    [pod] = part.resources(0)
    assert pod.origins is not None
    at = ("spec", "containers", 0, "resources", "requests", "nvidia.com/gpu")
    spot = pod.origins.locate(pod.document.ordinal, at, Anchor.VALUE).primary
    assert (spot.file, spot.at, spot.exact) == ("charts/llm/gpu.yaml", ("gpus",), True)


APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: NAME, namespace: argocd}
spec:
  project: default
  destination: {server: https://kubernetes.default.svc, namespace: ml}
  source: {repoURL: https://git.example/org/repo.git, path: llm, helm: {releaseName: NAME, valuesObject: {gpus: GPUS}}}
"""
HERE = {".karlint.yaml": "render: {repositories: ['https://git.example/org/repo']}\n"}


def application(name: str, gpus: int) -> str:
    return APPLICATION.replace("NAME", name).replace("GPUS", str(gpus))


def test_each_application_of_a_file_is_rendered_and_the_file_is_linted(tmp_path: Path, helm4: Path) -> None:
    wrong = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: beside}\nspec: {containers: 3}\n"
    write(tmp_path, LLM | HERE | {"apps.yaml": f"{application('one', 1)}---\n{application('two', 2)}{wrong}"})
    run = check(tmp_path)
    [found] = run.of(RULE)
    assert found.environments == ("Application argocd/one", "Application argocd/two")
    assert run.places("core/schema-invalid") == ["apps.yaml:20"]
    assert (run.report.counts.files_linted, run.report.counts.files_rendered) == (1, 3)


def test_naming_what_says_values_asks_for_what_they_go_into(tmp_path: Path, helm4: Path) -> None:
    files = {"one.yaml": application("one", 1), "two.yaml": application("two", 2), ".git/x": ""}
    write(tmp_path, LLM | HERE | files)
    [found] = check(tmp_path, "two.yaml").of(RULE)
    assert found.environments == ("Application argocd/two",)


def test_declared_sets_stand_beside_what_an_application_deploys(tmp_path: Path, helm4: Path) -> None:
    charts = HERE[".karlint.yaml"].replace("}\n", ", charts: [{chart: llm, name: big, set: {gpus: 8}}]}\n")
    write(tmp_path, LLM | {".karlint.yaml": charts, "one.yaml": application("one", 1)})
    [found] = check(tmp_path).of(RULE)
    assert found.environments == ("Application argocd/one", "llm (big)")


def test_an_artifact_of_the_same_repository_is_rendered(tmp_path: Path, kustomize: Path) -> None:
    generator = """\
apiVersion: source.extensions.fluxcd.io/v1beta1
kind: ArtifactGenerator
metadata: {name: parts, namespace: flux-system}
spec:
  sources: [{alias: repo, kind: GitRepository, name: flux-system}]
  artifacts:
    - name: apps
      copy: [{from: "@repo/overlays/**", to: "@artifact/"}]
"""
    kustomization = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec: {interval: 1h, prune: true, path: ./dev, sourceRef: {kind: ExternalArtifact, name: apps}}
"""
    write(tmp_path, BASE | OVERLAYS | {"clusters/a/parts.yaml": generator, "clusters/a/apps.yaml": kustomization})
    run = check(tmp_path)
    assert run.report.not_rendered == ()
    [found] = run.of(RULE)
    assert found.environments == ("Kustomization flux-system/apps (clusters/a)", "overlays/prod")


def test_what_the_tool_prints_is_what_is_linted(tmp_path: Path, helm: Path, kustomize: Path) -> None:
    write(tmp_path, LLM | BASE | OVERLAYS)
    texts = {part.output.unit.id: part.text() for part in rendered(tmp_path).parts}
    chart = [helm, "template", "--include-crds", "--skip-tests", tmp_path / "llm"]
    overlay = [kustomize, "build", tmp_path / "overlays/dev"]
    assert texts["llm"] == subprocess.run(chart, capture_output=True, check=True).stdout
    assert texts["overlays/dev"] == subprocess.run(overlay, capture_output=True, check=True).stdout


def test_a_tool_that_is_missing_is_said_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("KARLINT_KUSTOMIZE", raising=False)
    write(tmp_path, BASE | OVERLAYS)
    with pytest.raises(EnvironmentProblem, match="kustomize, which is not found") as raised:
        check(tmp_path)
    assert "--no-render" in raised.value.hint


def test_a_pipe_leads_to_the_files_that_it_names(tmp_path: Path, helm4: Path, kustomize: Path) -> None:
    write(tmp_path, LLM | BASE | OVERLAYS)
    stream = subprocess.run([helm4, "template", tmp_path / "llm"], capture_output=True, check=True).stdout
    run = piped(tmp_path, stream)
    [found] = run.of(RULE)
    assert found.location.path == "llm/templates/pod.yaml"
    assert not found.location.exact
    assert [(place.location.path, place.location.span.line) for place in found.related] == [("<stdin>", 13)]
    write(tmp_path, {"told/kustomization.yaml": "resources: [../base]\nbuildMetadata: [originAnnotations]\n"})
    stream = subprocess.run([kustomize, "build", "told"], cwd=tmp_path, capture_output=True, check=True).stdout
    assert b"path: ../base/pod.yaml" in stream
    assert piped(tmp_path / "told", stream).places() == ["<stdin>:14"], "outside of the directory that is linted"
    assert piped(tmp_path, stream.replace(b"../base", b"base")).places() == ["base/pod.yaml:10"]


def test_a_pipe_of_something_else_stays_what_it_is(tmp_path: Path) -> None:
    assert piped(tmp_path, f"---\n# Source: elsewhere/templates/pod.yaml\n{NO_LIMIT}".encode()).places() == [
        "<stdin>:12"
    ]
