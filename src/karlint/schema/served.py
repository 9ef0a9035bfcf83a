"""Which minor serves which API: the table ``served.json``, made from the packed schemas.

"Served" here means that Kubernetes of that minor has the API in it. Alpha APIs, and beta APIs that came with 1.24 or
later, are off until an administrator switches them on; nobody can read that off a manifest, so it is not a finding.

``python -m karlint.schema.served`` writes the table anew; a test compares it with the schemas.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import orjson

from karlint.minors import available_versions
from karlint.schema.pack import raw_definitions

if TYPE_CHECKING:
    from karlint.model.resource import ResourceRef

_VERSION = re.compile(r"^v(\d+)(?:(alpha|beta)(\d+))?$")
_STABILITY = {None: 2, "beta": 1, "alpha": 0}

# Gone before the oldest packed minor, yet still found in old repositories.
_RETIRED_GROUPS = {"extensions"}

Table = dict[str, dict[str, Any]]
"""apiVersion to ``{"package": OpenAPI package, "kinds": {kind: [first minor, last minor]}}``."""


class Served:
    """Look-ups in the table."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._kinds: dict[str, list[str]] = {}
        for api_version, entry in table.items():
            for kind in entry["kinds"]:
                self._kinds.setdefault(kind, []).append(api_version)
        self._groups = {group_of(api_version) for api_version in table} | _RETIRED_GROUPS

    def is_core_group(self, group: str) -> bool:
        """Return True for a group that belongs to Kubernetes itself."""
        return group in self._groups

    def definition(self, version: str, ref: ResourceRef) -> str | None:
        """Return the OpenAPI name of the kind, None when *version* does not serve it."""
        minors = self.minors(ref.api_version, ref.kind)
        if minors is None or not minors[0] <= _minor(version) <= minors[1]:
            return None
        return f"{self._table[ref.api_version]['package']}.{ref.kind}"

    def minors(self, api_version: str, kind: str) -> tuple[int, int] | None:
        """Return the first and the last packed minor that serve it, None when none does."""
        span = self._table.get(api_version, {}).get("kinds", {}).get(kind)
        return (span[0], span[1]) if span else None

    def alternatives(self, version: str, group: str, kind: str) -> list[str]:
        """Return the apiVersions under which *version* serves that kind, the best first; other groups come last."""
        minor = _minor(version)
        found = []
        for api_version in self._kinds.get(kind, ()):
            first, last = self._table[api_version]["kinds"][kind]
            if first <= minor <= last:
                found.append(api_version)
        return sorted(found, key=lambda name: (group_of(name) == group, _rank(name)), reverse=True)

    def kinds(self, group: str) -> list[str]:
        """Return the kinds of *group*, whatever the minor."""
        return sorted({k for name, entry in self._table.items() if group_of(name) == group for k in entry["kinds"]})


def group_of(api_version: str) -> str:
    """Return the group: "apps" of "apps/v1", "" of "v1"."""
    return api_version.rpartition("/")[0]


def is_alpha(api_version: str) -> bool:
    """Return True for "v1alpha1" and its like."""
    return _rank(api_version)[0] == 0


def _rank(api_version: str) -> tuple[int, int, int]:
    match = _VERSION.match(api_version.rpartition("/")[2])
    return (_STABILITY[match[2]], int(match[1]), int(match[3] or 0)) if match else (-1, 0, 0)


def _minor(version: str) -> int:
    return int(version.partition(".")[2])


@lru_cache(maxsize=1)
def load_served() -> Served:
    """Return the committed table, with the minors added that a newer kubernetes-validate packs."""
    table: Table = orjson.loads(files("karlint.schema").joinpath("served.json").read_bytes())
    tabled = {minor for entry in table.values() for span in entry["kinds"].values() for minor in span}
    for version in available_versions():
        if _minor(version) > max(tabled):
            _add(table, version)
    return Served(table)


def build_table() -> Table:
    """Return the table as the packed schemas have it."""
    table: Table = {}
    for version in available_versions():
        _add(table, version)
    for entry in table.values():
        entry["kinds"] = dict(sorted(entry["kinds"].items()))
    return dict(sorted(table.items()))


def _add(table: Table, version: str) -> None:
    """Add what *version* serves. Raises ValueError when the table's form cannot express it."""
    minor = _minor(version)
    for name, schema in raw_definitions(version).items():
        identity = _identity(name, schema)
        if identity is None:
            continue
        api_version, kind = identity
        package = name.rpartition(".")[0]
        entry = table.setdefault(api_version, {"package": package, "kinds": {}})
        span = entry["kinds"].setdefault(kind, [minor, minor])
        if entry["package"] != package or span[1] < minor - 1:
            raise ValueError(f"{name} of {version} does not fit the table")
        span[1] = minor


def _identity(name: str, schema: dict[str, Any]) -> tuple[str, str] | None:
    """Return apiVersion and kind of a definition, None for a type that cannot stand at the top of a manifest.

    Some nested types are named like kinds (1.35's scheduling PodGroup is a list entry of Workload), so the name says
    nothing: a kind has an apiVersion and a kind that admit one value, its own. Lists are taken apart before they come
    here, and what the machinery package defines (Status, APIGroup) is answered by the API server, never sent to it.
    """
    identities = schema.get("x-kubernetes-group-version-kind", ())
    properties = schema.get("properties", {})
    if len(identities) != 1 or name.startswith("io.k8s.apimachinery."):
        return None
    group, version, kind = (identities[0][key] for key in ("group", "version", "kind"))
    api_version = f"{group}/{version}" if group else version
    admitted = [properties.get(key, {}).get("enum") for key in ("apiVersion", "kind")]
    if admitted != [[api_version], [kind]]:
        return None
    return None if kind.endswith("List") else (api_version, kind)


def to_text(table: Table) -> bytes:
    """Return the file's text: one line a kind would be long, one line an apiVersion diffs well."""
    lines = [orjson.dumps(name) + b": " + orjson.dumps(entry) for name, entry in table.items()]
    return b"{\n" + b",\n".join(lines) + b"\n}\n"


def is_core_group(group: str) -> bool:
    """Return True for a group that belongs to Kubernetes itself, whose kinds need no CustomResourceDefinition."""
    return load_served().is_core_group(group)


if __name__ == "__main__":
    from pathlib import Path

    Path(__file__).with_name("served.json").write_bytes(to_text(build_table()))
