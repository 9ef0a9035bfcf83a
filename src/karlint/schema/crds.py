"""CustomResourceDefinitions found in the tree."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from karlint.schema.structural import root_schema
from karlint.schema.tokens import has_token

if TYPE_CHECKING:
    from collections.abc import Iterable

    from karlint.model.path import Path
    from karlint.model.resource import Resource
    from karlint.schema.pack import Schema

CRD_KIND = "apiextensions.k8s.io/CustomResourceDefinition"

# Required fields that a kind's mutating webhook fills in, which happens before the API server validates: group and
# kind, path without list indexes, field.
_FILLED_BY_WEBHOOK = {
    ("jobset.x-k8s.io/JobSet", ("spec", "failurePolicy", "rules"), "name"),  # failurePolicyRule0, ...
    # The webhook reads the object into a Go struct and writes it back, and an empty string is written out.
    ("grove.io/PodCliqueSet", ("spec", "template", "cliques", "spec"), "roleName"),
}


def filled_by_webhook(group_kind: str, at: Path, field: str) -> bool:
    """Return True for a field that a manifest may leave out although the definition requires it."""
    return (group_kind, tuple(step for step in at if isinstance(step, str)), field) in _FILLED_BY_WEBHOOK


class Crd(Struct, frozen=True):
    """What a CustomResourceDefinition says about its kind.

    Attributes:
        resource: the definition itself.
        served: names of the versions it serves, in its order.
        schemas: version to ``openAPIV3Schema``; a version without one accepts anything.
        prunes: False where unknown fields are kept.
        drops_status: names of the versions with a status subresource.
    """

    resource: Resource
    group: str
    kind: str
    served: tuple[str, ...]
    schemas: dict[str, Schema]
    prunes: bool
    drops_status: frozenset[str]

    def json_schema(self, version: str) -> Schema | None:
        """Return the JSON Schema of *version*, without ``$defs``; None when the definition has none."""
        node = self.schemas.get(version)
        if node is None:
            return None
        return root_schema(node, prunes=self.prunes, drops_status=version in self.drops_status)


class CrdIndex:
    """Definitions by group and kind, decoded only for groups that are asked for: most are big and never needed."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._waiting: dict[str, list[Resource]] = {}
        self._ready: dict[tuple[str, str], list[Crd]] = {}
        for resource in resources:
            # The API server insists on the name PLURAL.GROUP.
            self._waiting.setdefault(resource.ref.name.partition(".")[2], []).append(resource)

    def find(self, group: str, kind: str) -> list[Crd]:
        """Return every definition of that kind, in the order of the tree."""
        for resource in self._waiting.pop(group, ()):
            crd = read_crd(resource)
            if crd is not None:
                self._ready.setdefault((crd.group, crd.kind), []).append(crd)
        return self._ready.get((group, kind), [])


def read_crd(resource: Resource) -> Crd | None:
    """Return what *resource* defines; None when it is too incomplete to tell, such as a patch."""
    spec = _mapping(resource.body.get("spec"))
    kind = _mapping(spec.get("names")).get("kind")
    group = spec.get("group")
    listed = spec.get("versions")
    versions = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    if not versions and isinstance(spec.get("version"), str):
        versions = [{"name": spec["version"], "served": True}]  # the v1beta1 form for a single version
    names = [item.get("name") for item in versions]
    if not isinstance(kind, str) or not isinstance(group, str) or not names:
        return None
    if any(not isinstance(name, str) or has_token(name) for name in (kind, group, *names)):
        return None
    common = _openapi(spec.get("validation"))
    schemas = {item["name"]: _openapi(item.get("schema")) or common for item in versions}
    with_status = _has_status(spec)
    old = resource.ref.version == "v1beta1"
    return Crd(
        resource=resource,
        group=group,
        kind=kind,
        served=tuple(item["name"] for item in versions if item.get("served") is not False),
        schemas={name: schema for name, schema in schemas.items() if schema is not None},
        prunes=spec.get("preserveUnknownFields", old) is False,
        drops_status=frozenset(item["name"] for item in versions if with_status or _has_status(item)),
    )


def nearest(crds: list[Crd], path: str) -> list[Crd]:
    """Return the definitions that lie nearest to the file at *path*: those that share most leading directories.

    A repository that vendors a kind's definition several times (a folder a cluster, a chart and its copy, old releases
    kept for tests) keeps the one that a resource is made for beside it. Where several are equally near nobody can tell,
    so all are returned, and an error counts only if each of them has it.
    """
    if len(crds) < 2:
        return crds
    directories = PurePosixPath(path).parts[:-1]
    shared = [_shared(directories, PurePosixPath(crd.resource.path).parts[:-1]) for crd in crds]
    return [crd for crd, count in zip(crds, shared, strict=True) if count == max(shared)]


def _shared(left: tuple[str, ...], right: tuple[str, ...]) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _openapi(holder: Any) -> Schema | None:
    schema = _mapping(holder).get("openAPIV3Schema")
    return schema if isinstance(schema, dict) else None


def _has_status(holder: dict[str, Any]) -> bool:
    return "status" in _mapping(holder.get("subresources"))
