"""Upstream's CustomResourceDefinitions, which lie beside the checkout on some machines only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from karlint.cli.crdfiles import read_crds

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "schemas"
CRDS = ROOT.parent / "shared" / "crds"


@dataclass(frozen=True)
class Upstream:
    """One served version of a kind."""

    group: str
    kind: str
    version: str
    schema: dict[str, Any]
    with_status: bool

    @property
    def id(self) -> str:
        return f"{self.group}/{self.kind.lower()}_{self.version}"

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}"


def projects() -> list[str]:
    return [row["project"] for row in orjson.loads((SCHEMAS / "sources.json").read_bytes())]


@cache
def upstream_versions() -> tuple[Upstream, ...]:
    """Return every served version that the sources define; where two define the same, the first counts."""
    found: dict[str, Upstream] = {}
    if not CRDS.is_dir():
        return ()
    for resource in read_crds([str(CRDS / project) for project in projects()]):
        spec = resource.body.get("spec", {})
        if resource.ref.kind != "CustomResourceDefinition" or "names" not in spec:
            continue
        assert "preserveUnknownFields" not in spec
        for version in spec["versions"]:
            schema = version.get("schema", {}).get("openAPIV3Schema")
            if version["served"] and schema:
                with_status = "status" in version.get("subresources", {})
                item = Upstream(spec["group"], spec["names"]["kind"], version["name"], schema, with_status)
                found.setdefault(item.id, item)
    return tuple(found.values())
