"""Who is measured, and with which command line. None of them may use the network while the clock runs."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "benchmarks" / ".work"
MINOR = "1.35"
_DEFINITIONS = "/api/_definitions.json"


@dataclass(frozen=True, slots=True)
class Tool:
    """A command, for the directory it is started in; `once` when it is too slow to be repeated on a large tree."""

    name: str
    command: tuple[str, ...]
    done: tuple[int, ...] = (0, 1)  # exit codes that mean: read everything, with or without findings
    once: bool = False


def tools(paths: tuple[str, ...]) -> list[Tool]:
    """Return karlint and its peers for *paths* below the directory they are started in, those present only."""
    karlint = (sys.executable, "-m", "karlint", "check", "-k", MINOR)
    binaries = ROOT / "tools" / "bin"
    checkov = WORK / "checkov" / "bin" / "checkov"
    found = [
        Tool("karlint", (*karlint, *paths)),
        Tool("karlint -j 1", (*karlint, "--jobs", "1", *paths)),
    ]
    if (binaries / "kubeconform").is_file():
        found.append(Tool("kubeconform", (*_kubeconform(binaries / "kubeconform"), *paths)))
    if (binaries / "kube-linter").is_file():
        found.append(Tool("kube-linter", (str(binaries / "kube-linter"), "lint", "--with-color=false", *paths)))
    if checkov.is_file():
        found.append(Tool("checkov", (*_checkov(checkov), *_checkov_paths(paths)), once=True))
    return found


def missing() -> list[str]:
    """Return the peers that are not there to be measured."""
    places = {
        "kubeconform": ROOT / "tools" / "bin" / "kubeconform",
        "kube-linter": ROOT / "tools" / "bin" / "kube-linter",
        "checkov": WORK / "checkov" / "bin" / "checkov",
    }
    return [name for name, place in places.items() if not place.is_file()]


def _kubeconform(binary: Path) -> tuple[str, ...]:
    template = f"{_schemas()}/{{{{ .ResourceKind }}}}{{{{ .KindSuffix }}}}.json"
    return (str(binary), "-n", "2", "-strict", "-ignore-missing-schemas", "-schema-location", template, "-summary")


def _checkov(binary: Path) -> tuple[str, ...]:
    return (str(binary), "--framework", "kubernetes", "--compact", "--quiet", "--skip-download")


def _checkov_paths(paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(item for path in paths for item in ("-d" if path == "." else "-f", path))


def _schemas() -> Path:
    """Lay the packaged core schemas out for kubeconform, which would otherwise ask the network for their parts."""
    package = find_spec("kubernetes_validate")
    if package is None or package.origin is None:
        raise SystemExit("kubernetes-validate is not installed: run `make bench`")
    source = Path(package.origin).parent / "kubernetes-json-schema" / f"v{MINOR}.0-local-strict"
    target = WORK / "schemas" / source.name
    if not target.is_dir():
        unfinished = target.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        for file in sorted(source.glob("*.json")):
            schema = _local(json.loads(file.read_text(encoding="utf-8")), target / "_definitions.json")
            (unfinished / file.name).write_text(json.dumps(schema), encoding="utf-8")
        unfinished.rename(target)
    return target


def _local(node: Any, definitions: Path) -> Any:
    """Return *node* without ``$schema`` and with references into the file *definitions*."""
    if isinstance(node, dict):
        return {key: _local(value, definitions) for key, value in node.items() if not _is_dialect(key, value)}
    if isinstance(node, list):
        return [_local(item, definitions) for item in node]
    if isinstance(node, str) and node.startswith(_DEFINITIONS):
        return f"file://{definitions}{node.removeprefix(_DEFINITIONS)}"
    return node


def _is_dialect(key: str, value: Any) -> bool:
    # A property may be called $schema too (in JSONSchemaProps); its value is a schema, not a string.
    return key == "$schema" and isinstance(value, str)
