"""Resources to workloads, accelerator totals, look-ups, and the input that Rego sees."""

from karlint.inventory.build import Inventory

__all__ = ["Inventory"]
