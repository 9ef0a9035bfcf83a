"""What is linted: a directory of real manifests, or the examples many times over, or one small file."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus"
EXAMPLES = ROOT / "examples"
_MANIFESTS = (".yaml", ".yml", ".json")
_SMALL = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: llama
  namespace: inference
spec:
  replicas: 2
  selector:
    matchLabels: {app: llama}
  template:
    metadata:
      labels: {app: llama}
    spec:
      containers:
        - name: server
          image: registry.example/vllm:v0.11.0
          args: ["--model", "/models/llama", "--tensor-parallel-size", "2"]
          resources:
            limits: {nvidia.com/gpu: 2, memory: 64Gi, cpu: "8"}
            requests: {nvidia.com/gpu: 2, memory: 64Gi, cpu: "8"}
"""


@dataclass(frozen=True, slots=True)
class Tree:
    """A directory to start tools in, and the paths in it to give them."""

    name: str
    directory: Path
    paths: tuple[str, ...]
    files: int
    size: int


def tree(given: Path | None, copies: int, scratch: Path) -> Tree:
    """Return *given*, or the corpus beside the checkout, or *copies* of examples/ in *scratch*."""
    if given is not None:
        if not given.is_dir():
            raise SystemExit(f"{given} is not a directory")
        return _counted(given.name, given.resolve())
    if CORPUS.is_dir():
        return _counted("corpus", CORPUS)
    directory = scratch / "examples"
    for number in range(copies):
        shutil.copytree(EXAMPLES, directory / f"copy-{number:03}")
    if not directory.is_dir():
        raise SystemExit("--copies must be at least 1")
    return _counted(f"{copies} x examples", directory)


def small_file(scratch: Path) -> Tree:
    """Return a directory in *scratch* with one small Deployment."""
    directory = scratch / "one"
    directory.mkdir()
    (directory / "deployment.yaml").write_text(_SMALL, encoding="utf-8")
    return Tree("one small file", directory, ("deployment.yaml",), 1, len(_SMALL))


def _counted(name: str, directory: Path) -> Tree:
    sizes = [file.stat().st_size for file in directory.rglob("*") if file.suffix in _MANIFESTS and file.is_file()]
    if not sizes:
        raise SystemExit(f"there is no YAML or JSON file under {name}")
    return Tree(name, directory, (".",), len(sizes), sum(sizes))
