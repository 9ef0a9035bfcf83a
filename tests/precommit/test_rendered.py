"""The hooks over charts and overlays, where helm and kustomize are there and where they are not."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.cli.support import NO_LIMIT
from tests.conftest import missing
from tests.packaging.checkout import ROOT

from .test_hooks import BAD, Repository, cache, hooks, repository

__all__ = ["cache", "hooks", "repository"]

RULE = "dra/request-without-limit"
TEMPLATE = NO_LIMIT.replace(
    "          resources:\n            requests: {nvidia.com/gpu: 1}\n",
    '          resources: {{- include "llm.resources" . | nindent 12 }}\n',
)
HELPERS = """\
{{- define "llm.resources" -}}
{{ .Values.which }}: {nvidia.com/gpu: 1}
{{- end -}}
"""
CHART = {
    "charts/llm/Chart.yaml": "apiVersion: v2\nname: llm\nversion: 1.0.0\n",
    "charts/llm/values.yaml": "which: limits\n",
    "charts/llm/templates/_helpers.tpl": HELPERS,
    "charts/llm/templates/job.yaml": TEMPLATE,
}
BASE = NO_LIMIT.replace("requests:", "limits:").replace("name: train\n  namespace", "name: tune\n  namespace")
PATCH = """\
apiVersion: batch/v1
kind: Job
metadata: {name: tune, namespace: ml}
spec:
  template:
    spec:
      containers:
        - name: train
          resources:
            requests: {amd.com/gpu: 1}
"""
OVERLAYS = {
    "apps/base/job.yaml": BASE,
    "apps/base/kustomization.yaml": "resources: [job.yaml]\n",
    "apps/overlays/dev/kustomization.yaml": "resources: [../../base]\nnameSuffix: -dev\n",
    "apps/overlays/prod/kustomization.yaml": "resources: [../../base]\nnameSuffix: -prod\n",
}


@pytest.fixture
def tools() -> dict[str, str]:
    """The environment in which helm and kustomize are found."""
    directory = ROOT / "tools" / "bin"
    for name in ("helm", "kustomize"):
        if not (directory / name).is_file():
            missing(f"tools/bin/{name}", "run `make tools`")
    return {"PATH": f"{directory}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment in which they are not, as on pre-commit.ci."""
    directory = tmp_path_factory.mktemp("bin")
    for program in (item for path in os.environ["PATH"].split(os.pathsep) for item in Path(path).glob("*")):
        if program.name not in {"helm", "kustomize", "kubectl"} and not (directory / program.name).is_symlink():
            (directory / program.name).symlink_to(program)
    return {"PATH": str(directory)}


def files_of(hook: str) -> re.Pattern[str]:
    (found,) = (item for item in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text()) if item["id"] == hook)
    return re.compile(found["files"])


@pytest.mark.parametrize(
    "path",
    [
        "a.yaml",
        "apps/B.YML",
        "crd.json",
        "charts/llm/Chart.yaml",
        "charts/llm/Chart.lock",
        "charts/llm/templates/_helpers.tpl",
        "charts/llm/.helmignore",
        "charts/llm/charts/common-1.0.0.tgz",
        "apps/Kustomization",
    ],
)
def test_what_a_manifest_is_made_of_makes_the_hooks_run(path: str) -> None:
    assert files_of("karlint").search(path)
    assert files_of("karlint-repo").search(path)


def test_what_only_decides_on_files_makes_the_whole_repository_be_linted() -> None:
    for path in (".gitignore", "clusters/.sourceignore", "policy/own.rego"):
        assert files_of("karlint-repo").search(path)
        assert not files_of("karlint").search(path)
    for path in ("README.md", "src/main.py", "release.tgz", "MyKustomization", "Chart.lock.bak"):
        assert not files_of("karlint-repo").search(path)


@pytest.mark.parametrize(
    ("changed", "text", "where"),
    [
        ("charts/llm/values.yaml", "which: requests\n", "charts/llm/templates/_helpers.tpl"),
        ("charts/llm/templates/_helpers.tpl", HELPERS.replace(".Values.which", '"requests"'), None),
        ("apps/overlays/prod/patch.yaml", PATCH, None),
        ("apps/base/job.yaml", BASE.replace("limits:", "requests:"), None),
    ],
)
def test_a_changed_file_leads_to_what_it_is_deployed_in(
    repository: Repository, tools: dict[str, str], changed: str, text: str, where: str | None
) -> None:
    for name, content in {**CHART, **OVERLAYS}.items():
        repository.write(name, content)
    repository.write("apps/old.yaml", BAD.format(name="old"))
    prod = "apps/overlays/prod/kustomization.yaml"
    repository.write(prod, f"{OVERLAYS[prod]}patches: [{{path: patch.yaml}}]\n")
    repository.write("apps/overlays/prod/patch.yaml", PATCH.replace("requests:", "limits:"))
    repository.commit()
    repository.use("karlint")
    clean = repository.pre_commit("run", **tools)
    assert clean.code == 0, clean.output
    repository.write(changed, text)
    result = repository.pre_commit("run", **tools)
    assert (result.code, result.files()) == (1, {where or changed}), result.output
    assert result.output.count(f"error[{RULE}]") == 1, result.output


def test_without_tools_and_network_what_is_plain_is_linted_and_the_rest_is_named(
    repository: Repository, bare: dict[str, str]
) -> None:
    for name, content in {**CHART, **OVERLAYS}.items():
        repository.write(name, content)
    repository.commit()
    repository.use("karlint")
    assert repository.pre_commit("install-hooks").code == 0
    cut = ("unshare", "--map-root-user", "--net")
    offline = cut if subprocess.run([*cut, "true"], check=False, capture_output=True).returncode == 0 else ()
    repository.write("charts/llm/values.yaml", "which: requests\n")
    repository.write("apps/overlays/prod/kustomization.yaml", "resources: [../../base]\nnamePrefix: prod-\n")
    result = repository.pre_commit("run", "--verbose", prefix=offline, **bare)
    said = " ".join(result.output.split())
    assert result.code == 0, result.output
    assert "helm is not installed, so this was not rendered, and not linted as it is deployed: charts/llm." in said
    assert "kustomize is not installed, so this was not rendered" in said
    assert "apps/overlays/prod." in said
    repository.write("apps/plain.yaml", BAD.format(name="plain"))
    result = repository.pre_commit("run", prefix=offline, **bare)
    assert (result.code, result.files()) == (1, {"apps/plain.yaml"}), result.output


def test_an_installed_hook_stops_a_commit(repository: Repository, tools: dict[str, str]) -> None:
    for name, content in CHART.items():
        repository.write(name, content)
    repository.use("karlint")
    repository.commit()
    assert repository.pre_commit("install", **tools).code == 0
    repository.write("charts/llm/values.yaml", "which: requests\n")
    person = ["-c", "user.name=karlint", "-c", "user.email=karlint@example.com"]
    environ = {**os.environ, **tools, "PRE_COMMIT_HOME": str(repository.cache), "NO_COLOR": "1"}
    environ = {name: value for name, value in environ.items() if not name.startswith(("GIT_", "PYTHON"))}
    command = ["git", *person, "commit", "--message", "try"]
    done = subprocess.run(command, cwd=repository.directory, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"error[{RULE}]" in done.stdout + done.stderr
