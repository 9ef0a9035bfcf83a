"""Which part of the repository a Flux source stands for: only what comes from here can be looked at.

Facts: the source.toolkit.fluxcd.io and source.extensions.fluxcd.io APIs.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from karlint.render.world import Node, RefusedError, resolve

if TYPE_CHECKING:
    from karlint.render.world import Declared, World

_GROUP = "source.toolkit.fluxcd.io/"
_GENERATOR = "source.extensions.fluxcd.io/ArtifactGenerator"
_BOOTSTRAP = "flux-system"


def directory_in_source(ref: Node, path: Node, declared: Declared, world: World) -> str:
    """Return the directory of the repository that *path* of the source *ref* is. Raises RefusedError."""
    kind = ref.get("kind").text()
    if kind == "ExternalArtifact":
        return _checked(_in_artifact(ref, path, declared, world), path, world)
    found = resolve("", "/" + path.text())
    if found is None:
        raise outside(path)
    _require_here(ref, found, declared, world)
    return _checked(found, path, world)


def outside(path: Node) -> RefusedError:
    """Return the refusal of a *path* that leads out of the repository."""
    return RefusedError(
        "path leads out of the repository", f"Name a directory inside the repository, not {path.text()}.", path.place
    )


def source_object(ref: Node, declared: Declared, world: World) -> Declared | None:
    """Return the object that *ref* names, if the repository holds it."""
    namespace = ref.get("namespace").text() or declared.own_namespace
    return world.lookup(_GROUP + ref.get("kind").text(), namespace, ref.get("name").text(), declared)


def _require_here(ref: Node, path: str, declared: Declared, world: World) -> None:
    """Raise RefusedError unless the source *ref* is this repository."""
    kind, name = ref.get("kind").text(), ref.get("name").text()
    if not name:
        raise RefusedError("source is not named", "Give the object a sourceRef with kind and name.", ref.place)
    found = source_object(ref, declared, world)
    if found is None:
        if world.kind(path) == "directory" and (name == _BOOTSTRAP or (kind == "GitRepository" and path)):
            return
        raise RefusedError(
            "source is not in the repository",
            f"Commit the {kind} {name}; if it is this repository, the path has to exist.",
            ref.place,
        )
    url = found.node.get("spec", "url")
    if world.is_here(url.text(), path):
        return
    if kind == "GitRepository":
        raise RefusedError(
            "another repository",
            f"Lint {url.text()} by itself; if it is this repository, list the URL under render.repositories.",
            ref.place,
        )
    if name == _BOOTSTRAP and world.kind(path) == "directory":
        return
    raise RefusedError(
        "artifact that is built elsewhere" if kind in {"OCIRepository", "Bucket"} else "unknown kind of source",
        "Lint the repository that it is built from; if it is this one, list its URL under render.repositories.",
        ref.place,
    )


def _checked(directory: str, path: Node, world: World) -> str:
    kind = world.kind(directory)
    if kind == "outside":
        raise outside(path)
    if kind == "directory":
        return directory
    raise RefusedError(
        "path is no directory" if kind else "path is not in the repository",
        f"Create the directory {directory}, or correct the path: nothing can be deployed from it.",
        path.place,
    )


def _in_artifact(ref: Node, path: Node, declared: Declared, world: World) -> str:
    """Return what *path* of an ExternalArtifact was copied from, by its generator's rules. Raises RefusedError."""
    inside = resolve("", "/" + path.text())
    if inside is None:
        raise outside(path)
    name = ref.get("name").text()
    for generator in world.all(_GENERATOR, declared):
        for artifact in generator.node.get("spec", "artifacts").items():
            if (
                artifact.get("name").text() == name
                and (found := _copied(generator, artifact, inside, world)) is not None
            ):
                return found
    raise RefusedError(
        "artifact that is built elsewhere",
        f"Commit the ArtifactGenerator of {name}, with rules that copy whole directories (from: '@alias/apps/**').",
        ref.place,
    )


def _copied(generator: Declared, artifact: Node, path: str, world: World) -> str | None:
    sources = {item.get("alias").text(): item for item in generator.node.get("spec", "sources").items()}
    for rule in reversed(artifact.get("copy").items()):
        alias, _, source = rule.get("from").text().removeprefix("@").partition("/")
        target = rule.get("to").text().removeprefix("@artifact").strip("/")
        if alias not in sources or not source.endswith("/**"):
            continue
        if target and path != target and not path.startswith(target + "/"):
            continue
        found = posixpath.normpath(
            posixpath.join(source.removesuffix("/**"), posixpath.relpath(path or ".", target or "."))
        )
        if world.kind(found) == "directory" and _is_here(sources[alias], found, generator, world):
            return "" if found == "." else found
    return None


def _is_here(ref: Node, path: str, generator: Declared, world: World) -> bool:
    try:
        _require_here(ref, path, generator, world)
    except RefusedError:
        return False
    return True
