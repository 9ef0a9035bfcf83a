"""From CustomResourceDefinitions to files in our form, in the layout of the CRDs catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karlint.schema.crds import CRD_KIND, read_crd
from karlint.schema.form import to_form, to_text
from karlint.schema.locations import file_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from karlint.model.resource import Resource


def import_crds(resources: Iterable[Resource]) -> dict[str, bytes]:
    """Return a schema for each served version of each definition among *resources*: file name to text.

    Versions that are not served, and versions without a schema, are left out, and so is what a later definition says
    of a version that an earlier one has: the first counts.
    """
    made: dict[str, bytes] = {}
    for resource in resources:
        crd = read_crd(resource) if resource.ref.group_kind == CRD_KIND else None
        if crd is None:
            continue
        for version in crd.served:
            name = file_name(crd.group, crd.kind, version)
            schema = None if name in made else crd.json_schema(version)
            if schema is not None:
                made[name] = to_text(to_form(schema))
    return made
