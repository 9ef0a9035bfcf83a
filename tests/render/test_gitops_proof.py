"""What Argo CD and Flux deliver leads to the lines that a person edits: the lines that are reported are edited.

With ``KARLINT_WHOLE_CORPUS=1`` and ``-n0 -s`` all of the corpus is measured, and the figures are printed:
``KARLINT_MUTATION`` scalars of each unit, 6 unless it says otherwise.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.render.gitopsdeep import APPS_CHART, OVERLAYS
from tests.render.gitopsproof import Copy, Tally, prove
from tests.render.gitopsrepo import HERE
from tests.render.gitopstrees import ARGO, FLUX
from tests.render.gitopswrap import stand_in, wrap
from tests.render.trees import write

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

pytestmark = pytest.mark.tools
WHOLE = os.environ.get("KARLINT_WHOLE_CORPUS") == "1"
SAMPLES = int(os.environ.get("KARLINT_MUTATION", "6")) if WHOLE else 2
FEW = ("fluxcd__flux2-kustomize-helm-example", "redhat-ai-services__ai-accelerator")
TREES = {"Argo CD": ARGO, "Flux": FLUX}
DEEP = {"Argo CD": APPS_CHART, "Flux": OVERLAYS}


def told(name: str, tally: Tally) -> None:
    print(f"{name}: {tally}", *tally.misses, *tally.vague, *tally.others, *tally.broken, sep="\n  ")


def hold(tally: Tally) -> None:
    """Hold *tally* against what is demanded of origins. Charts make names and checksums of much, so that more changes
    with most of their values than is written at one place."""
    assert tally.share_exact >= 0.85, tally.vague
    assert tally.share_changed >= 0.95, tally.misses
    assert tally.refused <= 0.1 * tally.exact, tally.broken


def measured(trees: Iterable[Path], scratch: Path, samples: int, units: int) -> dict[str, Tally]:
    total = {name: Tally() for name in TREES}
    for tree in trees:
        for name, tally in prove(Copy(tree, scratch), samples, units=units).items():
            total[name].add(tally)
    return total


@pytest.mark.parametrize(("name", "tree"), [*TREES.items(), *DEEP.items()])
def test_who_edits_the_line_that_is_reported_changes_the_value(
    name: str, tree: dict[str, str], tmp_path: Path, kustomize: Path, helm4: Path
) -> None:
    write(tmp_path / "gitops", tree | {".karlint.yaml": f"render: {{repositories: ['{HERE}']}}\n"})
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    tally = prove(Copy(tmp_path / "gitops", scratch), samples=5)[name]
    told(name, tally)
    assert tally.located >= 6
    assert tally.added >= tally.located // 3
    assert tally.exact == tally.located, tally.vague
    assert tally.changed == tally.explained == tally.exact, (tally.misses, tally.others, tally.broken)


@pytest.mark.corpus
def test_lines_of_real_repositories(corpus: Path, tmp_path: Path, kustomize: Path, helm4: Path) -> None:
    """A few units of a few repositories; all of them where KARLINT_WHOLE_CORPUS is set."""
    trees = sorted(tree for tree in (corpus / "gitops").iterdir() if WHOLE or tree.name in FEW)
    total = measured(trees, tmp_path, samples=SAMPLES, units=0 if WHOLE else 4)
    for name, tally in total.items():
        told(name, tally)
        assert tally.located >= 2
        assert tally.explained >= 0.95 * tally.changed, tally.others
        hold(tally)


@pytest.mark.corpus
def test_lines_of_real_releases(corpus: Path, tmp_path: Path, kustomize: Path, helm4: Path) -> None:
    """HelmReleases whose charts lie elsewhere: a chart that prints its values stands in for each."""
    total = Tally()
    for tree in sorted(tree for tree in (corpus / "gitops").iterdir() if WHOLE or tree.name == FEW[0]):
        copy = Copy(tree, tmp_path)
        if stand_in(copy, copy.filled_up() if WHOLE else copy.deliver()):
            total.add(prove(copy, samples=SAMPLES, units=0 if WHOLE else 8, kind="HelmRelease")["Flux"])
    told("releases", total)
    assert total.added >= total.located // 2 >= 3
    hold(total)


@pytest.mark.corpus
def test_lines_of_real_charts_and_kustomizations(corpus: Path, tmp_path: Path, kustomize: Path, helm4: Path) -> None:
    """Applications and Flux objects that are made up, around what is real."""
    total = {name: Tally() for name in TREES}
    for tree in sorted(path for name in ("charts", "kustomize") for path in (corpus / name).iterdir()):
        if WHOLE or tree.name == "kubernetes-sigs__lws":
            copy = Copy(tree, tmp_path / tree.parent.name)
            wrap(copy, most=2 if WHOLE else 1)
            for name, tally in prove(copy, samples=SAMPLES + 2).items():
                total[name].add(tally)
    for name, tally in total.items():
        told(name, tally)
        assert tally.added >= tally.located // 3 >= 2
        hold(tally)
