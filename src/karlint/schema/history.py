"""When Kubernetes got a field."""

from __future__ import annotations

from functools import cache

from karlint.minors import available_versions, default_version
from karlint.schema.pack import raw_definitions

_BACK = 3


def field_history(definition: str, field: str, version: str) -> str:
    """Return in which other minor *definition* has *field*, as a sentence; "" when in none near *version*."""
    later = first_minor_with(definition, field, version)
    if later:
        return f"Kubernetes {later} is the first that has it."
    versions = available_versions()
    here = versions.index(version)
    # Each step back reads a file; fields that go do so soon, in alpha.
    for earlier in reversed(versions[max(0, here - _BACK) : here]):
        if field in _fields(earlier).get(definition, ()):
            return f"Kubernetes {earlier} was the last that had it."
    return ""


def first_minor_with(definition: str, field: str, after: str) -> str | None:
    """Return the first minor after *after* in which *definition* has *field*; None when the newest has it not."""
    if field not in _fields(default_version()).get(definition, ()):
        return None
    versions = available_versions()
    later = versions[versions.index(after) + 1 :]
    return next((version for version in later if field in _fields(version).get(definition, ())), None)


@cache
def _fields(version: str) -> dict[str, frozenset[str]]:
    """Return definition to its fields; asked for only when something is wrong, and little enough to keep."""
    return {name: frozenset(schema.get("properties", ())) for name, schema in raw_definitions(version).items()}
