"""The examples in karlint's own rule folders."""

from __future__ import annotations

from pathlib import Path

from karlint.examples import Example, examples_of

__all__ = ["POLICIES", "Example", "all_examples"]

POLICIES = Path(__file__).resolve().parents[2] / "policies"


def all_examples() -> list[Example]:
    return [example for folder in sorted(POLICIES.glob("*/*/examples")) for example in examples_of(folder.parent)]
