"""The trees of the corpus: what people lint by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MANY = ("charts", "kustomize", "gitops")  # directories that hold repositories


def trees(corpus: Path) -> list[str]:
    """Return the trees of the corpus, relative to it."""
    found = []
    for top in sorted(path for path in corpus.iterdir() if path.is_dir()):
        inner = sorted(path for path in top.iterdir() if path.is_dir()) if top.name in _MANY else [top]
        found += [path.relative_to(corpus).as_posix() for path in inner]
    return found
