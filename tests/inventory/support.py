"""Manifests to inventory, through the same loading as a run."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from karlint.inventory import Inventory
from karlint.model.source import SourceFile
from karlint.prepared import load_rule_book, resources_of
from karlint.source import Limits, load_file

if TYPE_CHECKING:
    from karlint.model.workload import PodTemplate, Workload


@lru_cache(maxsize=1)
def tables() -> dict[str, Any]:
    """The tables as shipped."""
    return dict(load_rule_book().tables)


def inventory_of(files: dict[str, str] | str, **changed_tables: Any) -> Inventory:
    """Return the inventory of *files* (path to text), or of one file."""
    named = {"it.yaml": files} if isinstance(files, str) else files
    loaded = [load_file(SourceFile(path, None, text.encode()), Limits()) for path, text in named.items()]
    for file in loaded:
        assert not file.findings, file.findings
    return Inventory(resources_of(loaded), {**tables(), **changed_tables})


def workload_of(files: dict[str, str] | str, **changed_tables: Any) -> Workload:
    """Return the only workload of *files*."""
    (workload,) = inventory_of(files, **changed_tables).workloads.values()
    return workload


def template_of(files: dict[str, str] | str) -> PodTemplate:
    """Return the only pod template of *files*."""
    (template,) = workload_of(files).templates
    return template


def pod(spec: str, *documents: str, metadata: str = "{name: p, namespace: a}") -> str:
    """Return a Pod with *spec* in flow style, and more documents."""
    return "\n---\n".join((f"apiVersion: v1\nkind: Pod\nmetadata: {metadata}\nspec: {spec}", *documents))
