"""The tools that rendering needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT, missing

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def kustomize() -> Path:
    """The real kustomize, built by `make tools`."""
    binary = ROOT / "tools" / "bin" / "kustomize"
    if not binary.is_file():
        missing("tools/bin/kustomize", "run `make tools`")
    return binary
