"""The real library that the API server reads YAML with, and short ways to load text."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from functools import cache
from shutil import which
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from karlint.model.source import SourceFile
from karlint.source import Limits, LoadedFile, load_file
from tests.conftest import ROOT, missing

if TYPE_CHECKING:
    from pathlib import Path

_BINARY = ROOT / "tools" / "bin" / "yamlref"
_SOURCE = ROOT / "tools" / "yamlref" / "main.go"


@cache
def reference() -> Path:
    """The compiled tools/yamlref, built when it is absent or older than its source."""
    if not (_BINARY.is_file() and _BINARY.stat().st_mtime >= _SOURCE.stat().st_mtime):
        if which("go") is None:
            missing("Go", "it builds tools/yamlref")
        _BINARY.parent.mkdir(exist_ok=True)
        built = _BINARY.with_name(f".yamlref.{os.getpid()}")
        command = ["go", "build", "-buildvcs=false", "-trimpath", "-o", str(built), "./yamlref"]
        subprocess.run(command, cwd=ROOT / "tools", check=True, timeout=600)
        built.replace(_BINARY)
    return _BINARY


def ask_reference(documents: list[str]) -> list[dict[str, Any]]:
    """What sigs.k8s.io/yaml answers for each document: ``json`` or ``error``, and perhaps ``strict``."""
    question = json.dumps([base64.b64encode(document.encode()).decode() for document in documents])
    answer = subprocess.run([reference()], input=question, capture_output=True, text=True, check=True, timeout=300)
    answers: list[dict[str, Any]] = json.loads(answer.stdout)
    assert len(answers) == len(documents)
    return answers


def source(text: str | bytes, path: str = "x.yaml") -> SourceFile:
    return SourceFile(path, None, text.encode() if isinstance(text, str) else text)


def load(text: str | bytes, path: str = "x.yaml", limits: Limits | None = None) -> LoadedFile:
    return load_file(source(text, path), limits or Limits())


def values(loaded: LoadedFile) -> list[Any]:
    return [orjson.loads(item.document.json) for item in loaded.documents]


def rules(loaded: LoadedFile) -> list[str]:
    return [finding.rule for finding in loaded.findings]


def same(left: Any, right: Any) -> bool:
    """Equality that tells 1 from true and 1 from 1.0, as JSON texts do."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float) and isinstance(right, int) and not isinstance(right, bool):
        return not -(2**63) <= right < 2**64 and left == float(right)  # beyond 64 bits
    return type(left) is type(right) and left == right


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")
