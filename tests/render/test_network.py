"""What goes out: nothing that is not allowed, also not to this machine; and what --allow-network fetches is linted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from karlint.model.unit import KustomizeSource
from tests.render.gitserver import served
from tests.render.trees import CHART, NO_LIMIT, RULE, TEMPLATE, VALUES, check, rendered, snapshot, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.render.gitserver import Server

pytestmark = pytest.mark.tools
MISSING = "core/not-rendered"


@pytest.fixture
def server(tmp_path: Path) -> Server:  # type: ignore[misc]
    write(tmp_path / "base", {"deploy/kustomization.yaml": "resources: [pod.yaml]\n", "deploy/pod.yaml": NO_LIMIT})
    (tmp_path / "srv").mkdir()
    with served(tmp_path / "base", tmp_path / "srv") as server:
        yield server


def test_a_remote_base_is_fetched_where_that_is_allowed(tmp_path: Path, kustomize: Path, server: Server) -> None:
    root = tmp_path / "repo"
    write(root, {"k/kustomization.yaml": f"namespace: ml\nresources:\n  - {server.url}/repo.git//deploy?ref=main\n"})
    before = snapshot(root)
    offline = check(root)
    assert server.asked == []
    assert [item.reason for item in offline.report.not_rendered] == ["remote base"]
    assert "--allow-network" in offline.of(MISSING)[0].help
    fetched = check(root, network=True)
    assert any("git-upload-pack" in path for path in server.asked)
    assert fetched.places() == ["k/kustomization.yaml:3"]
    assert not fetched.of(RULE)[0].location.exact
    assert fetched.report.not_rendered == ()
    assert snapshot(root) == before


CHARTS = {
    "k/charts/llm/Chart.yaml": CHART,
    "k/charts/llm/templates/x.yaml": TEMPLATE,
    "k/charts/llm/values.yaml": VALUES,
}


@pytest.mark.parametrize("network", [False, True])
def test_a_chart_that_kustomize_would_fetch_is_not_there(
    tmp_path: Path, kustomize: Path, helm: Path, server: Server, network: bool
) -> None:
    """With a repository and a version it is looked for in a directory of its own, whatever else lies beside it."""
    root = tmp_path / "repo"
    entry = f"helmCharts:\n  - {{name: llm, version: 0.1.0, repo: '{server.url}/charts'}}\n"
    write(root, CHARTS | {"k/kustomization.yaml": entry})
    before = snapshot(root)
    assert [item.reason for item in check(root, network=network).report.not_rendered] == [
        "chart from a remote repository"
    ]
    assert (server.asked, snapshot(root)) == ([], before)


def test_a_version_alone_says_nothing_of_where_a_chart_lies(tmp_path: Path, kustomize: Path, helm: Path) -> None:
    write(tmp_path, CHARTS | {"k/kustomization.yaml": "helmCharts:\n  - {name: llm, version: 0.1.0}\n"})
    [part] = rendered(tmp_path).parts
    assert isinstance(part.output.unit.source, KustomizeSource)
    assert b"nvidia.com/gpu: 1" in part.text()


@pytest.mark.parametrize("network", [False, True])
def test_a_generator_that_is_itself_generated_has_no_chart_fetched(
    tmp_path: Path, kustomize: Path, helm: Path, server: Server, network: bool
) -> None:
    root = tmp_path / "repo"
    generator = "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: g}\n"
    values = {
        "kind": "HelmChartInflationGenerator",
        "name": "other",
        "version": "1.0.0",
        "repo": f"{server.url}/charts",
    }
    patch = [{"op": "add", "path": f"/{key}", "value": value} for key, value in values.items()]
    patches = f"patches:\n  - target: {{kind: ConfigMapGenerator}}\n    patch: '{json.dumps(patch)}'\n"
    write(root, CHARTS | {"k/kustomization.yaml": "helmCharts: [{name: llm}]\ngenerators: [made]\n"})
    write(root, {"k/made/by.yaml": generator, "k/made/kustomization.yaml": f"resources: [by.yaml]\n{patches}"})
    before = snapshot(root)
    run = check(root, network=network)
    assert "is not fetched" in run.of("core/render-failed")[0].message
    assert (server.asked, snapshot(root)) == ([], before)
