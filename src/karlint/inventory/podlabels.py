"""The labels of the pods that a workload makes, with those that its controller adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karlint.inventory.labels import ANY
from karlint.inventory.references import fill_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from karlint.model.path import Path
    from karlint.model.resource import Resource
    from karlint.model.workload import Workload


def pod_labels(
    resource: Resource, workload: Workload | None, adds: Mapping[str, Mapping[str, str | None]]
) -> Iterator[tuple[Mapping[str, Any], Path]]:
    """Yield the labels of each template's pods, and its path; ANY stands for a value that the controller chooses."""
    added = adds.get(resource.ref.group_kind)
    extra = {} if added is None else {key: _value(text, resource) for key, text in added.items()}
    for template in workload.templates if workload else ():
        yield ({**extra, **template.labels} if extra else template.labels), template.path


def _value(text: str | None, resource: Resource) -> Any:
    return (fill_in(text, resource.body) or ANY) if text is not None else ANY
