"""``--fix``, ``--unsafe-fixes`` and ``--diff`` from the outside, and fixes in reports."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from tests.cli.support import NO_LIMIT, Repository

if TYPE_CHECKING:
    from pathlib import Path


def repository(tmp_path: Path, text: str = NO_LIMIT) -> Repository:
    repo = Repository(tmp_path)
    (tmp_path / "job.yaml").write_text(text, "utf-8")
    return repo


def test_fix_mends_and_says_so(tmp_path: Path) -> None:
    ran = repository(tmp_path).run("check", "--fix")
    assert ran.code == 0
    assert "1 fixed, no findings" in ran.out
    assert "limits:" in (tmp_path / "job.yaml").read_text("utf-8")


def test_diff_can_be_applied_by_git(tmp_path: Path) -> None:
    repo = repository(tmp_path, NO_LIMIT.rstrip("\n"))
    ran = repo.run("check", "--diff")
    assert "limits:" not in (tmp_path / "job.yaml").read_text("utf-8")
    subprocess.run(["patch", "-p1"], input=ran.out, cwd=tmp_path, check=True, text=True, capture_output=True)
    assert repo.run("check").code == 0


def test_options_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    assert repo.run("check", "--unsafe-fixes").code == 2
    assert repo.run("check", "--diff", "-f", "json").code == 2


def test_reports_tell_the_fix(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    assert 'fix: add limits["nvidia.com/gpu"]: 1 (--fix)' in repo.run("check").out
    (finding,) = json.loads(repo.run("check", "-f", "json").out)["findings"]
    (edit,) = finding["fix"]["edits"]
    assert finding["fix"]["safe"] is True
    assert (edit["path"], edit["start"], edit["start"] == edit["end"]) == ("job.yaml", {"line": 14, "column": 42}, True)
    assert edit["text"] == "\n            limits:\n              nvidia.com/gpu: 1"
    run = json.loads(repo.run("check", "-f", "sarif").out)["runs"][0]
    (change,) = run["results"][0]["fixes"][0]["artifactChanges"]
    assert change["artifactLocation"] == {"uri": "job.yaml"}
    assert change["replacements"][0]["insertedContent"]["text"] == edit["text"]
