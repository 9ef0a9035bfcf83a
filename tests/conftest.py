"""Where things are, and what happens when a thing is absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A machine that is busy with something else must not turn a test red.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus"


def missing(what: str, hint: str) -> None:
    """Skip, visibly, where a tool is absent; fail where it must not be (CI)."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing: {hint}")
    pytest.skip(f"{what} is missing: {hint}")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The corpus of real manifests, which lies beside the checkout on some machines only."""
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not beside this checkout")
    return CORPUS


@pytest.fixture(scope="session")
def opa() -> Path:
    """The real OPA, built by `make tools`."""
    binary = ROOT / "tools" / "bin" / "opa"
    if not binary.is_file():
        missing("tools/bin/opa", "run `make tools`")
    return binary
