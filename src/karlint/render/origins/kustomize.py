"""Where the values of a kustomize build come from."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from karlint.model.origin import Origin, Spot
from karlint.model.source import Anchor
from karlint.render.origins.kustomize_build import Build, Tree
from karlint.render.origins.kustomize_match import Names, Pairs
from karlint.render.origins.kustomize_tree import Mark, Node, same

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from karlint.model.path import Path
    from karlint.model.source import Span
    from karlint.model.unit import KustomizeSource


_VAR = re.compile(r"\$\([^)\s]+\)")
_NEAREST = "This is the nearest place that is known."


class KustomizeOrigins:
    """Origins of one kustomize build, worked out by doing the build again with values that know their places.

    What the simulated build says is compared with what kustomize put out: where they differ, the answer is the nearest
    place that is sure, and not marked exact.

    Args:
        source: the kustomization, with what an Application or Flux object adds to it.
        tree: how to read and parse the files of the repository.
        rendered: the values of the documents that kustomize put out, None for empty ones.
        annotations: of each document its parsed ``config.kubernetes.io/origin``, where there is one.
        embedded: tells the span of a path in the YAML that a string of a file holds: called with file, ordinal and path
            of the string, then document, path and anchor in it. Without it the string itself is the place.
    """

    def __init__(
        self,
        source: KustomizeSource,
        tree: Tree,
        rendered: Sequence[Any],
        annotations: Sequence[Mapping[str, Any] | None] = (),
        embedded: Callable[[str, int, Path, int, Path, Anchor], Span | None] | None = None,
    ) -> None:
        self._source = source
        self._tree = tree
        self._rendered = rendered
        self._annotations = annotations
        self._embedded = embedded

    @cached_property
    def _build(self) -> tuple[Build, Pairs]:
        build = Build(self._tree)
        resources = build.run(self._source.directory, self._source.edits, self._source.generated)
        return build, Pairs(resources, self._rendered, self._annotations, self._source.directory)

    def locate(self, ordinal: int, at: Path, anchor: Anchor) -> Origin:
        """Return where the value at *at* of the rendered document *ordinal* is written."""
        build, pairs = self._build
        resource = pairs.resources.get(ordinal)
        if resource is None:
            return self._unmatched(build)
        trail = _Trail(resource.root, self._rendered[ordinal], pairs.names, bool(build.vars))
        mark, exact = trail.follow(at)
        if mark.foreign is not None:
            found = mark.foreign.locate(mark.ordinal, mark.at, anchor)
            spot = found.primary
            primary = Spot(
                spot.file, spot.ordinal, spot.at, spot.span, spot.anchor, exact and spot.exact and mark.exact, spot.why
            )
            return Origin(primary, (*found.via, *mark.via, *trail.via))
        return Origin(self._spot(mark, at, anchor, exact and mark.exact), (*trail.via, *mark.via))

    def _spot(self, mark: Mark, at: Path, anchor: Anchor, exact: bool) -> Spot:
        where = mark.text[1] if mark.text is not None else mark.at
        # A value that was put under another key, as by `namespace:`, has no key of its own there.
        own_key = bool(at) and bool(where) and where[-1] == at[-1] and not mark.fixed
        used = anchor if own_key else Anchor.VALUE
        why = "" if exact else _NEAREST
        if mark.text is not None and self._embedded is not None:
            span = self._embedded(mark.file, mark.ordinal, mark.at, mark.text[0], mark.text[1], used)
            if span is not None:
                return Spot(mark.file, mark.ordinal, None, span, used, exact, why)
        if mark.text is not None:
            used = Anchor.VALUE
        return Spot(mark.file, mark.ordinal, None if mark.span else mark.at, mark.span, used, exact, why)

    def _unmatched(self, build: Build) -> Origin:
        """Answer for a document that we cannot make ourselves: the entry that brings it in, or the kustomization."""
        if build.charts:
            return Origin(build.charts[0].mark.spot(_NEAREST))
        return Origin(Spot(build.root, 0, (), why=_NEAREST))


class _Trail:
    """Follows a path in a resource of ours, and in what kustomize put out, side by side."""

    def __init__(self, root: Node, rendered: Any, names: Names, has_vars: bool) -> None:
        self._node = root
        self._rendered = rendered
        self._names = names
        self._has_vars = has_vars
        self.via: tuple[Spot, ...] = ()

    def follow(self, at: Path) -> tuple[Mark, bool]:
        """Return the mark of the value at *at*, or of the nearest sure one above it, and whether it is that value."""
        node, rendered = self._node, self._rendered
        for step in at:
            if not _has(rendered, step):
                return node.mark, False
            below = _below(node, rendered, step)
            if below is None:
                return node.mark, False
            node, rendered = below, rendered[step]
        return node.mark, self._agrees(node, rendered)

    def _agrees(self, node: Node, rendered: Any) -> bool:
        if isinstance(rendered, dict):
            return node.is_map and node.map.keys() == rendered.keys()
        if isinstance(rendered, list):
            return node.is_list and len(node.items) == len(rendered)
        if node.is_map or node.is_list:
            return False
        value = node.scalar
        if same(value, rendered) or _same_text(value, rendered):
            return True
        if isinstance(value, str) and isinstance(rendered, str):
            spots = self._names.changed(value, rendered)
            if spots is not None:
                self.via = spots
                return True
            return self._has_vars and _substituted(value, rendered)
        return False


def _has(value: Any, step: str | int) -> bool:
    if isinstance(value, dict):
        return step in value
    return isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value)


def _below(node: Node, rendered: Any, step: str | int) -> Node | None:
    """Return our value below *step*, None where ours has another form than the rendered one."""
    if isinstance(step, str):
        return node.map.get(step) if isinstance(rendered, dict) else None
    if not node.is_list or len(node.items) != len(rendered):
        return None
    return node.items[step]


def _same_text(value: Any, rendered: Any) -> bool:
    """Tell whether two scalars are written alike: kustomize may read ``"1"`` that was copied into a number as one."""
    if value is None or rendered is None or isinstance(value, bool) or isinstance(rendered, bool):
        return str(value).lower() == str(rendered).lower() and value is not None and rendered is not None
    return str(value) == str(rendered)


def _substituted(value: str, rendered: str) -> bool:
    """Tell whether *rendered* is *value* with its ``$(VARS)`` filled in."""
    parts = _VAR.split(value)
    if len(parts) == 1 or len(value) > 10_000:
        return False
    if not rendered.startswith(parts[0]) or not rendered.endswith(parts[-1]):
        return False
    position = len(parts[0])
    for part in parts[1:-1]:
        position = rendered.find(part, position)
        if position < 0:
            return False
        position += len(part)
    return position <= len(rendered) - len(parts[-1])
