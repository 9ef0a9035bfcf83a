"""Gitignore semantics, by hand and against Git itself."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from karlint.discover import DiscoverOptions, discover, path_matcher
from karlint.discover.ignores import compile_layer, ignore_lines, invalid_patterns, is_ignored
from karlint.errors import UsageError
from tests.conftest import missing
from tests.discover.support import linted, manifests, plant, reasons, repository, run

if TYPE_CHECKING:
    from pathlib import Path


def test_an_ignored_directory_counts_once(tmp_path: Path) -> None:
    manifests(repository(tmp_path), "app.yaml", "build/a.yaml", "build/deep/b.yaml")
    plant(tmp_path, {".gitignore": "build/\n"})
    found = run(tmp_path)
    assert linted(found) == ["app.yaml"]
    assert reasons(found) == {"build/": "ignored by .gitignore"}


def test_an_ignored_file_is_told_from_files_that_are_not_seen(tmp_path: Path) -> None:
    manifests(repository(tmp_path), "local.yaml", "notes.txt", "app.yaml")
    plant(tmp_path, {".gitignore": "local.*\nnotes.txt\n"})
    found = run(tmp_path)
    assert linted(found) == ["app.yaml"]
    assert reasons(found) == {"local.yaml": "ignored by .gitignore"}


def test_negation_takes_a_file_back(tmp_path: Path) -> None:
    manifests(repository(tmp_path), "a.gen.yaml", "keep.gen.yaml")
    plant(tmp_path, {".gitignore": "*.gen.yaml\n!keep.gen.yaml\n"})
    assert linted(run(tmp_path)) == ["keep.gen.yaml"]


def test_negation_cannot_reach_into_an_ignored_directory(tmp_path: Path) -> None:
    manifests(repository(tmp_path), "build/keep.yaml", "app.yaml")
    plant(tmp_path, {".gitignore": "build/\n!build/keep.yaml\n"})
    assert linted(run(tmp_path)) == ["app.yaml"]


def test_an_anchored_pattern_holds_beside_its_file_only(tmp_path: Path) -> None:
    manifests(repository(tmp_path), "out/a.yaml", "apps/out/b.yaml")
    plant(tmp_path, {".gitignore": "/out\n"})
    assert linted(run(tmp_path)) == ["apps/out/b.yaml"]


def test_a_nested_ignore_file_wins_over_the_outer_one(tmp_path: Path) -> None:
    manifests(repository(tmp_path), "a.gen.yaml", "apps/b.gen.yaml", "apps/local.yaml", "local.yaml")
    plant(tmp_path, {".gitignore": "*.gen.yaml\n", "apps/.gitignore": "!*.gen.yaml\n/local.yaml\n"})
    assert linted(run(tmp_path)) == ["apps/b.gen.yaml", "local.yaml"]


def test_the_repositorys_own_exclude_file_counts(tmp_path: Path) -> None:
    manifests(repository(tmp_path), "mine.yaml", "app.yaml")
    plant(tmp_path, {".git/info/exclude": "mine.yaml\n"})
    assert linted(run(tmp_path)) == ["app.yaml"]


def test_a_linked_worktree_reads_the_main_repositorys_exclude_file(tmp_path: Path) -> None:
    plant(tmp_path, {"main/.git/info/exclude": "mine.yaml\n", "main/.git/worktrees/side/commondir": "../..\n"})
    side = manifests(tmp_path / "side", "mine.yaml", "app.yaml")
    plant(side, {".git": f"gitdir: {tmp_path}/main/.git/worktrees/side\n"})
    assert linted(run(side)) == ["app.yaml"]


def test_ignore_files_can_be_disregarded(tmp_path: Path) -> None:
    manifests(repository(tmp_path), "build/a.yaml")
    plant(tmp_path, {".gitignore": "build/\n"})
    assert linted(run(tmp_path, respect_gitignore=False)) == ["build/a.yaml"]


def test_an_ignored_file_or_directory_is_linted_when_named(tmp_path: Path) -> None:
    manifests(repository(tmp_path), "build/a.yaml", "build/b.yaml", "local.yaml")
    plant(tmp_path, {".gitignore": "build/\nlocal.yaml\n", "build/.gitignore": "b.yaml\n"})
    assert linted(run(tmp_path, "local.yaml", "build/b.yaml")) == ["build/b.yaml", "local.yaml"]
    named = run(tmp_path, "build")
    assert linted(named) == ["build/a.yaml"]
    assert reasons(named) == {"build/b.yaml": "ignored by .gitignore"}


def test_configured_excludes_hold_even_for_named_files(tmp_path: Path) -> None:
    manifests(repository(tmp_path), "vendor/a.yaml", "apps/x/b.yaml", "app.yaml")
    found = run(tmp_path, "vendor/a.yaml", "apps", "app.yaml", exclude=("vendor/", "apps/x/"))
    assert linted(found) == ["app.yaml"]
    assert reasons(found) == dict.fromkeys(["vendor/a.yaml", "apps/x/"], "excluded by configuration")


def test_a_named_directory_that_is_excluded_is_not_walked(tmp_path: Path) -> None:
    manifests(repository(tmp_path), "vendor/a.yaml")
    assert reasons(run(tmp_path, "vendor", exclude=("vendor",))) == {"vendor/": "excluded by configuration"}


def test_an_exclude_that_is_no_pattern_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no gitignore pattern"):
        discover(tmp_path, [], DiscoverOptions(exclude=("a\\",)))


def test_a_pattern_that_git_does_not_accept_ignores_nothing(tmp_path: Path) -> None:
    manifests(repository(tmp_path), "a.yaml", "b.yaml")
    plant(tmp_path, {".gitignore": "a.yaml\\\nb.yaml\n"})
    assert linted(run(tmp_path)) == ["a.yaml"]


def test_lines_are_split_as_git_does() -> None:
    assert ignore_lines(b"\xef\xbb\xbfa\r\nb \n\xff") == ["a", "b ", "\udcff"]
    assert invalid_patterns(["# note", "", "ok", "bad\\"]) == ["bad\\"]
    assert compile_layer(["# only a comment", ""]) is None


def test_path_matcher_matches_parents_too() -> None:
    matches = path_matcher(["dev/", "*.gen.yaml", "!keep.gen.yaml"])
    assert [path for path in ("dev/a/b.yaml", "x.gen.yaml", "keep.gen.yaml", "prod/a.yaml") if matches(path)] == [
        "dev/a/b.yaml",
        "x.gen.yaml",
    ]
    assert not path_matcher([])("a.yaml")


FILES = ["a.yaml", "b.yaml", "keep.yaml", "out/a.yaml", "out/keep.yaml", "out/x/a.yaml", "x/out/a.yaml", "x/a.yaml"]
FILES += ["x/y/keep.yaml", "x/y/b.yaml", "out.yaml", "!a.yaml", "#a.yaml", "sp ace.yaml", "x/y/z/a.yaml"]


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("*\n!*/\n!keep.yaml\n", ""),
        ("*\n!*/\n", "!a.yaml\n"),
        ("out/**\n!out/keep.yaml\n", ""),
        ("out/*\n!out/x\n", ""),
        ("**/out\n", ""),
        ("x/**/a.yaml\n", ""),
        ("/*\n!/x/\n", "/*\n!/y\n"),
        ("*.yaml\n", "!*/\n"),
        ("*.yaml\n", "!y/\n"),
        ("x/y\n", "!y\n"),
        ("\\!a.yaml\n\\#a.yaml\nsp\\ ace.yaml\n", ""),
        ("[ab].yaml\n?eep.yaml\n", "![a].yaml\n"),
        ("out\n!out/\n", ""),
        ("a.yaml   \r\n# b.yaml\n", "b.yaml"),
        ("**\n!x/\n!x/**\n", "y/z/\n"),
    ],
)
def test_git_agrees(tmp_path: Path, outer: str, inner: str) -> None:
    git = shutil.which("git")
    if git is None:
        missing("git", "install it")
    manifests(tmp_path, *FILES)
    plant(tmp_path, {".gitignore": outer, "x/.gitignore": inner})
    subprocess.run([git, "init", "-q", str(tmp_path)], check=True)
    listing = [git, "-C", str(tmp_path), "ls-files", "--others", "--exclude-standard", "-z"]
    kept = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split("\0")
    assert linted(run(tmp_path)) == sorted(path for path in kept if path.endswith(".yaml"))


def test_the_innermost_layer_decides() -> None:
    outer, inner = compile_layer(["*.yaml"]), compile_layer(["!a.yaml"], "x/")
    assert outer is not None
    assert inner is not None
    assert not is_ignored("x/a.yaml", (inner, outer))
    assert is_ignored("x/b.yaml", (inner, outer))
