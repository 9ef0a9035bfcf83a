"""Values and patches are texts in objects that others render: what they say leads to the line that says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karlint.locate import Locator
from karlint.model.source import Anchor
from tests.render.gitopsdeep import APPS_CHART, OVERLAYS
from tests.render.trees import rendered, write

if TYPE_CHECKING:
    from pathlib import Path

POD = ("spec", "template", "spec")
GPUS = (*POD, "containers", 0, "resources", "limits", "nvidia.com/gpu")
ANNOTATIONS = ("metadata", "annotations")
TIER = ("metadata", "labels", "tier")


class Places:
    """A repository that is delivered."""

    def __init__(self, root: Path, files: dict[str, str]) -> None:
        write(root, files)
        self.root = root
        self.parts = {part.output.unit.id.partition(" (")[0]: part for part in rendered(root).parts}

    def __call__(self, unit: str, *at: str | int) -> str:
        """Return file and text of the place of a value of the Deployment of *unit*, with ``~`` for one near it."""
        [resource] = [one for one in self.parts[unit].resources(0) if one.ref.kind == "Deployment"]
        place = Locator(self.root)(resource, at, Anchor.VALUE).location
        span = place.span
        line = (self.root / place.path).read_text().splitlines()[span.line - 1]
        return f"{'' if place.exact else '~'}{place.path}: {line[span.column - 1 : span.end_column - 1].strip()}"


def test_texts_that_a_chart_puts_together(tmp_path: Path, helm: Path, kustomize: Path) -> None:
    places = Places(tmp_path / "gitops", APPS_CHART)
    text, patched = "Application argocd/chat-text", "Application argocd/tei"
    assert places(text, *ANNOTATIONS, "cost") == "root/templates/apps.yaml: low"
    assert places(text, *TIER) == "root.yaml: gold"
    assert places(text, *GPUS) == "root.yaml: 4"
    assert places(text, *POD, "nodeSelector", "accelerator") == "root/values.yaml: h100"
    assert places("Application argocd/embed-text", *POD, "containers", 0, "args", 1) == "root/values.yaml: float16"
    assert places(patched, "spec", "replicas") == "root/values.yaml: 2"
    assert places(patched, *ANNOTATIONS, "cost") == "root/templates/apps.yaml: low"


def test_texts_with_variables_in_them(tmp_path: Path, helm4: Path, kustomize: Path) -> None:
    places = Places(tmp_path / "gitops", OVERLAYS)
    release = "HelmRelease serving/llm"
    assert places(release, *TIER) == "apps/prod/more.yaml: gold"
    assert places(release, *GPUS) == 'clusters/prod/sync.yaml: "4"'
    assert places(release, *POD, "nodeSelector", "accelerator") == "apps/prod/more.yaml: h100"
    assert places(release, *POD, "containers", 0, "args", 1) == "apps/base/values.yaml: 'float16'"
    assert places(release, *POD, "containers", 0, "image") == "clusters/prod/sync.yaml: v5"
    assert places(release, *ANNOTATIONS, "patched") == 'clusters/prod/sync.yaml: "yes"'
    assert places(release, "metadata", "labels", "cost") == 'apps/prod/patch.yaml: "high"'


def test_text_around_a_variable_in_the_same_line(tmp_path: Path, helm4: Path, kustomize: Path) -> None:
    more = 'tier: "${TAG}-gold"\nargs:\n  - "a$${b}"\n  - "${HOST:=localhost}" # not ${TAG}\n  - --x\n'
    places = Places(tmp_path / "gitops", OVERLAYS | {"apps/prod/more.yaml": more})
    release = "HelmRelease serving/llm"
    assert places(release, *TIER) == "clusters/prod/sync.yaml: v5"
    assert places(release, *POD, "containers", 0, "args", 2) == "apps/prod/more.yaml: --x"
    for index in range(2):
        assert places(release, *POD, "containers", 0, "args", index).startswith("~apps/prod/")
