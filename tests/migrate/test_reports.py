"""What a migration prints, whole. To accept a change: ``KARLINT_UPDATE_SNAPSHOTS=1 pytest tests/migrate``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from karlint import __version__
from karlint.cli.fixes import unified
from karlint.report.migrationjson import render_json
from karlint.report.migrationtext import render_text
from tests.migrate.support import POD, migrate, pod

if TYPE_CHECKING:
    from karlint.model.migration import Migration

SNAPSHOTS = Path(__file__).parent / "snapshots"
TREE = {
    "apps/a.yaml": POD + "---\n" + pod(name="two", more="  nodeSelector: {nvidia.com/gpu.product: NVIDIA-L40S}\n"),
    "apps/b.yaml": pod("nvidia.com/mig-1g.5gb: 1", name="three"),
    "apps/c.yaml": pod(name="four", more="  schedulerName: kai-scheduler\n  nodeName: gpu-1\n"),
    "quota.yaml": (
        "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: gpus, namespace: ml}\n"
        'spec:\n  hard:\n    requests.nvidia.com/gpu: "8"\n    requests.nvidia.com/mig-1g.5gb: "4"\n'
    ),
}


def _same(name: str, printed: str) -> None:
    file = SNAPSHOTS / name
    if os.environ.get("KARLINT_UPDATE_SNAPSHOTS"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(printed, "utf-8", newline="\n")
    assert printed == file.read_text("utf-8")


def _planned(tmp_path: Path) -> Migration:
    return migrate(tmp_path, TREE, classes=frozenset())


def test_the_text(tmp_path: Path) -> None:
    _same("migration.txt", render_text(_planned(tmp_path), 100))


def test_a_narrow_text_keeps_to_its_width(tmp_path: Path) -> None:
    lines = render_text(_planned(tmp_path), 60).splitlines()
    assert all(len(line) <= 60 for line in lines if " " in line.strip() and "deviceclass" not in line)


def test_the_json(tmp_path: Path) -> None:
    migration = _planned(tmp_path)
    diff = b"".join(line for file in migration.files for line in unified(file))
    printed = render_json(migration, diff)
    assert json.loads(printed)["diff"].encode() == diff
    _same("migration.json", printed.decode().replace(f'"{__version__}"', '"VERSION"'))


def test_a_command_of_a_runner_is_broken_up(tmp_path: Path) -> None:
    texts = {"a.yaml": POD.replace("name: one", 'name: "::error::x"')}
    migration = migrate(tmp_path, texts)
    assert "  ::error::" not in render_text(migration, 100, ci_guard=True)
