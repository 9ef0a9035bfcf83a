"""From charts, kustomizations, Applications and Flux objects to the manifests that reach the cluster.

The only room that runs helm and kustomize, and the one that knows where a rendered value comes from.
"""

from karlint.render.helm import render_changed
from karlint.render.inflation import chart_entry
from karlint.render.kitchen import Kitchen
from karlint.render.kustgraph import Graph
from karlint.render.outcome import Failure, Output
from karlint.render.plan import ChartSet, chart_units, kustomize_units
from karlint.render.sandbox import Bounds, Sandbox
from karlint.render.service import Built, inputs_of, render_each
from karlint.render.tools import Tool, Tools

__all__ = [
    "Bounds",
    "Built",
    "ChartSet",
    "Failure",
    "Graph",
    "Kitchen",
    "Output",
    "Sandbox",
    "Tool",
    "Tools",
    "chart_entry",
    "chart_units",
    "inputs_of",
    "kustomize_units",
    "render_changed",
    "render_each",
]
