"""The Kubernetes minors that can be linted for: those that the kubernetes-validate distribution packs schemas of.

The files are read where they lie; the package itself is never imported, since that costs 70 ms.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from karlint.errors import EnvironmentProblem

_FOLDER = re.compile(r"^v1\.(\d+)\.0-local-strict$")


@lru_cache(maxsize=1)
def folders() -> dict[str, Path]:
    """Return minor ("1.36") to folder, the oldest first. Raises EnvironmentProblem when there is none."""
    spec = find_spec("kubernetes_validate")
    roots = list(spec.submodule_search_locations or ()) if spec else []
    found = []
    for root in roots:
        for folder in (Path(root) / "kubernetes-json-schema").glob("v1.*-local-strict"):
            if match := _FOLDER.match(folder.name):
                found.append((int(match[1]), folder))
    if not found:
        raise EnvironmentProblem(
            "The Kubernetes schemas are not on this machine.", "Install the kubernetes-validate distribution."
        )
    return {f"1.{minor}": folder for minor, folder in sorted(found)}


def available_versions() -> tuple[str, ...]:
    """Return the minors that can be validated for, the oldest first: ("1.25", ..., "1.37")."""
    return tuple(folders())


def default_version() -> str:
    """Return the newest minor."""
    return available_versions()[-1]
