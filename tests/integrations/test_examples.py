"""The examples for Argo CD and Flux: clean by karlint's own rules, valid by the controllers' own definitions."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT

from .support import EXAMPLES, path_with, run

if TYPE_CHECKING:
    from pathlib import Path

CRDS = {
    "argo-cd": {"Application"},
    "flux-kustomize-controller": {"Kustomization"},
    "flux-source-controller": {"GitRepository"},
}


def test_they_are_clean_and_nothing_of_them_is_left_out(tools: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for name in ("argocd", "flux"):
        shutil.copytree(EXAMPLES / name, tree / "examples" / name)
    git = tree / ".git"  # their sources are this project, wherever the checkout that is tested came from
    git.mkdir()
    (git / "config").write_text('[remote "origin"]\n\turl = https://github.com/karlint/karlint\n')
    words = ["karlint", "check", "examples/argocd", "examples/flux", "--fail-on", "note", "--format", "json"]
    ran = run(words, tree, PATH=path_with(tmp_path / "bin", tools))
    report = json.loads(ran.out)
    assert (ran.code, report["findings"], report["suppressed"]) == (0, [], []), ran.out
    counts = report["counts"]
    assert counts["not_rendered"] == 0
    assert counts["rendered"] == 4, "two sources of the Application, the gate, the apps"
    assert counts["without_schema"] == {}
    assert counts["schema_checked"] == counts["resources"]


def test_their_objects_are_valid_by_the_definitions_of_the_controllers(tools: Path, tmp_path: Path) -> None:
    shared = ROOT.parent / "shared" / "crds"
    if not shared.is_dir():
        pytest.skip("the definitions are not beside this checkout")
    tree = tmp_path / "tree"
    shutil.copytree(EXAMPLES / "argocd", tree / "examples" / "argocd")
    shutil.copytree(EXAMPLES / "flux", tree / "examples" / "flux")
    for project in CRDS:
        shutil.copytree(shared / project, tree / "crds" / project)
    words = ["karlint", "check", ".", "--select", "core", "--format", "json"]
    path = path_with(tmp_path / "bin", tools)
    assert json.loads(run(words, tree, PATH=path).out)["findings"] == []
    for file, field in (("argocd/application.yaml", "destination"), ("flux/flux.yaml", "sourceRef")):
        manifest = tree / "examples" / file
        manifest.write_text(manifest.read_text().replace(f"  {field}:", f"  {field}s:"))
        found = json.loads(run(words, tree, PATH=path).out)["findings"]
        assert any(item["location"]["path"] == f"examples/{file}" for item in found), file
