"""Where schema files lie: directories in the layout of the CRDs catalogue, or templates as kubeconform takes them."""

from __future__ import annotations

import re
from pathlib import Path as FilePath

from karlint.errors import UsageError

LAYOUT = "{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"

_VARIABLE = re.compile(r"\{\{-?\s*\.(\w+)\s*-?\}\}")
_KNOWN = ("Group", "ResourceKind", "ResourceAPIVersion")
_ADDRESS = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://")
# Parts of a manifest become parts of a path, so they must be what the API server takes, and never a way up.
_GROUP = re.compile(r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$", re.ASCII)
_WORD = re.compile(r"^[A-Za-z0-9]+$", re.ASCII)


class SchemaLocation:
    """Look-ups of schema files by kind.

    Args:
        text: a directory, or a path with ``{{.Group}}``, ``{{.ResourceKind}}`` (the kind in lower case) and
            ``{{.ResourceAPIVersion}}``.
        base: what *text* is relative to.

    Raises UsageError for an address, an unknown variable, or a directory that is not there.
    """

    def __init__(self, text: str, base: FilePath) -> None:
        if _ADDRESS.match(text):
            raise UsageError(
                f"The schema location {text} is an address, and karlint does not use the network.",
                "Store the schemas in a directory; `karlint schema import` makes them from CRDs.",
            )
        unknown = [name for name in _VARIABLE.findall(text) if name not in _KNOWN]
        if unknown or "{{" in _VARIABLE.sub("", text):
            known = ", ".join(f"{{{{.{name}}}}}" for name in _KNOWN)
            raise UsageError(f"The schema location {text} has a variable that is not known.", f"Known: {known}.")
        fixed, brace, _ = text.partition("{{")
        directory = base / (fixed.rpartition("/")[0] if brace else fixed)
        if not directory.is_dir():
            raise UsageError(f"The schema location {text} is not there: {directory} is no directory.")
        self._template = str(base / text) if brace else f"{base / text}/{LAYOUT}"

    def find(self, group: str, kind: str, version: str) -> FilePath | None:
        """Return the file of a kind's schema, None when there is none."""
        if not _GROUP.match(group) or not _WORD.match(kind) or not _WORD.match(version):
            return None
        values = {"Group": group, "ResourceKind": kind.lower(), "ResourceAPIVersion": version}
        file = FilePath(_VARIABLE.sub(lambda found: values[found[1]], self._template))
        return file if file.is_file() else None


def file_name(group: str, kind: str, version: str) -> str:
    """Return where a directory holds the schema of a kind: ``kueue.x-k8s.io/clusterqueue_v1beta2.json``."""
    return f"{group}/{kind.lower()}_{version}.json"
