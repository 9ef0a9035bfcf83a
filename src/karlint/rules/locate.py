"""Finds ``policies/`` and ``schemas/``: beside ``src/`` in a checkout, inside the package in an installed wheel."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from karlint.errors import PolicyError


@lru_cache(maxsize=1)
def data_dir() -> Path:
    """Return the directory that holds ``policies/`` and ``schemas/``. Raises PolicyError when it is not there."""
    package = Path(__file__).resolve().parent.parent
    for candidate in (package / "_data", package.parent.parent):
        if (candidate / "policies").is_dir() and (candidate / "schemas").is_dir():
            return candidate
    raise PolicyError("karlint's own rules are not where they should be", "Install karlint again.")
