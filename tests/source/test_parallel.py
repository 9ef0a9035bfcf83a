"""Many files: the same results with any number of processes, none of which stays; and no file takes others with it."""

from __future__ import annotations

import faulthandler
import gc
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from karlint.model.source import SourceFile
from karlint.source import Limits, LoadedFile, load_files, parallel
from tests.source.support import needs_fork, rules, source

pytestmark = needs_fork

TEXTS = [
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p%d, namespace: n}\n---\n# karlint: ignore[a/b] c\na: é\n",
    "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: l%d}}\n",
    "no: manifest %d\n",
    "broken: [ %d\n",
    "apiVersion: v1\nkind: x\n{{ template %d }}\n",
    "a: %d\na: 2\nkind: x\napiVersion: y\n",
]


def tree(tmp_path: Path, count: int = 400) -> list[SourceFile]:
    files = []
    for number in range(count):
        file = tmp_path / f"{number:04}.yaml"
        file.write_text(TEXTS[number % len(TEXTS)] % number + "# " + "x" * (number % 97) * 10)
        files.append(SourceFile(file.name, file))
    return files


def children() -> list[str]:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split() if Path("/proc/self").exists() else []


@pytest.mark.parametrize("jobs", [2, 3, 16])
def test_processes_change_nothing(tmp_path: Path, jobs: int) -> None:
    files = tree(tmp_path)
    before = children()
    together = load_files(files, Limits(), jobs)
    assert together == load_files(files, Limits(), 1)
    assert [loaded.file for loaded in together] == files
    assert all(item.document.file is loaded.file for loaded in together for item in loaded.documents)
    assert children() == before


def test_every_outcome_is_sent(tmp_path: Path) -> None:
    loaded = load_files(tree(tmp_path), Limits(), 2)
    assert [head.name for item in loaded[0].documents for head in item.heads] == ["p0"]
    assert loaded[0].documents[1].comments[0].rules == ("a/b",)
    assert loaded[1].documents[0].heads[0].prefix == ("items", 0)
    assert loaded[3].findings[0].span is not None
    assert loaded[4].skip_reason is not None
    assert rules(loaded[5]) == ["core/duplicate-key"]


def test_few_files_start_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_Pool", None)
    assert len(load_files(tree(tmp_path, 20), Limits(), 8)) == 20
    assert load_files([], Limits(), 8) == []


def test_a_platform_without_fork_does_it_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel.multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    monkeypatch.setattr(parallel, "_Pool", None)
    assert len(load_files(tree(tmp_path, 300), Limits(), 8)) == 300


def test_the_garbage_collector_is_as_it_was(tmp_path: Path) -> None:
    assert gc.isenabled()
    load_files(tree(tmp_path, 3), Limits(), 1)
    assert gc.isenabled()


def killing(monkeypatch: pytest.MonkeyPatch, names: set[str], how: Any) -> None:
    real = parallel.load

    def load(file: SourceFile, limits: Limits, all_values: bool) -> LoadedFile:
        if file.path in names:
            how()
        return real(file, limits, all_values)

    monkeypatch.setattr(parallel, "load", load)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        # pytest's fault handler would print a traceback of the death that is wanted here.
        (lambda: (faulthandler.disable(), os.kill(os.getpid(), signal.SIGSEGV)), "SIGSEGV"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "SIGKILL"),
        (lambda: os._exit(7), "exit code 7"),
    ],
)
def test_a_file_that_kills_its_process_is_told_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: Any, words: str
) -> None:
    files = tree(tmp_path)
    alone = load_files(files, Limits(), 1)
    names = {files[0].path, files[7].path, files[399].path}
    killing(monkeypatch, names, how)
    together = load_files(files, Limits(), 2)
    assert [loaded.file for loaded in together] == files
    for before, after in zip(alone, together, strict=True):
        if after.file.path in names:
            assert rules(after) == ["core/unreadable-file"]
            assert words in after.findings[0].message
        else:
            assert before == after
    assert not [pid for pid in children() if Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"]


def test_a_process_that_dies_by_chance_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = tree(tmp_path)
    flag = tmp_path / "died"

    def once() -> None:
        if not flag.exists():
            flag.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    alone = load_files(files, Limits(), 1)
    killing(monkeypatch, {files[100].path}, once)
    assert load_files(files, Limits(), 2) == alone


def test_an_interrupt_leaves_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = tree(tmp_path)
    killing(monkeypatch, {file.path for file in files}, lambda: time.sleep(60))

    wait = parallel.connection.wait

    def interrupt(pipes: list[Any], timeout: float | None = None) -> list[Any]:
        if timeout is None:  # the pool's own; the standard library waits for the end of processes with this, too
            raise KeyboardInterrupt
        return wait(pipes, timeout)

    monkeypatch.setattr(parallel.connection, "wait", interrupt)
    before = children()
    with pytest.raises(KeyboardInterrupt):
        load_files(files, Limits(), 3)
    assert children() == before


def test_workers_end_when_their_parent_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = tree(tmp_path)
    killing(
        monkeypatch,
        {file.path for file in files},
        lambda: (tmp_path / f"pid-{os.getpid()}").touch() or time.sleep(0.01),
    )  # type: ignore[func-returns-value]
    parent = os.fork()
    if parent == 0:
        load_files(files, Limits(), 2)
        os._exit(0)
    deadline = time.monotonic() + 20
    while len(workers := [int(file.name[4:]) for file in tmp_path.glob("pid-*")]) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(workers) == 2
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    while any(alive(worker) for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(alive(worker) for worker in workers)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_what_cannot_be_a_manifest_is_checked_and_has_no_value() -> None:
    loaded = load_files([source("a: 1\n---\nb: [1]\n"), source("a: [\n"), source("[" * 200)], Limits(), 1)
    assert [(item.document.json, item.heads) for item in loaded[0].documents] == [(b"null", ()), (b"null", ())]
    assert [rules(item) for item in loaded] == [[], ["core/syntax-error"], ["core/file-limit"]]
