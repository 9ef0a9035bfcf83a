"""What is asked for: roots, directories, files, standard input, links, and names that are no ordinary names."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

import pytest

from karlint.discover import DiscoverOptions, discover, find_root
from karlint.errors import UsageError
from tests.discover.support import MANIFEST, linted, manifests, plant, read_yaml, reasons, repository, run

if TYPE_CHECKING:
    from pathlib import Path


def test_the_root_is_the_repository_around(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert find_root(deep) == deep
    repository(tmp_path)
    assert find_root(deep) == tmp_path
    plant(deep, {".git": "gitdir: ../../.git/modules/b\n"})
    assert find_root(deep) == deep
    assert find_root(manifests(deep, "x.yaml") / "x.yaml") == deep


def test_paths_are_relative_to_the_root_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifests(repository(tmp_path), "apps/a.yaml", "apps/b.yaml", "infra/c.yaml")
    monkeypatch.chdir(tmp_path / "apps")
    assert linted(discover(tmp_path)) == ["apps/a.yaml", "apps/b.yaml", "infra/c.yaml"]
    assert linted(discover(tmp_path, ["."])) == ["apps/a.yaml", "apps/b.yaml"]
    assert linted(discover(tmp_path, ["../infra", "b.yaml", str(tmp_path / "apps" / "b.yaml")])) == [
        "apps/b.yaml",
        "infra/c.yaml",
    ]


def test_files_are_sorted_and_locations_readable(tmp_path: Path) -> None:
    manifests(tmp_path, "b.yaml", "a/z.yml", "a.json", "a-b/x.yaml")
    found = run(tmp_path)
    assert linted(found) == ["a-b/x.yaml", "a.json", "a/z.yml", "b.yaml"]
    assert [file.read().decode() for file in found.files] == [MANIFEST] * 4


def test_other_files_are_not_seen(tmp_path: Path) -> None:
    manifests(tmp_path, "README.md", "main.tf", "yaml", "x.yaml.bak", "app.yaml")
    found = run(tmp_path)
    assert linted(found) == ["app.yaml"]
    assert not found.skipped


def test_a_named_file_of_another_extension_is_taken_for_yaml(tmp_path: Path) -> None:
    manifests(tmp_path, "rendered.txt")
    assert linted(run(tmp_path, "rendered.txt")) == ["rendered.txt"]


def test_a_file_outside_has_its_absolute_path(tmp_path: Path) -> None:
    root, other = manifests(tmp_path / "root", "a.yaml"), manifests(tmp_path / "other", "b.yaml", "sub/c.yaml")
    plant(repository(other), {"kustomization.yaml": "patches: [{path: b.yaml}]\n"})
    found = discover(root, [str(other / "b.yaml"), str(other / "sub"), str(root)], DiscoverOptions(), None, read_yaml)
    assert linted(found) == [f"{other}/sub/c.yaml", "a.yaml"]
    assert reasons(found) == {f"{other}/b.yaml": "kustomization patch"}


def test_standard_input(tmp_path: Path) -> None:
    manifests(tmp_path, "a.yaml")
    found = discover(tmp_path, ["-"], DiscoverOptions(), b"kind: Pod\n")
    assert linted(found) == ["<stdin>"]
    assert found.files[0].read() == b"kind: Pod\n"
    assert linted(discover(tmp_path, ["-", str(tmp_path)], DiscoverOptions(), b"")) == ["<stdin>", "a.yaml"]
    with pytest.raises(UsageError):
        discover(tmp_path, ["-"])


def test_a_missing_path_is_a_usage_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nope\.yaml: no such file") as caught:
        discover(tmp_path, [str(tmp_path / "nope.yaml")])
    assert caught.value.hint


def test_an_empty_tree_is_told(tmp_path: Path) -> None:
    found = run(tmp_path)
    assert (found.files, found.skipped) == ((), ())
    assert found.notices == ("No YAML or JSON files were found.",)
    manifests(tmp_path, "mkdocs.yml")
    assert run(tmp_path).notices == ("No manifests to lint: everything that was seen is skipped.",)


def test_odd_names(tmp_path: Path) -> None:
    names = ["a b.yaml", "line\nbreak.yaml", "größe/模型.yaml", "-dash.yaml", "*[x].yaml", "~.yaml"]
    manifests(repository(tmp_path), *names)
    plant(tmp_path, {".gitignore": "nothing\n*.gen.yaml\n"})
    assert linted(run(tmp_path)) == sorted(names)


def test_a_name_that_is_not_utf8_can_be_printed_and_read(tmp_path: Path) -> None:
    manifests(tmp_path, os.fsdecode(b"caf\xe9.yaml"))
    found = run(tmp_path)
    assert linted(found) == ["caf\\xe9.yaml"]
    assert found.files[0].read() == MANIFEST.encode()


def test_links_that_leave_the_tree_are_not_followed(tmp_path: Path) -> None:
    outside = manifests(tmp_path / "outside", "secret.yaml", "dir/a.yaml")
    root = manifests(tmp_path / "root", "app.yaml")
    (root / "file.yaml").symlink_to(outside / "secret.yaml")
    (root / "dir").symlink_to(outside / "dir")
    (root / "readme").symlink_to(outside / "secret.yaml")
    found = run(root)
    assert linted(found) == ["app.yaml"]
    assert reasons(found) == dict.fromkeys(["file.yaml", "dir"], "symlink leaves the tree")
    named = run(root, "file.yaml", "dir/a.yaml")
    assert linted(named) == []
    assert reasons(named) == dict.fromkeys(["file.yaml", "dir/a.yaml"], "symlink leaves the tree")


def test_a_link_inside_is_the_same_file_once(tmp_path: Path) -> None:
    manifests(tmp_path, "base/a.yaml", "base/b.yaml", "other/c.yaml", "data.txt")
    (tmp_path / "alias.yaml").symlink_to("base/a.yaml")
    (tmp_path / "prod").mkdir()
    (tmp_path / "prod" / "base").symlink_to("../base")
    (tmp_path / "prod" / "c.yaml").symlink_to("../other/c.yaml")
    (tmp_path / "prod" / "d.yaml").symlink_to("../data.txt")
    everything = run(tmp_path)
    assert linted(everything) == ["base/a.yaml", "base/b.yaml", "data.txt", "other/c.yaml"]
    assert not everything.skipped
    assert linted(run(tmp_path, "prod")) == linted(everything)
    assert linted(run(tmp_path, "alias.yaml", "base/a.yaml")) == ["base/a.yaml"]


def test_link_loops_end(tmp_path: Path) -> None:
    manifests(tmp_path, "a/x.yaml")
    (tmp_path / "a" / "up").symlink_to("..")
    (tmp_path / "a" / "self").symlink_to(".")
    (tmp_path / "ring.yaml").symlink_to("gnir.yaml")
    (tmp_path / "gnir.yaml").symlink_to("ring.yaml")
    found = run(tmp_path, "a")
    assert linted(found) == ["a/x.yaml"]
    assert reasons(run(tmp_path)) == dict.fromkeys(["ring.yaml", "gnir.yaml"], "broken symlink")
    assert reasons(run(tmp_path, "ring.yaml")) == {"ring.yaml": "broken symlink"}


def test_a_link_into_an_ignored_directory_does_not_bring_it_in(tmp_path: Path) -> None:
    manifests(repository(tmp_path), "build/a.yaml", "app/x.yaml")
    plant(tmp_path, {".gitignore": "build/\n"})
    (tmp_path / "app" / "built").symlink_to("../build")
    found = run(tmp_path, "app")
    assert linted(found) == ["app/x.yaml"]
    assert reasons(found) == {"build/": "ignored by .gitignore"}


def test_a_template_that_is_linked_into_a_chart_is_a_template(tmp_path: Path) -> None:
    manifests(tmp_path, "common/t.yaml", "chart/Chart.yaml", "chart/templates/own.yaml")
    (tmp_path / "chart" / "templates" / "t.yaml").symlink_to("../../common/t.yaml")
    assert reasons(run(tmp_path))["common/t.yaml"] == "Helm chart template"


def test_special_files_do_not_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifests(tmp_path, "a.yaml")
    os.mkfifo(tmp_path / "pipe.yaml")
    monkeypatch.chdir(tmp_path)  # the address of a socket must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("sock.json")
        found = run(tmp_path)
        assert linted(found) == ["a.yaml"]
        assert reasons(found) == dict.fromkeys(["pipe.yaml", "sock.json"], "not a regular file")
        assert reasons(run(tmp_path, "pipe.yaml")) == {"pipe.yaml": "not a regular file"}


def test_a_fifo_in_the_place_of_an_ignore_file_does_not_block(tmp_path: Path) -> None:
    manifests(tmp_path, "a.yaml")
    os.mkfifo(tmp_path / ".gitignore")
    assert linted(run(tmp_path)) == ["a.yaml"]


def test_an_unreadable_directory_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifests(tmp_path, "a.yaml", "closed/b.yaml")
    scandir = os.scandir

    def refusing(path: str) -> Any:
        if path.endswith("closed/"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    found = run(tmp_path)
    assert linted(found) == ["a.yaml"]
    assert reasons(found) == {"closed/": "unreadable directory"}


def test_a_nested_path_of_great_depth(tmp_path: Path) -> None:
    deep = "/".join(["d"] * 300) + "/x.yaml"
    manifests(tmp_path, deep)
    assert linted(run(tmp_path)) == [deep]
