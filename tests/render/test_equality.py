"""What karlint renders is what helm and kustomize print themselves, byte for byte, and nothing that they can build is
left out.

A sample of the corpus; all of it with ``KARLINT_WHOLE_CORPUS=1``, and with ``-s`` to see the figures.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from tests.corpus.trees import trees
from tests.render.accounts import Tally, account, both, compare
from tests.render.conftest import built
from tests.render.fluxlibrary import compare_with_flux
from tests.render.trees import CHART, NO_LIMIT, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.render.accounts import Look

pytestmark = pytest.mark.tools

WHOLE = os.environ.get("KARLINT_WHOLE_CORPUS") == "1"
SAMPLE = (
    "charts/otwld__ollama-helm",
    "gitops/fluxcd__flux2-kustomize-helm-example",
    "kubeflow__examples",
    "kustomize/kubeflow__trainer",
)


@pytest.fixture(scope="module")
def tally(corpus: Path, tmp_path_factory: pytest.TempPathFactory, real_tools: pytest.MonkeyPatch) -> Tally:
    """Real trees, rendered by karlint and by the tools."""
    found = Tally()
    top = tmp_path_factory.mktemp("equality")
    for name in trees(corpus) if WHOLE else SAMPLE:
        look, real = both(corpus / name, top / name, real_tools)
        compare(look, real, found)
        compare_with_flux(look, real, built("fluxbuild"), found)
        account(look, real, found)
        shutil.rmtree(top / name)
    print(found)
    return found


@pytest.mark.corpus
def test_what_real_trees_render_to_is_what_the_tools_print(tally: Tally) -> None:
    assert tally.unequal == []
    assert tally.not_compared == {}
    assert tally.equal.total() > (400 if WHOLE else 15)
    assert tally.by_flux.total() > (200 if WHOLE else 5)
    assert tally.unsteady.total() <= 1


@pytest.mark.corpus
def test_what_is_not_rendered_of_real_trees_cannot_be(tally: Tally) -> None:
    assert tally.left_out == []
    assert tally.checked["chart rendered"] + tally.checked["kustomization rendered"] > (600 if WHOLE else 15)
    assert any(name.startswith("remote base") for name in tally.not_rendered)


RANDOM = {
    "llm/Chart.yaml": CHART,
    "llm/templates/a.yaml": "kind: A\nmetadata: {name: a}\nkey: {{ randAlphaNum 40 }}\nsteady: true\n",
    "other/kustomization.yaml": "resources: [pod.yaml]\n",
    "other/pod.yaml": NO_LIMIT,
    "broken/kustomization.yaml": "resources: [gone.yaml]\n",
}


def test_a_chart_that_differs_from_itself_is_counted_and_compared_where_it_does_not(
    tmp_path: Path, real_tools: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "tree", RANDOM)
    look, real = both(tmp_path / "tree", tmp_path, real_tools)
    found, wrong = Tally(), Tally()
    compare(look, real, found)
    assert (found.unsteady, found.equal, found.unequal) == ({"helm template: llm": 1}, {"kustomize build": 1}, [])
    compare(replace_printed(look, b"steady: true", b"steady: false"), real, wrong)
    assert [text.partition(";")[0] for text in wrong.unequal] == ["tree: llm: 6 lines of 6"]


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"nvidia.com/gpu: 1", b"nvidia.com/gpu: 2"), (b"kind: Pod\n", b"kind: Pod\n\n"), (b"\n", b"\r\n")],
)
def test_a_byte_that_differs_is_noticed(
    tmp_path: Path, real_tools: pytest.MonkeyPatch, before: bytes, after: bytes
) -> None:
    write(tmp_path / "tree", {name: text for name, text in RANDOM.items() if name.startswith("other")})
    look, real = both(tmp_path / "tree", tmp_path, real_tools)
    found = Tally()
    compare(replace_printed(look, before, after), real, found)
    assert len(found.unequal) == 1
    assert not found.equal


def test_what_is_left_out_is_noticed(tmp_path: Path, real_tools: pytest.MonkeyPatch) -> None:
    write(tmp_path / "tree", RANDOM)
    look, real = both(tmp_path / "tree", tmp_path, real_tools)
    found, without, given_up = Tally(), Tally(), Tally()
    account(look, real, found)
    assert (found.left_out, found.not_rendered) == ([], {"the renderer gave up: the tool fails too": 1})
    assert found.checked == {"chart rendered": 1, "kustomization rendered": 1, "kustomization reported": 1}
    account(dataclasses.replace(look, deployed=replace(look.deployed, parts=())), real, without)
    assert without.left_out == [f"tree: {name} is left out" for name in ("llm/Chart.yaml", "other/kustomization.yaml")]
    write(real.root, {"broken/gone.yaml": NO_LIMIT})
    account(look, real, given_up)
    assert given_up.left_out == ["tree: broken: the renderer gave up, and yet the tool builds it"]


def replace_printed(look: Look, before: bytes, after: bytes) -> Look:
    assert before in look.printed
    return dataclasses.replace(look, printed=look.printed.replace(before, after, 1))
