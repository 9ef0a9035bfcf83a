"""The renderers, as `make tools` builds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT, missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def built(name: str) -> Path:
    binary = ROOT / "tools" / "bin" / name
    if not binary.is_file():
        missing(f"tools/bin/{name}", "run `make tools`")
    return binary


@pytest.fixture(params=["helm", "helm3"])
def helm(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Helm, of each major version that is in use."""
    binary = built(request.param)
    monkeypatch.setenv("KARLINT_HELM", str(binary))
    return binary


@pytest.fixture
def helm4(monkeypatch: pytest.MonkeyPatch) -> Path:
    binary = built("helm")
    monkeypatch.setenv("KARLINT_HELM", str(binary))
    return binary


@pytest.fixture
def kustomize(monkeypatch: pytest.MonkeyPatch) -> Path:
    binary = built("kustomize")
    monkeypatch.setenv("KARLINT_KUSTOMIZE", str(binary))
    return binary


@pytest.fixture(scope="module")
def real_tools() -> Iterator[pytest.MonkeyPatch]:
    """Helm and kustomize, for karlint as a library and as a program."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KARLINT_HELM", str(built("helm")))
        patch.setenv("KARLINT_KUSTOMIZE", str(built("kustomize")))
        patch.setenv("PYTHONPATH", str(ROOT / "src"))
        yield patch
