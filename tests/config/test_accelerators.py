"""Accelerators that users add: the tables that rules and the inventory then read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karlint.api import lint
from karlint.config import Accelerator, Config, Settings
from karlint.prepared import load_rule_book, tables_with

if TYPE_CHECKING:
    from pathlib import Path

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: infer, namespace: research}
spec:
  nodeSelector: {example.com/npu-product: x1}
  containers:
  - name: c
    image: registry.example/c:1
    resources: {limits: {%s: 1}}
"""


def settings(root: Path, *accelerators: Accelerator) -> Settings:
    return Settings(root=root, paths=(str(root),), jobs=1, config=Config(accelerators=accelerators))


def test_a_resource_of_ones_own_is_a_vendor_with_its_label(tmp_path: Path) -> None:
    chosen = settings(tmp_path, Accelerator("example.com/npu", "example", "example.com/npu-product"))
    row = tables_with(load_rule_book().tables, chosen)["accelerators"]["vendors"][-1]
    assert row == {"vendor": "example", "resources": ["example.com/npu"], "labels": ["example.com/npu-product"]}


def test_its_product_label_tells_rules_whose_nodes_a_pod_wants(tmp_path: Path) -> None:
    own = Accelerator("example.com/npu", "example", "example.com/npu-product")
    (tmp_path / "pod.yaml").write_text(POD % "nvidia.com/gpu", "utf-8")
    found = [finding.rule for finding in lint(settings(tmp_path, own)).findings]
    assert found == ["placement/selector-contradiction"]
    assert lint(settings(tmp_path)).findings == (), "nobody knows the label"
    (tmp_path / "pod.yaml").write_text(POD % "example.com/npu", "utf-8")
    assert lint(settings(tmp_path, own)).findings == ()
