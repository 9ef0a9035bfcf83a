"""Repositories that nobody should trust: bounded time and memory, nothing left running, nothing written, no way out."""

from __future__ import annotations

import gc
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from karlint.model.rule import Severity
from karlint.model.unit import HelmSource, KustomizeSource, Unit
from karlint.render import Bounds, Graph, Kitchen, Sandbox, Tools
from karlint.tree import Tree
from tests.render.trees import CHART, NO_LIMIT, RULE, TEMPLATE, VALUES, check, render_all, snapshot, write
from tests.render.watched import Watched

if TYPE_CHECKING:
    from collections.abc import Callable

FAILED, MISSING = "core/render-failed", "core/not-rendered"
ENDLESS = "{{ range until 30000 }}{{ range until 30000 }}{{ range until 30000 }}{{ end }}{{ end }}{{ end }}\n"
"""Takes hours, and no memory to speak of."""
LLM = {"llm/Chart.yaml": CHART, "llm/templates/pod.yaml": TEMPLATE, "llm/values.yaml": VALUES}


def kitchen(root: Path, bounds: Bounds) -> Kitchen:
    tree = Tree(root)
    sandbox = Sandbox(bounds=bounds)
    return Kitchen(root, Tools(sandbox), sandbox, Graph(str(root), tree.read, tree.value), lambda _: {})


def chart_of(root: Path, template: str) -> Unit:
    write(root, {"c/Chart.yaml": CHART, "c/templates/x.yaml": template, "c/values.yaml": "{}\n"})
    return Unit("c", HelmSource("c", "x", "default"))


def test_a_template_that_never_ends_is_stopped(tmp_path: Path, helm: Path) -> None:
    unit = chart_of(tmp_path, ENDLESS)
    started = time.monotonic()
    [output] = render_all([unit], kitchen(tmp_path, Bounds(seconds=1.0)), 2)
    assert output.failure is not None
    assert "helm was stopped" in output.failure.message
    assert time.monotonic() - started < 15


def test_a_chart_that_prints_without_end_is_stopped(tmp_path: Path, helm: Path) -> None:
    big = "x" * 1000
    unit = chart_of(tmp_path, f"{{{{ range $i := until 2000000 }}}}# {big}\n{{{{ end }}}}\n")
    [output] = render_all([unit], kitchen(tmp_path, Bounds(seconds=60, memory_bytes=400 << 20)), 2)
    assert output.failure is not None
    assert "helm was stopped" in output.failure.message


def test_output_is_cut_off(tmp_path: Path, helm4: Path) -> None:
    unit = chart_of(tmp_path, "{{ range $i := until 20000 }}# some text in a comment, again and again\n{{ end }}\n")
    [output] = render_all([unit], kitchen(tmp_path, Bounds(output_bytes=100_000)), 2)
    assert output.failure is not None
    assert "printed more than" in output.failure.message


def test_a_bomb_of_aliases_is_stopped(tmp_path: Path, kustomize: Path) -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    bomb = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n" + "\n".join(levels) + "\n"
    write(tmp_path, {"k/kustomization.yaml": "resources: [x.yaml]\n", "k/x.yaml": bomb})
    bounds = Bounds(seconds=20, memory_bytes=300 << 20)
    [output] = render_all([Unit("k", KustomizeSource("k"))], kitchen(tmp_path, bounds), 2)
    assert output.failure is not None


def test_bases_that_build_on_each_other_are_an_error(tmp_path: Path, kustomize: Path) -> None:
    write(tmp_path, {"a/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "resources: [../a]\n"})
    run = check(tmp_path)
    assert [found.severity for found in run.of(FAILED)] == [Severity.ERROR]
    assert "cycle" in run.of(FAILED)[0].message


@pytest.mark.parametrize(
    ("kustomization", "line"),
    [
        ("resources:\n  - https://github.com/org/repo//deploy?ref=v1\n", 2),
        ("resources:\n  - pod.yaml\ncomponents:\n  - github.com/org/repo/component\n", 4),
        ("resources: [pod.yaml]\nhelmCharts:\n  - {name: redis, repo: 'https://charts.example', version: 1.0.0}\n", 3),
        ("resources: [pod.yaml]\nconfigMapGenerator:\n  - name: x\n    files: [../../secret.txt]\n", 4),
    ],
)
def test_what_lies_elsewhere_is_said_and_not_fetched(
    tmp_path: Path, kustomize: Path, kustomization: str, line: int
) -> None:
    (tmp_path / "secret.txt").write_text("token")
    root = tmp_path / "repo"
    write(root, {"k/kustomization.yaml": kustomization, "k/pod.yaml": NO_LIMIT})
    run = check(root)
    assert run.places(MISSING) == [f"k/kustomization.yaml:{line}"]
    assert run.report.counts.not_rendered == 1
    assert run.places() == ["k/pod.yaml:10"], "what cannot be rendered is linted as it stands"


def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path, kustomize: Path, helm4: Path) -> None:
    write(tmp_path / "outside", {"kustomization.yaml": "resources: [pod.yaml]\n", "pod.yaml": NO_LIMIT})
    root = tmp_path / "repo"
    write(root, {"k/kustomization.yaml": "resources: [base]\n"} | LLM)
    (root / "k/base").symlink_to(tmp_path / "outside")
    (root / "llm/templates/pod2.yaml").symlink_to(tmp_path / "outside/pod.yaml")
    run = check(root)
    assert run.of(RULE) == []
    assert {item.reason for item in run.report.not_rendered} == {"reads outside of the repository"}
    assert run.report.counts.not_rendered == 2


def test_values_are_not_read_outside_of_the_repository(tmp_path: Path, helm4: Path) -> None:
    (tmp_path / "values.yaml").write_text("image: secret\n")
    root = tmp_path / "repo"
    write(root, LLM | {".karlint.yaml": "render: {charts: [{chart: llm, values: [../values.yaml]}]}\n"})
    run = check(root)
    assert [item.reason for item in run.report.not_rendered] == ["reads outside of the repository"]


def test_a_plugin_is_not_run(tmp_path: Path, kustomize: Path) -> None:
    touch = tmp_path / "touched"
    generator = """\
apiVersion: someteam.example.com/v1
kind: Generator
metadata:
  name: x
  annotations:
    config.kubernetes.io/function: |
      exec: {path: ./run.sh}
"""
    root = tmp_path / "repo"
    write(root, {"k/kustomization.yaml": "generators: [g.yaml]\n", "k/g.yaml": generator})
    write(root, {"k/run.sh": f"#!/bin/sh\ntouch {touch}\n"})
    (root / "k/run.sh").chmod(0o755)
    run = check(root)
    assert [item.reason for item in run.report.not_rendered] == ["needs a plugin"]
    assert run.places(MISSING) == ["k/kustomization.yaml:1"]
    assert not touch.exists()


def test_what_fails_at_the_root_is_told_of_the_kustomization_there(tmp_path: Path, kustomize: Path) -> None:
    generator = "apiVersion: x.example.com/v1\nkind: Generator\nmetadata: {name: x}\n"
    write(tmp_path, {"kustomization.yaml": "generators: [g.yaml]\n", "g.yaml": generator})
    run = check(tmp_path)
    assert run.places(MISSING) == ["kustomization.yaml:1"]
    assert str(tmp_path) not in run.of(MISSING)[0].message


def test_a_template_error_stands_where_helm_says(tmp_path: Path, helm: Path) -> None:
    write(tmp_path, LLM | {"llm/templates/pod.yaml": TEMPLATE.replace(".Values.gpus", ".Values.a.b.c")})
    run = check(tmp_path)
    assert run.places(FAILED) == ["llm/templates/pod.yaml:11"]
    assert "nil pointer" in run.of(FAILED)[0].message
    assert run.report.exit_code == 1


def test_a_dependency_that_is_not_vendored_is_said(tmp_path: Path, helm: Path) -> None:
    dependency = "dependencies: [{name: redis, version: 1.0.0, repository: 'https://charts.example'}]\n"
    write(tmp_path, LLM | {"llm/Chart.yaml": CHART + dependency})
    run = check(tmp_path)
    assert run.places(MISSING) == ["llm/Chart.yaml:1"]
    assert "helm dependency build llm" in run.of(MISSING)[0].help


def test_a_required_value_is_asked_for(tmp_path: Path, helm: Path) -> None:
    text = TEMPLATE.replace(".Values.image", 'required "an image is needed" .Values.nothing')
    write(tmp_path, LLM | {"llm/templates/pod.yaml": text})
    run = check(tmp_path)
    assert [item.reason for item in run.report.not_rendered] == ["chart needs values"]
    assert run.places(MISSING) == ["llm/templates/pod.yaml:8"]
    assert "an image is needed" in run.of(MISSING)[0].message


TREE = LLM | {
    "base/kustomization.yaml": "resources: [pod.yaml]\nconfigMapGenerator: [{name: x, literals: [a=b]}]\n",
    "base/pod.yaml": NO_LIMIT,
    "prod/kustomization.yaml": "resources: [../base]\nnamePrefix: p-\n",
    "bad/kustomization.yaml": "resources: [nothing.yaml]\n",
}


def test_nothing_of_the_tree_is_written(tmp_path: Path, helm: Path, kustomize: Path) -> None:
    write(tmp_path, TREE)
    before = snapshot(tmp_path)
    assert check(tmp_path).of(RULE)
    assert snapshot(tmp_path) == before


def test_nothing_is_written_to_the_tree_even_for_a_moment(tmp_path: Path, helm4: Path, kustomize: Path) -> None:
    write(tmp_path, TREE)
    command = [sys.executable, "-m", "karlint", "check", "-q"]
    with Watched(tmp_path) as watched:
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False)
        assert done.returncode == 1, done.stderr.decode()
        assert watched.seen() == []


@pytest.mark.parametrize(
    "does",
    [
        "touch base/x && rm base/x",
        "echo x > base/pod.yaml",
        "true 3>> base/pod.yaml",
        "mv base/pod.yaml base/y && mv base/y base/pod.yaml",
        "chmod +x base/pod.yaml && chmod -x base/pod.yaml",
        "mkdir llm/charts && rmdir llm/charts",
        "ln -s . llm/here && rm llm/here",
    ],
)
def test_what_is_written_for_a_moment_would_be_seen(tmp_path: Path, does: str) -> None:
    write(tmp_path, TREE)
    with Watched(tmp_path) as watched:
        subprocess.run(["cat", "base/pod.yaml"], cwd=tmp_path, capture_output=True, check=True)
        assert watched.seen() == []
        subprocess.run(["sh", "-c", does], cwd=tmp_path, check=True)
        assert watched.seen()


def test_the_scratch_directory_goes_away(
    tmp_path: Path, helm4: Path, kustomize: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, scratch = tmp_path / "repo", tmp_path / "tmp"
    scratch.mkdir()
    write(root, TREE)
    environ = {**os.environ, "TMPDIR": str(scratch)}
    command = [sys.executable, "-m", "karlint", "check", "--exit-zero"]
    subprocess.run(command, cwd=root, env=environ, capture_output=True, timeout=120, check=True)
    assert list(scratch.iterdir()) == []


BREAKS = int(os.environ.get("KARLINT_BREAKS", "3"))


def test_a_sandbox_whose_making_is_broken_off_leaves_no_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def interrupted(_: Sandbox) -> None:
        assert list(tmp_path.iterdir())
        raise KeyboardInterrupt

    monkeypatch.setattr(Sandbox, "_environment", interrupted)
    with suppress(KeyboardInterrupt):
        Sandbox()
    gc.collect()
    assert list(tmp_path.iterdir()) == []


SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]


@pytest.mark.parametrize("number", SIGNALS)
def test_a_run_that_is_broken_off_leaves_nothing(
    tmp_path: Path, helm4: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    chart_of(tmp_path, ENDLESS)
    break_off(tmp_path, number, lambda process: len(_children(process)) > 0, "check")


@pytest.mark.parametrize("number", SIGNALS)
def test_what_waits_to_be_built_is_not_begun_when_a_run_is_broken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    """Its directories would be made while those of the run are removed, and stay."""
    slow = tmp_path / "kustomize"
    slow.write_text('#!/bin/sh\n[ "$1" = version ] && echo v5.8.1 && exit\nexec /bin/sleep 60\n')
    slow.chmod(0o755)
    monkeypatch.setenv("KARLINT_KUSTOMIZE", str(slow))
    root = tmp_path / "repo"
    write(root, {f"apps/{name}/kustomization.yaml": "resources: []\n" for name in range(300)})
    break_off(root, number, lambda process: len(_children(process)) > 1, "check", "--jobs", "2")


_SLOW_THE_SECOND_TIME = """\
#!/bin/sh
case "$PWD" in
*/changed-*) echo $$ >{told}.new; /bin/mv {told}.new {told}; exec /bin/sleep 60 ;;
esac
exec {helm} "$@"
"""


@pytest.mark.parametrize(
    ("command", "number"),
    [("check", number) for number in SIGNALS]
    + [(command, signal.SIGTERM) for command in ("check --fix", "migrate dra", "render --show-origin")],
)
def test_a_run_that_is_broken_off_while_it_looks_where_values_come_from_leaves_nothing(
    tmp_path: Path, helm4: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, command: str
) -> None:
    told, slow = tmp_path / "told", tmp_path / "helm"
    slow.write_text(_SLOW_THE_SECOND_TIME.format(told=told, helm=helm4))
    slow.chmod(0o755)
    monkeypatch.setenv("KARLINT_HELM", str(slow))
    root = tmp_path / "repo"
    write(root, LLM)
    break_off(root, number, lambda _: told.exists(), *command.split())
    assert not Path(f"/proc/{told.read_text().strip()}").exists()


def test_a_run_may_be_broken_off_at_any_moment(tmp_path: Path, helm4: Path) -> None:
    """But by Ctrl-C, which Python itself drops where it comes in a callback of an import."""
    chart_of(tmp_path, ENDLESS)
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    rng = random.Random(5)
    for number in [signal.SIGTERM, signal.SIGHUP] * BREAKS:
        command, env = [sys.executable, "-m", "karlint", "check"], {**os.environ, "TMPDIR": str(scratch)}
        with subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env
        ) as process:
            time.sleep(rng.uniform(0.3, 1.2))
            process.send_signal(number)
            try:
                assert process.wait(20) in (128 + number, -number)
            finally:
                process.kill()
        assert list(scratch.iterdir()) == []
        until = time.monotonic() + 5  # what is killed takes a moment to die
        while _at_work_in(scratch) and time.monotonic() < until:
            time.sleep(0.05)
        assert _at_work_in(scratch) == []


def _at_work_in(directory: Path) -> list[str]:
    """Return the processes whose working directory lies, or lay, below *directory*."""
    found = []
    for process in Path("/proc").iterdir():
        with suppress(OSError):
            if process.name.isdecimal() and str((process / "cwd").readlink()).startswith(f"{directory}/"):
                found.append(process.name)
    return found


def break_off(root: Path, number: signal.Signals, is_time: Callable[[int], bool], *arguments: str) -> None:
    """Send a run a signal once *is_time* says so of its process: it ends by that, and nothing of it is left."""
    scratch = root / "tmp"
    scratch.mkdir()
    command = [sys.executable, "-m", "karlint", *arguments]
    env = {**os.environ, "TMPDIR": str(scratch)}
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
    try:
        until = time.monotonic() + 30
        while not is_time(process.pid) and process.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.5)
        children = _children(process.pid)
        process.send_signal(number)
        assert process.wait(20) in (128 + number, -number)
    finally:
        process.kill()
        _, said = process.communicate()
    assert b"Traceback" not in said
    assert children, said.decode()
    until = time.monotonic() + 5
    while any(Path(f"/proc/{child}").exists() for child in children) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{child}").exists() for child in children)
    assert list(scratch.iterdir()) == []


def _children(pid: int) -> list[str]:
    found: list[str] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):  # a thread that ends
                found += (task / "children").read_text().split()
    return found


def test_it_works_without_a_network(tmp_path: Path, helm4: Path, kustomize: Path) -> None:
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rn", "true"], capture_output=True, check=False).returncode:
        pytest.skip("network namespaces are not permitted here")
    write(tmp_path, TREE)
    command = [unshare, "-rn", sys.executable, "-m", "karlint", "check", "--format", "json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False)
    assert done.returncode == 1, done.stderr.decode()
    assert RULE.encode() in done.stdout
