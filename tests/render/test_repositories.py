"""Which URLs are the repository that is linted, and what of the disk it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from karlint.render.checkout import kind_of
from karlint.render.clusters import common_directory, entry_directory
from karlint.render.globs import match_any, match_doublestar, match_path, match_pathspec
from karlint.render.repositories import Recogniser, plain_url, remotes_of
from karlint.render.versions import allows
from tests.render.gitopsrepo import Repo

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """\
[core]
\tbare = false
[remote "origin"]
\turl = git@github.com:Acme/gitops.git
\tfetch = +refs/heads/*:refs/remotes/origin/*
[branch "main"]
\turl = no
"""


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/gitops",
        "https://GitHub.com/acme/gitops.git/",
        "ssh://git@github.com:22/acme/gitops.git",
        "git@github.com:acme/gitops.git",
        "github.com:acme/gitops",
        "https://user:token@github.com/acme/gitops",
    ],
)
def test_ways_to_write_a_url(url: str) -> None:
    assert plain_url(url) == "github.com/acme/gitops"


def test_remotes_are_read_without_git(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/config").write_text(CONFIG)
    below = tmp_path / "deep/er"
    below.mkdir(parents=True)
    assert remotes_of(below) == ("git@github.com:Acme/gitops.git",)


def test_remotes_of_a_worktree(tmp_path: Path) -> None:
    inner = tmp_path / "main/.git/worktrees/w"
    inner.mkdir(parents=True)
    (inner / "commondir").write_text("../..\n")
    (tmp_path / "main/.git/config").write_text(CONFIG)
    (tmp_path / "w").mkdir()
    (tmp_path / "w/.git").write_text(f"gitdir: {inner}\n")
    assert remotes_of(tmp_path / "w") == ("git@github.com:Acme/gitops.git",)
    (tmp_path / "w/.git").write_bytes(b"\xff\x00")
    assert remotes_of(tmp_path / "w") == ()


def recogniser(known: tuple[str, ...] = (), directory: str = "checkout") -> Recogniser:
    there = {"apps", "apps/llm", "apps/tei", "clusters/prod", "charts"}
    return Recogniser(lambda path: path in there, known, directory)


def test_a_known_url_is_here_whatever_the_path() -> None:
    known = recogniser(("git@github.com:acme/gitops.git",))
    assert known.is_here("https://github.com/acme/gitops", "none")
    assert not known.is_here("https://github.com/acme/other", "apps/llm")


def test_a_fork_or_a_directory_of_the_same_name_is_here() -> None:
    assert recogniser(("git@github.com:me/gitops",)).is_here("https://github.com/acme/gitops", "apps/llm")
    assert recogniser(directory="gitops").is_here("https://github.com/acme/gitops", "apps/llm")
    assert recogniser(directory="acme__gitops").is_here("https://github.com/acme/gitops", "apps/llm")
    assert not recogniser(("x:me/gitops",), "mygitops").is_here("https://github.com/acme/ops", "apps/llm")


def test_without_remotes_the_paths_are_the_evidence() -> None:
    unknown = recogniser()
    unknown.learn([("https://a/b/c", "apps/llm"), ("https://a/b/c.git", "./apps/tei/"), ("https://x/y/z", "apps/llm")])
    unknown.learn([("https://x/y/z", "deploy"), ("https://x/y/z", "manifests")])
    assert unknown.is_here("https://a/b/c", "clusters/prod")
    assert not unknown.is_here("https://a/b/c", "none")
    assert not unknown.is_here("https://x/y/z", "apps/llm"), "most of what it is asked for is not here"
    assert not unknown.is_here("https://q/r/s", "charts"), "a directory of this name is in every other repository"


@pytest.mark.parametrize("url", ["", "{{url}}", "https://${HOST}/x"])
def test_what_is_no_url(url: str) -> None:
    assert not recogniser(directory="x").is_here(url, "apps/llm")


def test_the_disk_ends_at_the_root(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    (root / "a").mkdir(parents=True)
    (tmp_path / "secret").write_text("x")
    (root / "out").symlink_to(tmp_path)
    (root / "in").symlink_to(root / "a")
    (root / "loop").symlink_to(root / "loop")
    expected = {"": "directory", "a": "directory", "in": "directory", "out": "outside", "out/secret": "outside"}
    assert {path: kind_of(root, path) for path in expected} == expected
    assert {kind_of(root, path) for path in ("none", "loop", "a\x00b")} == {""}
    world = Repo(root, {"a/b.yaml": "x: 1", ".git/config": "", ".github/x.yaml": ""}).world
    assert world.read("out/secret") is None
    assert world.read("a/b.yaml") == "x: 1"
    assert [file for file in world.files("") if "/" in file] == [".github/x.yaml", "a/b.yaml"]


def test_charts_of_the_tree(tmp_path: Path) -> None:
    files = {"b/Chart.yaml": "name: b\nversion: 1.0.0\n", "a/Chart.yaml": "name: {{ x }}", "c/Chart.yaml": "- 1"}
    assert Repo(tmp_path, files).world.charts() == (("b", "b", "1.0.0"),)


@pytest.mark.parametrize(
    ("match", "pattern", "path", "expected"),
    [
        (match_path, "apps/*", "apps/llm", True),
        (match_path, "apps/*", "apps/llm/base", False),
        (match_path, "apps/[a-l]*", "apps/llm", True),
        (match_path, "apps/[^a-l]*", "apps/llm", False),
        (match_path, "{a,b}", "a", False),
        (match_path, "a?c", "a/c", False),
        (match_path, "[", "[", True),
        (match_any, "*.yaml", "a/b.yaml", True),
        (match_any, "{a,b}/*", "b/x/y", True),
        (match_doublestar, "**/*.yaml", "a/b/c.yaml", True),
        (match_doublestar, "**/*.yaml", "c.yaml", True),
        (match_doublestar, "*.yaml", "a/c.yaml", False),
        (match_doublestar, "a/**", "a/b/c", True),
        (match_pathspec, "a/*.json", "a/b/c.json", True),
        (match_pathspec, "a", "a/b/c.json", True),
        (match_pathspec, "a", "ab/c.json", False),
        (match_any, "*" * 30, "a", False),
    ],
)
def test_patterns(match: object, pattern: str, path: str, expected: bool) -> None:
    assert callable(match)
    assert match(pattern, path) is expected


def test_clusters_by_layout() -> None:
    assert entry_directory("a/overlays/gpu/x.yaml") == "a/overlays/gpu"
    assert entry_directory("clusters/x.yaml") == ""
    assert common_directory("kubernetes/apps", "kubernetes") == "kubernetes"
    assert common_directory("a", "b") == ""


@pytest.mark.parametrize(
    ("wanted", "version", "expected"),
    [
        ("", "1.0.0", True),
        ("1.2.3", "v1.2.3", True),
        ("1.2.3", "1.2.4", False),
        ("1.2.3+build", "1.2.3", True),
        ("*", "9.0.0", True),
        ("1.x", "1.9.9", True),
        ("1.2.*", "1.3.0", False),
        ("1.2", "1.2.7", True),
        ("~1.2.3", "1.2.9", True),
        ("~1.2.3", "1.2.2", False),
        ("~1", "1.9.0", True),
        ("^1.2.3", "1.9.0", True),
        ("^1.2.3", "2.0.0", False),
        ("^0.2.3", "0.2.9", True),
        ("^0.2.3", "0.3.0", False),
        ("^0.0.3", "0.0.4", False),
        (">=1.2.0 <2.0.0", "1.5.0", True),
        (">= 1.2, < 1.4", "1.4.0", False),
        (">1.2", "1.2.9", False),
        ("<=1.2", "1.2.9", True),
        ("!=1.2.3", "1.2.3", False),
        ("1.0.0 - 1.4.0", "1.4.0", True),
        ("1.0.0 || 2.x", "2.5.0", True),
        (">=1.0.0", "1.1.0-rc.1", False),
        (">=1.0.0-0", "1.1.0-rc.1", True),
        (">=1.0.0-rc.2", "1.0.0-rc.10", True),
        ("latest", "1.0.0", False),
        ("latest", "latest", True),
        ("> nonsense", "1.0.0", False),
    ],
)
def test_versions_of_charts(wanted: str, version: str, expected: bool) -> None:
    assert allows(wanted, version) is expected
