"""A small repository of kustomizations, built, with where its values come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from karlint.model.source import Anchor
from tests.render.kustomizetrees import ROOTS, write
from tests.render.mutation import Checkout, parse

if TYPE_CHECKING:
    from pathlib import Path

    from karlint.model.origin import Origin, Spot
    from karlint.model.path import Path as At
    from karlint.render.origins.kustomize import KustomizeOrigins

POD: At = ("spec", "template", "spec")
MAIN: At = (*POD, "containers", 0)


@dataclass
class Rendered:
    """One tree, built."""

    checkout: Checkout
    documents: list[Any]
    origins: KustomizeOrigins

    def origin(self, kind: str, name: str, at: At, anchor: Anchor = Anchor.VALUE) -> Origin:
        for ordinal, document in enumerate(self.documents):
            if document["kind"] == kind and document["metadata"]["name"].startswith(name):
                return self.origins.locate(ordinal, at, anchor)
        raise AssertionError(f"no {kind} {name}")

    def at(self, kind: str, name: str, at: At) -> tuple[str, str]:
        """The file and the line that are said to hold a value, which must be marked exact."""
        spot = self.origin(kind, name, at).primary
        assert spot.exact, spot
        return self.line(spot)

    def line(self, spot: Spot) -> tuple[str, str]:
        span = self.checkout.span(spot)
        assert span is not None, spot
        return spot.file, self.checkout.positions(spot.file).lines[span.line - 1].strip()


def built(name: str, root: Path, kustomize: Path) -> Rendered:
    """Write the tree *name* below *root*, and build its overlay."""
    write(name, root)
    checkout = Checkout(root, kustomize)
    output, error = checkout.build(ROOTS[name])
    assert output is not None, error
    documents = parse(output)
    return Rendered(checkout, documents, checkout.origins(ROOTS[name], documents))
