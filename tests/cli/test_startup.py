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
