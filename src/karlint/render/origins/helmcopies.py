"""Values of manifests that a chart reads with ``.Files``, changes as a structure, and prints again.

No mark survives that. So a manifest of the same kind and name is looked for among the chart's files, and to see whether
it is the one, all of its scalars are changed at once: those that come out changed are from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karlint.model.origin import Spot
from karlint.model.source import Anchor
from karlint.render.origins.helmspots import COPIED
from karlint.render.origins.helmvalues import MISSING, dig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from karlint.model.path import Path
    from karlint.model.source import Located
    from karlint.render.origins.helmchart import Chart, Tree

_MAX_FILES = 50
_MAX_RENDERED = 3
_NAMES = {"apiVersion", "kind", "name", "namespace"}
"""Fields by which manifests and items of lists are told apart: with another value they would meet other ones."""


class Copies:
    """The manifests among the files of a chart that are no templates."""

    def __init__(
        self,
        tree: Tree,
        positions: Callable[[str, bytes], Callable[[int, Path, Anchor], Located]],
        root: Chart,
        render: Callable[[Mapping[str, bytes]], bytes | None] | None,
    ) -> None:
        self._tree = tree
        self._positions = positions
        self._root = root
        self._render = render
        self._found: dict[tuple[str, str], list[tuple[str, int, Any]]] | None = None
        self._changed: dict[str, list[Any]] = {}

    def spot(self, documents: list[Any], ordinal: int, path: Path) -> Spot | None:
        """Return the place in a file whose change shows at *path* of the rendered document; None where none does."""
        document = documents[ordinal] if 0 <= ordinal < len(documents) else None
        if self._render is None or not path or path[-1] in _NAMES or not isinstance(document, dict):
            return None
        for file, index, body in self._candidates(document):
            if dig(body, path) != dig(document, path) or dig(body, path) is MISSING:
                continue
            after = self._after(file)
            twin = next((other for other in after if _name(other) == _name(document)), None)
            if twin is not None and dig(twin, path) not in (MISSING, dig(document, path)):
                return Spot(file, index, path, exact=True, why=COPIED)
        return None

    def _candidates(self, document: dict[str, Any]) -> list[tuple[str, int, Any]]:
        if self._found is None:
            self._found = {}
            for file, index, body in self._manifests():
                self._found.setdefault(_name(body), []).append((file, index, body))
        return self._found.get(_name(document), [])

    def _manifests(self) -> Iterator[tuple[str, int, Any]]:
        outside = tuple(self._root.file(part) for part in ("templates/", "charts/", "crds/", "ci/"))
        files = [f for f in sorted(self._tree.walk(self._root.directory)) if f.endswith((".yaml", ".yml"))]
        for file in [f for f in files if not f.startswith(outside)][:_MAX_FILES]:
            text = self._tree.text(file) or ""
            if "kind:" in text:
                for index, body in enumerate(self._tree.parse(text)):
                    if isinstance(body, dict) and _name(body) != ("", ""):
                        yield file, index, body

    def _after(self, file: str) -> list[Any]:
        """Return what is rendered once all scalars of *file* have changed; nothing where that cannot be rendered."""
        if file not in self._changed:
            data = self._tree.read(file)
            output = None
            if data is not None and self._render is not None and len(self._changed) < _MAX_RENDERED:
                output = self._render({file: self._other(file, data)})
            self._changed[file] = self._tree.parse(output.decode("utf-8", "replace")) if output is not None else []
        return self._changed[file]

    def _other(self, file: str, data: bytes) -> bytes:
        locate = self._positions(file, data)
        lines = data.decode("utf-8", "replace").split("\n")
        edits: set[tuple[int, int, int, str]] = set()
        for index, body in enumerate(self._tree.parse("\n".join(lines))):
            for path, value in _scalars(body):
                span = locate(index, path, Anchor.VALUE).span
                if path and path[-1] not in _NAMES and span.line == span.end_line:
                    old = lines[span.line - 1][span.column - 1 : span.end_column - 1]
                    edits.add((span.line - 1, span.column - 1, span.end_column - 1, _edited(old, value)))
        for row, start, end, new in sorted(edits, reverse=True):
            lines[row] = lines[row][:start] + new + lines[row][end:]
        return "\n".join(lines).encode()


def _name(document: Any) -> tuple[str, str]:
    metadata = document.get("metadata") if isinstance(document, dict) else None
    if not isinstance(metadata, dict):
        return "", ""
    return str(document.get("kind") or ""), str(metadata.get("name") or "")


def _scalars(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _scalars(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _scalars(item, (*path, index))
    elif value is not None:
        yield path, value


def _edited(old: str, value: Any) -> str:
    if isinstance(value, bool):
        return "false" if value else "true"
    if isinstance(value, int | float):
        return str(value + 1)
    if old[-1:] in {'"', "'"}:
        return f"{old[:-1]}x{old[-1]}"
    return f"{old}x" if old and old[0] not in "*&|>!" else old
