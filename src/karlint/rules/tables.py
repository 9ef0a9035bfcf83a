"""The tables of ``policies/tables``, and the indexes that spare the rules a walk through them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_ENDING = re.compile(r"\.(com|ai|io)/")
_INDEXED = ("resources", "device_classes", "drivers", "auxiliary")


def read_tables(folder: Path) -> dict[str, Any]:
    """Return the tables by name. The rows of ``workloads/*.json`` are one table."""
    tables = {file.stem: orjson.loads(file.read_bytes()) for file in sorted(folder.glob("*.json"))}
    kinds: dict[str, Any] = {}
    for file in sorted(folder.glob("workloads/*.json")):
        kinds |= orjson.loads(file.read_bytes())["kinds"]
    if "accelerators" in tables:
        tables["accelerators"] = indexed(tables["accelerators"])
    return {**tables, "workloads": {"kinds": kinds}}


def indexed(accelerators: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table of accelerators with what is made from its ``vendors``, for rules to look up.

    ``vendor_of`` has a map for each list of names that vendors have (resources, device_classes, drivers, auxiliary),
    from the name to the vendor, the first if there are several; ``replaced`` maps names that are no longer used to
    their successors; ``by_stem`` finds the resources that a misspelt name may mean, by what is left of it without case,
    plural and the ending of its domain; ``by_label_domain`` has the beginnings of node labels and their vendors by the
    domain of the label, ``by_label_value`` the patterns of values and their vendors by the label.
    """
    vendors = accelerators["vendors"]
    vendor_of = {
        part: {name: row["vendor"] for row in reversed(vendors) for name in row.get(part, ())} for part in _INDEXED
    }
    replaced = {former: name for row in vendors for former, name in row.get("dead", {}).items()}
    by_stem: dict[str, list[str]] = {}
    for row in vendors:
        for name in row.get("resources", ()):
            by_stem.setdefault(_stem(name), []).append(name)
    by_domain: dict[str, list[list[str]]] = {}
    by_value: dict[str, list[list[str]]] = {}
    for row in vendors:
        for label in row.get("labels", ()):
            by_domain.setdefault(label.partition("/")[0], []).append([label, row["vendor"]])
        for label, pattern in row.get("label_values", {}).items():
            by_value.setdefault(label, []).append([pattern, row["vendor"]])
    whole = [
        name
        for row in vendors
        for name in row.get("resources", ())
        if not row.get("compound") and not any(re.search(pattern, name) for pattern in row.get("shares", ()))
    ]
    names = {"whole": whole, "vendor_of": vendor_of, "replaced": replaced, "by_stem": by_stem}
    return {**accelerators, **names, "by_label_domain": by_domain, "by_label_value": by_value}


def _stem(name: str) -> str:
    return _ENDING.sub("/", name.lower()).removesuffix("s")
