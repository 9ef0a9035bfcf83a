"""Whatever a repository holds: a clear message, the right code, no traceback, and the rest still linted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from karlint.cli import main
from karlint.engine import EmbeddedEngine
from karlint.errors import PolicyError
from karlint.prepared import load_rule_book
from karlint.reading import parse_yaml
from karlint.rules import data_dir, load_rules
from tests.cli.support import DEPLOYMENT, NO_LIMIT, Repository

WIDGET = "apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: w\n"


@pytest.mark.parametrize(
    ("name", "content", "rule", "words"),
    [
        ("broken.yaml", "a: [1\nb: 2\n", "core/syntax-error", "lacks a `,` or its closing `]`"),
        ("tab.yaml", "a:\n\tb: 1\n", "core/syntax-error", "tab"),
        ("broken.json", '{"a": 1,}', "core/syntax-error", "broken.json"),
        ("binary.yaml", b"\x7fELF\x00\x01\x02", "core/unreadable-file", "binary data"),
        ("latin.yaml", b"name: caf\xe9\n", "core/unreadable-file", "UTF-8"),
        ("twice.yaml", DEPLOYMENT + "kind: Deployment\n", "core/duplicate-key", "kind"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value and "\n" not in value else None,
)
def test_a_file_that_cannot_be_read_is_a_finding(
    repository: Repository, name: str, content: str | bytes, rule: str, words: str
) -> None:
    repository.write(name, content)
    repository.write("zz-other.yaml", NO_LIMIT)
    ran = repository.run("check")
    assert ran.code == 1
    assert ran.found() == [rule, "dra/request-without-limit"]
    assert words in ran.out


def test_chart_templates_are_skipped_and_counted(repository: Repository) -> None:
    repository.write("chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n")
    repository.write(
        "chart/templates/web.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n"
    )
    repository.write("chart/values.yaml", "replicas: 1\n")
    repository.write("app.yaml", NO_LIMIT)
    ran = repository.run("check", "--no-render")
    assert ran.found() == ["dra/request-without-limit"]
    assert "4 files: 1 linted, 3 skipped" in ran.out
    assert "1 Helm chart template" in ran.out


def test_a_chart_alone_is_no_clean_bill(repository: Repository) -> None:
    repository.write("chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n")
    repository.write("chart/templates/web.yaml", DEPLOYMENT)
    ran = repository.run("check", "--no-render", "chart")
    assert ran.code == 0
    assert "No manifests to lint: everything that was seen is skipped." in ran.out


def test_an_unknown_kind_is_counted_as_without_a_schema(repository: Repository) -> None:
    repository.write("widget.yaml", WIDGET)
    ran = repository.run("check")
    assert (ran.code, ran.found()) == (0, [])
    assert "1 without a schema (Widget 1)" in ran.out


def test_what_is_no_regular_file_is_skipped_and_counted(repository: Repository) -> None:
    repository.write("app.yaml", NO_LIMIT)
    (repository.root / "directory.yaml").mkdir()
    (repository.root / "dangling.yaml").symlink_to("nowhere")
    (repository.root / "outside.yaml").symlink_to("/etc/hostname")
    os.mkfifo(repository.root / "fifo.yaml")
    ran = repository.run("check")
    assert (ran.code, ran.found()) == (1, ["dra/request-without-limit"])
    assert "4 files: 1 linted, 3 skipped" in ran.out
    for reason in ("1 broken symlink", "1 not a regular file", "1 symlink leaves the tree"):
        assert reason in " ".join(ran.out.split())


@pytest.mark.parametrize("kind", ["dangling", "fifo", "outside"])
def test_what_is_named_and_cannot_be_linted_makes_the_run_incomplete(repository: Repository, kind: str) -> None:
    target = repository.root / "it.yaml"
    make = {
        "dangling": lambda: target.symlink_to("nowhere"),
        "fifo": lambda: os.mkfifo(target),
        "outside": lambda: target.symlink_to("/etc/hostname"),
    }
    make[kind]()
    repository.write("app.yaml", NO_LIMIT)
    ran = repository.run("check", "it.yaml", "app.yaml")
    assert (ran.code, ran.found()) == (3, ["dra/request-without-limit"])
    assert "it.yaml was named and is not linted" in " ".join(ran.out.split())


def test_a_directory_with_the_name_of_a_file_is_a_directory(repository: Repository) -> None:
    (repository.root / "it.yaml").mkdir()
    repository.write("app.yaml", NO_LIMIT)
    ran = repository.run("check", "it.yaml", "app.yaml")
    assert (ran.code, ran.found()) == (1, ["dra/request-without-limit"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file, whatever its permissions")
def test_a_file_without_permission_is_a_finding(repository: Repository) -> None:
    repository.write("closed.yaml", DEPLOYMENT).chmod(0)
    ran = repository.run("check")
    assert (ran.code, ran.found()) == (1, ["core/unreadable-file"])


def test_an_empty_repository_is_told(repository: Repository) -> None:
    ran = repository.run("check")
    assert ran.code == 0
    assert "No YAML or JSON files were found." in ran.out


@pytest.mark.parametrize("text", ["", "---\n", "# nothing\n", "just text\n"])
def test_an_empty_pipe_is_told(repository: Repository, text: str) -> None:
    ran = repository.run("check", "-", stdin=text)
    assert ran.code == 0
    assert "No Kubernetes resources were found" in ran.out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rules:\n  dra/claim-not-fond: error\n", [".karlint.yaml:2:3: ", "Did you mean dra/claim-not-found?"]),
        ("kubernetes_version: ['1.35']\n", [".karlint.yaml:1:1: ", "Did you mean kubernetes_versions?"]),
        ("kubernetes_versions: [1.35]\n", [".karlint.yaml:1:23: "]),
        ("kubernetes_versions: ['1.99']\n", [".karlint.yaml:1:23: ", "1.99"]),
        ("fail_on: eror\n", [".karlint.yaml:1:10: ", "eror"]),
        (
            "rules:\n  serving/liveness-kills-load:\n    params: {min_load_second: 1}\n",
            [".karlint.yaml:3:14: ", "Did you mean min_load_seconds?"],
        ),
        ("profiles: [strict]\n", [".karlint.yaml:1:12: ", "strict"]),
        ("a: [\n", [".karlint.yaml:2:1: "]),
        ("- a\n", [".karlint.yaml:1:1: "]),
    ],
)
def test_a_mistake_in_the_configuration_ends_the_run_and_is_located(
    repository: Repository, text: str, words: list[str]
) -> None:
    repository.write(".karlint.yaml", text)
    repository.write("app.yaml", NO_LIMIT)
    ran = repository.run("check")
    assert ran.code == 2, ran.all
    assert ran.out == ""
    for word in words:
        assert word in ran.err
    assert repository.run("check", "--no-config").code == 1, "the rest of the command line does not depend on it"


# ---- rules that are wrong ----


def test_rego_that_does_not_compile_is_named_with_its_file(tmp_path: Path) -> None:
    book = load_rule_book()
    rule = book.rules["dra/request-without-limit"]
    broken = tmp_path / "rule.rego"
    broken.write_text(rule.logic.read_text("utf-8") + "\nfindings contains {\n", "utf-8")  # type: ignore[union-attr]
    with pytest.raises(PolicyError) as caught:
        EmbeddedEngine([replace(rule, logic=broken)], {}, {})
    assert str(broken) in caught.value.message


def test_metadata_that_is_wrong_is_named_with_its_file(tmp_path: Path) -> None:
    """A copy of one rule with an unknown severity, between the tables and requirements that the loader wants."""
    (tmp_path / "schemas").symlink_to(data_dir() / "schemas")
    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "requirements.yaml").symlink_to(data_dir() / "policies" / "requirements.yaml")
    folder = policies / "dra" / "request-without-limit"
    folder.mkdir(parents=True)
    text = (data_dir() / "policies" / "dra" / "request-without-limit" / "rule.rego").read_text("utf-8")
    (folder / "rule.rego").write_text(text.replace("severity: error", "severity: eror", 1), "utf-8")
    with pytest.raises(PolicyError) as caught:
        load_rules(tmp_path, parse_yaml)
    assert "dra/request-without-limit" in caught.value.message
    assert "eror" in caught.value.message


@pytest.mark.parametrize("output", ["text", "json", "sarif"])
def test_a_rule_that_fails_makes_the_run_incomplete_and_the_others_go_on(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], output: str
) -> None:
    """A rule that gives one name two values compiles, and fails when it is evaluated."""
    book = load_rule_book()
    rule = book.rules["dra/request-without-limit"]
    broken = repository.write("rule.rego", rule.logic.read_bytes() + _CONFLICT)  # type: ignore[union-attr]
    rules = {**book.rules, rule.id: replace(rule, logic=broken)}
    monkeypatch.setattr("karlint.prepared.load_rule_book", lambda: replace(book, rules=rules))
    monkeypatch.setattr("sys.argv", ["karlint", "check", "--format", output, "--exit-zero"])
    monkeypatch.chdir(repository.root)
    repository.write("train.yaml", NO_LIMIT)
    repository.write("twice.yaml", DEPLOYMENT + "kind: Deployment\n")
    with pytest.raises(SystemExit) as end:
        main()
    out = capfdbinary.readouterr().out.decode()
    assert end.value.code == 3
    assert "dra/request-without-limit" in out
    assert "core/duplicate-key" in out
    if output == "text":
        assert "incomplete: 1 rule could not be evaluated, so findings may be missing" in out


_CONFLICT = b"""
two_values := 1 if input.resource
two_values := 2 if input.resource
findings contains {"at": [], "args": {}} if two_values == 3
"""


# ---- where output goes ----


def _start(repository: Repository, *args: str, **more: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "karlint", *args],
        cwd=repository.root,
        env=repository.environment(),
        stderr=subprocess.PIPE,
        **more,  # type: ignore[call-overload]
    )


def test_a_reader_that_goes_away_ends_the_run_quietly(repository: Repository) -> None:
    repository.write(
        "app.yaml", "---\n".join(NO_LIMIT.replace("name: train\n  n", f"name: t{i}\n  n") for i in range(300))
    )
    process = _start(repository, "check", stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read(10)
    process.stdout.close()
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (141, b"")


@pytest.mark.parametrize("command", [["rules"], ["schema", "report"]])
def test_the_same_for_other_commands(repository: Repository, command: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    process = _start(repository, *command, stdout=write)
    os.close(write)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("command", ["check", "inventory", "rules", "doctor", "--version", "--help"])
def test_a_full_disk_is_told(repository: Repository, command: str) -> None:
    repository.write("app.yaml", NO_LIMIT)
    with Path("/dev/full").open("wb") as full:
        process = _start(repository, command, stdout=full)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert err.decode().splitlines() == ["error: standard output cannot be written: No space left on device"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", [["check", "nowhere"], ["check", "--nonsense"], ["nonsense"]])
def test_what_is_wrong_ends_with_2_also_where_it_cannot_be_told(repository: Repository, arguments: list[str]) -> None:
    """1 would mean that there are findings."""
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "karlint", *arguments]
        done = subprocess.run(command, cwd=repository.root, env=repository.environment(), stderr=full, check=False)
    assert done.returncode == 2


@pytest.mark.parametrize(("arguments", "code"), [(["check", "nowhere"], 2), (["check", "--nonsense"], 141)])
def test_nobody_to_tell_what_is_wrong_means_no_findings(
    repository: Repository, arguments: list[str], code: int
) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "karlint", *arguments]
    done = subprocess.run(command, cwd=repository.root, env=repository.environment(), stderr=write, check=False)
    os.close(write)
    assert done.returncode == code


@pytest.mark.parametrize("module", ["typer", "karlint.cli.check"])
def test_interrupting_while_modules_are_loaded_ends_without_a_traceback(repository: Repository, module: str) -> None:
    """A finder that is interrupted stands for a person who is quick."""
    repository.write(
        "hook/sitecustomize.py",
        "import sys\n\nclass Finder:\n    def find_spec(name, path=None, target=None):\n"
        f"        if name == {module!r}:\n            raise KeyboardInterrupt\n\nsys.meta_path.insert(0, Finder)\n",
    )
    hooked = f"{repository.root / 'hook'}:{repository.environment()['PYTHONPATH']}"
    ran = repository.run("check", PYTHONPATH=hooked)
    assert (ran.code, ran.all) == (130, "")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no /dev/zero")
def test_a_baseline_that_never_ends_is_not_read_to_its_end(repository: Repository) -> None:
    repository.write("app.yaml", NO_LIMIT)
    repository.write(".karlint.yaml", "baseline: known.json\n")
    (repository.root / "known.json").symlink_to("/dev/zero")
    ran = repository.run("check")
    assert ran.code == 2
    assert "known.json cannot be read: File too large" in ran.err
    written = repository.run("baseline", "--output", "/dev/zero")
    assert "/dev/zero: 1 entries, 1 new" in written.out


def test_closed_output_and_input_end_with_2(repository: Repository) -> None:
    repository.write("app.yaml", NO_LIMIT)
    for redirect in (">&-", "2>&-", "- <&-"):
        command = f'exec "{sys.executable}" -m karlint check {redirect}'
        done = subprocess.run(
            ["sh", "-c", command], cwd=repository.root, env=repository.environment(), capture_output=True, check=False
        )
        assert done.returncode == 2, redirect
        assert b"Traceback" not in done.stderr + done.stdout


def test_an_output_that_cannot_be_written_is_told(repository: Repository) -> None:
    repository.write("app.yaml", NO_LIMIT)
    repository.write("file", "")
    ran = repository.run("check", "--format", "sarif", "--output", "file/out.sarif")
    assert ran.code == 2
    assert "file/out.sarif cannot be written" in ran.err


def test_interrupting_ends_with_130_and_without_a_traceback(repository: Repository) -> None:
    read, write = os.pipe()  # `check -` waits for the end of its input, so that it can be interrupted at leisure
    process = _start(repository, "check", "-", stdin=read, stdout=subprocess.PIPE)
    os.close(read)
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    os.close(write)
    assert process.returncode == 130
    assert b"Traceback" not in out + err


def test_interrupting_workers_ends_with_130_and_without_a_traceback(repository: Repository) -> None:
    for number in range(600):
        repository.write(f"apps/{number}.yaml", "---\n".join([NO_LIMIT] * 20))
    process = _start(repository, "check", "--jobs", "2", stdout=subprocess.PIPE, start_new_session=True)
    time.sleep(1.5)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, "it had ended before it was interrupted" if not process.returncode else err
    assert b"Traceback" not in out + err
