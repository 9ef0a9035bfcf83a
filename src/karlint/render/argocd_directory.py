"""Which files of a directory Argo CD applies as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karlint.model.unit import NotRendered, Place
from karlint.render.argocd_overrides import PREFIX
from karlint.render.globs import match_any

if TYPE_CHECKING:
    from karlint.render.argocd_source import Source

_MANIFESTS = (".yaml", ".yml", ".json")
_SKIP = "# +argocd:skip-file-rendering"


def manifests(source: Source, directory: str) -> tuple[tuple[str, ...], tuple[NotRendered, ...]]:
    """Return the files that *source* applies from *directory*, and those that need what we do not have: Jsonnet."""
    options = source.node.get("directory")
    include, exclude = options.get("include").text(), options.get("exclude").text()
    base = f"{directory}/" if directory else ""
    files: list[str] = []
    missing: list[NotRendered] = []
    for file in source.world.files(directory):
        relative = file.removeprefix(base)
        if "/" in relative and not options.get("recurse").true():
            continue
        if (exclude and match_any(exclude, relative)) or (include and not match_any(include, relative)):
            continue
        if file.endswith(".jsonnet"):
            missing.append(_jsonnet(file))
        elif file.endswith(_MANIFESTS) and not relative.startswith(PREFIX) and _is_applied(source, file):
            files.append(file)
    return tuple(files), tuple(missing)


def _is_applied(source: Source, file: str) -> bool:
    text = source.world.read(file)
    return text is not None and _SKIP not in text


def _jsonnet(file: str) -> NotRendered:
    return NotRendered(
        file, "Jsonnet", f"Evaluate it and lint what comes out: jsonnet {file} | karlint check -.", Place(file)
    )
