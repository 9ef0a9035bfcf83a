"""Files that a kustomization completes: what is absent there may yet be there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from karlint.discover import discover

if TYPE_CHECKING:
    from pathlib import Path


def partial(root: Path, files: dict[str, str]) -> set[str]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return {file.path for file in discover(root).files if file.partial}


PLAIN = "resources:\n  - app.yaml\n"


@pytest.mark.parametrize(
    "change",
    ["commonLabels: {a: b}\n", "labels:\n- pairs: {a: b}\n", "patches:\n- path: p.yaml\n", "components:\n- ../c\n"],
)
def test_resources_of_a_kustomization_with_changes_are_partial(tmp_path: Path, change: str) -> None:
    assert partial(tmp_path, {"kustomization.yaml": PLAIN + change, "app.yaml": "a: 1\n", "other.yaml": "a: 1\n"}) == {
        "app.yaml"
    }


def test_a_kustomization_that_only_lists_completes_nothing(tmp_path: Path) -> None:
    assert partial(tmp_path, {"kustomization.yaml": PLAIN + "namespace: x\n", "app.yaml": "a: 1\n"}) == set()


def test_an_overlay_with_patches_completes_its_base(tmp_path: Path) -> None:
    files = {
        "base/kustomization.yaml": PLAIN,
        "base/app.yaml": "a: 1\n",
        "prod/kustomization.yaml": "resources:\n- ../base\npatches:\n- target: {kind: Deployment}\n  patch: x\n",
    }
    assert partial(tmp_path, files) == {"base/app.yaml"}


def test_bases_that_refer_to_each_other_end(tmp_path: Path) -> None:
    circle = "resources:\n- ../{other}\n- app.yaml\npatches: []\n"
    files = {f"{name}/kustomization.yaml": circle.format(other=other) for name, other in (("a", "b"), ("b", "a"))}
    assert partial(tmp_path, {**files, "a/app.yaml": "a: 1\n", "b/app.yaml": "a: 1\n"}) == {"a/app.yaml", "b/app.yaml"}


def test_a_file_called_patch_is_partial(tmp_path: Path) -> None:
    assert partial(tmp_path, {"manager_patch.yaml": "a: 1\n", "dispatcher.yaml": "a: 1\n"}) == {"manager_patch.yaml"}
