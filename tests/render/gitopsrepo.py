"""Small GitOps repositories on disk, and the objects in them as the code under test sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from karlint.model.source import SourceFile
from karlint.model.unit import Place
from karlint.render.checkout import Checkout, kind_of
from karlint.render.repositories import Recogniser
from karlint.render.world import Declared
from karlint.source import Limits, load_file

if TYPE_CHECKING:
    from pathlib import Path

HERE = "https://git.example/acme/gitops"
MANIFESTS = (".yaml", ".yml")


def read_values(text: str) -> list[Any]:
    """Return the documents of *text*, read as karlint reads files."""
    loaded = load_file(SourceFile("x.yaml", None, text.encode()), Limits())
    if loaded.findings:
        raise ValueError(loaded.findings[0].message)
    return [orjson.loads(item.document.json) for item in loaded.documents]


def declare(body: Any, file: str = "app.yaml", ordinal: int = 0, **more: str) -> Declared:
    """Return *body* as an object that stands in *file*."""
    return Declared(body, lambda at: Place(file, ordinal, at), **more)


class Repo:
    """A repository of *files*; its objects are declared where they stand."""

    def __init__(self, root: Path, files: dict[str, str], known: tuple[str, ...] = (HERE,)) -> None:
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.root = root
        recogniser = Recogniser(lambda path: bool(kind_of(root, path)), known, root.name)
        self.world = Checkout(root, read_values, recogniser)
        self.declared: list[Declared] = []
        for name in sorted(files):
            if name.endswith(MANIFESTS):
                self._declare(name, files[name])

    def _declare(self, name: str, text: str) -> None:
        try:
            values = read_values(text)
        except ValueError:
            return
        for ordinal, value in enumerate(values):
            if isinstance(value, dict) and "kind" in value and "apiVersion" in value:
                self.declared.append(declare(value, name, ordinal))
                self.world.objects.add(self.declared[-1])

    def get(self, kind: str, name: str) -> Declared:
        """Return the object of this kind and name."""
        return next(
            item for item in self.declared if item.name == name and item.node.get("kind").text().startswith(kind)
        )
