"""Where the values of a kustomize build come from."""

from __future__ import annotations

import posixpath
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from karlint.model.origin import Origin, Spot
from karlint.model.source import Anchor
from karlint.render.origins.kustomize_build import Build
from karlint.render.origins.kustomize_files import Tree
from karlint.render.origins.kustomize_match import Pairs
from karlint.render.origins.kustomize_trail import Trail

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from karlint.model.origin import OriginMap
    from karlint.model.path import Path
    from karlint.model.unit import KustomizeSource
    from karlint.render.origins.kustomize_tree import Mark

__all__ = ["KustomizeOrigins", "Tree"]

_NEAREST = "This is the nearest place that is known."
_INSIDE = "The value is inside of this text."
_FILLS = "This var is filled in."
_BRINGS = "This entry brings the resource in."


class KustomizeOrigins:
    """Origins of one kustomize build, worked out by doing the build again with values that know their places.

    What the simulated build says is compared with what kustomize put out: where they differ, the answer is the nearest
    place that is sure, and not marked exact.

    Args:
        source: the kustomization, with what an Application or Flux object adds to it.
        tree: how to read and parse the files of the repository.
        rendered: the values of the documents that kustomize put out, None for empty ones.
        annotations: of each document its parsed ``config.kubernetes.io/origin``, where there is one.
        base: documents that something else rendered, and what knows their origins: *source* then only has the edits
            that are made to them, as Flux' post-renderers do.
        wrapped: how the edits of *source* are made: by a kustomization that takes in the one in its directory, or, as
            Argo CD does it, in that one.
        annotated_from: directory that the paths in *annotations* start from; that of *source* unless it is told.
    """

    def __init__(
        self,
        source: KustomizeSource,
        tree: Tree,
        rendered: Sequence[Any],
        annotations: Sequence[Mapping[str, Any] | None] = (),
        *,
        base: tuple[Sequence[Any], OriginMap] | None = None,
        wrapped: bool = True,
        annotated_from: str | None = None,
    ) -> None:
        self._source = source
        self._tree = tree
        self._rendered = rendered
        self._annotations = annotations
        self._base = base
        self._wrapped = wrapped
        self._annotated_from = source.directory if annotated_from is None else annotated_from

    @cached_property
    def _build(self) -> tuple[Build, Pairs]:
        build = Build(self._tree)
        if self._base is None:
            resources = build.run(self._source, self._wrapped)
        else:
            resources = build.over(*self._base, self._source.edits)
        return build, Pairs(resources, self._rendered, self._annotations, self._annotated_from)

    def locate(self, ordinal: int, at: Path, anchor: Anchor) -> Origin:
        """Return where the value at *at* of the rendered document *ordinal* is written."""
        build, pairs = self._build
        resource = pairs.resources.get(ordinal)
        if resource is None:
            return self._unmatched(ordinal, build)
        trail = Trail(pairs.names, {entry.text("name"): entry.mark.spot(_FILLS) for entry in build.vars})
        mark, exact = trail.follow(resource.root, self._rendered[ordinal], at)
        exact = exact and mark.exact
        if anchor is Anchor.KEY and mark.key is not None:
            return Origin(self._spot(mark.key, (), Anchor.VALUE, exact), (*trail.via, *mark.via))
        if mark.foreign is not None:
            found = mark.foreign.locate(mark.ordinal, mark.at, anchor)
            primary = replace(found.primary, exact=exact and found.primary.exact)
            return Origin(primary, (*found.via, *trail.via, *mark.via))
        return Origin(self._spot(mark, at, anchor, exact), (*trail.via, *mark.via))

    def _spot(self, mark: Mark, at: Path, anchor: Anchor, exact: bool) -> Spot:
        where = mark.text[1] if mark.text is not None else mark.at
        # A value that was written under another key, as by `namespace:`, has no key of its own there.
        own_key = bool(at) and bool(where) and where[-1] == at[-1] and not mark.fixed
        used = anchor if own_key else Anchor.VALUE
        why = "" if exact else _NEAREST
        if mark.text is None:
            return Spot(mark.file, mark.ordinal, None if mark.span else mark.at, mark.span, used, exact, why)
        span = None
        if self._tree.embedded is not None:
            span = self._tree.embedded(mark.file, mark.ordinal, mark.at, mark.text[0], mark.text[1], used)
        if span is None:
            return Spot(mark.file, mark.ordinal, mark.at, why=why or _INSIDE)
        return Spot(mark.file, mark.ordinal, None, span, used, exact, why)

    def _unmatched(self, ordinal: int, build: Build) -> Origin:
        """Answer for a document that we cannot make ourselves: the entry that brings it in, or the kustomization."""
        note = self._annotations[ordinal] if 0 <= ordinal < len(self._annotations) else None
        note = note if note is not None else {}
        repository, path = note.get("repo"), note.get("path")
        if isinstance(repository, str):
            name = repository.removesuffix(".git").rpartition("://")[2]
            entries = [entry for entry in build.remote if name in entry.text()]
        elif isinstance(path, str):
            entries = [entry for entry in build.remote if entry.text() == path]
        else:
            entries = build.charts
        if len(entries) == 1:
            return Origin(entries[0].mark.spot(_BRINGS))
        if isinstance(path, str) and not isinstance(repository, str):
            file = posixpath.normpath(posixpath.join(self._annotated_from, path))
            if not file.startswith("../") and self._tree.read(file) is not None:
                return Origin(Spot(file, 0, (), why=_NEAREST))
        if self._base is not None and self._source.edits:
            place = self._source.edits[0].place
            return Origin(Spot(place.file, place.ordinal, place.at, why=_NEAREST))
        return Origin(Spot(build.root, 0, (), why=_NEAREST))
