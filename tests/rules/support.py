"""Rule folders made up for a test."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from karlint.reading import parse_yaml
from karlint.rules import RuleBook, load_rules
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

METADATA = """\
title: Something is wrong
description: What is wrong here, why it matters, and when to ignore it.
related_resources:
- ref: https://example.com/fact
custom:
  severity: warning
  requirements: [KAR-0001]
  kinds: [Pod]
  message: The pod {name} is wrong, so that it never starts.
  help: Mend the pod.
"""
LOGIC = 'findings contains {"at": ["spec"], "args": {"name": input.resource.name}} if input.object.spec.bad\n'


def rego(package: str, logic: str = LOGIC, metadata: str = METADATA) -> str:
    """Return a rule.rego."""
    block = "".join(f"# {line}\n" for line in metadata.splitlines())
    return f"# METADATA\n{block}package {package}\n\n{logic}"


def write(data: Path, files: dict[str, str]) -> Path:
    """Lay out *files* below ``data/policies``, and what every rule needs."""
    (data / "schemas").mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "schemas" / "karlint-rule.schema.json", data / "schemas")
    for name, text in {
        "requirements.yaml": "requirements: {KAR-0001: {id: some_id, levels: {'1.34': MUST}}}",
        **files,
    }.items():
        file = data / "policies" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return data


def book_of(data: Path, files: dict[str, str]) -> RuleBook:
    """Return the rules of *files*."""
    return load_rules(write(data, files), parse_yaml)
