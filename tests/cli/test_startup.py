"""Start-up is most of a small run, so what is not needed is not imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.support import DEPLOYMENT, Repository

_LIST_MODULES = """
import sys
sys.argv = ["karlint", *sys.argv[1:]]
from karlint.cli import main
try:
    main()
except SystemExit as end:
    print(end.code, *sorted(sys.modules), sep="\\n", file=sys.stderr)
"""


def _modules(repository: Repository, *args: str) -> tuple[str, set[str]]:
    done = subprocess.run(
        [sys.executable, "-c", _LIST_MODULES, *args],
        cwd=repository.root,
        env=repository.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    code, *names = done.stderr.splitlines()
    return code, set(names)


@pytest.mark.parametrize(
    "module",
    [
        "ruamel.yaml",
        "jsonschema",
        "opa_client",
        "rich",
        "importlib.metadata",
        "aiohttp",
        "requests",
        "kubernetes_validate",
    ],
)
def test_a_clean_deployment_does_not_load(repository: Repository, module: str) -> None:
    repository.write("app.yaml", DEPLOYMENT)
    code, loaded = _modules(repository, "check", "app.yaml")
    assert code == "0"
    assert "karlint.engine" in loaded, "the run did its work"
    assert module not in loaded


def test_the_help_does_not_load_the_pipeline(repository: Repository) -> None:
    code, loaded = _modules(repository, "--help")
    assert code == "0"
    assert {name for name in loaded if name in {"karlint.api", "regorus", "yaml", "jsonschema_rs"}} == set()


_TREE = {
    "chart/Chart.yaml": "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
    "chart/crds/one.yaml": DEPLOYMENT,
    "base/kustomization.yaml": "resources: [app.yaml]\n",
    "base/app.yaml": DEPLOYMENT,
    "overlay/kustomization.yaml": "resources: [../base]\npatches: [{path: patch.yaml}]\n",
    "overlay/patch.yaml": DEPLOYMENT,
    "plain/app2.yaml": DEPLOYMENT,
}
_APPLICATION = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\n"


@pytest.mark.parametrize(
    ("asked", "loads"),
    [
        ("plain/app2.yaml", False),
        ("base/app.yaml", True),
        ("overlay/patch.yaml", True),
        ("overlay/kustomization.yaml", True),
        ("chart/crds/one.yaml", True),
        ("plain", True),
    ],
)
def test_a_manifest_that_nothing_is_made_of_loads_no_renderer(repository: Repository, asked: str, loads: bool) -> None:
    for path, text in _TREE.items():
        repository.write(path, text)
    _, loaded = _modules(repository, "check", "--render", "auto", asked)
    assert ("karlint.rollout" in loaded) is loads
    repository.write("apps/application.yaml", _APPLICATION)
    _, loaded = _modules(repository, "check", "--render", "auto", asked)
    assert "karlint.rollout" in loaded, "an Application may take in any file"


def test_a_command_does_not_load_the_others(repository: Repository) -> None:
    code, loaded = _modules(repository, "rules")
    assert code == "0"
    commands = {"check", "dev", "doctor", "export", "init", "inventory", "migrate", "render", "rules", "schema"}
    assert {f"karlint.cli.{name}" for name in commands} & loaded == {"karlint.cli.rules"}
