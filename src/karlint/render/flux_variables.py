"""The variables that Flux fills in after a build: spec.postBuild of a Kustomization.

Of several sources the later wins, and what the Kustomization itself lists wins over all of them.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from karlint.model.unit import Variable
from karlint.render.substitution import OTHERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karlint.render.world import Declared, Node, World

_ENCRYPTED = "ENC["


def variables_of(declared: Declared, world: World) -> dict[str, Variable] | None:
    """Return the variables of the Kustomization *declared*; None where nothing is filled in, which is what Flux does
    without variables unless substituteStrategy is Always.

    Where a ConfigMap or Secret is not in the repository, the name ``*`` stands for what it may hold.
    """
    build = declared.node.get("spec", "postBuild")
    found: dict[str, Variable] = {}
    for source in build.get("substituteFrom").items():
        found |= _from_object(source, declared, world)
    for name, value in build.get("substitute").fields():
        found[name] = Variable(_line(value.value), value.place)
    if not found and build.get("substituteStrategy").text() != "Always":
        return None
    return found


def data_of(node: Node) -> Iterator[tuple[str, str | None, Node]]:
    """Yield key, text and place of what a ConfigMap or Secret holds; the text is None where it is encrypted."""
    secret = node.get("kind").text() == "Secret"
    for key, value in node.get("data").fields():
        yield key, (_decoded(value.value) if secret else _plain(value.value)), value
    if secret:
        for key, value in node.get("stringData").fields():
            yield key, _plain(value.value), value


def _from_object(source: Node, declared: Declared, world: World) -> dict[str, Variable]:
    kind, name = source.get("kind").text(), source.get("name").text()
    if kind not in {"ConfigMap", "Secret"}:
        return {}
    found = world.lookup(kind, declared.own_namespace, name, declared)
    if found is None:
        return {OTHERS: Variable(None, source.place)}
    return {key: Variable(_line(text), value.place) for key, text, value in data_of(found.node)}


def _line(value: Any) -> str | None:
    """Return a variable's value: Flux drops the line ends."""
    return value.replace("\n", "") if isinstance(value, str) and not value.startswith(_ENCRYPTED) else None


def _plain(value: Any) -> str | None:
    return value if isinstance(value, str) and not value.startswith(_ENCRYPTED) else None


def _decoded(value: Any) -> str | None:
    try:
        return base64.b64decode(value, validate=True).decode() if isinstance(value, str) else None
    except (binascii.Error, ValueError):
        return None
