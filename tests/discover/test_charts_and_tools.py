"""Files that are told from manifests by where they lie and what they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.discover.support import linted, manifests, plant, reasons, run

if TYPE_CHECKING:
    from pathlib import Path

CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\n"


def test_a_chart_is_not_a_set_of_manifests(tmp_path: Path) -> None:
    manifests(
        tmp_path,
        "chart/templates/deploy.yaml",
        "chart/templates/sub/svc.yaml",
        "chart/values.yaml",
        "chart/values-prod.yml",
        "chart/values.schema.json",
        "chart/ci/gpu-values.yaml",
        "chart/files/patch.yaml",
        "chart/crds/crd.yaml",
        "chart/charts/db/templates/sts.yaml",
        "chart/charts/db/crds/crd.yaml",
        "chart/charts/db/values.yaml",
    )
    plant(tmp_path, {"chart/Chart.yaml": CHART, "chart/charts/db/Chart.yaml": CHART})
    found = run(tmp_path)
    assert linted(found) == ["chart/charts/db/crds/crd.yaml", "chart/crds/crd.yaml"]
    assert reasons(found) == {
        "chart/Chart.yaml": "Helm chart metadata",
        "chart/charts/db/Chart.yaml": "Helm chart metadata",
        "chart/charts/db/templates/sts.yaml": "Helm chart template",
        "chart/charts/db/values.yaml": "Helm values",
        "chart/ci/gpu-values.yaml": "Helm values",
        "chart/files/patch.yaml": "Helm chart file",
        "chart/templates/deploy.yaml": "Helm chart template",
        "chart/templates/sub/svc.yaml": "Helm chart template",
        "chart/values-prod.yml": "Helm values",
        "chart/values.schema.json": "Helm values",
        "chart/values.yaml": "Helm values",
    }


def test_templates_and_values_without_a_chart_are_linted(tmp_path: Path) -> None:
    names = ["app/templates/deploy.yaml", "app/values.yaml", "chart/app.yaml", "chart/examples/templates/x.yaml"]
    manifests(tmp_path, *names)
    plant(tmp_path, {"chart/Chart.yaml": CHART})
    assert linted(run(tmp_path)) == sorted(names)


def test_a_template_named_alone_is_still_a_template(tmp_path: Path) -> None:
    manifests(tmp_path, "charts/web/templates/deploy.yaml")
    plant(tmp_path, {"charts/web/Chart.yaml": CHART})
    template = "charts/web/templates/deploy.yaml"
    assert reasons(run(tmp_path, template)) == {template: "Helm chart template"}
    assert reasons(run(tmp_path, "charts/web/templates")) == {template: "Helm chart template"}


@pytest.mark.parametrize(
    "name",
    [
        ".github/workflows/ci.yaml",
        "sub/.github/dependabot.yml",
        ".gitlab-ci.yml",
        ".circleci/config.yml",
        "azure-pipelines.yml",
        "azure-pipelines-nightly.yml",
        ".pre-commit-config.yaml",
        ".pre-commit-hooks.yaml",
        "mkdocs.yml",
        "docker-compose.yml",
        "docker-compose.gpu.yaml",
        "compose.yaml",
        ".golangci.yml",
        ".goreleaser.yaml",
        "web/package.json",
        "package-lock.json",
        "tsconfig.json",
        "tsconfig.build.json",
        "renovate.json",
        "skaffold.yaml",
        "apps/web/.argocd-source.yaml",
        "apps/web/.argocd-source-web.yaml",
    ],
)
def test_tool_files(tmp_path: Path, name: str) -> None:
    manifests(tmp_path, name)
    assert reasons(run(tmp_path)) == {name: "CI or tool configuration"}
    assert reasons(run(tmp_path, name)) == {name: "CI or tool configuration"}


@pytest.mark.parametrize("name", [".karlint.yaml", ".karlint.yml"])
def test_karlints_own_file(tmp_path: Path, name: str) -> None:
    manifests(tmp_path, name)
    assert reasons(run(tmp_path)) == {name: "karlint configuration"}


@pytest.mark.parametrize(
    "name",
    [
        ".tekton/pipeline.yaml",
        "github/app.yaml",
        "renovate.yaml",
        "my-package.json",
        "composed.yaml",
        "gitlab-ci-runner.yaml",
        "config/skaffolding.json",
        "values.yaml",
        "APP.YAML",
        "cluster.Json",
    ],
)
def test_names_that_only_look_like_tool_files_are_linted(tmp_path: Path, name: str) -> None:
    manifests(tmp_path, name)
    assert linted(run(tmp_path)) == [name]


def test_dependency_directories_are_pruned_and_counted(tmp_path: Path) -> None:
    manifests(tmp_path, "node_modules/x/a.yaml", ".venv/b.yaml", "env/lib/c.yaml", "app.yaml", ".git/d.yaml")
    plant(tmp_path, {"env/pyvenv.cfg": "home = /usr/bin\n"})
    found = run(tmp_path)
    assert linted(found) == ["app.yaml"]
    assert reasons(found) == dict.fromkeys(["node_modules/", ".venv/", "env/"], "dependency or cache directory")


def test_a_dependency_directory_is_walked_when_named(tmp_path: Path) -> None:
    manifests(tmp_path, "node_modules/x/a.yaml", "env/c.yaml", ".git/x")
    plant(tmp_path, {"env/pyvenv.cfg": ""})
    found = run(tmp_path, "node_modules", "env")
    assert linted(found) == ["env/c.yaml", "node_modules/x/a.yaml"]
    assert not found.skipped
