"""Naming a file asks for what it has a say in, also where something else delivers that file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.render.trees import CHART, RULE, TEMPLATE, VALUES, check, write

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://git.example/org/repo"
TREE = {
    ".git/x": "",
    ".karlint.yaml": f"render: {{repositories: ['{URL}']}}\n",
    "llm/Chart.yaml": CHART,
    "llm/templates/pod.yaml": TEMPLATE,
    "llm/values.yaml": VALUES,
}
APPLICATION = f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: NAME, namespace: argocd}}
spec:
  project: default
  destination: {{server: https://kubernetes.default.svc, namespace: ml}}
  source: {{repoURL: {URL}, path: llm, helm: {{releaseName: NAME}}}}
"""
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: NAME, namespace: ml}
spec:
  chart: {spec: {chart: llm, sourceRef: {kind: GitRepository, name: here}}}
  valuesFrom: [{kind: ConfigMap, name: NAME}]
"""
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME, namespace: ml}\ndata: {values.yaml: 'gpus: 2'}\n"
FLUX = f"""\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {{name: here, namespace: ml}}
spec: {{url: {URL}}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: all, namespace: ml}}
spec: {{path: apps, sourceRef: {{kind: GitRepository, name: here}}}}
"""


def both(text: str) -> dict[str, str]:
    return {name: text.replace("NAME", name) for name in ("one", "two")}


def test_an_application_that_is_delivered(tmp_path: Path, helm4: Path, kustomize: Path) -> None:
    write(tmp_path, TREE | {f"apps/{name}.yaml": text for name, text in both(APPLICATION).items()})
    write(tmp_path, {"apps/kustomization.yaml": "resources: [one.yaml, two.yaml]\nnamePrefix: prod-\n"})
    assert [found.environments for found in check(tmp_path).of(RULE)] == [
        ("Application argocd/prod-one (apps)", "Application argocd/prod-two (apps)")
    ]
    assert [found.environments for found in check(tmp_path, "apps/two.yaml").of(RULE)] == [
        ("Application argocd/prod-two (apps)",)
    ]
    assert len(check(tmp_path, "apps/kustomization.yaml").of(RULE)[0].environments) == 2


@pytest.mark.parametrize("file", ["apps/two.yaml", "apps/two-values.yaml"])
def test_a_release_that_is_delivered_and_its_values(file: str, tmp_path: Path, helm4: Path, kustomize: Path) -> None:
    write(tmp_path, TREE | {"flux.yaml": FLUX})
    write(tmp_path, {f"apps/{name}.yaml": text for name, text in both(RELEASE).items()})
    write(tmp_path, {f"apps/{name}-values.yaml": text for name, text in both(CONFIG).items()})
    [found] = check(tmp_path).of(RULE)
    assert len(found.environments) == 2
    [found] = check(tmp_path, file).of(RULE)
    assert [name.partition(" (")[0] for name in found.environments] == ["HelmRelease ml/two"]
