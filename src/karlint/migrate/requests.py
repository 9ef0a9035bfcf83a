"""How a pod template asks for devices: what of that cannot become a claim as it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karlint.model.migration import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karlint.model.workload import AcceleratorRequest, Container, PodTemplate


def as_written(template: PodTemplate) -> Iterator[Refusal]:
    """Yield what is wrong with the requests as they are written."""
    for container in template.containers:
        for request in container.accelerators:
            yield from _request(container, request)
    for name in template.accelerators:
        roles = {container.role for container in template.containers if asks(container, name)}
        if roles and roles <= {"init"}:
            yield Refusal(
                "init-only",
                f"Only init containers ask for {name}, and a claim holds its devices until the pod is gone.",
                "Put that work into a Job of its own.",
            )


def _request(container: Container, request: AcceleratorRequest) -> Iterator[Refusal]:
    name = container.name or "its container"
    if container.role == "ephemeral":
        yield Refusal("ephemeral", f"Ephemeral container {name} asks for {request.resource}; it can have no resources.")
    if not _stands_in(container, request):
        field = ".".join(str(step) for step in request.path)
        yield own_field(request.resource, field)
        return
    if request.quantity is None:
        yield Refusal("unknown-quantity", f"How many {request.resource} container {name} asks for is not known.")
        return
    resources = container.body["resources"]
    written = {
        part: amounts.get(request.resource) for part in ("limits", "requests") if (amounts := resources.get(part))
    }
    if written.get("limits") is None:
        yield Refusal(
            "no-limit",
            f"Container {name} requests {request.resource} without a limit, so the API server rejects it as it is.",
            "Mend that first: `karlint check --fix`.",
        )
    elif written.get("requests") is not None and str(written["requests"]) != str(written["limits"]):
        yield Refusal(
            "unequal",
            f"Container {name} requests another number of {request.resource} than its limit, so the API server "
            "rejects it as it is.",
            "Mend that first.",
        )


def own_field(resource: str, field: str) -> Refusal:
    """Return why a request by a *field* of the kind's own stays."""
    return Refusal(
        "own-field",
        f"The kind asks for {resource} by a field of its own ({field}), from which its operator makes limits and no "
        "claims.",
        "Set claims by hand where the kind has a place for them.",
    )


def _stands_in(container: Container, request: AcceleratorRequest) -> bool:
    """Tell whether a request is written in the container, and not in a field of the kind's own."""
    places = [(*container.path, "resources", part, request.resource) for part in ("limits", "requests")]
    return request.path in places and isinstance(container.body.get("resources"), dict)


def asks(container: Container, resource: str) -> bool:
    """Tell whether *container* asks for *resource*."""
    return any(request.resource == resource for request in container.accelerators)
