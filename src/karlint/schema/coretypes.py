"""Recognises copies of Kubernetes' own types inside CustomResourceDefinitions.

A definition cannot refer to another schema, so upstream's tools write the whole of a pod's specification into it. A
copy is known by its structure: field by field the same as the type in one of the packed minors. What is nearly the same
is no copy: upstream changed it on purpose, and the API server goes by what upstream wrote.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import orjson

from karlint.minors import available_versions
from karlint.schema.celrules import SAYS
from karlint.schema.embedded import EmbeddedTypes
from karlint.schema.pack import definitions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from karlint.schema.pack import Schema

REF = "#/$defs/"
_OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_CLAIM_SPEC = "io.k8s.api.core.v1.PersistentVolumeClaimSpec"
# What controller-gen keeps of ObjectMeta inside a template; by default it keeps nothing at all.
_TEMPLATE_META = frozenset({"annotations", "finalizers", "labels", "name", "namespace"})
_PACKAGES = ("io.k8s.api.", "io.k8s.apimachinery.pkg.apis.meta.v1.")
_FEWEST = 3  # fields; with fewer, two types that mean different things look alike
_SMALL = frozenset({"io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector"})
_SINGLE = ("items", "additionalProperties", "not")
_LISTS = ("anyOf", "oneOf", "allOf")
_SILENT = frozenset({"default", "description"})


class CoreTypes:
    """Names the types that schemas are copies of. The schemas asked about must live as long as this does."""

    def __init__(self) -> None:
        self._prints = _Print({})

    def name_of(self, schema: Schema) -> str | None:
        """Return the type that *schema* is a copy of; None for none, or when several look like it.

        Args:
            schema: JSON Schema as `structural` makes it.
        """
        return _catalogue().get(self._prints.of(schema)) if len(schema.get("properties", ())) > 1 else None


@lru_cache(maxsize=1)
def _catalogue() -> dict[str, str]:
    """Return fingerprint to type, for the types that every packed minor has, in each of the forms that they had."""
    versions = {version: EmbeddedTypes(definitions(version)) for version in available_versions()}
    names = _common(versions.values())
    found: dict[str, set[str]] = {}
    for types in versions.values():
        prints = _Print(types)
        for name in names:
            found.setdefault(prints.named(name), set()).add(name)
    single = {key: next(iter(name)) for key, name in found.items() if len(name) == 1}
    newest = versions[available_versions()[-1]]
    return {key: name for key, name in single.items() if name in _SMALL or len(newest[name]["properties"]) >= _FEWEST}


def _common(versions: Iterable[EmbeddedTypes]) -> list[str]:
    """Return the names of the object types that all *versions* have: a reference must lead somewhere in any target."""
    first, *others = versions
    return [
        name
        for name in first.names()
        if name.startswith(_PACKAGES)
        and name != _OBJECT_META
        and "properties" in first[name]
        and all(name in types for types in others)
    ]


class _Print:
    """Fingerprints of schemas: equal where the schemas say the same, references followed."""

    def __init__(self, types: EmbeddedTypes | dict[str, Schema]) -> None:
        self._types = types
        self._known: dict[str, str] = {}
        self._seen: dict[int, str] = {}

    def of(self, schema: Any) -> str:
        """Return the fingerprint."""
        if not isinstance(schema, dict):
            return str(schema)
        if id(schema) not in self._seen:
            self._seen[id(schema)] = self._new(schema)
        return self._seen[id(schema)]

    def _new(self, schema: Schema) -> str:
        if "$ref" in schema:
            return self.named(schema["$ref"].removeprefix(REF))
        parts: dict[str, Any] = {key: value for key, value in schema.items() if key not in _SILENT and key[:2] != "x-"}
        if "properties" in parts:
            fields = parts["properties"]
            parts["properties"] = {name: self._field(name, field, fields) for name, field in fields.items()}
        for key in _SINGLE:
            if isinstance(parts.get(key), dict):
                parts[key] = self.of(parts[key])
        for key in _LISTS:
            if key in parts:
                parts[key] = [self.of(branch) for branch in parts[key] if SAYS not in branch]
        if not parts.get("allOf", True):
            del parts["allOf"]  # nothing but rules, which the type itself cannot have
        if "required" in parts:
            parts["required"] = sorted(parts["required"])
        return blake2b(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()

    def _field(self, name: str, field: Schema, siblings: dict[str, Schema]) -> str:
        # The metadata of an ephemeral volume's claim counts as the same however little of it a definition keeps.
        if name == "metadata" and _is_claim(siblings.get("spec", {})) and _is_metadata(field):
            return "metadata"
        return self.of(field)

    def named(self, name: str) -> str:
        """Return the fingerprint of a type."""
        if name not in self._known:
            self._known[name] = name  # a type that holds itself is told by its name
            if name in self._types:
                self._known[name] = self.of(self._types[name])
        return self._known[name]


def _is_claim(spec: Schema) -> bool:
    return (
        spec.get("$ref") == f"{REF}{_CLAIM_SPEC}" or {"accessModes", "volumeMode"} <= spec.get("properties", {}).keys()
    )


def _is_metadata(field: Schema) -> bool:
    if field.get("$ref") == f"{REF}{_OBJECT_META}":
        return True
    fields = field.get("properties") or {}
    return field.get("type") == "object" and (not fields or fields.keys() == _TEMPLATE_META)
