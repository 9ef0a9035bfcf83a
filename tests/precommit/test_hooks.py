"""The hooks, run by the real pre-commit in a scratch Git repository."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.packaging.checkout import ROOT, clean_environment, copy_to, once

BAD = """\
apiVersion: v1
kind: Pod
metadata:
  name: {name}
spec:
  containers:
    - name: server
      image: registry.example/llama:1
      command: 17
"""
GOOD = BAD.replace("command: 17", 'command: ["serve"]')
CLAIM = """\
apiVersion: resource.k8s.io/v1
kind: ResourceClaim
metadata:
  name: {name}
  namespace: inference
spec:
  devices:
    requests:
      - name: gpu
        exactly: {{deviceClassName: gpu.example.com}}
"""
CLAIMING_POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: claiming
  namespace: inference
spec:
  resourceClaims:
    - {name: gpu, resourceClaimName: old}
  containers:
    - name: server
      image: registry.example/llama:1
      resources: {claims: [{name: gpu}]}
"""


@dataclass(frozen=True)
class Result:
    """How a run of pre-commit ended, and what it printed."""

    code: int
    output: str

    def files(self) -> set[str]:
        """Return the files with findings: what follows ``severity[rule]``, and precedes ``:LINE``."""
        return set(re.findall(r"^\w+\[[\w/-]+\] ([\w./-]+):\d+", self.output, flags=re.MULTILINE))


class Repository:
    """A scratch GitOps repository whose hooks come from a copy of this checkout."""

    def __init__(self, directory: Path, hooks: Path, cache: Path) -> None:
        self.directory = directory
        self.hooks = hooks
        self.cache = cache
        git(directory, "init", "--quiet")

    def write(self, name: str, text: str) -> None:
        """Write a file and stage it."""
        file = self.directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        git(self.directory, "add", "--", name)

    def commit(self) -> None:
        git(self.directory, "commit", "--quiet", "--no-verify", "--message", "state")

    def use(self, hook: str) -> None:
        revision = git(self.hooks, "rev-parse", "HEAD").strip()
        config = f"repos:\n  - repo: {self.hooks}\n    rev: {revision}\n    hooks:\n      - id: {hook}\n"
        self.write(".pre-commit-config.yaml", config)

    def pre_commit(self, *arguments: str, prefix: tuple[str, ...] = (), **environ: str) -> Result:
        """Run pre-commit with *arguments*; *prefix* is a command that runs it."""
        environ = {"PRE_COMMIT_HOME": str(self.cache), "PRE_COMMIT_COLOR": "never", **environ}
        done = subprocess.run(
            [*prefix, sys.executable, "-m", "pre_commit", *arguments],
            cwd=self.directory,
            env=clean_environment(**environ),
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        return Result(done.returncode, done.stdout + done.stderr)


def git(directory: Path, *arguments: str) -> str:
    person = ["-c", "user.name=karlint", "-c", "user.email=karlint@example.com"]
    command = ["git", "-C", str(directory), *person, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=clean_environment()).stdout


@pytest.fixture(scope="session")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make(directory: Path) -> None:
        copy_to(directory)
        git(directory, "init", "--quiet")
        git(directory, "add", "--all")
        git(directory, "commit", "--quiet", "--message", "state")

    return once(tmp_path_factory, "karlint", make)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # pre-commit locks it while it builds an environment there, so workers share it.
    return once(tmp_path_factory, "pre-commit", lambda _: None)


@pytest.fixture
def repository(tmp_path: Path, hooks: Path, cache: Path) -> Repository:
    return Repository(tmp_path, hooks, cache)


def test_the_manifest_is_valid_under_both_names() -> None:
    for name in (".pre-commit-hooks.yaml", "pre-commit-hooks.yaml"):
        command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(ROOT / name)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=clean_environment())
        assert done.returncode == 0, done.stdout + done.stderr
    assert (ROOT / "pre-commit-hooks.yaml").readlink() == Path(".pre-commit-hooks.yaml")


def test_try_repo_runs_both_hooks(repository: Repository) -> None:
    repository.write("apps/bad.yaml", BAD.format(name="bad"))
    repository.write("apps/good.yaml", GOOD.format(name="good"))
    result = repository.pre_commit("try-repo", str(repository.hooks), "--all-files", "--verbose")
    assert result.code == 1, result.output
    assert result.output.count("core/schema-invalid") >= 2, result.output
    assert re.search(r"karlint \(changed manifests\)\.+Failed", result.output)
    assert re.search(r"karlint \(whole repository\)\.+Failed", result.output)
    assert result.files() == {"apps/bad.yaml"}


def test_changed_manifests_only(repository: Repository) -> None:
    repository.write("apps/old.yaml", BAD.format(name="old"))
    repository.commit()
    repository.use("karlint")
    repository.write("apps/good.yaml", GOOD.format(name="good"))
    clean = repository.pre_commit("run")
    assert (clean.code, clean.files()) == (0, set()), clean.output
    repository.write("apps/new.yaml", BAD.format(name="new"))
    dirty = repository.pre_commit("run")
    assert (dirty.code, dirty.files()) == (1, {"apps/new.yaml"}), dirty.output


def test_a_changed_manifest_may_refer_to_an_unchanged_one(repository: Repository) -> None:
    repository.write("apps/claim.yaml", CLAIM.format(name="old"))
    repository.commit()
    repository.use("karlint")
    repository.write("apps/other-claim.yaml", CLAIM.format(name="new"))
    repository.write("apps/pod.yaml", CLAIMING_POD)
    result = repository.pre_commit("run")
    assert (result.code, result.files()) == (0, set()), result.output


def test_excludes_hold_for_changed_manifests_too(repository: Repository) -> None:
    repository.use("karlint")
    repository.write(".karlint.yaml", "exclude: [vendor/]\n")
    repository.write("vendor/bad.yaml", BAD.format(name="bad"))
    result = repository.pre_commit("run")
    assert (result.code, result.files()) == (0, set()), result.output


def test_whole_repository_when_one_manifest_changed(repository: Repository) -> None:
    repository.write("apps/old.yaml", BAD.format(name="old"))
    repository.commit()
    repository.use("karlint-repo")
    repository.write("apps/good.yaml", GOOD.format(name="good"))
    result = repository.pre_commit("run")
    assert (result.code, result.files()) == (1, {"apps/old.yaml"}), result.output


@pytest.mark.parametrize("hook", ["karlint", "karlint-repo"])
def test_no_manifest_changed(repository: Repository, hook: str) -> None:
    repository.write("apps/old.yaml", BAD.format(name="old"))
    repository.use(hook)
    repository.commit()
    repository.write("notes.md", "Nothing for karlint here.\n")
    result = repository.pre_commit("run")
    assert result.code == 0, result.output
    assert "(no files to check)Skipped" in result.output
