"""Charts that choose an apiVersion by what the cluster serves are not blamed for what helm takes the cluster to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from karlint.schema import default_version
from tests.render.trees import CHART, check, write

if TYPE_CHECKING:
    from pathlib import Path

RULE = "dra/api-version-not-served"
CLASS = "kind: DeviceClass\nmetadata: {name: gpu.example.com}\nspec: {}\n"
HAS = '.Capabilities.APIVersions.Has "resource.k8s.io/v1"'
DEFINE = '{{ define "v" }}{{ if %s }}resource.k8s.io/v1{{ else }}resource.k8s.io/v1beta1{{ end }}{{ end }}\n'
BRANCHES = "{{ if %s }}\napiVersion: resource.k8s.io/v1\n{{ else }}\napiVersion: resource.k8s.io/v1beta1\n{{ end }}\n"
NEW = '{{ define "v" }}resource.k8s.io/v1{{ end }}\n'


@pytest.mark.parametrize(
    ("helper", "version", "blamed"),
    [
        (DEFINE % HAS, 'apiVersion: {{ include "v" . }}\n', False),
        ("", BRANCHES % HAS, False),
        (NEW, 'apiVersion: {{ include "v" . }}\n', True),
        (DEFINE % HAS, "apiVersion: resource.k8s.io/v1\n", True),
        ("", "apiVersion: {{ .Values.version }}\n", True),
    ],
)
def test_who_asks_the_cluster_is_not_blamed(
    tmp_path: Path, helm4: Path, helper: str, version: str, blamed: bool
) -> None:
    templates = {"llm/templates/_lib.tpl": helper, "llm/templates/c.yaml": version + CLASS}
    write(tmp_path, {"llm/Chart.yaml": CHART} | templates)
    write(tmp_path, {"llm/values.yaml": "version: resource.k8s.io/v1\n"})
    run = check(tmp_path, versions=("1.33",))
    assert run.report.counts.rendered == 1
    assert bool(run.of(RULE)) is blamed


@pytest.mark.parametrize("versions", [("1.33",), ("1.33", "1.27"), ()])
def test_charts_are_told_the_newest_target(tmp_path: Path, helm: Path, versions: tuple[str, ...]) -> None:
    minor = "{{ .Capabilities.KubeVersion.Minor }}"
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: 'on-{minor}'}}\nspec:\n  containers:\n    - name: a\n"
    pod += "      image: a/b:1\n      resources: {requests: {nvidia.com/gpu: 1}}\n"
    write(tmp_path, {"llm/Chart.yaml": CHART, "llm/templates/pod.yaml": pod})
    [found] = check(tmp_path, versions=versions).of("dra/request-without-limit")
    assert found.resource is not None
    assert found.resource.name == f"on-{(*versions, default_version())[0].partition('.')[2]}"
