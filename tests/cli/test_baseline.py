"""What is new: against a baseline, and against an earlier commit."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.support import NO_LIMIT, Repository

if TYPE_CHECKING:
    from pathlib import Path

RULE = "dra/request-without-limit"
FILE = ".karlint-baseline.json"
OTHER = NO_LIMIT.replace("name: train\n  namespace", "name: other\n  namespace")


def git(repository: Repository, *args: str) -> str:
    person = ["-c", "user.name=karlint", "-c", "user.email=karlint@example.com"]
    done = subprocess.run(["git", *person, *args], cwd=repository.root, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def committed(tmp_path: Path) -> Repository:
    root = tmp_path / "committed"
    root.mkdir()
    subprocess.run(["git", "init", "--quiet", "-b", "main"], cwd=root, check=True)
    found = Repository(root)
    found.write("jobs/train.yaml", NO_LIMIT)
    git(found, "add", "--all")
    git(found, "commit", "--quiet", "-m", "state")
    return found


def entries(repository: Repository) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((repository.root / FILE).read_text())["entries"]
    return found


def test_what_is_in_the_baseline_does_not_count(repository: Repository) -> None:
    repository.write("a.yaml", NO_LIMIT)
    made = repository.run("baseline", "--reason", "before we began")
    assert made.code == 0
    assert "1 entries, 1 new, 0 taken out" in made.out
    assert [entry["rule"] for entry in entries(repository)] == [RULE]
    assert not any("line" in key for key in entries(repository)[0])
    ran = repository.run("check", "--baseline", FILE, "--show-suppressed")
    assert ran.code == 0
    assert "in the baseline: before we began" in ran.out
    repository.write(".karlint.yaml", f"baseline: {FILE}\n")
    assert repository.run("check").code == 0
    assert repository.run("check", "--no-config").code == 1


def test_moving_inserting_and_reordering_bring_nothing_new(repository: Repository) -> None:
    repository.write("a.yaml", f"{NO_LIMIT}---\n{OTHER}")
    repository.run("baseline")
    (repository.root / "a.yaml").unlink()
    repository.write("moved/b.yaml", f"# a\n\n\n{OTHER}---\n# another\n{NO_LIMIT.replace('gpu: 1', 'gpu: 4')}")
    ran = repository.run("check", "--baseline", FILE)
    assert (ran.code, ran.found()) == (0, [])
    assert "match nothing" not in ran.out


def test_what_is_new_counts(repository: Repository) -> None:
    repository.write("a.yaml", NO_LIMIT)
    repository.run("baseline")
    repository.write("b.yaml", OTHER)
    repository.write("copy.yaml", NO_LIMIT)
    ran = repository.run("check", "--baseline", FILE)
    assert ran.code == 1
    assert ran.found() == [RULE, RULE]


def test_it_only_shrinks_unless_told_to_accept(repository: Repository) -> None:
    repository.write("a.yaml", NO_LIMIT)
    repository.run("baseline", "--reason", "old")
    repository.write("a.yaml", OTHER)
    ran = repository.run("check", "--baseline", FILE)
    assert ran.code == 1
    assert f"match nothing any more: {RULE} of Job ml/train." in " ".join(ran.out.split())
    shrunk = repository.run("baseline")
    assert "0 entries, 0 new, 1 taken out" in shrunk.out
    assert "1 new findings were left out" in shrunk.out
    assert entries(repository) == []
    repository.run("baseline", "--accept-new")
    assert [entry["resource"] for entry in entries(repository)] == ["Job ml/other"]


def test_an_entry_expires(repository: Repository) -> None:
    repository.write("a.yaml", NO_LIMIT)
    repository.run("baseline", "--expires", "2020-01-31")
    ran = repository.run("check", "--baseline", FILE)
    assert ran.code == 1
    assert f"{RULE} of Job ml/train (2020-01-31)" in " ".join(ran.out.split())
    assert repository.run("baseline", "--expires", "soon").code == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"schema": 1}',
        '{"schema": 2, "entries": []}',
        '{"schema": 1, "entries": [3]}',
        '{"schema": 1, "entries": [{"identity": 1}]}',
        '{"schema": 1, "entries": [{"identity": "a", "environments": {"": "x"}}]}',
        '{"schema": 1, "entries": [{"identity": "a", "environments": {"": 1}, "expires": "soon"}]}',
    ],
)
def test_what_is_no_baseline_is_said(text: str, repository: Repository) -> None:
    repository.write("a.yaml", NO_LIMIT)
    repository.write(FILE, text)
    ran = repository.run("check", "--baseline", FILE)
    assert ran.code == 2
    assert FILE in ran.err
    assert repository.run("check", "--baseline", "nowhere.json").code == 2


def test_a_commit_brings_what_it_brings(committed: Repository) -> None:
    before = git(committed, "status", "--porcelain=v2", "--branch")
    assert committed.run("check", "--diff-base", "HEAD").code == 0
    committed.write("jobs/other.yaml", OTHER)
    ran = committed.run("check", "--diff-base", "HEAD")
    assert (ran.code, ran.found()) == (1, [RULE])
    assert "jobs/other.yaml:14" in ran.out
    (committed.root / "jobs" / "other.yaml").unlink()
    assert git(committed, "status", "--porcelain=v2", "--branch") == before
    assert git(committed, "worktree", "list").count("\n") == 1


def test_part_of_a_repository_is_compared_with_the_same_part(committed: Repository) -> None:
    committed.write("new/other.yaml", OTHER)
    assert committed.run("check", "--diff-base", "main", "jobs").code == 0
    ran = committed.run("check", "--diff-base", "main", "new")
    assert (ran.code, ran.found()) == (1, [RULE])


@pytest.mark.parametrize("ref", ["nowhere", "--help", "HEAD~7", ""])
def test_a_commit_that_is_not_there_is_said(ref: str, committed: Repository) -> None:
    ran = committed.run("check", f"--diff-base={ref}")
    assert ran.code == 2
    assert "there is no commit" in ran.err


def test_without_a_repository_there_is_nothing_to_compare(repository: Repository) -> None:
    repository.write("a.yaml", NO_LIMIT)
    ran = repository.run("check", "--diff-base", "HEAD")
    assert ran.code == 2
    assert "no Git repository" in ran.err


def test_a_baseline_needs_helm_for_charts_unless_told_otherwise(repository: Repository) -> None:
    repository.write("chart/Chart.yaml", "apiVersion: v2\nname: chart\nversion: 1.0.0\n")
    repository.write("a.yaml", NO_LIMIT)
    ran = repository.run("baseline", PATH="")
    assert ran.code == 2
    assert "--no-render" in ran.err
    assert not (repository.root / FILE).exists()
    assert repository.run("baseline", "--no-render", PATH="").code == 0
    assert [entry["environments"] for entry in entries(repository)] == [{"": 1}]
