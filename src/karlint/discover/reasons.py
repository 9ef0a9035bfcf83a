"""Why a file that was seen is not linted. Reports count by these phrases, so they are short and stay as they are."""

from __future__ import annotations

GITIGNORED = "ignored by .gitignore"
EXCLUDED = "excluded by configuration"
TOOL_DIRECTORY = "dependency or cache directory"
UNREADABLE_DIRECTORY = "unreadable directory"
SYMLINK_OUT = "symlink leaves the tree"
SYMLINK_BROKEN = "broken symlink"
NOT_REGULAR = "not a regular file"
NOT_A_FILE = frozenset({SYMLINK_OUT, SYMLINK_BROKEN, NOT_REGULAR})

HELM_TEMPLATE = "Helm chart template"
HELM_METADATA = "Helm chart metadata"
HELM_VALUES = "Helm values"
HELM_FILE = "Helm chart file"

KUSTOMIZATION = "kustomization"
KUSTOMIZE_PATCH = "kustomization patch"
KUSTOMIZE_INPUT = "kustomization input"

TOOL = "CI or tool configuration"
KARLINT = "karlint configuration"
