"""Why something is not rendered, and what to do. Reports count by these phrases, so they stay as they are."""

from __future__ import annotations

REMOTE_BASE = "remote base"
CHART_REMOTE = "chart from a remote repository"
OUTSIDE = "reads outside of the repository"
PLUGIN = "needs a plugin"
CHANGED = "generator that another kustomization changes"
NO_DEPENDENCIES = "chart dependencies are not vendored"
NEEDS_VALUES = "chart needs values"
NO_TOOL = {"helm": "helm is not installed", "kustomize": "kustomize is not installed"}

HELP = {
    REMOTE_BASE: "Vendor it into the repository, or let it be fetched: --allow-network.",
    CHART_REMOTE: "Vendor the chart into the repository, or pipe it in: helm template ... | karlint check -",
    OUTSIDE: "Move what it reads into the repository.",
    PLUGIN: "karlint runs no plugins. Build it yourself, and pipe it in: kustomize build ... | karlint check -",
    CHANGED: "What it reads cannot be told before. Write the generator as it is meant to be.",
    NO_DEPENDENCIES: "Vendor them: helm dependency build CHART.",
    NEEDS_VALUES: "Give it values: a ci/*-values.yaml beside the chart, or `render` in .karlint.yaml.",
}
