"""The gate before a Flux Kustomization, and the workflow that publishes what has passed."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import yaml

from .support import BAD_JOB, EXAMPLES, RULE, Ran, assert_least_privilege, load, path_with, run, run_container

if TYPE_CHECKING:
    from pathlib import Path


def gate(tree: Path, tools: Path) -> dict[str, dict[str, Any]]:
    """Return by kind what Flux applies for the gate."""
    command = [tools / "kustomize", "build", "--load-restrictor=LoadRestrictionsNone", tree / "gate"]
    built = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {item["kind"]: item for item in yaml.safe_load_all(built)}


def mounted(config: dict[str, Any], directory: Path) -> Path:
    """Lay the ConfigMap out as the kubelet does: links to links to a directory with the time in its name."""
    real = directory / "..2026_11_28_10_00_00.1234567890"
    real.mkdir(parents=True)
    (directory / "..data").symlink_to(real.name)
    for name, text in config["data"].items():
        (real / name).write_text(text)
        (directory / name).symlink_to(f"..data/{name}")
    return directory


def linted(objects: dict[str, dict[str, Any]], scratch: Path) -> Ran:
    pod = objects["Job"]["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    (volume,) = [item for item in pod["spec"]["volumes"] if "configMap" in item]
    assert volume["configMap"]["name"] == objects["ConfigMap"]["metadata"]["name"]
    directory = mounted(objects["ConfigMap"], scratch / "manifests")
    return run_container(container, pod, directory, path_with(scratch / "bin"))


def test_the_apps_wait_for_the_gate_of_the_same_revision() -> None:
    source, first, second = load("flux/flux.yaml")
    assert second["spec"]["dependsOn"] == [{"name": first["metadata"]["name"]}]
    assert first["spec"]["sourceRef"] == second["spec"]["sourceRef"]
    assert first["spec"]["sourceRef"]["name"] == source["metadata"]["name"]
    assert first["spec"]["wait"] is True
    for item in (first, second):
        assert (EXAMPLES.parent / item["spec"]["path"]).is_dir()


def test_the_gate_passes_what_is_clean_and_is_least_privileged(tools: Path, tmp_path: Path) -> None:
    objects = gate(EXAMPLES / "flux", tools)
    assert_least_privilege(objects["Job"]["spec"]["template"]["spec"])
    ran = linted(objects, tmp_path)
    assert ran.code == 0, ran.out
    assert "2 resources" in ran.out
    names = {path.name for path in (EXAMPLES / "flux/apps").iterdir()}
    assert set(objects["ConfigMap"]["data"]) == names, "the gate sees all that is applied"


def test_another_manifest_makes_another_job_which_fails_and_says_why(tools: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(EXAMPLES / "flux", tree)
    before = gate(tree, tools)
    (tree / "apps" / "llm.yaml").write_text(BAD_JOB)
    after = gate(tree, tools)
    assert before["Job"]["spec"]["template"] != after["Job"]["spec"]["template"]
    assert after["Job"]["metadata"]["annotations"]["kustomize.toolkit.fluxcd.io/force"] == "enabled"
    ran = linted(after, tmp_path)
    assert ran.code == 1
    assert f"error[{RULE}]" in ran.termination_message
    assert "llm.yaml:11" in ran.termination_message


def test_only_what_was_linted_is_published(tmp_path: Path) -> None:
    text = (EXAMPLES / "flux/.github/workflows/karlint.yaml").read_text("utf-8")
    jobs = yaml.safe_load(text)["jobs"]
    assert jobs["publish"]["needs"] == "lint"
    assert any(step.get("uses", "").startswith("karlint/karlint@v") for step in jobs["lint"]["steps"])
    (step,) = [step for step in jobs["publish"]["steps"] if "run" in step]
    assert "${{" not in step["run"], "an expression in a script runs what it holds"
    path = path_with(tmp_path / "bin")
    flux = tmp_path / "bin" / "flux"
    flux.write_text('#!/bin/sh\nprintf "%s\\n" "$*" >> "$LOG"\n')
    flux.chmod(0o755)
    ran = run(
        ["bash", "-eo", "pipefail", "-c", step["run"]],
        tmp_path,
        PATH=path,
        LOG=str(tmp_path / "log"),
        ARTIFACT="ghcr.io/team/fleet",
        TOKEN="secret",
        GITHUB_SHA="abc",
        GITHUB_REF_NAME="main",
        GITHUB_SERVER_URL="https://github.com",
        GITHUB_REPOSITORY="team/fleet",
    )
    assert ran.code == 0, ran.err
    push, tag = (tmp_path / "log").read_text().splitlines()
    assert push.startswith("push artifact oci://ghcr.io/team/fleet:abc --path=.")
    assert "--revision=main@sha1:abc" in push
    assert tag == "tag artifact oci://ghcr.io/team/fleet:abc --tag linted --creds flux:secret"
