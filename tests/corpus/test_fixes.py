"""All fixes, unsafe ones too, made in real repositories: what ``docs/fixes.md`` promises holds in each of them."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from karlint.config import Config, Settings
from tests.conftest import ROOT, missing
from tests.corpus.fixproof import Counts, outside, proven
from tests.corpus.trees import trees

if TYPE_CHECKING:
    from pathlib import Path

VERSIONS = tuple(os.environ.get("KARLINT_FIX_VERSIONS", "1.35").split())


def repositories(corpus: Path) -> list[str]:
    """The trees that are linted by themselves; KARLINT_FIX_CORPUS names some of them, or says "all".

    "." is the whole as one tree, which is not rendered.
    """
    chosen = os.environ.get("KARLINT_FIX_CORPUS", "kubernetes__examples kubernetes-sigs__dra-driver-nvidia-gpu").split()
    return trees(corpus) if chosen == ["all"] else [name for name in chosen if (corpus / name).is_dir()]


@pytest.mark.corpus
def test_all_fixes_of_real_repositories(tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for tool in ("helm", "kustomize"):
        if not (ROOT / "tools" / "bin" / tool).is_file():
            missing(f"tools/bin/{tool}", "run `make tools`")
    monkeypatch.setenv("PATH", str(ROOT / "tools" / "bin"), prepend=os.pathsep)
    counts = Counts()
    for name in repositories(corpus):
        tree = tmp_path / (name.replace("/", "-") if name != "." else "whole")
        shutil.copytree(corpus / name, tree, symlinks=True)
        (tree / ".git").mkdir(exist_ok=True)
        settings = Settings(root=tree, versions=VERSIONS, config=Config(), do_without=True, render=name != ".")
        known = len(counts.problems)
        proven(tree, settings, monkeypatch, counts)
        print(name, *counts.problems[known:], sep="\n  ", flush=True)
        shutil.rmtree(tree)
    print(counts)
    assert counts.trees
    assert counts.problems == []


@pytest.mark.parametrize(
    ("after", "right"),
    [
        ("a: 1\nb: 3\nc: 3\n", True),
        ("a: 1\nb: 3\nx: 1\nc: 3\n", True),
        ("a: 1\nc: 3\n", True),
        ("a: 2\nb: 3\nc: 3\n", False),
        ("a: 1\nb: 3\nc: 4\n", False),
        ("a: 1\nb: 3\nc: 3\nd: 1\n", False),
    ],
)
def test_a_line_outside_of_the_edits_is_noticed(after: str, right: bool) -> None:
    assert (outside("a: 1\nb: 2\nc: 3\n", after, [(2, 2)]) == "") == right
