"""Names for claim templates: what they hold, and no name twice where it would mean two things."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from karlint.migrate.planning import word_of

if TYPE_CHECKING:
    from karlint.inventory import Inventory
    from karlint.model.migration import DeviceRequest

TEMPLATE = "resource.k8s.io/ResourceClaimTemplate"
_LONGEST = 63


class _Given(Struct, frozen=True):
    """A template that there is, or will be."""

    file: str
    namespace: str
    name: str
    spec: Any


class Naming(Struct):
    """Gives names, each good for one file and namespace.

    Attributes:
        api_version: of what is written.
    """

    inventory: Inventory
    api_version: str
    _given: list[_Given] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Take note of the templates that the tree has."""
        for found in self.inventory.lookup.by_kind.get(TEMPLATE, {}).values():
            for item in found:
                self._given.append(_Given(item.path, item.ref.namespace, item.ref.name, item.body.get("spec")))

    def name(self, file: str, namespace: str, owner: str, word: str, requests: tuple[DeviceRequest, ...]) -> str:
        """Return the name of a template with *requests*: that of an equal one in the file, or one that is free.

        Args:
            file: that holds it.
            namespace: as the file writes it.
            owner: name of the workload that wants it.
            word: what it holds.
            requests: of it.
        """
        spec = spec_of(requests)
        for item in self._given:
            if (item.file, item.namespace, item.spec) == (file, namespace, spec):
                return item.name
        scope = set(self.inventory.scope_of(posixpath.dirname(file)))
        taken = {item.name for item in self._given if self._meets(item, file, namespace, scope)}
        mine = any(item.file == file and item.name == word for item in self._given)
        wanted = word if word not in taken or mine else f"{word_of(owner)}-{word}"
        name = _first_free(wanted[:_LONGEST].strip("-"), taken)
        self._given.append(_Given(file, namespace, name, spec))
        return name

    @staticmethod
    def _meets(item: _Given, file: str, namespace: str, scope: set[str]) -> bool:
        """Tell whether a template may land in the same namespace of the same cluster."""
        near = item.file == file or posixpath.dirname(item.file) in scope
        return near and (item.namespace == namespace or not item.namespace or not namespace)


def _first_free(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted[: _LONGEST - 4]}-{number}"
    return name


def spec_of(requests: tuple[DeviceRequest, ...]) -> dict[str, Any]:
    """Return the spec of a ResourceClaimTemplate with *requests*."""
    return {"spec": {"devices": {"requests": [_written(request) for request in requests]}}}


def _written(request: DeviceRequest) -> dict[str, Any]:
    exactly: dict[str, Any] = {"deviceClassName": request.device_class}
    if request.selectors:
        exactly["selectors"] = [{"cel": {"expression": text}} for text in request.selectors]
    amount = {"allocationMode": "All"} if request.every else {"allocationMode": "ExactCount", "count": request.count}
    return {"name": request.name, "exactly": {**exactly, **amount}}


def document(api_version: str, namespace: str, name: str, requests: tuple[DeviceRequest, ...]) -> dict[str, Any]:
    """Return a ResourceClaimTemplate as a manifest."""
    metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
    kind = {"apiVersion": api_version, "kind": "ResourceClaimTemplate"}
    return {**kind, "metadata": metadata, "spec": spec_of(requests)}
