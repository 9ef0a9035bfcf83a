"""Trees to migrate, made for a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from karlint.config import Config, Settings
from karlint.migrate import Options, migrate_dra

if TYPE_CHECKING:
    from pathlib import Path

    from karlint.model.migration import Migration, WorkloadMigration

CLASSES = frozenset(
    {"gpu.nvidia.com", "mig.nvidia.com", "gpu.amd.com", "gpu.intel.com", "gaudi.intel.com", "tpu.google.com"}
)
ALL_TARGETS = ("1.34", "1.35", "1.36", "1.37")


def settings(root: Path, **changes: Any) -> Settings:
    (root / ".git").mkdir(exist_ok=True)
    return Settings(**{"root": root, "versions": ("1.36",), "config": Config(), "jobs": 1, **changes})


def write(root: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8", newline="")


def migrate(root: Path, texts: dict[str, str], *allow: str, **changes: Any) -> Migration:
    """Write *texts* below *root* and plan their migration."""
    write(root, texts)
    options = Options(allow=frozenset(allow), classes=CLASSES)
    known = {name: changes.pop(name) for name in ("write", "gaining", "classes") if name in changes}
    return migrate_dra(settings(root, **changes), replace(options, **known))


def only(migration: Migration) -> WorkloadMigration:
    """Return the only workload."""
    (workload,) = migration.workloads
    return workload


def after(migration: Migration, path: str) -> str:
    """Return the new text of a file."""
    return next(file.after.decode() for file in migration.files if file.path == path)


POD = """\
apiVersion: v1
kind: Pod
metadata: {name: one, namespace: ml}
spec:
  containers:
    - name: main
      image: registry.example/train:1.0.0
      resources:
        limits:
          nvidia.com/gpu: 1
"""


def pod(limits: str = "nvidia.com/gpu: 1", more: str = "", name: str = "one") -> str:
    """Return a pod with *limits*, and with *more* lines in its spec, each indented by two."""
    text = POD.replace("nvidia.com/gpu: 1", limits).replace("name: one", f"name: {name}")
    return text + more
