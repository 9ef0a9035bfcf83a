"""Kubernetes' own types as a CustomResourceDefinition repeats them.

A definition that holds a pod template was made from the same Go types as Kubernetes' OpenAPI document, but the API
server judges the custom resource by the definition alone, so a few things differ: a quantity is an integer or a string
and never a fraction, a list does not take nulls, and required means required.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karlint.schema.pack import INT_OR_STRING, NOT_ENFORCED, QUANTITY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karlint.schema.pack import Schema

# What controller-gen writes for a quantity; without the white space that the type itself takes.
EMBEDDED_QUANTITY = (
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))"
    r"(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"
)
_LEAVES: dict[str, Schema] = {
    QUANTITY: {"type": ["integer", "string"], "pattern": EMBEDDED_QUANTITY},
    INT_OR_STRING: {"type": ["integer", "string"]},
}


class EmbeddedTypes:
    """The definitions of one minor, in the form in which a custom resource embeds them.

    Args:
        core: the definitions as `pack.definitions` returns them.
    """

    def __init__(self, core: Mapping[str, Schema]) -> None:
        self._core = core
        self._ready: dict[str, Schema] = dict(_LEAVES)

    def __contains__(self, name: str) -> bool:
        return name in self._core

    def names(self) -> list[str]:
        """Return the names of all of them."""
        return list(self._core)

    def __getitem__(self, name: str) -> Schema:
        if name not in self._ready:
            schema = without_null(self._core[name])
            enforced = [field for owner, field in NOT_ENFORCED if owner == name and field in schema["properties"]]
            if enforced:
                schema["required"] = sorted({*schema.get("required", ()), *enforced})
            self._ready[name] = schema
        return self._ready[name]


def without_null(schema: Any) -> Any:
    """Return a copy whose types do not admit null, at any depth."""
    if isinstance(schema, list):
        return [without_null(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: without_null(value) for key, value in schema.items()}
    kinds = result.get("type")
    if isinstance(kinds, list) and "null" in kinds:
        kept = [kind for kind in kinds if kind != "null"]
        result["type"] = kept[0] if len(kept) == 1 else kept
    return result
