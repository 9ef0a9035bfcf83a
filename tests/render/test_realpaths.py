"""Real paths that are looked up step by step are those of the operating system."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karlint.render.realpaths import RealPaths

if TYPE_CHECKING:
    from pathlib import Path

STEPS = st.sampled_from(["a", "b", "up", "out", "loop", "file", "deep", "gone", "..", ".", "", "hanging"])


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("real")
    (top / "outside" / "a").mkdir(parents=True)
    made = top / "root"
    (made / "a" / "b").mkdir(parents=True)
    (made / "b").mkdir()
    (made / "file").write_text("")
    for link, target in {
        "deep": "a/b",
        "out": "../outside",
        "loop": "loop",
        "hanging": "nowhere/at/all",
        "a/up": "..",
        "a/b/up": "../../b",
        "b/out": "/",
    }.items():
        (made / link).symlink_to(target)
    (top / "linked").symlink_to("root")
    return top / "linked"


@given(steps=st.lists(STEPS, max_size=9), absolute=st.booleans())
def test_every_path_is_what_the_system_says(root: Path, steps: list[str], absolute: bool) -> None:
    path = "/".join(steps)
    path = os.path.join(root, path) if absolute else path  # noqa: PTH118
    paths = RealPaths(root)
    wanted = os.path.realpath(os.path.join(root, path))  # noqa: PTH118
    assert paths.real(path) == wanted == paths.real(path)
    inside = paths.inside(path)
    top = os.path.realpath(root)
    assert (inside is not None) == (wanted == top or wanted.startswith(top + os.sep))
    assert inside is None or os.path.normpath(os.path.join(top, inside)) == wanted  # noqa: PTH118


@pytest.mark.parametrize("path", ["/", "//", "///etc", "a" + "/x" * 5000, "a" + "/.." * 3000, "a\0b", "a//b///file"])
def test_odd_paths(root: Path, path: str) -> None:
    paths = RealPaths(root)
    if "\0" in path:
        assert paths.inside(path) == path
    else:
        assert paths.real(path) == os.path.realpath(os.path.join(root, path))  # noqa: PTH118


def test_a_directory_on_the_way_is_looked_at_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    islink = os.path.islink
    monkeypatch.setattr("posixpath.islink", lambda path: looked.append(path) or islink(path))
    paths = RealPaths(root)
    assert [paths.inside(f"a/b/{number}") for number in range(3)] == ["a/b/0", "a/b/1", "a/b/2"]
    assert len(looked) == len(set(looked)) == 5
