"""The PreSync hook and the Config Management Plugin: what their containers run, over sources that are good and bad."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from .support import BAD_JOB, EXAMPLES, GOOD_JOB, RULE, Ran, assert_least_privilege, command_of, load, path_with, run
from .support import run_container as run_one

CONFIG = "/home/argocd/cmp-server/config"
KUSTOMIZATION = "resources: [job.yaml]\nnamePrefix: prod-\n"
CHART = {"Chart.yaml": "apiVersion: v2\nname: llm\nversion: 1.0.0\n", "values.yaml": "which: limits\n"}
TEMPLATE = GOOD_JOB.replace("{limits", "{ {{ .Values.which }}")


@pytest.fixture(scope="module")
def job(tools: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The hook as Argo CD applies it: kustomize with the annotations of the Application."""
    (application,) = load("argocd/application.yaml")
    options = application["spec"]["sources"][1]["kustomize"]
    assert options["commonAnnotationsEnvsubst"]
    directory = tmp_path_factory.mktemp("hook")
    (directory / "job.yaml").write_bytes((EXAMPLES / "argocd/presync/job.yaml").read_bytes())
    kustomization = {"resources": ["job.yaml"], "commonAnnotations": options["commonAnnotations"]}
    (directory / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    built = subprocess.run([tools / "kustomize", "build", directory], check=True, capture_output=True).stdout
    found: dict[str, Any] = yaml.safe_load(built)
    return found


def test_the_hook_runs_before_a_sync_and_once(job: dict[str, Any]) -> None:
    assert job["metadata"]["annotations"]["argocd.argoproj.io/hook"] == "PreSync"
    assert job["spec"]["backoffLimit"] == 0
    assert_least_privilege(job["spec"]["template"]["spec"])


def synced(job: dict[str, Any], manifest: str, scratch: Path, tools: Path) -> tuple[Ran, Ran | None]:
    """Commit *manifest* and more after it, and run the hook for the first of these commits."""
    origin, volume = scratch / "origin", scratch / "volume"
    (origin / "apps/llm").mkdir(parents=True)
    volume.mkdir()
    person = ["-c", "user.name=karlint", "-c", "user.email=karlint@example.com"]

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", *person, *words], cwd=origin, check=True, capture_output=True, text=True
        ).stdout.strip()

    git("init", "--quiet", "-b", "main")
    git("config", "uploadpack.allowAnySHA1InWant", "true")
    revisions = []
    for text in (manifest, BAD_JOB.replace("train", "later")):
        (origin / "apps/llm/job.yaml").write_text(text)
        git("add", "--all")
        git("commit", "--quiet", "-m", "state")
        revisions.append(git("rev-parse", "HEAD"))
    pod = job["spec"]["template"]
    filled = {"karlint.dev/repository": f"file://{origin}", "karlint.dev/revision": revisions[0]}
    pod = {**pod, "metadata": {"annotations": {**pod["metadata"]["annotations"], **filled}}}
    assert pod["metadata"]["annotations"]["karlint.dev/path"] == "examples/argocd/app"
    pod["metadata"]["annotations"]["karlint.dev/path"] = "apps/llm"
    path = path_with(scratch / "bin", tools)
    (fetch,), (lint,) = pod["spec"]["initContainers"], pod["spec"]["containers"]
    fetched = run_one(fetch, pod, _at(volume, fetch), path)
    return fetched, run_one(lint, pod, _at(volume, lint), path) if fetched.code == 0 else None


def _at(volume: Path, container: dict[str, Any]) -> Path:
    return volume / Path(container["workingDir"]).relative_to("/repository")


def test_the_hook_passes_what_is_clean_whatever_came_later(job: dict[str, Any], tmp_path: Path, tools: Path) -> None:
    fetched, linted = synced(job, GOOD_JOB, tmp_path, tools)
    assert fetched.code == 0, fetched.err
    assert linted is not None
    assert linted.code == 0, linted.out
    assert "1 resource" in linted.out


def test_the_hook_fails_and_the_message_of_its_pod_says_why(job: dict[str, Any], tmp_path: Path, tools: Path) -> None:
    _, linted = synced(job, BAD_JOB, tmp_path, tools)
    assert linted is not None
    assert linted.code == 1
    assert f"error[{RULE}] apps/llm/job.yaml:11" in linted.termination_message
    assert "later" not in linted.out


def test_the_hook_fails_where_the_revision_cannot_be_fetched(job: dict[str, Any], tmp_path: Path, tools: Path) -> None:
    (fetch,) = job["spec"]["template"]["spec"]["initContainers"]
    pod = {"metadata": {"annotations": dict.fromkeys(_annotations(fetch), "file:///nowhere")}}
    ran = run_one(fetch, pod, tmp_path, path_with(tmp_path / "bin", tools))
    assert ran.code != 0
    assert "nowhere" in ran.termination_message


def _annotations(container: dict[str, Any]) -> list[str]:
    paths = [item["valueFrom"]["fieldRef"]["fieldPath"] for item in container["env"] if "valueFrom" in item]
    return [path.split("'")[1] for path in paths]


def generated(source: Path, tools: Path, scratch: Path, **environ: str) -> Ran:
    """Run the command of the plugin in *source*; the script lies in the tree instead of where it is mounted."""
    (plugin,) = load("argocd/plugin/plugin.yaml")
    words = [word.replace(CONFIG, str(EXAMPLES / "argocd/plugin")) for word in command_of(plugin["spec"]["generate"])]
    names = {"ARGOCD_APP_NAME": "llm", "ARGOCD_APP_NAMESPACE": "ml", "KUBE_VERSION": "1.35.0"}
    versions = {"KUBE_API_VERSIONS": "v1,batch/v1,batch/v1/Job"}
    return run(words, source, PATH=path_with(scratch / "bin", tools), **{**names, **versions, **environ})


def source_of(kind: str, good: bool, directory: Path) -> Path:
    directory.mkdir()
    if kind == "chart":
        (directory / "templates").mkdir()
        (directory / "templates" / "job.yaml").write_text(TEMPLATE)
        for name, text in CHART.items():
            (directory / name).write_text(text)
        (directory / "bad.yaml").write_text("which: requests\n")
    else:
        (directory / "job.yaml").write_text(GOOD_JOB if good else BAD_JOB)
        if kind == "kustomization":
            (directory / "kustomization.yaml").write_text(KUSTOMIZATION)
    return directory


@pytest.mark.parametrize("kind", ["plain", "kustomization", "chart"])
def test_the_plugin_generates_what_is_clean(kind: str, tools: Path, tmp_path: Path) -> None:
    ran = generated(source_of(kind, True, tmp_path / "source"), tools, tmp_path)
    assert ran.code == 0, ran.err
    (document,) = [item for item in yaml.safe_load_all(ran.out) if item]
    assert document["kind"] == "Job"
    assert document["metadata"]["name"] == ("prod-train" if kind == "kustomization" else "train")
    assert "no findings" in ran.err


@pytest.mark.parametrize("kind", ["plain", "kustomization", "chart"])
def test_the_plugin_generates_nothing_where_there_are_errors(kind: str, tools: Path, tmp_path: Path) -> None:
    ran = generated(source_of(kind, False, tmp_path / "source"), tools, tmp_path, ARGOCD_ENV_VALUES="bad.yaml")
    assert (ran.code, ran.out) == (1, "")
    assert f"error[{RULE}]" in ran.err


def test_the_plugin_never_generates_an_empty_output_with_success(tools: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    nothing = source_of("chart", True, tmp_path / "nothing")
    (nothing / "templates" / "job.yaml").write_text("{{- if false }}\na: 1\n{{- end }}\n")
    broken = source_of("chart", True, tmp_path / "broken")
    (broken / "templates" / "job.yaml").write_text("{{ fail `no` }}")
    for source in (empty, nothing, broken):
        ran = generated(source, tools, tmp_path)
        assert ran.code != 0, source.name
        assert ran.out == "", source.name
        assert ran.err, source.name


def test_the_plugin_fails_where_the_renderer_fails_after_printing(tools: Path, tmp_path: Path) -> None:
    path_with(tmp_path / "bin")
    helm = tmp_path / "bin" / "helm"
    helm.write_text(f"#!/bin/sh\ncat <<'END'\n{GOOD_JOB}END\nexit 1\n")
    helm.chmod(0o755)
    assert generated(source_of("chart", True, tmp_path / "source"), tools, tmp_path).code == 1


def test_the_sidecar_finds_its_plugin_and_is_least_privileged(tools: Path, tmp_path: Path) -> None:
    component = tmp_path / "component"
    component.mkdir()
    for file in (EXAMPLES / "argocd/plugin").iterdir():
        (component / file.name).write_bytes(file.read_bytes())
    (tmp_path / "kustomization.yaml").write_text("resources: [server.yaml]\ncomponents: [component]\n")
    volumes = [{"name": name, "emptyDir": {}} for name in ("var-files", "plugins")]
    server = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "argocd-repo-server"},
        "spec": {
            "selector": {"matchLabels": {"a": "b"}},
            "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [], "volumes": volumes}},
        },
    }
    (tmp_path / "server.yaml").write_text(yaml.safe_dump(server))
    built = subprocess.run([tools / "kustomize", "build", tmp_path], check=True, capture_output=True, text=True).stdout
    by_kind = {item["kind"]: item for item in yaml.safe_load_all(built)}
    spec = by_kind["Deployment"]["spec"]["template"]["spec"]
    plain = [volume for volume in spec["volumes"] if volume["name"] not in {"var-files", "plugins"}]
    assert_least_privilege({**spec, "volumes": plain})
    (sidecar,) = spec["containers"]
    assert sidecar["securityContext"]["runAsUser"] == 999
    (mount,) = [item for item in sidecar["volumeMounts"] if item["mountPath"] == CONFIG]
    (volume,) = [item for item in spec["volumes"] if item["name"] == mount["name"]]
    assert volume["configMap"]["name"] == by_kind["ConfigMap"]["metadata"]["name"]
    assert set(by_kind["ConfigMap"]["data"]) == {"plugin.yaml", "generate.sh"}
    assert {item["name"] for item in sidecar["volumeMounts"]} <= {item["name"] for item in spec["volumes"]}
    piped = tmp_path / "built.yaml"
    piped.write_text(built)
    ran = run(["sh", "-c", "karlint check - --fail-on note < built.yaml"], tmp_path, PATH=path_with(tmp_path / "bin"))
    assert ran.code == 0, ran.out
