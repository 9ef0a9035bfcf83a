"""Flux Kustomizations, held against what Flux' own library builds of the objects themselves.

Which directory is built, and which edits are made, is here for Flux to say. It puts resources into an order of its own,
so that documents are compared; what spec.commonMetadata says is added afterwards, by its controller.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from karlint.model.unit import KustomizeSource
from karlint.render.chain import stream_of
from tests.render.helmproof import parse
from tests.render.realtools import KUSTOMIZATIONS, Restored

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from karlint.model.unit import Unit
    from tests.render.accounts import Look, Tally
    from tests.render.realtools import RealTools


def compare_with_flux(look: Look, real: RealTools, fluxbuild: Path, tally: Tally) -> None:
    """Compare each Flux Kustomization of *look* with what Flux builds, before variables are filled in."""
    for part in look.deployed.parts:
        unit, source = part.output.unit, part.output.unit.source
        if not isinstance(source, KustomizeSource) or not unit.id.startswith("Kustomization "):
            continue
        body = declared(unit, look)
        home = real.root / source.directory
        own = next((home / name for name in KUSTOMIZATIONS if (home / name).is_file()), home / "kustomization.yaml")
        with Restored(own):
            done = real.run([str(fluxbuild), str(real.root), str(home)], stdin=json.dumps(body).encode())
        common = body["spec"].get("commonMetadata") or {}
        ours = _texts(
            parse(((part.output.before if unit.variables is not None else b"") or part.output.stream).decode())
        )
        theirs = _texts(_with(document, common) for document in parse((done.text or b"").decode()))
        if done.text is not None and ours == theirs:
            tally.by_flux["with variables" if unit.variables is not None else "without variables"] += 1
        else:
            odd = sorted(set(ours) ^ set(theirs))
            tally.unequal.append(f"{look.tree.name}: {unit.id}: not as Flux builds it: {done.words[-300:]} {odd[:2]}")


def declared(unit: Unit, look: Look) -> Any:
    """Return the object that *unit* is: of a file of the tree, or of what another unit rendered."""
    place = unit.declared
    assert place is not None
    streams = {stream_of(output.unit): output.stream for output in look.outputs.values()}
    text = streams[place.file] if place.file in streams else (look.tree / place.file).read_bytes()
    value = parse(text.decode())[place.ordinal]
    for step in place.at:
        value = value[step]
    return value


def _texts(documents: Iterable[Any]) -> list[str]:
    return sorted(json.dumps(document, sort_keys=True) for document in documents)


def _with(document: Any, common: Mapping[str, Any]) -> Any:
    for key in ("labels", "annotations"):
        if common.get(key):
            metadata = document["metadata"]
            metadata[key] = {**(metadata.get(key) or {}), **common[key]}
    return document
