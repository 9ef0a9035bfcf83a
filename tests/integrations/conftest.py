"""Tools that the examples need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import missing
from tests.packaging.checkout import ROOT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def tools() -> Path:
    """The directory of helm and kustomize, built by `make tools`."""
    directory = ROOT / "tools" / "bin"
    for name in ("helm", "kustomize"):
        if not (directory / name).is_file():
            missing(f"tools/bin/{name}", "run `make tools`")
    return directory
